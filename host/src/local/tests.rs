use std::fs;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;

use super::*;
use crate::letter;
use crate::object::Location;
use crate::ports::{
    GetOptions, Listing, NewObject, ObjectStore, Outgoing, PutOptions, Queue, QueueProblem,
    ReceiveOptions, StoreProblem,
};
use crate::testing;

mod large;
mod mended;
mod passed_over;
#[cfg(target_os = "linux")]
mod power;

fn folder() -> (TempDir, Folder) {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    (directory, folder)
}

fn folder_with_letters() -> (TempDir, Folder, Arc<DirectoryQueue>) {
    let (directory, folder) = folder();
    let dead_letters = Arc::new(folder.dead_letters().unwrap());
    (directory, folder, dead_letters)
}

fn receive() -> ReceiveOptions {
    ReceiveOptions {
        max: 10,
        visibility: None,
        wait: Duration::ZERO,
    }
}

#[tokio::test]
async fn the_store_keeps_its_contract() {
    let (directory, folder) = folder();
    testing::store::suite(&folder.store, IMAGES).await;
    let left: Vec<_> = fs::read_dir(directory.path().join(IMAGES))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "empty folders are no objects: {left:?}");
    let half_written = fs::read_dir(directory.path().join(".thimble/new"))
        .unwrap()
        .count();
    assert_eq!(half_written, 0);
}

#[tokio::test]
async fn the_queue_keeps_its_contract() {
    let (_directory, folder) = folder();
    let dead_letters = Arc::new(folder.own_dead_letters().unwrap());
    let queue = folder.work(dead_letters.clone()).unwrap();
    testing::queue::suite(&testing::queue::Subject {
        queue: &queue,
        dead_letters: &*dead_letters,
        max_receive_count: MAX_RECEIVE_COUNT,
        moment: Duration::from_millis(100),
    })
    .await;
}

#[tokio::test]
async fn a_key_cannot_lead_out_of_its_bucket() {
    let (directory, folder) = folder();
    fs::write(directory.path().join("secret"), "secret").unwrap();
    fs::write(directory.path().join("images/plain"), "plain").unwrap();
    for key in [
        "../secret",
        "a/../../secret",
        "/etc/passwd",
        "./plain",
        "a//b",
        "a/",
        "..",
        ".",
    ] {
        let location = Location::new(IMAGES, key);
        let get = folder.store.get(&location, &GetOptions::default()).await;
        assert_eq!(get.unwrap_err().problem, StoreProblem::NotFound, "{key}");
        let put = folder
            .store
            .put(&location, NewObject::new(Bytes::new()))
            .await;
        assert_eq!(put.unwrap_err().problem, StoreProblem::InvalidKey, "{key}");
        folder.store.delete(&location).await.unwrap();
    }
    for bucket in ["..", ".thimble", "", "images/..", "."] {
        let location = Location::new(bucket, "secret");
        let get = folder.store.get(&location, &GetOptions::default()).await;
        assert_eq!(
            get.unwrap_err().problem,
            StoreProblem::MissingBucket,
            "{bucket}"
        );
    }
    assert_eq!(
        fs::read_to_string(directory.path().join("secret")).unwrap(),
        "secret"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_not_followed() {
    let (directory, folder) = folder();
    let images = directory.path().join(IMAGES);
    fs::write(directory.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", images.join("link")).unwrap();
    std::os::unix::fs::symlink("..", images.join("folder")).unwrap();
    for key in ["link", "folder/secret"] {
        let location = Location::new(IMAGES, key);
        let get = folder.store.get(&location, &GetOptions::default()).await;
        assert_eq!(get.unwrap_err().problem, StoreProblem::NotFound, "{key}");
        let put = folder.store.put(&location, NewObject::new("new")).await;
        assert_eq!(put.unwrap_err().problem, StoreProblem::InvalidKey, "{key}");
    }
    assert_eq!(
        folder
            .store
            .list(&Listing::new(IMAGES, ""))
            .await
            .unwrap()
            .objects,
        []
    );
    assert_eq!(
        fs::read_to_string(directory.path().join("secret")).unwrap(),
        "secret"
    );
}

#[tokio::test]
async fn a_file_and_a_folder_of_one_name_are_told_apart() {
    let (_directory, folder) = folder();
    let (file, within) = (Location::new(IMAGES, "a"), Location::new(IMAGES, "a/b"));
    folder.store.put(&file, NewObject::new("1")).await.unwrap();
    let put = folder.store.put(&within, NewObject::new("2")).await;
    assert_eq!(put.unwrap_err().problem, StoreProblem::InvalidKey);
    assert_eq!(
        folder.store.head(&within).await.unwrap_err().problem,
        StoreProblem::NotFound
    );
    folder.store.delete(&file).await.unwrap();
    folder
        .store
        .put(&within, NewObject::new("2"))
        .await
        .unwrap();
    assert_eq!(
        folder.store.head(&file).await.unwrap_err().problem,
        StoreProblem::NotFound
    );
}

#[tokio::test]
async fn what_another_program_writes_is_seen_even_if_its_size_stays() {
    let (directory, folder) = folder();
    let location = Location::new(IMAGES, "cat");
    let path = directory.path().join("images/cat");
    let mut etags = std::collections::BTreeSet::new();
    for number in 0..200 {
        fs::write(&path, format!("{number:03}")).unwrap();
        etags.insert(folder.store.head(&location).await.unwrap().etag);
    }
    assert_eq!(etags.len(), 200);
}

#[tokio::test]
async fn what_another_program_writes_over_a_thumbnail_has_none_of_its_metadata() {
    let (directory, folder) = folder();
    let location = Location::new(THUMBNAILS, "cat/small.png");
    let metadata = [("preset".to_owned(), "small=1x1".to_owned())].into();
    let options = PutOptions {
        metadata,
        ..PutOptions::default()
    };
    folder
        .store
        .put(&location, NewObject::new("ours").with(options))
        .await
        .unwrap();
    fs::write(directory.path().join("thumbnails/cat/small.png"), "theirs").unwrap();
    let info = folder.store.head(&location).await.unwrap();
    assert_eq!(info.metadata, [].into());
    let object = folder
        .store
        .get(&location, &GetOptions::default())
        .await
        .unwrap();
    assert_eq!(
        (object.body, object.info.etag),
        ("theirs".into(), info.etag)
    );
}

#[tokio::test]
async fn listings_of_many_pages_are_complete_and_in_order() {
    let (_directory, folder) = folder();
    let mut keys: Vec<String> = (0..1_200).map(|n| format!("{}/{}", n % 7, n)).collect();
    keys.extend(["0.b".to_owned(), "0-c".to_owned(), "00".to_owned()]);
    let images = folder.layout().images();
    for key in &keys {
        let path = images.join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "1").unwrap();
    }
    keys.sort();
    let mut listed: Vec<String> = Vec::new();
    loop {
        let after = listed.last().cloned();
        let page = folder
            .store
            .list(&Listing {
                after: after.as_deref(),
                ..Listing::new(IMAGES, "")
            })
            .await
            .unwrap();
        listed.extend(page.objects.into_iter().map(|listed| listed.key));
        if !page.more {
            break;
        }
    }
    assert_eq!(listed, keys);
}

#[tokio::test]
async fn messages_outlive_their_process_and_interruptions_do_not_count() {
    let (_directory, folder, dead_letters) = folder_with_letters();
    for _ in 0..20 {
        let queue = folder.work(dead_letters.clone()).unwrap();
        if queue.depth().await.unwrap().total() == 0 {
            let sent = queue
                .send(vec![Outgoing::new("1"), Outgoing::new("2")])
                .await;
            assert!(sent.iter().all(Result::is_ok));
        }
        let messages = queue.receive(&receive()).await.unwrap();
        assert_eq!(messages.len(), 2);
        assert!(
            messages.iter().all(|message| message.receive_count == 1),
            "{messages:?}"
        );
    }
    let queue = folder.work(dead_letters.clone()).unwrap();
    assert_eq!(queue.depth().await.unwrap().visible, 2);
    assert_eq!(dead_letters.depth().await.unwrap().total(), 0);
}

#[tokio::test]
async fn a_message_that_kills_its_process_again_and_again_becomes_a_dead_letter() {
    let (_directory, folder, dead_letters) = folder_with_letters();
    for round in 0..1_000 {
        let queue = folder.work(dead_letters.clone()).unwrap();
        if round == 0 {
            queue.send(vec![Outgoing::new("poison")]).await;
        }
        if queue.receive(&receive()).await.unwrap().is_empty() {
            break;
        }
    }
    let letters = dead_letters.peek(10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].attributes[letter::KIND], letter::EXHAUSTED);
}

#[tokio::test]
async fn one_process_at_a_time_receives() {
    let (_directory, folder, dead_letters) = folder_with_letters();
    let first = folder.work(dead_letters.clone()).unwrap();
    let second = folder.work(dead_letters.clone()).unwrap_err();
    assert!(
        matches!(second.problem, QueueProblem::Unusable(_)),
        "{second}"
    );
    // Others can send, and what they send is received.
    folder
        .queue()
        .unwrap()
        .send(vec![Outgoing::new("from elsewhere")])
        .await;
    let wait = Duration::from_secs(5);
    let messages = first
        .receive(&ReceiveOptions { wait, ..receive() })
        .await
        .unwrap();
    assert_eq!(messages[0].body, "from elsewhere");
    drop(first);
    folder.work(dead_letters).unwrap();
}

#[tokio::test]
async fn a_queue_that_a_newer_version_wrote_is_refused() {
    let (directory, folder) = folder();
    drop(folder.queue().unwrap());
    let format = directory.path().join(".thimble/queue/format");
    fs::write(&format, "thimble-queue 2\n").unwrap();
    let error = folder.queue().unwrap_err().to_string();
    assert!(
        error.contains("a newer version of Thimble wrote it (format 2"),
        "{error}"
    );
    fs::write(&format, "something else").unwrap();
    let error = folder.queue().unwrap_err().to_string();
    assert!(
        error.contains("does not say that it is a queue of Thimble"),
        "{error}"
    );
}

#[tokio::test]
async fn a_message_that_cannot_be_read_disturbs_no_other() {
    let (directory, folder, dead_letters) = folder_with_letters();
    let queue = folder.work(dead_letters).unwrap();
    queue
        .send(vec![Outgoing::new("1"), Outgoing::new("2")])
        .await;
    drop(queue);
    let messages = directory.path().join(".thimble/queue/messages");
    let first = fs::read_dir(&messages)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .min()
        .unwrap();
    fs::write(&first, "{ torn").unwrap();
    let queue = folder.work(folder.dead_letters().unwrap().into()).unwrap();
    let received = queue.receive(&receive()).await.unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].body, "2");
    let aside = directory.path().join(".thimble/queue/unreadable");
    assert_eq!(fs::read_dir(aside).unwrap().count(), 1);
}

/// Makes a pipe, which nobody writes to.
#[cfg(unix)]
fn make_pipe(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_among_half_written_ones_stops_no_start() {
    let (directory, _) = folder();
    let state = directory.path().join(".thimble");
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(7_200);
    let places = ["new", "queue/new", "dead-letters/new"].map(|place| state.join(place));
    let old = |path: &std::path::Path| {
        let file = fs::File::open(path).unwrap();
        file.set_modified(long_ago).unwrap();
    };
    {
        let folder = Folder::open(directory.path()).unwrap();
        let dead_letters = Arc::new(folder.own_dead_letters().unwrap());
        drop(folder.work(dead_letters).unwrap());
    }
    for place in &places {
        fs::create_dir_all(place.join("folder/inner")).unwrap();
        fs::write(place.join("half"), "half").unwrap();
        old(&place.join("folder"));
        old(&place.join("half"));
    }
    let folder = Folder::open(directory.path()).unwrap();
    let dead_letters = Arc::new(folder.own_dead_letters().unwrap());
    folder.work(dead_letters).unwrap();
    for place in &places {
        assert!(place.join("folder/inner").is_dir(), "{place:?}");
        assert!(!place.join("half").exists(), "{place:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for() {
    for file in ["source", "objects.lock", "queue/format", "queue/owner"] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".thimble").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        make_pipe(&path);
        let opened = Folder::open(directory.path()).and_then(|folder| {
            let dead_letters = Arc::new(folder.own_dead_letters()?);
            folder.work(dead_letters).map(drop).map_err(Into::into)
        });
        let error = opened.unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let told = format!("{error}: {cause:?}");
        assert!(told.contains("no file"), "{file}: {told}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_message_is_set_aside() {
    let (directory, folder, dead_letters) = folder_with_letters();
    drop(folder.work(dead_letters.clone()).unwrap());
    let messages = directory.path().join(".thimble/queue/messages");
    let odd = [
        "0-0-1.-.01.0.ready",
        "0-0-2.-.+1.0.ready",
        "0-0-3.-.0.0.taken",
        "0-0-4.-.0.0.ready",
    ];
    fs::write(messages.join(odd[0]), "{}").unwrap();
    fs::write(messages.join(odd[1]), "{}").unwrap();
    fs::create_dir(messages.join(odd[2])).unwrap();
    make_pipe(&messages.join(odd[3]));
    fs::write(messages.join(".nfs01"), "of another program").unwrap();
    let queue = folder.work(dead_letters).unwrap();
    queue.send(vec![Outgoing::new("1")]).await;
    let received = queue.receive(&receive()).await.unwrap();
    assert_eq!(received.len(), 1);
    queue.delete(&[received[0].receipt.clone()]).await;
    assert_eq!(queue.depth().await.unwrap().total(), 0);
    let aside = directory.path().join(".thimble/queue/unreadable");
    let mut names: Vec<String> = fs::read_dir(aside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, odd);
    assert!(messages.join(".nfs01").exists());
}

#[tokio::test]
async fn messages_of_one_token_wait_once_and_say_the_latest() {
    let (_directory, folder, dead_letters) = folder_with_letters();
    let queue = folder.work(dead_letters).unwrap();
    let message = |body: &str| Outgoing {
        token: Some("t".to_owned()),
        ..Outgoing::new(body)
    };
    queue
        .send(vec![
            message("1"),
            message("1"),
            message("2"),
            Outgoing::new("3"),
        ])
        .await;
    let received = queue.receive(&receive()).await.unwrap();
    let bodies: Vec<&str> = received
        .iter()
        .map(|message| message.body.as_str())
        .collect();
    assert_eq!(bodies, ["2", "3"]);
    // Whoever has received it may not see what this one is about.
    queue.send(vec![message("2")]).await;
    assert_eq!(queue.receive(&receive()).await.unwrap().len(), 1);
}

#[test]
fn what_is_no_folder_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Folder::open(&file).unwrap_err().to_string();
    assert!(error.starts_with("not a folder: "), "{error}");
    let error = Folder::open(&file.join("within")).unwrap_err().to_string();
    assert!(error.starts_with("not a folder: "), "{error}");
    let error = Folder::open(&directory.path().join("missing"))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("there is no such folder; make it first: "),
        "{error}"
    );
    fs::write(directory.path().join(IMAGES), "").unwrap();
    let error = Folder::open(directory.path()).unwrap_err().to_string();
    assert!(error.starts_with("not a folder: "), "{error}");
}
