//! The engines of this repository behind their port: what holds for engines by
//! hand holds for real ones.

use bytes::Bytes;
use image::ImageFormat;
use tests::spec;
use thimble::contract::Limits;
use thimble::testing::engine::{Subject, suite};

use crate::built::{Built, file, marked, picture, plain};

async fn passes(built: &Built) {
    let good = file(&picture(200, 120), ImageFormat::Png);
    let mut broken = good.clone();
    broken.truncate(60);
    let wide = file(
        &picture(Limits::default().max_side + 1, 1),
        ImageFormat::Png,
    );
    suite(&Subject {
        engine: &built.engine,
        good: good.into(),
        specs: ["80x80", "40x40,cover,jpeg", "20x20,webp"].map(spec).into(),
        bad: vec![
            (Bytes::from_static(b"no image"), "unsupported-format"),
            (broken.into(), "malformed-source"),
            (wide.into(), "limit-exceeded"),
        ],
        endless: None,
    })
    .await;
}

#[tokio::test]
async fn the_engine_keeps_its_contract() {
    passes(plain()).await;
}

#[tokio::test]
async fn the_engine_with_a_watermark_keeps_its_contract() {
    passes(marked()).await;
}
