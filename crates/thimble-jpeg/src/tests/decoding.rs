//! Whole sources: the same picture as a stock decoder shows.

use jpeg_encoder::{ColorType, SamplingFactor};

use super::sources::{Recipe, decode, encode, place_of, psnr, stock};
use crate::{self as jpeg, Chroma, Header, Scale};

const SAMPLINGS: [SamplingFactor; 8] = [
    SamplingFactor::F_1_1,
    SamplingFactor::F_2_1,
    SamplingFactor::F_1_2,
    SamplingFactor::F_2_2,
    SamplingFactor::F_4_1,
    SamplingFactor::F_4_2,
    SamplingFactor::F_1_4,
    SamplingFactor::F_2_4,
];

/// Every way of coding that the stock encoder knows, for a recipe.
fn codings(recipe: Recipe) -> Vec<Recipe> {
    let mut recipes = vec![];
    for (progressive, optimal) in [(false, false), (false, true), (true, false), (true, true)] {
        // The stock encoder's optimal tables forget what restarts need.
        for interval in if optimal { &[0][..] } else { &[0, 1, 5] } {
            let interval = *interval;
            recipes.push(Recipe {
                progressive,
                optimal,
                interval,
                ..recipe
            });
        }
    }
    recipes
}

#[track_caller]
fn shows_what_the_stock_decoder_shows(recipe: Recipe, least: f64) {
    let source = encode(recipe);
    let (plane, warnings) = decode(&source, Scale::Full).unwrap();
    assert_eq!(warnings, Vec::<String>::new(), "{recipe:?}");
    assert_eq!(
        (plane.width, plane.height),
        (recipe.sides.0.into(), recipe.sides.1.into())
    );
    let plain = Recipe {
        optimal: false,
        interval: 0,
        ..recipe
    };
    if plain != recipe {
        // A scan for each component, or restart markers: the stock decoder loses
        // its way in some of these, but the picture is that of the plain source.
        assert!(
            plane == decode(&encode(plain), Scale::Full).unwrap().0,
            "{recipe:?}"
        );
        return;
    }
    let likeness = psnr(&plane.samples, &stock(&source));
    assert!(likeness >= least, "{likeness} dB: {recipe:?}");
}

#[test]
fn any_sampling_shows_the_same_picture() {
    for sampling in &SAMPLINGS[..4] {
        let sampling = *sampling;
        for recipe in codings(Recipe {
            sampling,
            ..Recipe::default()
        }) {
            shows_what_the_stock_decoder_shows(recipe, 40.0);
        }
    }
}

#[test]
fn factors_of_four_show_the_same_picture() {
    // The stock decoder does not get on with these: they are compared with the
    // picture as it is without subsampling, and may have lost some color.
    let whole = Recipe {
        sampling: SamplingFactor::F_1_1,
        ..Recipe::default()
    };
    let expected = stock(&encode(whole));
    for sampling in &SAMPLINGS[4..] {
        let plain = Recipe {
            sampling: *sampling,
            ..whole
        };
        let (picture, _) = decode(&encode(plain), Scale::Full).unwrap();
        let likeness = psnr(&picture.samples, &expected);
        assert!(likeness >= 22.0, "{likeness} dB: {plain:?}");
        for recipe in codings(plain) {
            assert!(
                decode(&encode(recipe), Scale::Full).unwrap().0 == picture,
                "{recipe:?}"
            );
        }
    }
}

#[test]
fn gray_and_inks_show_the_same_picture() {
    for color in [ColorType::Luma, ColorType::Cmyk, ColorType::Ycck] {
        let sampling = SamplingFactor::F_1_1;
        for recipe in codings(Recipe {
            color,
            sampling,
            ..Recipe::default()
        }) {
            shows_what_the_stock_decoder_shows(recipe, 40.0);
        }
    }
}

#[test]
fn odd_and_tiny_sizes_show_the_same_picture() {
    for (width, height) in [
        (1, 1),
        (8, 8),
        (9, 7),
        (16, 16),
        (17, 33),
        (200, 3),
        (3, 200),
    ] {
        let sampling = SamplingFactor::F_1_1;
        for recipe in codings(Recipe {
            sides: (width, height),
            sampling,
            ..Recipe::default()
        }) {
            shows_what_the_stock_decoder_shows(recipe, 40.0);
        }
    }
}

#[test]
fn all_qualities_show_the_same_picture() {
    for quality in [1, 20, 50, 75, 95, 100] {
        for recipe in codings(Recipe {
            quality,
            ..Recipe::default()
        }) {
            shows_what_the_stock_decoder_shows(recipe, 40.0);
        }
    }
}

/// Averages of squares of pixels: what a smaller picture should be near to.
fn averages(samples: &[u8], width: usize, height: usize, factor: usize) -> Vec<u8> {
    let mut averages = vec![];
    for y in 0..height / factor {
        for x in 0..width / factor {
            for channel in 0..3 {
                let at = |k: usize| {
                    let (row, column) = (y * factor + k / factor, x * factor + k % factor);
                    u32::from(samples[(row * width + column) * 3 + channel])
                };
                let sum = (0..factor * factor).map(at).sum::<u32>();
                averages.push((sum / (factor * factor) as u32) as u8);
            }
        }
    }
    averages
}

#[test]
fn a_smaller_scale_shows_the_same_picture_smaller() {
    let (width, height) = (160, 96);
    for sampling in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_2,
        SamplingFactor::F_2_1,
    ] {
        for recipe in codings(Recipe {
            sides: (width, height),
            sampling,
            ..Recipe::default()
        }) {
            let source = encode(recipe);
            let (full, _) = decode(&source, Scale::Full).unwrap();
            for (scale, factor) in [(Scale::Half, 2), (Scale::Quarter, 4), (Scale::Eighth, 8)] {
                let (small, warnings) = decode(&source, scale).unwrap();
                assert_eq!(warnings, Vec::<String>::new());
                let size = (usize::from(width) / factor, usize::from(height) / factor);
                assert_eq!((small.width, small.height), size);
                let (width, height) = (full.width, full.height);
                let expected = averages(&full.samples, width, height, factor);
                let likeness = psnr(&small.samples, &expected);
                assert!(likeness >= 30.0, "{likeness} dB at {scale:?}: {recipe:?}");
            }
        }
    }
}

#[test]
fn every_coding_shows_the_same_means() {
    for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_2] {
        for quality in [1, 50, 90, 100] {
            let sources = codings(Recipe {
                sampling,
                quality,
                ..Recipe::default()
            });
            let mut pictures = sources.into_iter().map(|recipe| {
                let (picture, warnings) = decode(&encode(recipe), Scale::Eighth).unwrap();
                assert_eq!(warnings, Vec::<String>::new(), "{recipe:?}");
                (picture, recipe)
            });
            let (first, _) = pictures.next().unwrap();
            pictures.for_each(|(picture, recipe)| assert!(picture == first, "{recipe:?}"));
        }
    }
}

#[test]
fn scans_of_detail_are_passed_over_where_only_means_are_wanted() {
    let source = encode(Recipe {
        progressive: true,
        ..Recipe::default()
    });
    let scans = source.windows(2).enumerate();
    let mut scans = scans.filter(|(_, two)| *two == [0xFF, 0xDA]);
    let detail = scans.find(|(at, _)| source[at + 4] == 1 && source[at + 7] > 0);
    let begins = detail.unwrap().0 + 10;
    let mut damaged = source.clone();
    for byte in &mut damaged[begins..begins + 20] {
        *byte = if *byte == 0xFF || *byte == 0 {
            *byte
        } else {
            0x55
        };
    }
    let shown = |source: &[u8], scale| decode(source, scale).unwrap();
    assert_ne!(damaged, source);
    assert_ne!(shown(&damaged, Scale::Full), shown(&source, Scale::Full));
    assert_eq!(
        shown(&damaged, Scale::Eighth),
        shown(&source, Scale::Eighth)
    );
}

#[test]
fn chroma_is_as_fine_as_asked_for() {
    let source = encode(Recipe {
        sampling: SamplingFactor::F_1_1,
        ..Recipe::default()
    });
    let header = Header::read(&source).unwrap();
    for (chroma, extent) in [(Chroma::Full, (50.5, 33.5)), (Chroma::Half, (25.25, 16.75))] {
        let decoded = jpeg::decode(&header, Scale::Half, chroma).unwrap();
        let planes = decoded.into_planes();
        assert_eq!(planes[0].extent, (50.5, 33.5));
        assert_eq!((planes[1].extent, planes[2].extent), (extent, extent));
    }
}

#[test]
fn a_height_that_follows_the_scan_is_found() {
    let mut source = encode(Recipe::default());
    let expected = decode(&source, Scale::Full).unwrap();
    let frame = place_of(0xC0, &source);
    let height = [source[frame + 5], source[frame + 6]];
    source[frame + 5..frame + 7].fill(0);
    let end = source.len() - 2;
    source.splice(end..end, [0xFF, 0xDC, 0, 4, height[0], height[1]]);
    assert_eq!(decode(&source, Scale::Full).unwrap(), expected);
}

#[test]
fn component_names_and_the_adobe_marker_tell_rgb() {
    let plain = encode(Recipe {
        sampling: SamplingFactor::F_1_1,
        ..Recipe::default()
    });
    // Take the JFIF marker out: it would say that the picture is YCbCr.
    let length = usize::from(plain[5]) + 2;
    let named = |adobe: &[u8]| [&plain[..2], adobe, &plain[2 + length..]].concat();
    let model = |source: &[u8]| Header::read(source).unwrap().model;
    assert_eq!(model(&plain), jpeg::ColorModel::Ycbcr);
    assert_eq!(model(&named(&[])), jpeg::ColorModel::Ycbcr);
    let adobe = |transform| {
        let version = [0, 100, 0, 0, 0, 0, transform];
        [&[0xFF, 0xEE, 0, 14][..], b"Adobe", &version].concat()
    };
    assert_eq!(model(&named(&adobe(0))), jpeg::ColorModel::Rgb);
    assert_eq!(model(&named(&adobe(1))), jpeg::ColorModel::Ycbcr);
    let mut letters = named(&[]);
    for (index, letter) in b"RGB".iter().enumerate() {
        let frame = place_of(0xC0, &letters);
        letters[frame + 10 + 3 * index] = *letter;
    }
    assert_eq!(model(&letters), jpeg::ColorModel::Rgb);
}

#[test]
fn kinds_that_are_not_decoded_are_refused_by_name() {
    let source = encode(Recipe::default());
    let frame = place_of(0xC0, &source);
    for (marker, words) in [
        (0xC3, "lossless"),
        (0xC5, "hierarchical"),
        (0xC9, "arithmetic"),
        (0xCB, "lossless"),
        (0xCE, "hierarchical"),
    ] {
        let mut other = source.clone();
        other[frame + 1] = marker;
        let refusal = Header::read(&other).unwrap_err();
        assert!(matches!(refusal, jpeg::Error::Unsupported(_)));
        assert!(refusal.to_string().contains(words), "{refusal}");
    }
    let mut deep = source.clone();
    deep[frame + 4] = 12;
    let refusal = Header::read(&deep).unwrap_err();
    assert!(refusal.to_string().contains("8 bits"), "{refusal}");
}
