//! Pictures out of AVIF files: rows of colors, alpha, depth, and tiles that are not there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use thimble_avif::{Error, Image, held_a_pixel};
use thimble_heif::{Canvas, Coded, Picture, Still};

/// The rows of a file in 8 bits, and whether it is whole.
fn rows(file: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let picture = Picture::read(file, Coded::Av1).unwrap();
    let mut image = Image::open(&picture, false).unwrap();
    let mut rows = Vec::new();
    let is_whole = image.rows(|row| {
        rows.push(row.samples.to_vec());
        Ok::<(), Error>(())
    });
    (rows, is_whole.unwrap())
}

/// Red grows to the right and green downward, from nothing to nearly all; blue is 128.
#[track_caller]
fn assert_gradients(rows: &[Vec<u8>], channels: usize, allowed: i32) {
    let (width, height) = (rows[0].len() / channels, rows.len());
    for (y, row) in rows.iter().enumerate() {
        for (x, pixel) in row.chunks_exact(channels).enumerate() {
            let expected = [x * 255 / (width - 1), y * 255 / (height - 1), 128];
            for (found, expected) in pixel.iter().zip(expected) {
                let error = i32::from(*found) - expected as i32;
                assert!(error.abs() <= allowed, "{x},{y}: {pixel:?}, {expected}");
            }
        }
    }
}

#[test]
fn rows_have_the_colors_that_were_encoded() {
    let files: [(&[u8], i32); 3] = [
        (include_bytes!("../../../testkit/avif/444-8.avif"), 12),
        (include_bytes!("../../../testkit/avif/420-10.avif"), 12),
        (include_bytes!("../../../testkit/avif/identity.avif"), 12),
    ];
    for (file, allowed) in files {
        let (rows, is_whole) = rows(file);
        assert!(is_whole);
        assert_eq!((rows.len(), rows[0].len()), (64, 3 * 96));
        assert_gradients(&rows, 3, allowed);
    }
}

#[test]
fn alpha_is_the_fourth_channel() {
    let file = include_bytes!("../../../testkit/avif/alpha.avif");
    let picture = Picture::read(file, Coded::Av1).unwrap();
    assert!(Image::open(&picture, false).unwrap().has_alpha());
    let (rows, _) = rows(file);
    assert_eq!((rows.len(), rows[0].len()), (64, 4 * 96));
    let alpha = |x: usize| rows[32][4 * x + 3];
    assert!(alpha(4) < alpha(48) && alpha(48) < alpha(91));
}

#[test]
fn deep_pictures_are_handed_out_in_sixteen_bits() {
    let file = include_bytes!("../../../testkit/avif/444-12.avif");
    let picture = Picture::read(file, Coded::Av1).unwrap();
    let mut image = Image::open(&picture, false).unwrap();
    assert!(image.is_deep() && !image.has_alpha());
    let mut most = 0u16;
    let is_whole = image.rows(|row| {
        most = row.samples.iter().copied().fold(most, u16::max);
        Ok::<(), Error>(())
    });
    assert_eq!((is_whole, most > 60_000), (Ok(true), true));
}

#[test]
fn a_grid_is_one_picture_and_a_tile_that_is_cut_off_a_gap_of_its_rows() {
    let file = include_bytes!("../../../testkit/avif/grid.avif");
    let (whole, is_whole) = rows(file);
    assert!(is_whole);
    assert_eq!((whole.len(), whole[0].len()), (128, 3 * 160));
    let picture = Picture::read(&file[..file.len() - 40], Coded::Av1).unwrap();
    let mut image = Image::open(&picture, false).unwrap();
    let (mut count, mut gaps) = (0, 0);
    let is_whole = image.rows(|row: thimble_picture::Row<'_, u8>| {
        count += 1;
        gaps += row.gaps.len();
        Ok::<(), Error>(())
    });
    assert_eq!((is_whole, count, gaps > 0), (Ok(false), 128, true));
}

#[test]
fn who_takes_rows_may_stop() {
    let file = include_bytes!("../../../testkit/avif/444-8.avif");
    let picture = Picture::read(file, Coded::Av1).unwrap();
    let mut image = Image::open(&picture, false).unwrap();
    let stopped = image.rows(|_: thimble_picture::Row<'_, u8>| Err::<(), &str>("enough"));
    assert_eq!(stopped, Err("enough"));
}

#[test]
fn memory_is_that_of_a_row_of_tiles_with_its_alpha() {
    let held = |file: &[u8]| held_a_pixel(&Picture::read(file, Coded::Av1).unwrap());
    let [color, deep, halved, alpha, grid] = [
        held(include_bytes!("../../../testkit/avif/444-8.avif")),
        held(include_bytes!("../../../testkit/avif/444-12.avif")),
        held(include_bytes!("../../../testkit/avif/420-8.avif")),
        held(include_bytes!("../../../testkit/avif/alpha.avif")),
        held(include_bytes!("../../../testkit/avif/grid.avif")),
    ];
    assert_eq!((deep, 2.0 * halved), (2.0 * color, color));
    assert!(alpha > halved && grid < color);
}

#[test]
fn a_picture_is_put_on_a_canvas_as_far_as_it_is_there() {
    let file = include_bytes!("../../../testkit/avif/overlay.avif");
    let Still::Overlay(overlay) = Still::read(file, Coded::Av1).unwrap() else {
        unreachable!("the file is an overlay");
    };
    let layer = &overlay.layers[0];
    let mut image = Image::open(&layer.picture, false).unwrap();
    let mut canvas = Canvas::new(&overlay).unwrap();
    let (empty, _) = Canvas::new(&overlay).unwrap().finish(&overlay);
    assert!(image.put_on(&mut canvas, (i32::MAX, 0)));
    assert!(image.put_on(&mut canvas, (0, i32::MIN)));
    assert_eq!(canvas.finish(&overlay).0, empty);
    let mut canvas = Canvas::new(&overlay).unwrap();
    assert!(image.put_on(&mut canvas, (layer.left, layer.top)));
    assert_ne!(canvas.finish(&overlay).0, empty);
}
