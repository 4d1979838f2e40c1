//! Damaged sources: whatever the bytes, an answer and never a panic.

use testkit::Numbers;
use testkit::sources::{FORMATS, encoded, exif, page, with_metadata};
use thimble_engine::contract::Limits;

use crate::support::generate;

/// Few pixels: what a damaged header asks for is not to be waited for.
fn small() -> Limits {
    Limits {
        max_pixels: 100_000,
        ..Limits::default()
    }
}

fn sources() -> Vec<Vec<u8>> {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let mut sources: Vec<Vec<u8>> = FORMATS.into_iter().map(encoded).collect();
    sources.extend(
        with_metadata(Some(&exif(6)), Some(&profile))
            .into_iter()
            .map(|(_, source)| source),
    );
    let pixels = [0x55; 4000];
    for compression in [1, 2, 3, 4, 5, 7, 8, 32_773] {
        let tags: [(u16, u16, &[u32]); 3] =
            [(259, 3, &[compression]), (278, 3, &[10]), (317, 3, &[2])];
        sources.push(page((40, 30), &[1], 0, &tags, &pixels));
    }
    sources
}

#[test]
fn sources_cut_short_anywhere_have_an_answer() {
    for source in sources() {
        let step = 1 + source.len() / 200;
        for length in (0..source.len()).step_by(step) {
            let _ = generate(&source[..length], &small());
        }
    }
}

#[test]
fn sources_with_flipped_bits_have_an_answer() {
    let mut random = Numbers::default();
    for source in sources() {
        for round in 0..400 {
            let mut damaged = source.clone();
            // Headers are short and matter most: every other flip goes there.
            let reach = if round % 2 == 0 {
                damaged.len()
            } else {
                damaged.len().min(256)
            };
            for _ in 0..1 + random.below(4) {
                let at = random.below(reach);
                damaged[at] = match random.below(4) {
                    0 => 0xff,
                    1 => 0,
                    _ => damaged[at] ^ 1 << random.below(8),
                };
            }
            let _ = generate(&damaged, &small());
        }
    }
}
