//! Damaged sources: a picture and a warning, or a typed error; never worse.

use jpeg_encoder::SamplingFactor;

use super::sources::{Recipe, decode, encode, place_of, psnr, stock_or_refusal};
use crate::{self as jpeg, Scale};

/// The first bytes of a decoded picture: its upper rows.
fn upper(samples: &[u8], share: usize) -> &[u8] {
    &samples[..samples.len() / share]
}

#[test]
fn what_is_there_of_a_truncated_source_is_shown() {
    let source = encode(Recipe {
        sides: (160, 160),
        ..Recipe::default()
    });
    let (whole, _) = decode(&source, Scale::Full).unwrap();
    let (part, warnings) = decode(&source[..source.len() * 3 / 4], Scale::Full).unwrap();
    assert!(
        warnings.iter().any(|warning| warning.contains("gray")),
        "{warnings:?}"
    );
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("end marker")),
        "{warnings:?}"
    );
    assert_eq!(upper(&part.samples, 2), upper(&whole.samples, 2));
    let last_row = &part.samples[part.samples.len() - 160 * 3..];
    assert!(last_row.iter().all(|sample| *sample == 128));
}

#[test]
fn a_truncated_progressive_source_shows_a_rougher_picture() {
    let recipe = Recipe {
        sides: (160, 160),
        progressive: true,
        ..Recipe::default()
    };
    let source = encode(recipe);
    let (whole, _) = decode(&source, Scale::Full).unwrap();
    let (part, warnings) = decode(&source[..source.len() * 3 / 4], Scale::Full).unwrap();
    assert!(!warnings.is_empty());
    assert!(psnr(&part.samples, &whole.samples) > 20.0);
}

#[test]
fn every_truncation_is_a_picture_or_an_error() {
    for progressive in [false, true] {
        let source = encode(Recipe {
            progressive,
            interval: 3,
            ..Recipe::default()
        });
        let mut pictures = 0;
        for length in 0..source.len() {
            if let Ok((_, warnings)) = decode(&source[..length], Scale::Half) {
                assert!(!warnings.is_empty(), "{length} of {} bytes", source.len());
                pictures += 1;
            }
        }
        assert!(pictures > source.len() / 2);
    }
}

/// Positions of the restart markers.
fn restarts(source: &[u8]) -> Vec<usize> {
    let is_restart = |two: &[u8]| two[0] == 0xFF && (0xD0..=0xD7).contains(&two[1]);
    (0..source.len() - 1)
        .filter(|at| is_restart(&source[*at..]))
        .collect()
}

#[test]
fn damage_between_restart_markers_stays_between_them() {
    let sampling = SamplingFactor::F_1_1;
    // One interval is one row of blocks.
    let (width, height, interval) = (128, 128, 16);
    let source = encode(Recipe {
        sides: (width, height),
        sampling,
        interval,
        ..Recipe::default()
    });
    let (whole, _) = decode(&source, Scale::Full).unwrap();
    let markers = restarts(&source);
    let row = 128 * 3 * 8;

    // All data of the third row of blocks is gone, its marker still there.
    let mut lost = source.clone();
    lost.drain(markers[1] + 2..markers[2]);
    let (picture, warnings) = decode(&lost, Scale::Full).unwrap();
    assert!(!warnings.is_empty());
    assert_eq!(picture.samples[..2 * row], whole.samples[..2 * row]);
    assert_eq!(picture.samples[3 * row..], whole.samples[3 * row..]);

    // The row is gone, and the marker before it.
    let mut lost = source.clone();
    lost.drain(markers[1]..markers[2]);
    let (picture, warnings) = decode(&lost, Scale::Full).unwrap();
    assert!(!warnings.is_empty());
    assert_eq!(picture.samples[..2 * row], whole.samples[..2 * row]);
    assert_eq!(picture.samples[3 * row..], whole.samples[3 * row..]);
    assert!(
        picture.samples[2 * row..3 * row]
            .iter()
            .all(|sample| *sample == 128)
    );
}

#[test]
fn garbage_between_segments_is_passed_over() {
    let source = encode(Recipe::default());
    let expected = decode(&source, Scale::Full).unwrap();
    let length = usize::from(source[5]) + 4;
    let padded = [&source[..length], b"garbage\xFF\xFF", &source[length..]].concat();
    assert_eq!(decode(&padded, Scale::Full).unwrap(), expected);
}

#[test]
fn a_flood_of_scans_ends() {
    let source = encode(Recipe {
        progressive: true,
        ..Recipe::default()
    });
    let scan = source
        .windows(2)
        .rposition(|two| two == [0xFF, 0xDA])
        .unwrap();
    let mut flood = source.clone();
    for _ in 0..2000 {
        flood.truncate(flood.len() - 2);
        flood.extend_from_slice(&source[scan..]);
    }
    let (_, warnings) = decode(&flood, Scale::Full).unwrap();
    assert!(
        warnings
            .iter()
            .any(|warning| warning.contains("too many scans")),
        "{warnings:?}"
    );
}

#[test]
fn a_source_without_a_picture_is_malformed() {
    let source = encode(Recipe::default());
    let scan = place_of(0xDA, &source);
    for nothing in [&[][..], b"\xFF\xD8", b"\xFF\xD8\xFF\xD9", &source[..scan]] {
        assert!(matches!(
            decode(nothing, Scale::Full),
            Err(jpeg::Error::Malformed(_))
        ));
    }
}

/// Numbers that look random and are the same in every run (Marsaglia, "Xorshift
/// RNGs", 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

fn damage(source: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut damaged = source.to_vec();
    for _ in 0..1 + numbers.below(5) {
        let at = numbers.below(damaged.len());
        match numbers.below(5) {
            0 => damaged[at] ^= 1 << numbers.below(8),
            1 => damaged[at] = numbers.below(256) as u8,
            2 => damaged[at.min(700)] = numbers.below(256) as u8,
            3 => damaged.truncate(at + 1),
            _ => drop(damaged.drain(at..(at + 20).min(damaged.len() - 1).max(at))),
        }
    }
    damaged
}

#[test]
fn thousands_of_damaged_sources_are_pictures_or_errors() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut pictures = 0;
    for (progressive, optimal, interval) in [
        (false, false, 0),
        (false, false, 2),
        (false, true, 0),
        (true, false, 0),
        (true, false, 3),
    ] {
        let (width, height) = (48, 40);
        let source = encode(Recipe {
            sides: (width, height),
            progressive,
            optimal,
            interval,
            ..Recipe::default()
        });
        for round in 0..800 {
            let damaged = damage(&source, &mut numbers);
            let header = jpeg::Header::read(&damaged);
            let small = header.is_ok_and(|header| {
                let (width, height) = header.dimensions();
                width * height < 1_000_000
            });
            if small && decode(&damaged, Scale::ALL[round % 5]).is_ok() {
                pictures += 1;
            }
        }
    }
    assert!(pictures > 1000, "{pictures} pictures");
}

#[test]
fn damaged_headers_mean_the_same_to_a_stock_decoder() {
    let mut numbers = Numbers(42);
    let source = encode(Recipe {
        sides: (48, 40),
        ..Recipe::default()
    });
    let mut compared = 0;
    for _ in 0..2000 {
        let mut damaged = source.clone();
        // Quantization tables: what they say can't make a decoder lose its way.
        let table = damaged
            .windows(2)
            .position(|two| two == [0xFF, 0xDB])
            .unwrap();
        damaged[table + 5 + numbers.below(64)] = 1 + numbers.below(60) as u8;
        let (Some((width, height, expected)), Ok((plane, _))) =
            (stock_or_refusal(&damaged), decode(&damaged, Scale::Full))
        else {
            continue;
        };
        assert_eq!((plane.width, plane.height), (width, height));
        assert!(psnr(&plane.samples, &expected) >= 40.0);
        compared += 1;
    }
    assert!(compared > 1900, "{compared} pictures");
}
