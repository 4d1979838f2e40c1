use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use testkit::http::{Answer, Request, serve};

use super::*;
use crate::manifest::State;
use crate::trust::Digest;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A receiver that answers with one of `statuses` after the other, and what it was sent.
fn receiver(statuses: &[u16]) -> (String, Arc<Mutex<Vec<Request>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (log, answers) = (seen.clone(), Mutex::new(VecDeque::from(statuses.to_vec())));
    let address = serve(move |request| {
        log.lock().unwrap().push(request.clone());
        let status = answers.lock().unwrap().pop_front().unwrap_or(204);
        Answer {
            status,
            ..Answer::with(vec![("Location", "http://127.0.0.1:1/".to_owned())], "")
        }
    });
    (format!("http://{address}/hooks/thumbnails?a=b"), seen)
}

fn webhook(url: &str) -> Webhook {
    Webhook::new(url.parse().unwrap(), &SECRET.parse().unwrap())
}

fn result() -> Outcome {
    Outcome {
        id: Digest::of(b"cat"),
        state: State::Done,
        key: "cat.jpg".to_owned(),
        body: r#"{"state":"done"}"#.to_owned(),
        short: None,
    }
}

#[test]
fn a_request_is_signed_as_the_standard_for_webhooks_has_it() {
    // The example of the standard's own libraries.
    let mut result = result();
    result.body = r#"{"test": 2432232314}"#.to_owned();
    let webhook = webhook("https://example.com/");
    let signed = |id: &str| {
        let text = format!("{id}.1614265330.{}", result.body);
        STANDARD.encode(hmac::sign(&webhook.key, text.as_bytes()))
    };
    assert_eq!(
        signed("msg_p5jXN8AQM9LWM0D4loKWxJek"),
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
    let request = webhook.request(&result, 1_614_265_330).unwrap();
    let header = |name: &str| request.headers().get(name).unwrap().to_owned();
    let id = result.id.to_string();
    assert_eq!(header("webhook-id"), id);
    assert_eq!(header("webhook-timestamp"), "1614265330");
    assert_eq!(header("webhook-signature"), format!("v1,{}", signed(&id)));
}

#[tokio::test]
async fn a_receiver_gets_the_manifest_and_may_be_down_for_a_moment() {
    let (url, seen) = receiver(&[503, 429]);
    webhook(&url).tell(&result()).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    for request in &*seen {
        assert_eq!(request.method, "POST");
        assert_eq!(request.target, "/hooks/thumbnails?a=b");
        assert_eq!(request.body, result().body.as_bytes());
        assert_eq!(request.headers["webhook-id"], result().id.to_string());
        assert_eq!(request.headers["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_receiver_that_is_no_receiver_is_told_as_what_it_is() {
    for (statuses, tries, may_pass, words) in [
        (&[500, 500, 500][..], 3, true, "answers 500"),
        (&[302], 1, false, "redirects (302), which is not followed"),
        (&[401], 1, false, "refuses it (401); compare the secrets"),
        (&[404], 1, false, "refuses it (404)"),
    ] {
        let (url, seen) = receiver(statuses);
        let error = webhook(&url).tell(&result()).await.unwrap_err();
        assert_eq!(error.may_pass(), may_pass, "{error}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains(&url), "{error}");
        assert_eq!(seen.lock().unwrap().len(), tries, "{error}");
    }
    let error = webhook("http://127.0.0.1:1/").tell(&result()).await;
    let error = error.unwrap_err();
    assert!(
        error.may_pass() && error.to_string().contains("cannot be reached"),
        "{error}"
    );
}

#[tokio::test]
async fn a_name_that_leads_to_where_a_cloud_keeps_credentials_is_not_asked() {
    for (name, is_asked) in [
        ("localhost", true),
        ("10.1.2.3", true),
        ("169.254.169.254", false),
        ("::ffff:169.254.169.254", false),
        ("0.0.0.0", false),
    ] {
        let found = Guarded.resolve_dns(name).await;
        assert_eq!(found.is_ok(), is_asked, "{name}");
    }
}
