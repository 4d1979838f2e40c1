//! `thimble backfill --dry-run` counts, and makes nothing: with no kind of queue. SQS makes none
//! anyway; see `cloud`.

use std::fs;

use tokio_postgres::NoTls;

use crate::desk::{Desk, picture};
use crate::nats::Nats;
use crate::tool::{assert_fails, run, said, tested_over};

/// The output of a dry run for a folder of two images, about `queue`.
fn dry_run(desk: &Desk, queue: &str) -> std::process::Output {
    let root = desk.root.to_str().unwrap();
    run(&["backfill", root, "--queue", queue, "--dry-run"])
}

fn desk() -> Desk {
    let desk = Desk::kept();
    desk.image("a.bmp", &picture(1));
    desk.image("b.bmp", &picture(2));
    desk
}

#[test]
fn a_dry_run_makes_no_queue_in_a_folder() {
    let desk = desk();
    let empty = tempfile::tempdir().unwrap();
    let told = said(&dry_run(&desk, empty.path().to_str().unwrap()));
    assert!(told.contains("at most 2 messages"), "{told}");
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
    let root = desk.root.to_str().unwrap();
    said(&dry_run(&desk, root));
    assert!(!desk.root.join(".thimble/queue").exists());
    assert_fails(&dry_run(&desk, "nowhere"), 2, "there is no such folder");
}

#[test]
fn a_dry_run_makes_no_stream() {
    let Some(nats) = Nats::new("dry") else {
        return;
    };
    let desk = desk();
    let told = said(&dry_run(&desk, &nats.queue));
    assert!(told.contains("at most 2 messages"), "{told}");
    let list = ["dlq", "list", "--queue", &nats.queue];
    assert_fails(&run(&list), 1, "there is no such queue");
    let nobody = "nats://127.0.0.1:1/IMAGES";
    assert_fails(&dry_run(&desk, nobody), 1, "could not be reached");
}

#[tokio::test]
async fn a_dry_run_makes_no_table() {
    let Some(url) = tested_over("Postgres", "THIMBLE_TEST_POSTGRES") else {
        return;
    };
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let schema = format!("dry_{}", std::process::id());
    let make = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
    client.batch_execute(&make).await.unwrap();
    let desk = desk();
    let queue = format!("{url}&queue=dry&options=-c%20search_path%3D{schema}");
    let told = said(&dry_run(&desk, &queue));
    assert!(told.contains("at most 2 messages"), "{told}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = $1";
    let tables = async || -> i64 { client.query_one(tables, &[&schema]).await.unwrap().get(0) };
    assert_eq!(tables().await, 0);
    let root = desk.root.to_str().unwrap();
    said(&run(&["backfill", root, "--queue", &queue]));
    assert_eq!(tables().await, 2, "and one that is no dry run makes them");
    drop(client);
    connection.await.unwrap().unwrap();
}
