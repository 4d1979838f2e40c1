//! Permissions of the functions: what each needs, and no more.

use super::*;

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
fn a_function_may_publish_to_the_topic_of_results_and_to_no_other() {
    for template in templates() {
        let statements = template.statements();
        let may_publish = |statement: &&(&String, &Value)| {
            list(&statement.1["Action"]).contains(&json!("sns:Publish"))
        };
        let publishing: Vec<_> = statements
            .iter()
            .filter(may_publish)
            .map(|(role, statement)| (role.as_str(), statement["Resource"].clone()))
            .collect();
        let topic = "arn:aws:sns:us-east-1:000000000000:results";
        let expected = match template.name.as_str() {
            "existing" => vec![("GenerateThumbnailsRole", json!(topic))],
            _ => vec![],
        };
        assert_eq!(publishing, expected, "{}", template.name);
    }
}

/// See `thimble.toml` beside this file.
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

/// True if a resource is named: whole, or all objects or manifests of one bucket, or
/// all streams of one log.
fn is_ours(resource: &Value) -> bool {
    if resource.get("Fn::GetAtt").is_some() {
        return true;
    }
    // A key or a topic of the customer is named whole.
    if resource
        .as_str()
        .is_some_and(|arn| arn.starts_with("arn:aws:kms:") || arn.starts_with("arn:aws:sns:"))
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
