use std::slice;

use super::*;
use crate::format::Format;
use crate::picture::Model;

/// The picture of rows of one pixel, averaged `together` at a time.
fn picture(rows: &[&[u8]], together: u32) -> Picture {
    let height = rows.len() as u32;
    let (header, mut collected) = empty((1, height), together, rows[0].len());
    rows.iter().for_each(|row| collected.push(row));
    collected.finish(&header).unwrap()
}

/// A wish for so many rows that `together` of them are averaged, and for all columns.
fn wanted(height: u32, together: u32) -> Wanted {
    Wanted {
        width: 1,
        height: 1,
        averaged_rows: height / together,
        averaged_columns: u32::MAX,
        halved_chroma: false,
    }
}

/// No rows yet of a source of these sides, averaged `together` at a time.
fn empty((width, height): (u32, u32), together: u32, channels: usize) -> (Header, Rows) {
    let header = Header::new(Format::PNG, width, height);
    let wanted = wanted(height, together);
    let rows = Rows::new(&header, wanted, channels).unwrap();
    (header, rows)
}

/// The same with two columns of red, green and blue.
fn two_columns(height: u32, together: u32) -> (Header, Rows) {
    empty((2, height), together, 3)
}

#[test]
fn means_are_exact() {
    for count in 1..=MOST {
        let mean = Mean::of(count as usize);
        let sums: Vec<i16> = (0..=255 * count).map(|sum| sum as i16).collect();
        let mut means = vec![];
        mean.round_all(&sums, &mut means);
        for (sum, found) in (0..).zip(means) {
            let expected = (sum + count / 2) / count;
            assert_eq!(u32::from(found), expected);
            assert_eq!(u32::from(mean.round(sum as i16)), expected);
        }
    }
}

#[test]
fn rows_are_averaged_and_the_last_ones_are_fewer() {
    let picture = picture(&[&[10], &[21], &[30], &[40], &[77]], 2);
    let plane = &picture.planes[0];
    assert_eq!(plane.samples, [16, 35, 77]);
    assert_eq!(plane.extent, (1.0, 2.5));
    assert_eq!((plane.width, plane.height), (1, 3));
}

#[test]
fn two_rows_are_averaged_alike_whether_anything_is_transparent() {
    let (one, two, last): (&[u8], &[u8], &[u8]) =
        (&[1, 2, 253, 255], &[2, 2, 254, 255], &[9, 9, 9, 255]);
    let opaque = picture(&[one, two, two, two, last], 2);
    let expected = [2, 2, 254, 255, 2, 2, 254, 255, 9, 9, 9, 255];
    assert_eq!(opaque.planes[0].samples, expected);
    let clear = picture(&[one, &[2, 2, 254, 0], two, two, last], 2);
    let expected = [1, 2, 253, 128, 2, 2, 254, 255, 9, 9, 9, 255];
    assert_eq!(clear.planes[0].samples, expected);
}

#[test]
fn what_is_transparent_has_no_color() {
    let (red, clear, faint) = ([200, 0, 0, 255], [0, 255, 0, 0], [0, 0, 100, 51]);
    let rows: [&[u8]; 6] = [&red, &clear, &clear, &clear, &red, &faint];
    let picture = picture(&rows, 2);
    let expected = [200, 0, 0, 128, 0, 0, 0, 0, 167, 0, 17, 153];
    assert_eq!(picture.planes[0].samples, expected);
    assert_eq!(picture.model, Model::Rgba);
}

#[test]
fn gaps_are_transparent_and_what_came_before_is_opaque() {
    for together in 1..=2 {
        let (header, mut rows) = two_columns(5, together);
        for _ in 0..2 {
            rows.push(&[8, 9, 10, 30, 40, 50]);
        }
        let (right, all) = (1..2, 0..2);
        rows.push_with_gaps(&[8, 9, 10, 1, 1, 1], slice::from_ref(&right))
            .unwrap();
        rows.push(&[8, 9, 10, 30, 40, 50]);
        rows.push_with_gaps(&[1; 6], slice::from_ref(&all)).unwrap();
        let plane = &rows.finish(&header).unwrap().planes[0];
        let (pixels, _) = plane.samples.as_chunks::<4>();
        let left: Vec<[u8; 4]> = pixels.iter().copied().step_by(2).collect();
        let right = pixels.iter().skip(1).step_by(2);
        let opacities: Vec<u8> = right.map(|[.., alpha]| *alpha).collect();
        let (opaque, clear) = ([8, 9, 10, 255], [0; 4]);
        if together == 1 {
            assert_eq!(left, [opaque, opaque, opaque, opaque, clear]);
            assert_eq!(opacities, [255, 255, 0, 255, 0]);
        } else {
            assert_eq!(left, [opaque, opaque, clear]);
            assert_eq!(opacities, [255, 128, 0]);
        }
    }
}

#[test]
fn a_missing_row_is_a_gap_from_side_to_side() {
    let (row, all) = ([8, 9, 10, 30, 40, 50], 0..2);
    for together in 1..=4 {
        let (header, mut gaps) = two_columns(8, together);
        let (_, mut missing) = two_columns(8, together);
        for y in 0..8 {
            if matches!(y, 0 | 5) {
                gaps.push(&row);
                missing.push(&row);
            } else {
                gaps.push_with_gaps(&row, slice::from_ref(&all)).unwrap();
                missing.push_missing().unwrap();
            }
        }
        let [gaps, missing] = [gaps, missing].map(|rows| rows.finish(&header).unwrap());
        assert_eq!(gaps.planes[0].samples, missing.planes[0].samples);
    }
}

#[test]
fn gray_with_alpha_becomes_color_with_alpha() {
    let rows: [&[u8]; 4] = [&[8, 255], &[9, 255], &[255, 51], &[9, 0]];
    let picture = picture(&rows, 2);
    assert_eq!(picture.planes[0].samples, [9, 9, 9, 255, 255, 255, 255, 26]);
    assert_eq!(picture.model, Model::Rgba);
}

/// The mean of some bytes, rounded.
fn mean(bytes: impl Iterator<Item = u8>) -> u8 {
    let bytes: Vec<u32> = bytes.map(u32::from).collect();
    let count = bytes.len() as u32;
    ((bytes.iter().sum::<u32>() + count / 2) / count) as u8
}

#[test]
fn columns_are_averaged_with_the_rows_and_the_last_ones_are_fewer() {
    let noise = |x: usize, y: usize, channel: usize| (x * 57 + y * 131 + channel * 91) as u8;
    for (channels, across, together) in [(3, 2, 2), (3, 3, 3), (4, 4, 2), (3, 5, 4), (4, 6, 2)] {
        for width in [4 * across, 4 * across + 1] {
            let header = Header::new(Format::PNG, width as u32, 2 * together);
            let wanted = Wanted {
                averaged_columns: 4,
                ..wanted(header.height, together)
            };
            let mut rows = Rows::new(&header, wanted, channels).unwrap();
            let sample = |x: usize, y: usize, channel: usize| match channel {
                3 => 255,
                _ => noise(x, y, channel),
            };
            for y in 0..header.height as usize {
                let samples = (0..width * channels).map(|k| sample(k / channels, y, k % channels));
                rows.push(&samples.collect::<Vec<u8>>());
            }
            let picture = rows.finish(&header).unwrap();
            let plane = &picture.planes[0];
            assert_eq!(plane.extent, (width as f64 / across as f64, 2.0));
            for (index, found) in plane.samples.iter().enumerate() {
                let (pixel, channel) = (index / channels, index % channels);
                let (x, y) = (pixel % plane.width, pixel / plane.width);
                let columns = || x * across..((x + 1) * across).min(width);
                let lines = y * together as usize..(y + 1) * together as usize;
                let bytes = lines.flat_map(|y| columns().map(move |x| sample(x, y, channel)));
                assert_eq!(*found, mean(bytes), "{channel} of {x}, {y}");
            }
        }
    }
}
