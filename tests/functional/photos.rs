//! Sources become the right thumbnails, whatever they are and are called.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use thimble::manifest::State;
use thimble::trust::Digest;
use thimble_engine::contract::{Bounds, Limits, Spec, Thumbnail};

use crate::stack::{PRESETS, Stack, bare, stack};

/// A photo of each kind that is decoded, among the samples.
const KINDS: [&str; 13] = [
    "mountains.jpg",
    "phone/IMG_0042.jpg",
    "print/poster-cmyk.jpg",
    "wide-gamut.jpg",
    "logo.png",
    "scan-16bit.png",
    "screenshot.png",
    "really-a-png.jpg",
    "bouncing.gif",
    "made.webp",
    "made.bmp",
    "made.ico",
    "made.tiff",
];

/// Names that some part of the way could misread.
const NAMES: [&str; 9] = [
    "two words.jpg",
    "a+b.jpg",
    "a%2Bb.jpg",
    "100%.jpg",
    "café/Zürich – 東京 🏔.jpg",
    "no-extension",
    "semi;colon&ampersand=equals?question#hash.jpg",
    "quote\"and'apostrophe.jpg",
    "deep/er/and/deeper/still.JPEG",
];

#[tokio::test]
async fn photos_of_each_format_become_the_right_thumbnails() {
    let stack = stack!("kinds");
    for name in KINDS {
        stack.put(&stack.key(name), &sample(name)).await;
    }
    for name in KINDS {
        expect(&stack, &stack.key(name), &sample(name)).await;
    }
}

#[tokio::test]
async fn keys_with_any_signs_are_read_right() {
    let stack = stack!("names");
    let photo = sample("logo.png");
    for name in NAMES {
        stack.put(&stack.key(name), &photo).await;
    }
    for name in NAMES {
        expect(&stack, &stack.key(name), &photo).await;
    }
}

/// A thumbnail is named after its source, so the longest source that can have
/// one leaves room for `/1280x720.png`.
#[tokio::test]
async fn long_keys_have_thumbnails_as_long_as_their_names_fit() {
    let stack = stack!("long");
    let photo = sample("logo.png");
    let longest = long_key(&stack, 1024 - "/1280x720.png".len());
    let too_long = long_key(&stack, 1024);
    stack.put(&longest, &photo).await;
    stack.put(&too_long, &photo).await;
    expect(&stack, &longest, &photo).await;
    stack.until_letter(&too_long).await;
    assert!(stack.thumbnails_of(&too_long).await.is_empty());
}

fn long_key(stack: &Stack, length: usize) -> String {
    let mut key = stack.key("");
    while key.len() + 120 < length {
        key.push_str(&"n".repeat(99));
        key.push('/');
    }
    key.push_str(&"n".repeat(length - key.len()));
    assert_eq!(key.len(), length);
    key
}

/// A reader of the manifest needs to ask nobody whether the thumbnails are ready.
#[tokio::test]
async fn a_manifest_names_thumbnails_that_are_there() {
    let stack = stack!("manifest");
    let key = stack.key("photo");
    for name in ["mountains.jpg", "logo.png"] {
        stack.put(&key, &sample(name)).await;
        let manifest = stack.until_told(&key).await;
        assert_eq!(manifest.state, State::Done);
        assert_eq!(manifest.thumbnails.len(), PRESETS.len());
        for thumbnail in &manifest.thumbnails {
            let (object, bytes) = stack.thumbnail(&thumbnail.key).await;
            assert_eq!(thumbnail.sha256, Digest::of(&bytes), "{}", thumbnail.key);
            assert_eq!(thumbnail.etag.as_deref(), object.e_tag().map(bare));
            assert_eq!(object.content_type(), Some(thumbnail.media_type.as_str()));
        }
        let placeholder = manifest.placeholder.unwrap();
        assert!(placeholder.thumbhash.is_some() && placeholder.color.is_some());
    }
    stack.until_empty().await;
    assert_eq!(stack.letters().await, 0);
}

#[tokio::test]
async fn uploads_in_parts_and_copies_are_sources_too() {
    let stack = stack!("parts");
    let photo = sample("mountains.jpg");
    let (key, copy) = (stack.key("parts.jpg"), stack.key("copy.jpg"));
    upload_in_parts(&stack, &key, &photo).await;
    expect(&stack, &key, &photo).await;

    let copied = stack.s3.copy_object().bucket(&stack.sources).key(&copy);
    let from = format!("{}/{key}", stack.sources);
    copied.copy_source(from).send().await.unwrap();
    expect(&stack, &copy, &photo).await;
}

async fn upload_in_parts(stack: &Stack, key: &str, photo: &[u8]) {
    // All parts but the last have to be of 5 MiB; this is the last.
    let begin = stack.s3.create_multipart_upload();
    let begin = begin.bucket(&stack.sources).key(key);
    let id = begin.send().await.unwrap().upload_id.unwrap();
    let part = stack.s3.upload_part().bucket(&stack.sources).key(key);
    let part = part.upload_id(&id).part_number(1);
    let part = part.body(photo.to_vec().into()).send().await.unwrap();
    let part = CompletedPart::builder()
        .part_number(1)
        .set_e_tag(part.e_tag)
        .build();
    let end = stack.s3.complete_multipart_upload();
    let end = end.bucket(&stack.sources).key(key).upload_id(id);
    end.multipart_upload(CompletedMultipartUpload::builder().parts(part).build())
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn an_overwritten_source_ends_with_thumbnails_of_the_newest() {
    let stack = stack!("newest");
    let key = stack.key("again.png");
    for name in [
        "logo.png",
        "wheel.png",
        "screenshot.png",
        "scan-16bit.png",
        "logo.png",
    ] {
        stack.put(&key, &sample(name)).await;
    }
    let newest = sample("wheel.png");
    stack.put(&key, &newest).await;
    stack.until_empty().await;
    expect(&stack, &key, &newest).await;
}

/// Waits for the thumbnails of the source under `key`, and looks at all of them:
/// pixels, headers and metadata.
pub(crate) async fn expect(stack: &Stack, key: &str, source: &[u8]) {
    let made = stack.until_made(key).await;
    let head = stack.s3.head_object().bucket(&stack.sources).key(key);
    let etag = head.send().await.unwrap().e_tag.unwrap();
    for (preset, expected) in thumbnails(source) {
        let (object, data) = stack.thumbnail(&made[&preset]).await;
        let what = format!("{preset} of {key}");
        assert!(
            data == expected.data,
            "{what}: other bytes than the engine makes"
        );
        assert_eq!(object.content_type.unwrap(), expected.media_type, "{what}");
        assert_eq!(
            object.cache_control.unwrap(),
            "public, max-age=86400",
            "{what}"
        );
        let metadata = object.metadata.unwrap();
        assert_eq!(bare(&metadata["source-etag"]), bare(&etag), "{what}");
        assert!(
            metadata["preset"].starts_with(&preset),
            "{what}: {metadata:?}"
        );
        assert!(metadata["engine"].len() >= 64, "{what}: {metadata:?}");
    }
}

/// Thumbnails of `source` by the engine as native code, by their presets.
fn thumbnails(source: &[u8]) -> BTreeMap<String, Thumbnail> {
    let output = thimble_engine::generate(source, &PRESETS.map(spec), &Limits::default()).unwrap();
    let names = PRESETS.map(|(name, ..)| name.to_owned());
    names.into_iter().zip(output.thumbnails).collect()
}

fn spec((_, width, height): (&str, u32, u32)) -> Spec {
    Spec {
        bounds: Bounds {
            width: Some(width),
            height: Some(height),
        },
        ..Spec::default()
    }
}

/// A sample image. What begins with `made.` is made by the engine of one.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/samples");
    match name.strip_prefix("made.") {
        None => fs::read(folder.join(name)).unwrap(),
        Some("webp") => {
            let mut spec = spec(("", 300, 300));
            spec.encoding.media_type = Some("image/webp".to_owned());
            let photo = sample("mountains.jpg");
            let output = thimble_engine::generate(&photo, &[spec], &Limits::default()).unwrap();
            output.thumbnails.into_iter().next().unwrap().data
        }
        Some("tiff") => tiff(32, 24),
        Some(format) => {
            let format = image::ImageFormat::from_extension(format).unwrap();
            let photo = image::load_from_memory(&sample("logo.png")).unwrap();
            let photo = photo.thumbnail(200, 200).into_rgba8();
            let mut file = std::io::Cursor::new(Vec::new());
            photo.write_to(&mut file, format).unwrap();
            file.into_inner()
        }
    }
}

/// A TIFF of one strip of colors that are not compressed: header, directory,
/// pixels. Of three channels, the count of bits would need a place of its own,
/// so it is gray.
fn tiff(width: u32, height: u32) -> Vec<u8> {
    let fields: [[u32; 2]; 8] = [
        [256, width],
        [257, height],
        [258, 8],
        [259, 1],
        [262, 1],
        [273, 8 + 2 + 8 * 12 + 4],
        [278, height],
        [279, width * height],
    ];
    let mut file = b"II*\0\x08\0\0\0\x08\0".to_vec();
    for [tag, value] in fields {
        file.extend(u16::try_from(tag).unwrap().to_le_bytes());
        file.extend(4_u16.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x * 7 + y * 3) as u8));
    file.extend(pixels);
    file
}
