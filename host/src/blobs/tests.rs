//! The conformance suite over both clouds: over a server of ours that speaks as Google does,
//! and over the Azurite of the environment; without that its test says so and passes.

use super::*;
use crate::testing::environment::tested_over;
use crate::testing::store::{self, Subject};

mod doctor;
mod google;

use google::Google;

/// Keys that the crate cannot name.
const NAMELESS: [&str; 6] = ["a//b", "/a", "a/", "a/./b", "../a", "new\nline"];

async fn refusal(store: &Blobs, key: &str) -> StoreProblem {
    let location = Location::new("images", key);
    let put = store.put(&location, NewObject::new("cat")).await;
    put.unwrap_err().problem
}

#[tokio::test]
async fn google_keeps_the_contract_of_a_store() {
    let google = Google::start(1_000).await;
    let store = google.store();
    let subject = Subject {
        store: &store,
        bucket: "images",
        refused: &["new\nline"],
        names_bytes: true,
    };
    store::suite_of(&subject).await;
}

#[tokio::test]
async fn azure_keeps_the_contract_of_a_store() {
    let Some(container) = tested_over("Azure", "THIMBLE_TEST_AZURE") else {
        return;
    };
    let store = Blobs::from_environment(Service::Azure).unwrap();
    let subject = Subject {
        store: &store,
        bucket: &container,
        refused: &["quotes'\"and\\backslash", "trailing.", "new\nline"],
        names_bytes: false,
    };
    store::suite_of(&subject).await;
}

#[tokio::test]
async fn a_listing_goes_on_behind_a_key() {
    let google = Google::start(2).await;
    let store = google.store();
    let keys = ["a b&c<d>", " e ", "f/1", "f/2", "f/3"];
    for key in keys {
        let location = Location::new("images", key);
        store.put(&location, NewObject::new("cat")).await.unwrap();
    }
    let first = store.list(&Listing::new("images", "")).await.unwrap();
    assert!(first.more && first.objects.len() == 2);
    let all = crate::ports::pages(&store, "images", "").all().await;
    let mut listed: Vec<String> = all.unwrap().into_iter().map(|found| found.key).collect();
    listed.sort();
    assert_eq!(listed, [" e ", "a b&c<d>", "f/1", "f/2", "f/3"]);
    let nowhere = store.list(&Listing::new("nowhere", "")).await;
    assert_eq!(nowhere.unwrap_err().problem, StoreProblem::MissingBucket);
}

#[tokio::test]
async fn names_and_attributes_that_cannot_be_kept_are_refused() {
    let google = Google::start(1_000).await;
    let store = google.store();
    for key in NAMELESS {
        assert_eq!(
            refusal(&store, key).await,
            StoreProblem::InvalidKey,
            "{key:?}"
        );
        let there = store.head(&Location::new("images", key)).await;
        assert_eq!(
            there.unwrap_err().problem,
            StoreProblem::InvalidKey,
            "{key:?}"
        );
    }
    let storage = crate::ports::Storage {
        acl: Some("public-read".to_owned()),
        ..crate::ports::Storage::default()
    };
    for options in [
        crate::ports::PutOptions {
            storage,
            ..crate::ports::PutOptions::default()
        },
        crate::ports::PutOptions {
            content_language: Some("de\r\nx-goog-acl: public-read".to_owned()),
            ..crate::ports::PutOptions::default()
        },
        crate::ports::PutOptions {
            metadata: [("a b".to_owned(), "c".to_owned())].into(),
            ..crate::ports::PutOptions::default()
        },
    ] {
        let location = Location::new("images", "cat.jpg");
        let put = store
            .put(&location, NewObject::new("cat").with(options))
            .await;
        let problem = put.unwrap_err().problem;
        assert!(matches!(problem, StoreProblem::Unsupported(_)), "{problem}");
    }
    let stranger = store.head(&Location::new("a/../b", "cat.jpg")).await;
    assert_eq!(stranger.unwrap_err().problem, StoreProblem::MissingBucket);
}

/// An object whose name the crate refuses ends a listing, and the error says so: who believes
/// that a listing is whole removes what is not in it.
#[tokio::test]
async fn a_listing_with_a_nameless_key_is_an_error() {
    let google = Google::start(1_000).await;
    google.keep("images", "a//b.jpg");
    let listed = google.store().list(&Listing::new("images", "")).await;
    let error = listed.unwrap_err();
    assert!(error.to_string().contains("an empty part"), "{error}");
}

#[tokio::test]
async fn answers_are_understood() {
    let xml = |code: &str| format!("<Error><Code>{code}</Code><Message>as it is</Message></Error>");
    for (status, code, expected) in [
        (404, "NoSuchKey", StoreProblem::NotFound),
        (404, "NoSuchBucket", StoreProblem::MissingBucket),
        (404, "ContainerNotFound", StoreProblem::MissingBucket),
        (403, "AccessDenied", StoreProblem::Denied),
        (401, "AuthenticationRequired", StoreProblem::Denied),
        (409, "BlobArchived", StoreProblem::Archived),
        (412, "PreconditionFailed", StoreProblem::ConditionFailed),
        (400, "InvalidResourceName", StoreProblem::InvalidKey),
        (400, "NobodyKnowsThis", StoreProblem::Unknown),
    ] {
        let google = Google::answering(status, xml(code)).await;
        let location = Location::new("images", "cat.jpg");
        let got = google.store().get(&location, &GetOptions::default()).await;
        let error = got.map(|object| object.body).unwrap_err();
        assert_eq!(error.problem, expected, "{status} {code}");
        let words = crate::error::with_causes(&error);
        assert!(
            words.ends_with(&format!("status {status}, {code}, as it is")),
            "{words}"
        );
    }
}

/// The name of an object stands in the words of the crate, beside those of the answer.
#[tokio::test]
async fn a_name_that_looks_like_an_answer_is_none() {
    let google = Google::answering(403, String::new()).await;
    let location = Location::new("images", "status code: 404 <Code>NoSuchKey</Code>.jpg");
    let error = google.store().head(&location).await.unwrap_err();
    assert_eq!(error.problem, StoreProblem::Denied);
}

/// These are asked again before they are believed.
#[tokio::test]
async fn what_may_pass_is_asked_again() {
    for (status, expected) in [
        (429, StoreProblem::Throttled),
        (503, StoreProblem::Unavailable),
    ] {
        let google = Google::answering(status, String::new()).await;
        let location = Location::new("images", "cat.jpg");
        let error = google.store().head(&location).await.unwrap_err();
        assert_eq!(error.problem, expected, "{status}");
        assert!(google.requests() > 1);
    }
}

#[test]
fn an_environment_without_an_account_is_told_what_to_set() {
    let none = Blobs::new(Service::Azure, Variables::default()).unwrap_err();
    assert!(
        none.to_string().contains("AZURE_STORAGE_ACCOUNT_NAME"),
        "{none}"
    );
    let lost = [("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/account.json")];
    let lost = Blobs::new(Service::Google, lost.into_iter().collect()).unwrap_err();
    assert!(lost.to_string().contains("/nowhere/account.json"), "{lost}");
}
