//! Color differences at the resolution of luma, for a picture that is not made
//! smaller: every decoder of WebP interpolates linearly, so this one does too.

use thimble_picture::Plane;

/// Doubles a plane to the `size` of its picture.
pub(super) fn double(plane: &Plane, size: (usize, usize)) -> Plane {
    let (columns, rows) = plane.covered();
    let row = |index: usize| &plane.samples[index * plane.width..index * plane.width + columns];
    let mut sums = vec![0; columns];
    let mut samples = Vec::with_capacity(size.0 * size.1);
    for y in 0..size.1 {
        let (near, other) = neighbors(y, rows);
        for ((sum, &near), &other) in sums.iter_mut().zip(row(near)).zip(row(other)) {
            *sum = 3 * u16::from(near) + u16::from(other);
        }
        push_doubled_row(&mut samples, &sums, size.0);
    }
    Plane {
        channels: 1,
        width: size.0,
        height: size.1,
        extent: (size.0 as f64, size.1 as f64),
        samples,
    }
}

/// Adds a row of `width` samples, twice as many as there are sums.
fn push_doubled_row(doubled: &mut Vec<u8>, sums: &[u16], width: usize) {
    doubled.extend((0..width).map(|x| {
        let (near, other) = neighbors(x, sums.len());
        ((3 * sums[near] + sums[other] + 8) >> 4) as u8
    }));
}

/// The nearest of `count` samples to sample `index` of twice as many, and the next
/// one: the same beyond the edge.
fn neighbors(index: usize, count: usize) -> (usize, usize) {
    let near = index / 2;
    let other = if index.is_multiple_of(2) {
        near.saturating_sub(1)
    } else {
        (near + 1).min(count - 1)
    };
    (near, other)
}
