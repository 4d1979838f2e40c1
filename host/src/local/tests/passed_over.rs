//! Files that are no images, in looks at a folder that is watched.

use super::*;
use crate::error::Error;
use crate::event::{Change, notification};
use crate::pipeline::{Pipeline, Settings};
use crate::report::{Outcome, Skipped};
use crate::testing::StampEngine;

/// A folder in which files called `*.xmp` are no images, and what works on it.
struct Desk {
    _directory: TempDir,
    folder: Folder,
    letters: Arc<DirectoryQueue>,
    passed_over: Arc<PassedOver>,
    feed: Feed,
    mended: Mended,
}

impl Desk {
    fn new() -> Self {
        let (directory, folder, letters) = folder_with_letters();
        let images = folder.layout().images();
        let is_sidecar = |path: &std::path::Path| path.extension().is_some_and(|of| of == "xmp");
        let passed_over = Arc::new(PassedOver::new(images, is_sidecar));
        let settings = Settings {
            skip_existing: true,
            max_source: 1 << 16,
            ..testing::world::settings()
        };
        let store = Arc::new(folder.store.clone());
        let pipeline = Pipeline::new(store, Arc::new(StampEngine::default()), settings)
            .passing_over(Some(passed_over.clone()));
        let queue = Arc::new(folder.queue().unwrap());
        let feed = Feed::new(folder.clone(), Rules::none(), Arc::new(pipeline), queue)
            .but_not(passed_over.clone());
        Self {
            _directory: directory,
            mended: Mended::new(feed.clone(), letters.clone(), false),
            folder,
            letters,
            passed_over,
            feed,
        }
    }

    /// Write a file, and wait until its times tell it from a later version.
    fn write(&self, key: &str, text: &str) {
        let path = self.folder.layout().images().join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        std::thread::sleep(Duration::from_millis(150));
    }

    async fn work(&self, key: &str) -> Result<Outcome, Error> {
        let body = notification(Change::Written, &Location::new(IMAGES, key), None, None);
        let event = crate::event::parse(&body).unwrap().remove(0).unwrap();
        self.feed.pipeline.process(&event, None).await
    }

    /// Find that a file is no image, and tell of it.
    async fn pass_over(&self, key: &str) {
        let outcome = self.work(key).await.unwrap();
        assert_eq!(outcome.skipped, Some(Skipped::NotAnImage), "{key}");
        assert!(outcome.reason.is_some(), "{key}");
        self.passed_over.tell(key);
    }

    /// Numbers of images, and of those to work on, by a look at the whole folder.
    async fn look(&self) -> (u64, u64) {
        let scan = self.feed.scan(&|| true).await.unwrap();
        (scan.images, scan.to_do)
    }
}

#[tokio::test]
async fn what_is_no_image_is_worked_on_again_when_it_changes_or_its_judge_does() {
    let desk = Desk::new();
    let large = "x".repeat(1 << 17);
    for (key, text) in [("cat.xmp", "<xmp>"), ("large.xmp", &large)] {
        desk.write(key, text);
        assert_eq!(desk.look().await, (1, 1), "{key}");
        desk.pass_over(key).await;
        assert_eq!(desk.look().await, (0, 0), "{key}");
    }
    desk.write("cat.xmp", "<xml>");
    assert_eq!(desk.look().await, (1, 1));
    desk.pass_over("cat.xmp").await;
    assert_eq!(desk.look().await, (0, 0));
    assert!(!desk.passed_over.tell("cat.xmp"), "told twice");

    desk.feed.doubt_passed_over();
    assert_eq!(desk.look().await, (2, 2));
    assert!(!desk.feed.is_idle(), "they are worked on without a look");
    desk.pass_over("cat.xmp").await;
    assert_eq!(desk.look().await, (1, 1));
}

#[tokio::test]
async fn what_is_gone_is_no_file_that_was_passed_over() {
    let desk = Desk::new();
    let keys = ["2023/a.xmp", "2023.xmp", "20230/a.xmp", "b.xmp"];
    for key in keys {
        desk.write(key, "<xmp>");
        desk.pass_over(key).await;
    }
    desk.passed_over.forget("2023");
    let left = ["2023.xmp", "20230/a.xmp", "b.xmp"];
    assert_eq!(desk.passed_over.keys(), left);
    fs::remove_file(desk.folder.layout().images().join("b.xmp")).unwrap();
    desk.look().await;
    assert_eq!(desk.passed_over.keys(), ["2023.xmp", "20230/a.xmp"]);
}

#[tokio::test]
async fn a_letter_goes_whose_file_is_no_image() {
    let desk = Desk::new();
    desk.write("cat.xmp", "<xmp>");
    let location = Location::new(IMAGES, "cat.xmp");
    let body = notification(Change::Written, &location, None, None);
    for sent in desk.letters.send(vec![Outgoing::new(body)]).await {
        sent.unwrap();
    }
    desk.mended.note_all();
    assert!(desk.mended.clear(&|| true).await.images.is_empty());
    desk.pass_over("cat.xmp").await;
    desk.mended.note_all();
    let cleared = desk.mended.clear(&|| true).await;
    assert_eq!(cleared.images, ["cat.xmp".to_owned()].into());
}

#[tokio::test]
async fn what_has_thumbnails_of_an_earlier_version_fails() {
    let desk = Desk::new();
    desk.write("cat.xmp", "png");
    desk.work("cat.xmp").await.unwrap();
    desk.write("cat.xmp", "<xmp>");
    let error = desk.work("cat.xmp").await.unwrap_err();
    assert_eq!(error.verdict().kind, "unsupported-format");
    assert_eq!(desk.look().await, (1, 1));
}
