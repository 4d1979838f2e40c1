//! Promises of the template that is deployed, read from its packaged form:
//! `scripts/template.sh` packages `serverless.yml` for each way to use it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

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

/// See `template/thimble.toml`.
#[test]
fn permissions_and_events_follow_from_the_configuration_file() {
    for template in templates() {
        let function = template.properties("GenerateDashthumbnailsLambdaFunction");
        let file = &function["Environment"]["Variables"]["THIMBLE_CONFIG"];
        let rule = template.resources.get("OtherSourcesRule");
        if !template.is_configured() {
            assert_eq!((file, rule), (&json!(""), None), "{}", template.name);
            continue;
        }
        assert_eq!(file, "s3://settings-of-mine/a/thimble.toml");
        let pattern = &rule.unwrap()["Properties"]["EventPattern"];
        assert_eq!(
            pattern["detail"]["bucket"]["name"],
            json!(["uploads-of-mine"])
        );
        let statements = template.statements();
        let about = |bucket: &str| -> Vec<&str> {
            let bucket = format!(":s3:::{bucket}");
            let is_about = |statement: &Value| {
                let resources = list(&statement["Resource"]);
                resources.iter().any(|it| it.to_string().contains(&bucket))
            };
            let found = statements
                .iter()
                .filter(|(_, statement)| is_about(statement));
            found
                .map(|(_, statement)| statement["Sid"].as_str().unwrap())
                .collect()
        };
        let sources = ["ReadSources", "TellGoneFromDenied", "ReadTags"];
        assert_eq!(about("uploads-of-mine"), sources);
        let thumbnails = ["WriteThumbnails", "WriteTags", "RemoveManifests"];
        assert_eq!(about("faces-of-mine"), thumbnails);
        assert_eq!(about("settings-of-mine"), ["ReadConfiguration"]);
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
fn each_function_has_a_role_of_its_own_without_wildcards() {
    for template in templates() {
        let functions: Vec<_> = template.of_type("AWS::Lambda::Function").collect();
        let mut roles: Vec<_> = functions
            .iter()
            .map(|(_, each)| each["Role"].to_string())
            .collect();
        roles.sort();
        roles.dedup();
        assert_eq!(roles.len(), functions.len());
        for (role, statement) in template.statements() {
            let actions = list(&statement["Action"]);
            assert!(
                actions
                    .iter()
                    .all(|action| !action.to_string().contains('*')),
                "{role}"
            );
            for resource in list(&statement["Resource"]) {
                assert!(is_ours(&resource), "{role}: {resource}");
            }
        }
    }
}

#[test]
fn a_function_may_read_the_engine_store_it_is_given_and_nothing_else_of_it() {
    for template in templates() {
        let function = template.properties("GenerateDashthumbnailsLambdaFunction");
        let variables = &function["Environment"]["Variables"];
        let statements = template.statements();
        let readers: Vec<_> = statements
            .iter()
            .filter(|(_, statement)| statement["Sid"] == "ReadEngines")
            .collect();
        if template.name != "full" {
            assert_eq!(variables["ENGINE_STORE"], "", "{}", template.name);
            assert_eq!(readers.len(), 0, "{}", template.name);
            continue;
        }
        assert_eq!(variables["ENGINE_STORE"], "s3://engines-of-mine/thimble/");
        assert_eq!(variables["ENGINE_CHANNEL"], "stable");
        assert_eq!(variables["ENGINE_KEYS"], "ed25519:00");
        let [(role, statement)] = readers.as_slice() else {
            panic!("{readers:?}");
        };
        assert_eq!(*role, "GenerateThumbnailsRole");
        assert_eq!(list(&statement["Action"]), [json!("s3:GetObject")]);
        let objects = "arn:${AWS::Partition}:s3:::engines-of-mine/thimble/*";
        assert_eq!(statement["Resource"], json!({ "Fn::Sub": objects }));
        let about: Vec<_> = statements
            .iter()
            .filter(|(_, statement)| {
                statement["Resource"]
                    .to_string()
                    .contains("engines-of-mine")
            })
            .collect();
        assert_eq!(about.len(), 1, "{about:?}");
    }
}

#[test]
fn a_key_of_the_customer_is_used_where_it_is_named_and_for_no_more_than_that() {
    let of_sources = "arn:aws:kms:us-east-1:000000000000:key/of-sources";
    let of_thumbnails = "arn:aws:kms:us-east-1:000000000000:key/of-thumbnails";
    let decrypting = (of_sources, vec![json!("kms:Decrypt")]);
    let encrypting = (
        of_thumbnails,
        vec![json!("kms:GenerateDataKey"), json!("kms:Decrypt")],
    );
    let of_faces = (
        "arn:aws:kms:us-east-1:000000000000:key/of-faces",
        encrypting.1.clone(),
    );
    for template in templates() {
        let expected = match template.name.as_str() {
            "full" => vec![decrypting.clone(), encrypting.clone()],
            "existing" => vec![decrypting.clone()],
            "configured" => vec![of_faces.clone()],
            _ => vec![],
        };
        let about_keys = |statement: &&(&String, &Value)| {
            let actions = list(&statement.1["Action"]);
            actions
                .iter()
                .any(|action| action.to_string().contains("kms:"))
        };
        let statements = template.statements();
        let found: Vec<_> = statements
            .iter()
            .filter(about_keys)
            .map(|(role, statement)| {
                assert_eq!(*role, "GenerateThumbnailsRole");
                let through = &statement["Condition"]["StringEquals"]["kms:ViaService"];
                assert_eq!(through["Fn::Sub"], "s3.${AWS::Region}.${AWS::URLSuffix}");
                (
                    statement["Resource"].as_str().unwrap(),
                    list(&statement["Action"]),
                )
            })
            .collect();
        assert_eq!(found, expected, "{}", template.name);
        for (id, key) in [
            ("SourceBucket", of_sources),
            ("ThumbnailsBucket", of_thumbnails),
        ] {
            let Some(bucket) = template.resources.get(id) else {
                continue;
            };
            let rules =
                &bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"];
            let by = &rules[0]["ServerSideEncryptionByDefault"];
            if template.name == "full" {
                assert_eq!(by["SSEAlgorithm"], "aws:kms", "{id}");
                assert_eq!(by["KMSMasterKeyID"], key, "{id}");
                assert_eq!(rules[0]["BucketKeyEnabled"], true, "{id}");
            } else {
                assert_eq!(by, &json!({ "SSEAlgorithm": "AES256" }), "{id}");
            }
        }
    }
}

#[test]
fn a_function_may_remove_manifests_and_no_thumbnails_unless_they_follow_their_source() {
    for template in templates() {
        let statements = template.statements();
        let removing: Vec<_> = statements
            .iter()
            .filter(|(_, statement)| list(&statement["Action"]).contains(&json!("s3:DeleteObject")))
            .flat_map(|(_, statement)| list(&statement["Resource"]))
            .map(|resource| resource["Fn::Sub"].as_str().unwrap().to_owned())
            .collect();
        let (thumbnails, manifests) = (
            "${ThumbnailsBucket.Arn}/*",
            "${ThumbnailsBucket.Arn}/*/manifest.json",
        );
        let of_faces = "arn:${AWS::Partition}:s3:::faces-of-mine/faces/*/manifest.json";
        let objects: &[&str] = match template.name.as_str() {
            "full" => &[thumbnails, manifests],
            "configured" => &[of_faces, manifests],
            _ => &[manifests],
        };
        assert_eq!(removing, objects, "{}", template.name);
        let function = template.properties("GenerateDashthumbnailsLambdaFunction");
        assert_eq!(function["Environment"]["Variables"]["MANIFESTS"], "yes");
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

/// True if a resource is named: whole, or all objects or manifests of one bucket, or
/// all streams of one log.
fn is_ours(resource: &Value) -> bool {
    if resource.get("Fn::GetAtt").is_some() {
        return true;
    }
    // A key of the customer is named whole.
    if resource
        .as_str()
        .is_some_and(|arn| arn.starts_with("arn:aws:kms:"))
    {
        return !resource.to_string().contains('*');
    }
    let Some(name) = resource["Fn::Sub"].as_str() else {
        return false;
    };
    let named = name
        .strip_suffix("/*")
        .or(name.strip_suffix(":*"))
        .or(name.strip_suffix("/*/manifest.json"))
        .unwrap_or(name);
    !named.contains('*') && named.len() > "arn:${AWS::Partition}:s3:::".len().min(20)
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
