//! Many objects at once, and a function that ends in the middle of its work.

use std::time::Instant;

use futures_util::{StreamExt, stream};

use crate::photos::{expect, sample};
use crate::processes::Functions;
use crate::stack::{PRESETS, stack, wait};

const MANY: usize = 500;

#[tokio::test]
async fn five_hundred_objects_at_once_all_have_thumbnails() {
    let stack = stack!("many");
    let photo = sample("logo.png");
    let began = Instant::now();
    let keys = (0..MANY).map(|n| stack.key(&format!("{n}.png")));
    stream::iter(keys)
        .for_each_concurrent(16, async |key| stack.put(&key, &photo).await)
        .await;
    let all = MANY * PRESETS.len();
    let folder = stack.key("");
    wait("thumbnails of 500 objects", async || {
        let made = stack
            .thumbnails_of(folder.trim_end_matches('/'))
            .await
            .len();
        (made == all).then_some(())
    })
    .await;
    let rate = MANY as f64 / began.elapsed().as_secs_f64();
    println!("{MANY} objects at once: {rate:.0} objects a second");
    stack.until_empty().await;
    assert!(stack.letter(&folder).await.is_none());
}

/// The process is killed while a batch is under way; the queue hands the batch
/// out again.
#[tokio::test]
async fn a_crash_in_the_middle_of_a_batch_loses_nothing() {
    let stack = stack!("crash");
    let Some(functions) = Functions::of_the_emulator() else {
        println!("skipped: the functions of this stack run elsewhere");
        return;
    };
    let photo = sample("mountains.jpg");
    let keys: Vec<_> = (0..20).map(|n| stack.key(&format!("{n}.jpg"))).collect();
    for key in &keys {
        stack.put(key, &photo).await;
    }
    wait("the first thumbnail", async || {
        (!stack.thumbnails_of(&keys[0]).await.is_empty()).then_some(())
    })
    .await;
    functions.kill();
    for key in &keys {
        expect(&stack, key, &photo).await;
    }
    stack.until_empty().await;
}
