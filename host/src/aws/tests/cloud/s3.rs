//! Requests to S3, answered by a store in memory.

use super::http::{Answer, Request};
use crate::event::key;
use crate::memory::MemoryStore;
use crate::object::Location;
use crate::ports::{GetOptions, Listing, NewObject, ObjectStore, PutOptions, StoreError};

/// Answers a request for an object, or for a list of them.
pub(super) async fn answer(store: &MemoryStore, request: &Request) -> Result<Answer, StoreError> {
    let (bucket, key) = request.path[1..].split_once('/').unwrap();
    let location = Location::new(bucket, key::decode(key).unwrap());
    match request.method.as_str() {
        "GET" if key.is_empty() => list(store, bucket, &request.query).await,
        "GET" => {
            let object = store.get(&location, &GetOptions::default()).await?;
            Ok(Answer {
                body: object.body,
                ..Answer::about(&object.info)
            })
        }
        "HEAD" => Ok(Answer::about(&store.head(&location).await?)),
        "PUT" => {
            let metadata = request.headers.iter().filter_map(|(name, value)| {
                let name = name.strip_prefix("x-amz-meta-")?;
                Some((name.to_owned(), value.clone()))
            });
            let options = PutOptions {
                content_type: request.headers.get("content-type").cloned(),
                metadata: metadata.collect(),
                ..PutOptions::default()
            };
            let new = NewObject::new(request.body.clone()).with(options);
            let etag = store.put(&location, new).await?;
            let etag = ("ETag".to_owned(), format!("\"{}\"", etag.unwrap().as_str()));
            Ok(Answer {
                status: 200,
                headers: vec![etag],
                ..Answer::default()
            })
        }
        "DELETE" => {
            store.delete(&location).await?;
            Ok(Answer {
                status: 204,
                ..Answer::default()
            })
        }
        method => panic!("no test asks for {method}"),
    }
}

async fn list(store: &MemoryStore, bucket: &str, query: &str) -> Result<Answer, StoreError> {
    let prefix = query
        .split('&')
        .find_map(|part| part.strip_prefix("prefix="));
    let prefix = key::decode(prefix.unwrap_or_default()).unwrap();
    let page = store.list(&Listing::new(bucket, &prefix)).await?;
    let contents: String = page
        .objects
        .iter()
        .map(|listed| {
            let key = key::encode(&listed.key);
            format!(
                "<Contents><Key>{key}</Key><Size>{}</Size></Contents>",
                listed.size
            )
        })
        .collect();
    let body = format!(
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{}</IsTruncated>{contents}\
         </ListBucketResult>",
        page.more
    );
    Ok(Answer {
        status: 200,
        body: body.into(),
        ..Answer::default()
    })
}
