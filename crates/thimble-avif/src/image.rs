//! The picture: its colors, and its alpha.

use std::convert::Infallible;
use std::ops::Range;

use thimble_heif::{Canvas, CodePoints, Picture};
use thimble_picture::Row;

use crate::colors::{Conversion, Sample};
use crate::error::Error;
use crate::mosaic::Mosaic;

/// A picture that is being decoded.
pub struct Image<'p, 'a> {
    main: Mosaic<'p, 'a>,
    alpha: Option<Mosaic<'p, 'a>>,
    lacks_alpha: bool,
    is_premultiplied: bool,
    /// Left, top, width and height of what is shown.
    shown: [u32; 4],
    conversion: Conversion,
}

impl<'p, 'a> Image<'p, 'a> {
    /// Decodes the first row of tiles: it says how the others are to be read. Without
    /// in-loop filters blocks show, unless the picture gets much smaller.
    ///
    /// # Errors
    ///
    /// [`Error`], if nothing of it can be decoded, or its colors are not known. An alpha
    /// that cannot be decoded is none.
    pub fn open(picture: &'p Picture<'a>, without_filters: bool) -> Result<Self, Error> {
        let main = Mosaic::open(&picture.main, without_filters)?;
        let alpha = picture.alpha.as_ref();
        let alpha = alpha.and_then(|alpha| Mosaic::open(alpha, without_filters).ok());
        let stated = main.colors();
        let points = picture.color.code_points.unwrap_or(CodePoints {
            primaries: stated.primaries,
            transfer: stated.transfer,
            matrix: stated.matrix,
            is_full_range: stated.is_full_range,
        });
        let conversion = Conversion::new(&points, main.depth(), main.halved());
        Ok(Image {
            main,
            lacks_alpha: picture.lacks_alpha || picture.alpha.is_some() && alpha.is_none(),
            alpha,
            is_premultiplied: picture.is_premultiplied,
            shown: picture.shown,
            conversion: conversion.ok_or(Error::Matrix(points.matrix))?,
        })
    }

    /// Code points of the colors: the container's before the stream's.
    #[must_use]
    pub fn code_points(&self) -> &CodePoints {
        &self.conversion.points
    }

    /// Pixels have an alpha.
    #[must_use]
    pub fn has_alpha(&self) -> bool {
        self.alpha.is_some()
    }

    /// There is an alpha that cannot be shown.
    #[must_use]
    pub fn lacks_alpha(&self) -> bool {
        self.lacks_alpha
    }

    /// Samples have more than 8 bits.
    #[must_use]
    pub fn is_deep(&self) -> bool {
        self.main.depth() > 8
    }

    /// Hands out the rows that are shown, from the top, in red, green, blue and perhaps
    /// alpha, of 8 bits or 16; and tells a whole picture from one of which a tile was not
    /// there, or made no sense.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn rows<S: Sample, E>(
        &mut self,
        mut take: impl FnMut(Row<'_, S>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let [left, top, width, height] = self.shown.map(|side| side as usize);
        let shown = left..left + width;
        let (mut pixels, mut gaps) = (Vec::new(), Vec::new());
        for y in top..top + height {
            self.main.gaps(y, shown.clone(), &mut gaps);
            pixels.clear();
            if gaps.first() != Some(&(0..shown.len())) {
                self.convert(y, shown.clone(), &mut pixels);
            }
            take(Row {
                samples: &pixels,
                gaps: &gaps,
            })?;
        }
        let is_damaged = |mosaic: &Mosaic<'_, '_>| mosaic.is_damaged();
        Ok(!is_damaged(&self.main) && !self.alpha.as_ref().is_some_and(is_damaged))
    }

    /// Puts what is shown on a canvas, as far as it is there, with its left upper corner at a
    /// place; and tells a whole picture as [`rows`](Self::rows) does.
    pub fn put_on(&mut self, canvas: &mut Canvas, (left, top): (i32, i32)) -> bool {
        let channels = if self.has_alpha() { 4 } else { 3 };
        let mut y = i64::from(top);
        let Ok(is_whole) = self.rows(|row| {
            let columns = row.samples.len() / channels;
            let mut from = 0;
            for gap in row.gaps.iter().chain([&(columns..columns)]) {
                let there = row.samples.get(from * channels..gap.start * channels);
                let at = i64::from(left) + from as i64;
                canvas.put(at, y, there.unwrap_or_default(), channels);
                from = gap.end;
            }
            y += 1;
            Ok::<(), Infallible>(())
        });
        is_whole
    }

    /// Appends the pixels of a row, with alpha if there is one.
    fn convert<S: Sample>(&mut self, y: usize, shown: Range<usize>, pixels: &mut Vec<S>) {
        let row = self.conversion.row::<S>(&mut self.main, y);
        let Some(alpha) = &mut self.alpha else {
            pixels.extend_from_slice(&row.as_flattened()[3 * shown.start..3 * shown.end]);
            return;
        };
        let depth = alpha.depth();
        let is_full_range = alpha.colors().is_full_range;
        let alphas = alpha.row(0, y);
        for (color, alpha) in row[shown.clone()].iter().zip(&alphas[shown]) {
            let alpha = S::of_alpha(*alpha, depth, is_full_range);
            let color = if self.is_premultiplied {
                color.map(|color| color.over(alpha))
            } else {
                *color
            };
            pixels.extend(color);
            pixels.push(alpha);
        }
    }
}
