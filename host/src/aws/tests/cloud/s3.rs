//! Requests to S3, answered by a store in memory.

use super::http::{Answer, Request};
use crate::event::key;
use crate::memory::MemoryStore;
use crate::object::ETag;
use crate::object::Location;
use crate::ports::{
    Condition, GetOptions, Listing, NewObject, ObjectStore, PutOptions, Storage, StoreError,
    StoreProblem,
};

/// Answers a request for an object, or for a list of them; `heeds` conditions and checksums
/// of writes, or ignores them without a word.
pub(super) async fn answer(
    store: &MemoryStore,
    request: &Request,
    heeds: bool,
) -> Result<Answer, StoreError> {
    let (bucket, key) = request.path[1..].split_once('/').unwrap();
    let location = Location::new(bucket, key::decode(key).unwrap());
    match request.method.as_str() {
        "GET" if key.is_empty() => list(store, bucket, &request.query).await,
        "GET" if request.query.contains("tagging") => {
            let tags = store.tags(&location).await?;
            let tags: String = tags
                .iter()
                .map(|(name, value)| {
                    let value = value.replace('&', "&amp;");
                    format!("<Tag><Key>{name}</Key><Value>{value}</Value></Tag>")
                })
                .collect();
            let body = format!("<Tagging><TagSet>{tags}</TagSet></Tagging>");
            Ok(Answer {
                status: 200,
                body: body.into(),
                ..Answer::default()
            })
        }
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
            let header = |name: &str| request.headers.get(name).cloned();
            if heeds && header("x-amz-checksum-crc32").as_deref() == Some("AAAAAA==") {
                return Err(StoreError::new(StoreProblem::InvalidKey, &location));
            }
            let if_match = header("if-match").map(|etag| Condition::IfMatch(ETag::new(&etag)));
            let if_absent = header("if-none-match").map(|_| Condition::IfAbsent);
            let tags = header("x-amz-tagging").unwrap_or_default();
            let tags = tags.split('&').filter_map(|tag| tag.split_once('='));
            let decoded = |text: &str| key::decode(text).unwrap();
            let options = PutOptions {
                content_type: header("content-type"),
                cache_control: header("cache-control"),
                content_disposition: header("content-disposition"),
                content_language: header("content-language"),
                metadata: metadata.collect(),
                tags: tags
                    .map(|(name, value)| (decoded(name), decoded(value)))
                    .collect(),
                storage: Storage {
                    acl: header("x-amz-acl"),
                    class: header("x-amz-storage-class"),
                    kms_key: header("x-amz-server-side-encryption-aws-kms-key-id"),
                },
                condition: if_match.or(if_absent).filter(|_| heeds),
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
