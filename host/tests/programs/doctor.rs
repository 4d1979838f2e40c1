//! `thimble doctor` in folders and in a cloud, and `thimble plan`.

use std::fs;
use std::process::Output;

use serde_json::Value;

use crate::desk::{Desk, files, text};
use crate::nats::Nats;
use crate::process::finish;
use crate::queues::cloud::Cloud;
use crate::tool::{assert_fails, lines, run, said, tested_over, thimble};

/// Findings, by their results: checks that are wrong, and what they say.
fn wrong(output: &Output) -> Vec<(String, String)> {
    let told = text(&output.stdout);
    let findings = told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let wrong: Vec<_> = findings
        .filter(|found| found["result"] == "wrong")
        .map(|found| {
            let word = |name: &str| found[name].as_str().unwrap().to_owned();
            assert!(!word("mend").is_empty());
            (word("check"), word("what"))
        })
        .collect();
    let status = output.status.code();
    assert_eq!(status, Some(i32::from(!wrong.is_empty())), "{told}");
    wrong
}

fn examine(desk: &Desk, more: &[&str], variables: &[(&str, &str)]) -> Output {
    let root = desk.root.to_str().unwrap();
    let mut command = thimble(&[&["doctor", "--json", "--queue", root], more].concat());
    command.envs(variables.iter().copied());
    finish(command.spawn().unwrap())
}

#[test]
fn a_folder_as_it_should_be_has_nothing_wrong_and_keeps_nothing() {
    let desk = Desk::kept();
    assert_eq!(wrong(&examine(&desk, &[], &[])), []);
    assert!(files(&desk.root.join("thumbnails")).is_empty());
    let words = said(&run(&["doctor", "--queue", desk.root.to_str().unwrap()]));
    for line in [
        "ok         write:",
        "ok         presets:",
        "ok         disk:",
    ] {
        assert!(words.contains(line), "{line}: {words}");
    }
    let output = examine(&desk, &["--no-write"], &[]);
    assert_eq!(wrong(&output), []);
    assert!(text(&output.stdout).contains("--no-write"));
}

#[test]
fn each_mistake_of_a_folder_is_named() {
    /// Damage to a folder, options, a variable, and the check that finds the mistake.
    type Row = (
        fn(&Desk),
        &'static [&'static str],
        (&'static str, &'static str),
        &'static str,
    );
    let rows: [Row; 5] = [
        (|_| {}, &[], ("CONCURRENCY", "many"), "configuration"),
        (
            |desk| fs::write(desk.root.join("thumbnails"), "").unwrap(),
            &[],
            ("LOG_LEVEL", "info"),
            "rights",
        ),
        (
            |desk| {
                let queue = desk.root.join(".thimble/queue");
                fs::create_dir_all(queue.join("messages")).unwrap();
                fs::write(queue.join("format"), "thimble-queue 99\n").unwrap();
            },
            &[],
            ("LOG_LEVEL", "info"),
            "queue",
        ),
        (
            |_| {},
            &["--preset", "a=10x10,avif"],
            ("LOG_LEVEL", "info"),
            "presets",
        ),
        (
            |_| {},
            &[],
            ("THIMBLE_ENGINE", "/no/such/engine.wasm"),
            "presets",
        ),
    ];
    for (plant, more, variable, check) in rows {
        let desk = Desk::kept();
        plant(&desk);
        let found = wrong(&examine(&desk, more, &[variable]));
        assert!(
            found.iter().any(|(named, _)| named == check),
            "{check}: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_queue_that_nobody_prepared_is_told_so_by_its_cloud() {
    let Some(cloud) = Cloud::new().await else {
        return;
    };
    let bucket = cloud.images();
    let words = ["doctor", "--json", "--bucket", &bucket];
    let output = finish(cloud.command(&words).spawn().unwrap());
    let told = text(&output.stdout);
    let found: Vec<String> = wrong(&output).into_iter().map(|(check, _)| check).collect();
    for check in ["visibility", "redrive-policy", "notification"] {
        assert!(found.iter().any(|named| named == check), "{check}: {told}");
    }
    for check in ["credentials", "region", "queue", "bucket", "write"] {
        let ok = format!("{{\"check\":\"{check}\",\"result\":\"ok\"");
        assert!(told.contains(&ok), "{check}: {told}");
    }
    assert_eq!(
        cloud.count(&cloud.thumbnails()).await,
        0,
        "the probe is gone"
    );
    cloud.remove().await;
}

/// The findings of a doctor for a worker on this queue, with its store in the folder of a desk.
fn examine_queue(queue: &str, more: &[&str], variables: &[(&str, &str)]) -> Output {
    let desk = Desk::kept();
    let root = desk.root.to_str().unwrap();
    let words = ["doctor", "--json", "--queue", queue, "--store", root];
    let mut command = thimble(&[&words, more].concat());
    command.env("THUMBNAILS_BUCKET", "thumbnails");
    command.envs(variables.iter().copied());
    finish(command.spawn().unwrap())
}

/// The result of a check, as `ok` or `wrong`.
#[track_caller]
fn assert_told(output: &Output, check: &str, result: &str) {
    let told = text(&output.stdout);
    let line = format!("{{\"check\":\"{check}\",\"result\":\"{result}\"");
    assert!(told.contains(&line), "{line}: {told}");
}

#[test]
fn streams_of_nats_are_tried() {
    let Some(nats) = Nats::new("doctor") else {
        return;
    };
    // Before anybody worked there, and after.
    for _ in 0..2 {
        let output = examine_queue(&nats.queue, &[], &[]);
        assert_eq!(wrong(&output), []);
        for check in ["server", "queue", "dead-letters", "write", "presets"] {
            assert_told(&output, check, "ok");
        }
        let desk = Desk::kept();
        let root = desk.root.to_str().unwrap();
        let worker = ["worker", "--queue", &nats.queue, "--store", root, "--once"];
        said(&run(&worker));
    }
    let output = examine_queue(&nats.queue, &[], &[("NATS_USER", "thimble")]);
    assert_eq!(wrong(&output)[0].0, "credentials");
    let variables = [("NATS_USER", "looks"), ("NATS_PASSWORD", "thimble")];
    let output = examine_queue(&nats.queue, &[], &variables);
    assert!(wrong(&output).iter().any(|(check, _)| check == "rights"));
    let elsewhere = ["--dead-letters", "sqs:letters"];
    let output = examine_queue(&nats.queue, &elsewhere, &[]);
    assert_told(&output, "dead-letters", "not-tried");
}

#[test]
fn a_queue_in_postgres_is_tried() {
    let Some(url) = tested_over("Postgres", "THIMBLE_TEST_POSTGRES") else {
        return;
    };
    let output = examine_queue(&format!("{url}&queue=doctor"), &[], &[]);
    assert_eq!(wrong(&output), []);
    for check in ["server", "tables", "rights", "listen", "redrive-policy"] {
        assert_told(&output, check, "ok");
    }
    let nowhere = "postgres://u:sesame@127.0.0.1:1/nowhere?sslmode=disable";
    let output = examine_queue(nowhere, &[], &[]);
    assert_eq!(wrong(&output)[0].0, "server");
    assert!(!text(&output.stdout).contains("sesame"));
    let output = examine_queue("postgres://u:sesame@h:port/nowhere", &[], &[]);
    assert_eq!(wrong(&output)[0].0, "queue");
    assert!(!text(&output.stdout).contains("sesame"));
}

#[test]
fn a_store_in_azure_is_tried() {
    if tested_over("Azure", "THIMBLE_TEST_AZURE").is_none() {
        return;
    }
    let desk = Desk::kept();
    let root = desk.root.to_str().unwrap();
    let examine = |variables: &[(&str, &str)]| {
        let words = ["doctor", "--json", "--queue", root, "--store", "az://"];
        let more = ["--thumbnails", "thumbnails", "--bucket", "images"];
        let mut command = thimble(&[&words[..], &more].concat());
        command.envs(variables.iter().copied());
        finish(command.spawn().unwrap())
    };
    let output = examine(&[]);
    assert_eq!(wrong(&output), []);
    for check in [
        "credentials",
        "bucket",
        "write",
        "clock",
        "conditional-writes",
    ] {
        assert_told(&output, check, "ok");
    }
    let output = examine(&[("AZURE_STORAGE_ACCOUNT_KEY", "c29tZWJvZHk=")]);
    assert!(
        wrong(&output)
            .iter()
            .any(|(check, _)| check == "credentials")
    );
    let output = examine(&[("AZURE_STORAGE_ACCOUNT_KEY", "no key")]);
    assert!(
        wrong(&output)
            .iter()
            .any(|(check, _)| check == "credentials")
    );
}

#[test]
fn a_plan_is_words_or_json() {
    let words = said(&run(&["plan", "--rate", "1000"]));
    assert!(
        words.contains("The first wall is maxConcurrency"),
        "{words}"
    );
    let plan = lines(&run(&[
        "plan",
        "--rate",
        "1000",
        "--presets",
        "3",
        "--json",
    ]))
    .remove(0);
    assert_eq!(plan["executions"], 100);
    assert_eq!(plan["walls"][0]["exceeded"], true);
    assert_fails(&run(&["plan", "--rate", "0"]), 2, "greater than 0");
    assert_fails(
        &run(&["plan", "--rate", "1", "--size", "big"]),
        2,
        "`photo`",
    );
}
