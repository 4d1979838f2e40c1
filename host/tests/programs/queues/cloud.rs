//! The whole way of an image, through the S3 and the SQS that
//! `THIMBLE_TEST_ENDPOINT` names. Credentials and region are those of the
//! environment.

use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_http_client::Builder;

use crate::desk::{picture, text};
use crate::process::finish;
use crate::tool::{lines, said, tested_over, thimble};

/// Names of odd characters, which events carry encoded.
const KEYS: [&str; 5] = [
    "plain.bmp",
    "a b+c%2Bd/späße 🦀.bmp",
    "2024/01.bmp",
    "2024/02.bmp",
    "tab\t'quote\".bmp",
];

/// Two buckets and two queues that no other run has.
pub(crate) struct Cloud {
    endpoint: String,
    pub(crate) s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    name: String,
    queue: String,
    pub(crate) dead_letters: String,
}

impl Cloud {
    /// `None` says that there is no endpoint.
    pub(crate) async fn new() -> Option<Self> {
        let endpoint = tested_over("S3 and SQS", "THIMBLE_TEST_ENDPOINT")?;
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(Builder::new().build_http())
            .endpoint_url(&endpoint)
            .load()
            .await;
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(true)
            .build();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let mut cloud = Self {
            endpoint,
            s3: aws_sdk_s3::Client::from_conf(s3),
            sqs: aws_sdk_sqs::Client::new(&config),
            name: format!("thimble-cli-{}", now.as_nanos()),
            queue: String::new(),
            dead_letters: String::new(),
        };
        for bucket in [cloud.images(), cloud.thumbnails()] {
            cloud
                .s3
                .create_bucket()
                .bucket(bucket)
                .send()
                .await
                .unwrap();
        }
        cloud.dead_letters = cloud.create(&format!("{}-dead", cloud.name)).await;
        cloud.queue = cloud.create(&cloud.name).await;
        Some(cloud)
    }

    pub(crate) fn images(&self) -> String {
        format!("{}-images", self.name)
    }

    pub(crate) fn thumbnails(&self) -> String {
        format!("{}-thumbnails", self.name)
    }

    async fn create(&self, name: &str) -> String {
        let made = self.sqs.create_queue().queue_name(name).send().await;
        made.unwrap().queue_url().unwrap().to_owned()
    }

    pub(crate) async fn put(&self, key: &str, body: Vec<u8>) {
        let put = self.s3.put_object().bucket(self.images()).key(key);
        put.body(body.into()).send().await.unwrap();
    }

    pub(crate) async fn count(&self, bucket: &str) -> usize {
        let list = self.s3.list_objects_v2().bucket(bucket).send().await;
        list.unwrap().contents().len()
    }

    /// Numbers of messages that wait in a queue, and that are in hand.
    async fn depth(&self, url: &str) -> [String; 2] {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let request = self.sqs.get_queue_attributes().queue_url(url);
        let answer = request
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .unwrap();
        names.map(|name| answer.attributes().unwrap()[&name].clone())
    }

    fn run(&self, words: &[&str]) -> Output {
        finish(self.command(words).spawn().unwrap())
    }

    /// The program, as whoever may use this cloud runs it.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = thimble(words);
        for variable in [
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        ] {
            if let Ok(value) = std::env::var(variable) {
                command.env(variable, value);
            }
        }
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("SOURCE_QUEUE_URL", &self.queue)
            .env("DEAD_LETTER_QUEUE_URL", &self.dead_letters)
            .env("THUMBNAILS_BUCKET", self.thumbnails());
        command
    }

    fn work(&self) {
        let output = self.run(&["worker", "--once", "--dead-letters", &self.dead_letters]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    pub(crate) fn backfill(&self, more: &[&str]) -> serde_json::Value {
        let source = format!("s3://{}", self.images());
        let words = [&["backfill", source.as_str(), "--json"], more].concat();
        lines(&self.run(&words)).pop().unwrap()["summary"].take()
    }

    pub(crate) async fn remove(self) {
        for bucket in [self.images(), self.thumbnails()] {
            let list = self
                .s3
                .list_objects_v2()
                .bucket(&bucket)
                .send()
                .await
                .unwrap();
            for object in list.contents() {
                let delete = self.s3.delete_object().bucket(&bucket);
                delete.key(object.key().unwrap()).send().await.unwrap();
            }
            self.s3
                .delete_bucket()
                .bucket(&bucket)
                .send()
                .await
                .unwrap();
        }
        for url in [&self.queue, &self.dead_letters] {
            self.sqs.delete_queue().queue_url(url).send().await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_lies_in_a_bucket_becomes_thumbnails_and_letters_come_back() {
    let Some(cloud) = Cloud::new().await else {
        return;
    };
    for (number, key) in (1..).zip(KEYS) {
        cloud.put(key, picture(number)).await;
    }
    cloud.put("broken.bmp", b"BM, broken".to_vec()).await;
    let source = format!("s3://{}/2024/", cloud.images());
    let estimate = said(&cloud.run(&["backfill", &source, "--dry-run"]));
    assert!(estimate.starts_with("2 images"), "{estimate}");

    let first = cloud.backfill(&["--max", "2"]);
    let after = format!("--after={}", first["after"].as_str().unwrap());
    assert_eq!(cloud.backfill(&[&after])["sent"], 4);
    cloud.work();
    assert_eq!(cloud.count(&cloud.thumbnails()).await, 3 * KEYS.len());
    assert_eq!(cloud.depth(&cloud.queue).await, ["0", "0"]);

    let letters = lines(&cloud.run(&["dlq", "list", "--json"]));
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0]["kind"], "unsupported-format");
    let page = said(&cloud.run(&["dlq", "show", letters[0]["id"].as_str().unwrap()]));
    assert!(
        page.contains("received 2 times") && page.contains("broken.bmp"),
        "{page}"
    );
    assert_eq!(
        cloud.depth(&cloud.dead_letters).await,
        ["1", "0"],
        "it can be seen at once"
    );

    assert_eq!(cloud.backfill(&["--missing-only"])["sent"], 1);
    cloud.put("broken.bmp", picture(9)).await;
    let report = lines(&cloud.run(&["redrive", "--json"])).pop().unwrap();
    assert_eq!((&report["moved"], &report["left"]), (&1.into(), &0.into()));
    cloud.work();
    assert_eq!(cloud.count(&cloud.thumbnails()).await, 3 * KEYS.len() + 3);
    assert_eq!(cloud.backfill(&["--missing-only"])["sent"], 0);

    cloud.put("broken.bmp", b"BM, again".to_vec()).await;
    cloud.backfill(&["--missing-only"]);
    cloud.work();
    assert_eq!(
        said(&cloud.run(&["dlq", "purge", "--yes"])),
        "1 dead letter deleted\n"
    );
    assert_eq!(cloud.depth(&cloud.dead_letters).await, ["0", "0"]);
    cloud.remove().await;
}

#[tokio::test]
async fn a_worker_whose_bucket_is_not_there_takes_no_message() {
    let Some(cloud) = Cloud::new().await else {
        return;
    };
    cloud.put("cat.bmp", picture(1)).await;
    cloud.backfill(&[]);
    let bucket = format!("{}-nowhere", cloud.name);
    let output = cloud.run(&["worker", "--once", "--thumbnails", &bucket]);
    let said = text(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains(&bucket), "{said}");
    assert_eq!(cloud.depth(&cloud.queue).await, ["1", "0"]);
    cloud.remove().await;
}
