//! Placeholders of a call that asks for them besides its thumbnails.

use image::ImageFormat;
use tests::spec;
use thimble::contract::Limits;
use thimble::ports::{Engine, Placeholder, Request};
use thimble_engine::contract as native;

use crate::built::{Built, file, marked, picture, plain};

async fn placeholder(built: &Built, source: &[u8]) -> (Vec<Vec<u8>>, Placeholder) {
    let request = Request {
        source: source.to_vec().into(),
        specs: ["80x80", "24x24,cover,webp"].map(spec).into(),
        limits: Limits::default(),
        deadline: None,
        key: "photo".to_owned(),
        placeholder: true,
    };
    let made = built.engine.generate(request).await.unwrap();
    let thumbnails = made.output.thumbnails.into_iter();
    (thumbnails.map(|made| made.data).collect(), made.placeholder)
}

/// Result of the same code outside of the sandbox, in the same company.
fn native(source: &[u8], media_type: &str) -> Vec<u8> {
    let spec = |side, fit, media_type: Option<&str>| native::Spec {
        bounds: native::Bounds {
            width: Some(side),
            height: Some(side),
        },
        fit,
        encoding: native::Encoding {
            media_type: media_type.map(Into::into),
            quality: None,
        },
        ..native::Spec::default()
    };
    let specs = [
        spec(80, native::Fit::Inside, None),
        spec(24, native::Fit::Cover, Some("image/webp")),
        spec(32, native::Fit::Inside, Some(media_type)),
    ];
    let made = thimble_engine::generate(source, &specs, &native::Limits::default()).unwrap();
    made.thumbnails[2].data.clone()
}

#[tokio::test]
async fn placeholders_are_the_same_in_the_sandbox_and_change_nothing_beside_them() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let source = file(&picture(300, 200), format);
        let (thumbnails, Placeholder { thumbhash, color }) = placeholder(plain(), &source).await;
        let alone = plain().make(&source, &["80x80", "24x24,cover,webp"]);
        let alone = alone.unwrap().thumbnails.into_iter();
        assert_eq!(thumbnails, alone.map(|made| made.data).collect::<Vec<_>>());
        assert_eq!(thumbhash, Some(native(&source, "image/x-thumbhash")));
        let color = color.unwrap().into_bytes();
        assert_eq!(color, native(&source, "image/x-color"));
    }
}

/// It lists what the engine behind it lists, and makes it of the marked picture.
#[tokio::test]
async fn a_middleware_has_the_placeholders_of_its_engine() {
    let source = file(&picture(300, 200), ImageFormat::Png);
    let (_, made) = placeholder(marked(), &source).await;
    assert!(made.thumbhash.is_some() && made.color.is_some(), "{made:?}");
}
