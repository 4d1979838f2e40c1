//! Promises of the template that is deployed, read from its packaged form:
//! `scripts/template.sh` packages `serverless.yml` for each way to use it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod permissions;

use std::env;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// The longest that SQS keeps a message, in seconds.
const LONGEST: u64 = 14 * DAY;

struct Template {
    name: String,
    resources: serde_json::Map<String, Value>,
}

/// Every packaged template; without any there is nothing to test, and a line
/// says so.
fn templates() -> Vec<Template> {
    let Some(folder) = env::var_os("THIMBLE_TEMPLATES") else {
        println!("skipped: THIMBLE_TEMPLATES names no folder; run `make functional`");
        return vec![];
    };
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let file = folder.join("cloudformation-template-update-stack.json");
        let template: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let resources = template["Resources"].as_object().unwrap().clone();
        Template { name, resources }
    };
    let templates: Vec<_> = fs::read_dir(Path::new(&folder))
        .unwrap()
        .map(read)
        .collect();
    assert!(
        templates.len() >= 3,
        "there are templates for each way to use the stack"
    );
    templates
}

impl Template {
    fn properties(&self, id: &str) -> &Value {
        &self.resources[id]["Properties"]
    }

    fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let all = self.resources.iter();
        all.filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id, &resource["Properties"]))
    }

    fn is_configured(&self) -> bool {
        self.name == "configured"
    }

    fn is_local(&self) -> bool {
        self.name == "local"
    }

    /// The statements of every role, with the role.
    fn statements(&self) -> Vec<(&String, &Value)> {
        let roles = self.of_type("AWS::IAM::Role");
        roles
            .flat_map(|(id, role)| {
                let policies = role["Policies"].as_array().unwrap().iter();
                let statements = policies
                    .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
                statements.map(move |statement| (id, statement))
            })
            .collect()
    }
}

#[test]
fn a_message_is_not_handed_out_again_while_it_is_worked_on() {
    for template in templates() {
        let visibility = number(&template.properties("SourceQueue")["VisibilityTimeout"]);
        let function = template.properties("GenerateDashthumbnailsLambdaFunction");
        let timeout = number(&function["Timeout"]);
        // An emulator hands nothing out twice at a time, and is to be quick.
        let least = if template.is_local() {
            timeout
        } else {
            6 * timeout
        };
        assert!(
            visibility >= least,
            "{}: {visibility} {timeout}",
            template.name
        );
    }
}

#[test]
fn a_message_is_tried_several_times_and_then_kept_for_two_weeks() {
    for template in templates() {
        let (queue, letters) = (
            template.properties("SourceQueue"),
            template.properties("DeadLetterQueue"),
        );
        let policy = &queue["RedrivePolicy"];
        let least = if template.is_local() { 3 } else { 5 };
        assert!(number(&policy["maxReceiveCount"]) >= least);
        assert_eq!(policy["deadLetterTargetArn"], arn("DeadLetterQueue"));
        assert_eq!(number(&letters["MessageRetentionPeriod"]), LONGEST);
        assert_eq!(number(&queue["MessageRetentionPeriod"]), LONGEST);
        let allowed = &letters["RedriveAllowPolicy"];
        assert_eq!(allowed["redrivePermission"], "byQueue");
        let source = allowed["sourceQueueArns"][0]["Fn::Sub"].as_str().unwrap();
        assert!(source.ends_with(&format!(":{}", queue["QueueName"].as_str().unwrap())));
    }
}

#[test]
fn an_alarm_comes_days_before_a_dead_letter_is_deleted() {
    for template in templates() {
        let of_letters = |alarm: &&Value| {
            alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
                && alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] == "DeadLetterQueue"
        };
        let mut alarms = template
            .of_type("AWS::CloudWatch::Alarm")
            .map(|(_, alarm)| alarm);
        let alarm = alarms.find(of_letters).unwrap();
        let kept = number(&template.properties("DeadLetterQueue")["MessageRetentionPeriod"]);
        let raised = number(&alarm["Threshold"]);
        assert!(raised + 3 * DAY <= kept, "{}: {raised}", template.name);
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
    }
}

#[test]
fn only_the_source_bucket_may_send() {
    for template in templates() {
        let policy = template.properties("SourceQueuePolicy");
        let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
        let others = usize::from(template.is_configured());
        assert_eq!(statements.len(), 1 + others);
        let source = &statements[0]["Condition"]["ArnEquals"]["aws:SourceArn"];
        let expected = match template.resources.get("SourceBucket") {
            Some(bucket) => {
                let name = bucket["Properties"]["BucketName"]["Fn::Sub"]
                    .as_str()
                    .unwrap();
                json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::{name}") })
            }
            None => arn("SourceRule"),
        };
        assert_eq!(source, &expected, "{}", template.name);
        for statement in statements {
            assert_eq!(statement["Action"], "sqs:SendMessage");
        }
    }
}

#[test]
fn the_bucket_waits_for_the_policy_of_the_queue_it_tells() {
    for template in templates() {
        let Some(bucket) = template.resources.get("SourceBucket") else {
            continue;
        };
        assert!(
            bucket["DependsOn"]
                .to_string()
                .contains("SourceQueuePolicy")
        );
        let told = &bucket["Properties"]["NotificationConfiguration"]["QueueConfigurations"];
        let told = told.as_array().unwrap();
        assert!(told.iter().all(|each| each["Queue"] == arn("SourceQueue")));
        assert!(
            told.iter()
                .any(|each| each["Event"] == "s3:ObjectCreated:*")
        );
        let removed = told
            .iter()
            .any(|each| each["Event"] == "s3:ObjectRemoved:*");
        assert_eq!(removed, template.name == "full");
    }
}

#[test]
fn buckets_and_queues_are_private_and_encrypted() {
    for template in templates() {
        for (id, bucket) in template.of_type("AWS::S3::Bucket") {
            if id == "ServerlessDeploymentBucket" {
                continue;
            }
            let block = bucket["PublicAccessBlockConfiguration"]
                .as_object()
                .unwrap();
            assert_eq!(
                block.values().filter(|value| **value == true).count(),
                4,
                "{id}"
            );
            assert!(bucket["BucketEncryption"].is_object(), "{id}");
        }
        for (id, queue) in template.of_type("AWS::SQS::Queue") {
            assert_eq!(queue["SqsManagedSseEnabled"], true, "{id}");
        }
    }
}

/// A fixed name could be taken by anybody in the world.
#[test]
fn no_bucket_has_a_fixed_global_name() {
    for template in templates() {
        for (id, bucket) in template.of_type("AWS::S3::Bucket") {
            let name = &bucket["BucketName"];
            let is_own = name["Fn::Sub"]
                .as_str()
                .is_some_and(|name| name.contains("${AWS::AccountId}"));
            assert!(name.is_null() || is_own, "{id}: {name}");
        }
    }
}

#[test]
fn a_batch_reports_its_failures_one_by_one() {
    for template in templates() {
        let mappings: Vec<_> = template
            .of_type("AWS::Lambda::EventSourceMapping")
            .collect();
        assert_eq!(mappings.len(), 1);
        let mapping = mappings[0].1;
        assert_eq!(
            mapping["FunctionResponseTypes"],
            json!(["ReportBatchItemFailures"])
        );
        assert!(number(&mapping["ScalingConfig"]["MaximumConcurrency"]) >= 2);
        assert!(number(&mapping["BatchSize"]) >= 1);
    }
}

#[test]
fn requests_are_paid_for_only_where_that_is_asked_for() {
    for template in templates() {
        let function = template.properties("GenerateDashthumbnailsLambdaFunction");
        let payer = &function["Environment"]["Variables"]["AWS_REQUEST_PAYER"];
        let expected = if template.name == "existing" {
            "requester"
        } else {
            "bucket-owner"
        };
        assert_eq!(payer, expected, "{}", template.name);
    }
}

#[test]
fn what_goes_wrong_raises_an_alarm() {
    for template in templates() {
        let alarms: Vec<_> = template
            .of_type("AWS::CloudWatch::Alarm")
            .map(|(_, each)| each)
            .collect();
        for metric in [
            "ApproximateNumberOfMessagesVisible",
            "ApproximateAgeOfOldestMessage",
            "Errors",
        ] {
            assert!(
                alarms.iter().any(|alarm| alarm["MetricName"] == metric),
                "{metric}"
            );
        }
        let sent = alarms.iter().all(|alarm| alarm["AlarmActions"].is_array());
        assert_eq!(sent, template.name == "full");
    }
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values.clone(),
        value => vec![value.clone()],
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn arn(id: &str) -> Value {
    json!({ "Fn::GetAtt": [id, "Arn"] })
}
