//! Placeholders: a few bytes that a page shows before a thumbnail has arrived.
//!
//! | media type | bytes |
//! |---|---|
//! | `image/x-thumbhash` | a [ThumbHash](https://evanw.github.io/thumbhash/): 5 to 25 bytes, with alpha and aspect ratio |
//! | `image/x-blurhash` | a [BlurHash](https://blurha.sh): 28 characters |
//! | `image/x-color` | the dominant color: `#` and six hexadecimal digits |
//!
//! They are encodings like any other: a spec asks for one by its media type, and what
//! it shows of the source follows from bounds and fit. But they have no say in the
//! scale at which a source is decoded, and are made last, of the smallest picture that
//! serves: a placeholder changes no byte of the thumbnails beside it.
//!
//! Everything here is integer arithmetic, cosines included, so that the bytes are the
//! same everywhere. Where the reference implementations compute a coefficient that is
//! zero, their rounding decides on its sign; here it is zero.

mod blurhash;
mod cosine;
mod dominant;
mod thumbhash;

use crate::model;
use crate::picture::{Picture, Plane};

/// Kind of a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placeholder {
    /// `image/x-thumbhash`
    ThumbHash,
    /// `image/x-blurhash`
    BlurHash,
    /// `image/x-color`
    Color,
}

impl Placeholder {
    /// Every kind.
    pub(crate) const ALL: [Self; 3] = [Self::ThumbHash, Self::BlurHash, Self::Color];

    /// The media type by which a spec asks for it.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::ThumbHash => "image/x-thumbhash",
            Self::BlurHash => "image/x-blurhash",
            Self::Color => "image/x-color",
        }
    }

    /// The bytes for a picture. `background` shows through where a placeholder has no
    /// word for transparency.
    pub(crate) fn encode(self, picture: Picture, background: [u8; 3]) -> Vec<u8> {
        let Some(plane) = model::to_rgba(picture).planes.into_iter().next() else {
            return Vec::new();
        };
        let pixels = Pixels::of(&plane);
        match self {
            Self::ThumbHash => thumbhash::encode(&pixels),
            Self::BlurHash => blurhash::encode(&pixels, background).into_bytes(),
            Self::Color => dominant::encode(&pixels, background).into_bytes(),
        }
    }
}

/// A picture as its pixels: red, green, blue, alpha.
struct Pixels<'a> {
    width: usize,
    height: usize,
    pixels: &'a [[u8; 4]],
}

impl<'a> Pixels<'a> {
    fn of(plane: &'a Plane) -> Self {
        let (pixels, _) = plane.samples.as_chunks();
        Self {
            width: plane.width.max(1),
            height: plane.height.max(1),
            pixels,
        }
    }

    fn area(&self) -> i64 {
        as_i64(self.width) * as_i64(self.height)
    }
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The sum over all samples of `channel`, each times a cosine of its column and one of
/// its row, for each pair of frequencies that `wanted` names (columns first). A cosine
/// is a whole number of [`cosine::ONE`]ths, so a sum is one of their squares.
///
/// Rows first: what differs by the frequency of rows alone shares their sums.
fn transform(
    channel: &[i64],
    (columns, rows): (&cosine::Table, &cosine::Table),
    wanted: &[(usize, usize)],
) -> Vec<i128> {
    let width = columns.length().max(1);
    let of_rows: Vec<Vec<i64>> = channel
        .chunks_exact(width)
        .map(|row| columns.of_all(|wave| product(row, wave)))
        .collect();
    let sum = |&(column, row): &(usize, usize)| {
        let sums = of_rows.iter().filter_map(|sums| sums.get(column));
        let pairs = sums.zip(rows.wave(row));
        pairs
            .map(|(sum, cosine)| i128::from(*sum) * i128::from(*cosine))
            .sum()
    };
    wanted.iter().map(sum).collect()
}

/// Samples have at most 22 bits and cosines 25, so that 65,536 products fit; a picture
/// with a longer side than that comes out wrong, but comes out.
fn product(row: &[i64], wave: &[i64]) -> i64 {
    let products = row.iter().zip(wave).map(|(sample, cosine)| sample * cosine);
    products.fold(0, i64::saturating_add)
}
