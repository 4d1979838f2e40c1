//! Conformance suite of the port [`ObjectStore`].
#![expect(
    clippy::unwrap_used,
    reason = "a suite says what is wrong by panicking"
)]

use bytes::Bytes;

use crate::object::{ETag, Location};
use crate::ports::{
    Condition, GetOptions, Listing, NewObject, ObjectStore, PutOptions, StoreProblem,
};

/// Keys that stores have trouble with.
pub const AWKWARD: [&str; 12] = [
    "plain.jpg",
    "a folder/with blanks/in it.jpg",
    "plus+and%2Bpercent%.png",
    "späße/日本語/🦀.webp",
    "quotes'\"and\\backslash",
    "a&b=c;d?e#f:g*h|i<j>k",
    ".hidden/.file",
    "dots/...three",
    "trailing.",
    " leading and trailing blank ",
    "UPPER.JPG",
    "new\nline",
];

/// A store to test, and what the contract leaves to it.
pub struct Subject<'a> {
    /// The store.
    pub store: &'a dyn ObjectStore,
    /// A bucket of it, which is empty.
    pub bucket: &'a str,
    /// Those of [`AWKWARD`] that it refuses.
    pub refused: &'a [&'a str],
    /// True if equal bytes have equal ETags, as in most stores.
    pub names_bytes: bool,
}

/// Check that `store` keeps the contract, in `bucket`, which is empty.
///
/// # Panics
/// With the first part of the contract that is not kept.
pub async fn suite(store: &dyn ObjectStore, bucket: &str) {
    suite_of(&Subject {
        store,
        bucket,
        refused: &[],
        names_bytes: true,
    })
    .await;
}

/// Check that a store keeps the contract.
///
/// # Panics
/// With the first part of the contract that is not kept.
pub async fn suite_of(subject: &Subject<'_>) {
    let Subject { store, bucket, .. } = *subject;
    objects_come_out_as_they_went_in(subject).await;
    what_is_not_there_is_said_to_be_missing(store, bucket).await;
    a_write_replaces_what_was_there(subject).await;
    sizes_are_checked_before_bodies_are_read(store, bucket).await;
    conditions_are_kept(store, bucket).await;
    listings_are_in_order_and_complete(store, bucket).await;
    impossible_keys_are_refused(store, bucket).await;
}

async fn put(store: &dyn ObjectStore, location: &Location, body: &'static [u8]) -> ETag {
    store
        .put(location, NewObject::new(Bytes::from_static(body)))
        .await
        .unwrap()
        .unwrap()
}

async fn problem_of_get(
    store: &dyn ObjectStore,
    at: &Location,
    options: GetOptions,
) -> StoreProblem {
    store
        .get(at, &options)
        .await
        .map(|object| object.body)
        .unwrap_err()
        .problem
}

async fn objects_come_out_as_they_went_in(subject: &Subject<'_>) {
    let Subject { store, bucket, .. } = *subject;
    let options = PutOptions {
        content_type: Some("image/webp".to_owned()),
        cache_control: Some("no-cache".to_owned()),
        content_disposition: Some("attachment".to_owned()),
        content_language: Some("de".to_owned()),
        metadata: [("source-etag".to_owned(), "0123456789abcdef".to_owned())].into(),
        ..PutOptions::default()
    };
    for key in AWKWARD {
        let location = Location::new(bucket, key);
        let body = Bytes::from(format!("the body of {key}"));
        if subject.refused.contains(&key) {
            let refused = store.put(&location, NewObject::new(body)).await;
            assert_eq!(refused.unwrap_err().problem, StoreProblem::InvalidKey);
            continue;
        }
        let etag = store
            .put(
                &location,
                NewObject::new(body.clone()).with(options.clone()),
            )
            .await
            .unwrap();
        let etag = etag.unwrap();
        let object = store.get(&location, &GetOptions::default()).await.unwrap();
        assert_eq!(object.body, body, "{key}");
        assert_eq!(object.info.etag, etag, "{key}");
        let info = store.head(&location).await.unwrap();
        assert_eq!(info.etag, etag, "{key}");
        assert_eq!(info.size, Some(body.len() as u64), "{key}");
        assert_eq!(info.content_type, options.content_type, "{key}");
        assert_eq!(info.cache_control, options.cache_control, "{key}");
        let disposition = &options.content_disposition;
        assert_eq!(info.content_disposition, *disposition, "{key}");
        assert_eq!(info.content_language, options.content_language, "{key}");
        assert_eq!(info.metadata, options.metadata, "{key}");
    }
    let kept = AWKWARD.iter().filter(|key| !subject.refused.contains(key));
    for key in kept {
        store.delete(&Location::new(bucket, *key)).await.unwrap();
    }
    assert_eq!(
        store.list(&Listing::new(bucket, "")).await.unwrap().objects,
        []
    );
}

async fn what_is_not_there_is_said_to_be_missing(store: &dyn ObjectStore, bucket: &str) {
    let nothing = Location::new(bucket, "nothing/here");
    let missing = problem_of_get(store, &nothing, GetOptions::default()).await;
    assert_eq!(missing, StoreProblem::NotFound);
    assert_eq!(
        store.head(&nothing).await.unwrap_err().problem,
        StoreProblem::NotFound
    );
    store.delete(&nothing).await.unwrap();
    let elsewhere = Location::new("there-is-no-such-bucket", "key");
    let missing = problem_of_get(store, &elsewhere, GetOptions::default()).await;
    assert_eq!(missing, StoreProblem::MissingBucket);
}

async fn a_write_replaces_what_was_there(subject: &Subject<'_>) {
    let Subject { store, bucket, .. } = *subject;
    let location = Location::new(bucket, "replaced");
    let first = put(store, &location, b"first").await;
    let second = put(store, &location, b"second, and longer").await;
    assert_ne!(first, second);
    let again = put(store, &location, b"first").await;
    if subject.names_bytes {
        assert_eq!(first, again, "equal bytes have equal ETags");
    }
    let object = store.get(&location, &GetOptions::default()).await.unwrap();
    assert_eq!(object.body, "first");
    let known = GetOptions {
        if_none_match: Some(again),
        max_bytes: None,
    };
    assert_eq!(
        problem_of_get(store, &location, known).await,
        StoreProblem::NotModified
    );
    let unknown = GetOptions {
        if_none_match: Some(second),
        max_bytes: None,
    };
    assert_eq!(store.get(&location, &unknown).await.unwrap().body, "first");
    store.delete(&location).await.unwrap();
}

async fn sizes_are_checked_before_bodies_are_read(store: &dyn ObjectStore, bucket: &str) {
    let location = Location::new(bucket, "sized");
    put(store, &location, b"12345").await;
    let at_most = |max_bytes| GetOptions {
        max_bytes: Some(max_bytes),
        if_none_match: None,
    };
    assert_eq!(
        store.get(&location, &at_most(5)).await.unwrap().body,
        "12345"
    );
    let problem = problem_of_get(store, &location, at_most(4)).await;
    assert_eq!(problem, StoreProblem::TooLarge { size: 5, limit: 4 });
    put(store, &location, b"").await;
    assert_eq!(store.get(&location, &at_most(0)).await.unwrap().body, "");
    store.delete(&location).await.unwrap();
}

async fn conditions_are_kept(store: &dyn ObjectStore, bucket: &str) {
    let location = Location::new(bucket, "conditional");
    let write = async |body: &'static str, condition| {
        let options = PutOptions {
            condition: Some(condition),
            ..PutOptions::default()
        };
        store
            .put(&location, NewObject::new(body).with(options))
            .await
            .map(Option::unwrap)
            .map_err(|error| error.problem)
    };
    let first = write("first", Condition::IfAbsent).await.unwrap();
    let refused = Err(StoreProblem::ConditionFailed);
    assert_eq!(write("other", Condition::IfAbsent).await, refused);
    let second = write("second", Condition::IfMatch(first.clone()))
        .await
        .unwrap();
    assert_eq!(write("other", Condition::IfMatch(first)).await, refused);
    assert_eq!(store.head(&location).await.unwrap().etag, second);
    store.delete(&location).await.unwrap();
}

async fn listings_are_in_order_and_complete(store: &dyn ObjectStore, bucket: &str) {
    let keys = ["a", "a/1", "a/2/x", "a/20", "ab", "b/1"];
    // A file system cannot hold both a file `a` and a folder `a`: the contract
    // lets a store refuse such a key, and this suite does not depend on it.
    let keys: Vec<&str> = keys.into_iter().filter(|key| *key != "a").collect();
    for key in keys.iter().rev() {
        put(store, &Location::new(bucket, *key), b"1").await;
    }
    for (prefix, after, expected) in [
        ("", None, keys.clone()),
        ("a/", None, vec!["a/1", "a/2/x", "a/20"]),
        ("a/2", None, vec!["a/2/x", "a/20"]),
        ("a", Some("a/2/x"), vec!["a/20", "ab"]),
        ("", Some("a/2"), vec!["a/2/x", "a/20", "ab", "b/1"]),
        ("c", None, vec![]),
        ("b", Some("b/1"), vec![]),
    ] {
        let page = store
            .list(&Listing {
                bucket,
                prefix,
                after,
            })
            .await
            .unwrap();
        let listed: Vec<&str> = page
            .objects
            .iter()
            .map(|listed| listed.key.as_str())
            .collect();
        assert_eq!(listed, expected, "{prefix:?} after {after:?}");
        assert!(!page.more);
    }
    for key in keys {
        store.delete(&Location::new(bucket, key)).await.unwrap();
    }
}

async fn impossible_keys_are_refused(store: &dyn ObjectStore, bucket: &str) {
    let long = "x".repeat(1_025);
    for key in ["", long.as_str()] {
        let location = Location::new(bucket, key);
        let put = store.put(&location, NewObject::new(Bytes::new())).await;
        assert_eq!(
            put.unwrap_err().problem,
            StoreProblem::InvalidKey,
            "{key:?}"
        );
    }
}
