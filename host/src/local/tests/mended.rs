//! Letters that go while others look at them, or while their images change.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::event::{Change, notification};
use crate::letter;
use crate::pipeline::{Pipeline, Settings};
use crate::ports::Message;
use crate::testing::{Call, Fault, MeddledStore, Meddler, StampEngine, Verb, deciding};

/// A folder, the letters of it, and what takes them away; its thumbnails are looked at
/// through `meddler`.
struct Desk {
    _directory: TempDir,
    folder: Folder,
    letters: Arc<DirectoryQueue>,
    feed: Feed,
    mended: Mended,
}

impl Desk {
    fn new(meddler: impl FnOnce(&Layout) -> Meddler) -> Self {
        let (directory, folder, letters) = folder_with_letters();
        let store = Arc::new(folder.store.clone());
        let store = Arc::new(MeddledStore::new(store, meddler(folder.layout())));
        let settings = Settings {
            skip_existing: true,
            ..testing::world::settings()
        };
        let pipeline = Pipeline::new(store, Arc::new(StampEngine::default()), settings);
        let queue = Arc::new(folder.queue().unwrap());
        let feed = Feed::new(folder.clone(), Rules::none(), Arc::new(pipeline), queue);
        Self {
            _directory: directory,
            mended: Mended::new(feed.clone(), letters.clone(), false),
            folder,
            letters,
            feed,
        }
    }

    fn write(&self, key: &str, text: &str) {
        fs::write(self.folder.layout().images().join(key), text).unwrap();
    }

    /// An image of that name with its thumbnails, and a letter about it all the same.
    async fn image_with_letter(&self, key: &str) {
        self.image_with_letter_of(key, &[]).await;
    }

    /// The same, with attributes of the letter.
    async fn image_with_letter_of(&self, key: &str, attributes: &[(&str, &str)]) {
        self.write(key, "png");
        let location = Location::new(IMAGES, key);
        let body = notification(Change::Written, &location, None, None);
        let event = crate::event::parse(&body).unwrap().remove(0).unwrap();
        self.feed.pipeline.process(&event, None).await.unwrap();
        let letter = Outgoing {
            token: Some(key.to_owned()),
            attributes: attributes
                .iter()
                .map(|(name, said)| ((*name).to_owned(), (*said).to_owned()))
                .collect(),
            ..Outgoing::new(body)
        };
        for sent in self.letters.send(vec![letter]).await {
            sent.unwrap();
        }
    }

    async fn clear(&self) -> Vec<String> {
        self.mended.note_all();
        let cleared = self.mended.clear(&|| true).await;
        assert!(cleared.trouble.is_none(), "{cleared:?}");
        cleared.images.into_iter().collect()
    }

    async fn left(&self) -> u64 {
        self.letters.depth().await.unwrap().total()
    }
}

fn undisturbed(_layout: &Layout) -> Meddler {
    deciding(|_| Fault::None)
}

async fn take(queue: &DirectoryQueue, max: usize) -> Vec<Message> {
    let options = ReceiveOptions { max, ..receive() };
    queue.receive(&options).await.unwrap()
}

#[tokio::test]
async fn a_letter_goes_out_of_the_hands_of_whoever_has_it() {
    let desk = Desk::new(undisturbed);
    for key in ["kept.img", "deleted.img", "waiting.img"] {
        desk.image_with_letter(key).await;
    }
    let owner = desk.folder.own_dead_letters().unwrap();
    let taken = take(&owner, 2).await;
    assert_eq!(
        desk.clear().await,
        ["deleted.img", "kept.img", "waiting.img"]
    );
    assert_eq!(desk.left().await, 0);
    // To the owner they are letters that were deleted.
    owner
        .set_visibility(&taken[0].receipt, Duration::ZERO)
        .await
        .unwrap();
    let deleted = owner.delete(&[taken[1].receipt.clone()]).await;
    assert!(deleted.iter().all(Result::is_ok), "{deleted:?}");
    assert_eq!(take(&owner, 10).await, []);
    assert_eq!(owner.depth().await.unwrap().total(), 0);
}

#[tokio::test]
async fn a_letter_of_a_process_that_was_killed_while_it_had_it_goes() {
    let desk = Desk::new(undisturbed);
    desk.image_with_letter("cat.img").await;
    let owner = desk.folder.own_dead_letters().unwrap();
    assert_eq!(take(&owner, 1).await.len(), 1);
    drop(owner);
    assert_eq!(desk.clear().await, ["cat.img"]);
    assert_eq!(desk.left().await, 0);
}

#[tokio::test]
async fn an_image_that_fails_while_its_letter_goes_is_tried_again() {
    // It is replaced after its version was seen, and before its last thumbnail is.
    let replace = |layout: &Layout| -> Meddler {
        let image = layout.images().join("cat.img");
        let was_looked_at = AtomicBool::new(false);
        deciding(move |call: &Call| {
            let is_last = call.verb == Verb::Head && call.target.ends_with("cat.img/web.webp");
            if is_last && was_looked_at.swap(true, Ordering::Relaxed) {
                fs::write(&image, "nothing").unwrap();
            }
            Fault::None
        })
    };
    let desk = Desk::new(replace);
    desk.image_with_letter("cat.img").await;
    assert_eq!(desk.clear().await, ["cat.img"]);
    let image = desk.folder.layout().images().join("cat.img");
    assert_eq!(fs::read_to_string(image).unwrap(), "nothing");
    assert!(!desk.feed.is_idle(), "the image that failed is forgotten");
    // And now that it is known to have none, its letter stays.
    let body = notification(
        Change::Written,
        &Location::new(IMAGES, "cat.img"),
        None,
        None,
    );
    desk.letters.send(vec![Outgoing::new(body)]).await;
    assert_eq!(desk.clear().await, [] as [String; 0]);
    assert_eq!(desk.left().await, 1);
}

#[tokio::test]
async fn a_letter_about_anything_but_images_of_the_folder_stays() {
    let desk = Desk::new(undisturbed);
    let elsewhere = Location::new("elsewhere", "gone.img");
    let of_two = |first: &Location| {
        let body = |location| notification(Change::Written, location, None, None);
        let record = |body: String| -> serde_json::Value {
            let mut body: serde_json::Value = serde_json::from_str(&body).unwrap();
            body["Records"][0].take()
        };
        let second = Location::new(IMAGES, "gone.img");
        let records = [record(body(first)), record(body(&second))];
        serde_json::json!({ "Records": records }).to_string()
    };
    let bodies = [
        "no event".to_owned(),
        notification(Change::Written, &elsewhere, None, None),
        of_two(&elsewhere),
        of_two(&Location::new(IMAGES, "also gone.img")),
    ];
    desk.letters
        .send(bodies.into_iter().map(Outgoing::new).collect())
        .await;
    assert_eq!(desk.clear().await, ["also gone.img", "gone.img"]);
    assert_eq!(desk.left().await, 3);
}

#[tokio::test]
async fn a_letter_whose_image_cannot_be_looked_at_now_is_looked_at_again() {
    // The thumbnails of one of both cannot be looked at, once.
    let refuse = |_: &Layout| -> Meddler {
        let looks = AtomicUsize::new(0);
        deciding(move |call: &Call| {
            let is_of_one = call.verb == Verb::Head && call.target.ends_with("one.img/web.webp");
            match is_of_one && looks.fetch_add(1, Ordering::Relaxed) == 0 {
                true => Fault::Refused,
                false => Fault::None,
            }
        })
    };
    let desk = Desk::new(refuse);
    for key in ["one.img", "other.img"] {
        desk.image_with_letter(key).await;
    }
    assert_eq!(desk.clear().await, ["other.img"]);
    // Nothing new was heard.
    let cleared = desk.mended.clear(&|| true).await;
    assert_eq!(cleared.images, ["one.img".to_owned()].into());
    assert_eq!((cleared.letters, desk.left().await), (1, 0));
    assert!(desk.mended.clear(&|| true).await.images.is_empty());
}

#[tokio::test]
async fn letters_for_which_no_time_is_left_are_looked_at_next_time() {
    let desk = Desk::new(undisturbed);
    for key in ["one.img", "other.img"] {
        desk.image_with_letter(key).await;
    }
    desk.mended.note_all();
    let looks = AtomicUsize::new(0);
    let once = || looks.fetch_add(1, Ordering::Relaxed) == 0;
    for left in [1, 0] {
        looks.store(0, Ordering::Relaxed);
        assert_eq!(desk.mended.clear(&once).await.letters, 1);
        assert_eq!(desk.left().await, left);
    }
}

#[tokio::test]
async fn a_letter_that_may_be_about_a_result_stays_while_somebody_waits_for_results() {
    let desk = Desk::new(undisturbed);
    let attributes = |kind, blame| [(letter::KIND, kind), (letter::BLAME, blame)];
    for (key, attributes) in [
        ("late.img", attributes("out-of-time", "platform")),
        ("panicked.img", attributes("host-panic", "platform")),
        ("denied.img", attributes("access-denied", "configuration")),
        ("mended.img", attributes("malformed-source", "source")),
    ] {
        desk.image_with_letter_of(key, &attributes).await;
    }
    let exhausted = [(letter::KIND, letter::EXHAUSTED)];
    desk.image_with_letter_of("often.img", &exhausted).await;
    let telling = Mended::new(desk.feed.clone(), desk.letters.clone(), true);
    telling.note_all();
    let cleared = telling.clear(&|| true).await;
    assert_eq!(cleared.images, ["mended.img".to_owned()].into());
    // Where nobody does, the thumbnails are all there is to it.
    assert_eq!(desk.clear().await.len(), 4);
    assert_eq!(desk.left().await, 0);
}

#[tokio::test]
async fn outdated_thumbnails_are_counted_by_the_first_look_at_the_folder() {
    let desk = Desk::new(undisturbed);
    desk.image_with_letter("cat.img").await;
    let of_first = desk.feed.scan(&|| true).await.unwrap().outdated;
    assert_eq!(of_first.map(|outdated| outdated.count), Some(0));
    let of_next = desk.feed.scan(&|| true).await.unwrap().outdated;
    assert_eq!(of_next, None);
}
