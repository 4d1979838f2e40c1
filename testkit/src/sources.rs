//! Sources of every format, made on the spot by other encoders than the engine's.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, RgbImage};

/// The formats that [`encoded`] writes.
pub const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Jpeg,
    ImageFormat::Png,
    ImageFormat::WebP,
    ImageFormat::Gif,
    ImageFormat::Bmp,
    ImageFormat::Ico,
];

/// Width of [`picture`].
pub const WIDTH: u32 = 40;
/// Height of [`picture`].
pub const HEIGHT: u32 = 30;

/// A smooth picture, so that lossy formats keep it nearly as it is.
pub fn picture() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        image::Rgb([x as u8 * 6, y as u8 * 8, 128])
    })
}

/// [`picture`] in a format.
pub fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut source = Cursor::new(Vec::new());
    DynamicImage::from(picture())
        .write_to(&mut source, format)
        .unwrap();
    source.into_inner()
}

/// [`picture`] with metadata, as JPEG, PNG and WebP, each with its name.
pub fn with_metadata(exif: Option<&[u8]>, profile: Option<&[u8]>) -> Vec<(&'static str, Vec<u8>)> {
    fn write(mut encoder: impl ImageEncoder, exif: Option<&[u8]>, profile: Option<&[u8]>) {
        if let Some(exif) = exif {
            encoder.set_exif_metadata(exif.to_vec()).unwrap();
        }
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile.to_vec()).unwrap();
        }
        let color = image::ExtendedColorType::Rgb8;
        encoder
            .write_image(&picture(), WIDTH, HEIGHT, color)
            .unwrap();
    }
    let (mut jpeg, mut png, mut webp) = (Vec::new(), Vec::new(), Vec::new());
    write(JpegEncoder::new_with_quality(&mut jpeg, 95), exif, profile);
    write(PngEncoder::new(&mut png), exif, profile);
    write(WebPEncoder::new_lossless(&mut webp), exif, profile);
    vec![("jpeg", jpeg), ("png", png), ("webp", webp)]
}

/// A TIFF of one strip: tags, types (3: 16 bits, 4: 32 bits) and values, in the
/// order of the tags, and its pixels.
pub fn tiff(tags: &[(u16, u16, &[u32])], pixels: &[u8]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    let count = tags.len() as u16 + 2;
    let mut behind = 8 + 2 + 12 * usize::from(count) + 4;
    let (mut entries, mut values) = (Vec::new(), Vec::new());
    let mut tags: Vec<(u16, u16, Vec<u32>)> = tags
        .iter()
        .map(|(tag, kind, values)| (*tag, *kind, values.to_vec()))
        .collect();
    tags.push((279, 4, vec![pixels.len() as u32]));
    let strip = tags
        .iter()
        .map(|(_, _, values)| 4 * values.len())
        .sum::<usize>()
        + behind;
    tags.push((273, 4, vec![strip as u32]));
    for (tag, kind, numbers) in &tags {
        let bytes: Vec<u8> = numbers
            .iter()
            .flat_map(|number| {
                number
                    .to_le_bytes()
                    .into_iter()
                    .take(if *kind == 3 { 2 } else { 4 })
            })
            .collect();
        entries.extend([tag.to_le_bytes(), kind.to_le_bytes()].as_flattened());
        entries.extend((numbers.len() as u32).to_le_bytes());
        if bytes.len() <= 4 {
            entries.extend(bytes.iter().copied().chain([0; 4]).take(4));
        } else {
            entries.extend((behind as u32).to_le_bytes());
            behind += bytes.len();
            values.extend(bytes);
        }
    }
    file.extend(count.to_le_bytes());
    file.extend(entries);
    file.extend([0; 4]);
    file.extend(values);
    file.resize(strip, 0);
    file.extend(pixels);
    file
}

/// A TIFF of one strip: its size, its bits a sample (none to leave the tag away),
/// its interpretation, more tags in any order, and its pixels.
#[must_use]
pub fn page(
    (width, height): (u32, u32),
    bits: &[u32],
    interpretation: u32,
    more: &[(u16, u16, &[u32])],
    pixels: &[u8],
) -> Vec<u8> {
    let (width, height, interpretation) = ([width], [height], [interpretation]);
    let mut tags: Vec<(u16, u16, &[u32])> = vec![
        (256, 3, &width),
        (257, 3, &height),
        (262, 3, &interpretation),
    ];
    tags.extend((!bits.is_empty()).then_some((258, 3, bits)));
    tags.extend(more);
    tags.sort_by_key(|(tag, ..)| *tag);
    tiff(&tags, pixels)
}

/// An EXIF block that states an orientation and nothing else.
pub fn exif(orientation: u8) -> Vec<u8> {
    [
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
        &[orientation, 0, 0, 0, 0, 0, 0],
    ]
    .concat()
}
