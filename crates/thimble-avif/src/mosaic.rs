//! Tiles put together, a row of tiles at a time.

use std::ops::Range;

use thimble_av1::{self as av1, Colors, Frame, Wanted};
use thimble_heif::Plane;

use crate::error::Error;
use crate::stretch;

/// Columns and rows that an encoder may have added: as many as the largest blocks have.
const PADDING: u32 = 128;

/// A plane of which one row of tiles is decoded.
pub(crate) struct Mosaic<'p, 'a> {
    plane: &'p Plane<'a>,
    without_filters: bool,
    /// The row of tiles that is decoded, and its tiles; those that are damaged are none.
    index: usize,
    frames: Vec<Option<Frame>>,
    depth: u32,
    halved: (bool, bool),
    is_gray: bool,
    colors: Colors,
    is_damaged: bool,
    /// A row of samples, of each of the planes.
    rows: [Vec<u16>; 3],
}

impl<'p, 'a> Mosaic<'p, 'a> {
    /// Decodes the first row of tiles.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] if none of its tiles can be decoded, and [`Error::OddTiles`].
    pub(crate) fn open(plane: &'p Plane<'a>, without_filters: bool) -> Result<Self, Error> {
        let unknown = Colors {
            primaries: 2,
            transfer: 2,
            matrix: 2,
            is_full_range: false,
        };
        let mut mosaic = Mosaic {
            plane,
            without_filters,
            index: 0,
            frames: Vec::new(),
            depth: 8,
            halved: (false, false),
            is_gray: true,
            colors: unknown,
            is_damaged: false,
            rows: Default::default(),
        };
        mosaic.frames = mosaic.decode(0);
        let first = mosaic.frames.iter().flatten().next();
        let Some(first) = first else {
            return Err(Error::Damaged(av1::Error));
        };
        mosaic.depth = first.depth();
        mosaic.halved = first.halved();
        mosaic.is_gray = first.planes() == 1;
        mosaic.colors = first.colors();
        let (across, down) = mosaic.halved;
        let ends_in_half = across && plane.tile.0 % 2 == 1 || down && plane.tile.1 % 2 == 1;
        if plane.tiles.len() > 1 && ends_in_half {
            return Err(Error::OddTiles);
        }
        mosaic.drop_others();
        Ok(mosaic)
    }

    /// Bits a sample.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Color differences are halved across, and down.
    pub(crate) fn halved(&self) -> (bool, bool) {
        self.halved
    }

    /// There are no color differences.
    pub(crate) fn is_gray(&self) -> bool {
        self.is_gray
    }

    /// Colors as the first tile describes them.
    pub(crate) fn colors(&self) -> Colors {
        self.colors
    }

    /// Columns of the picture.
    pub(crate) fn width(&self) -> usize {
        self.plane.width as usize
    }

    /// Rows of the picture.
    pub(crate) fn height(&self) -> usize {
        self.plane.height as usize
    }

    /// Some tile that was asked for was not there, or made no sense.
    pub(crate) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Columns of some of a row's that are not there, counted from the first of them.
    pub(crate) fn gaps(&mut self, y: usize, shown: Range<usize>, gaps: &mut Vec<Range<usize>>) {
        self.load(y / self.plane.tile.1 as usize);
        gaps.clear();
        if self.frames.iter().all(Option::is_some) {
            return;
        }
        if self.frames.iter().all(Option::is_none) {
            gaps.push(0..shown.len());
            return;
        }
        let width = self.plane.tile.0 as usize;
        for (column, _) in self
            .frames
            .iter()
            .enumerate()
            .filter(|(_, frame)| frame.is_none())
        {
            let (left, right) = (column * width, (column + 1) * width);
            let left = left.clamp(shown.start, shown.end) - shown.start;
            let right = right.clamp(shown.start, shown.end) - shown.start;
            gaps.extend((left < right).then_some(left..right));
        }
    }

    /// A row of luma, 0, or of one of the color differences, as wide as the picture needs.
    /// Of tiles that are not there it is whatever was there before.
    pub(crate) fn row(&mut self, plane: usize, y: usize) -> &[u16] {
        let (across, down) = if plane == 0 {
            (false, false)
        } else {
            self.halved
        };
        let side = |side: u32, halved: bool| side.div_ceil(1 + u32::from(halved)) as usize;
        let (tile_width, tile_height) = (
            side(self.plane.tile.0, across),
            side(self.plane.tile.1, down),
        );
        self.load(y / tile_height);
        let row = &mut self.rows[plane];
        row.resize(side(self.plane.width, across), 0);
        for (samples, frame) in row.chunks_mut(tile_width).zip(&self.frames) {
            let Some(frame) = frame else { continue };
            let y = y % tile_height;
            let (width, height) = frame.sides();
            if (width, height) == self.plane.tile {
                frame.row(plane, y, samples);
            } else {
                let stored = (side(width, across), side(height, down));
                let read = |y, row: &mut [u16]| frame.row(plane, y, row);
                stretch::row(read, stored, (tile_width, tile_height), y, samples);
            }
        }
        row
    }

    /// The row of tiles that a row is in.
    pub(crate) fn tile_of(&self, plane: usize, y: usize) -> usize {
        let halved = plane > 0 && self.halved.1;
        y / self.plane.tile.1.div_ceil(1 + u32::from(halved)) as usize
    }

    fn load(&mut self, index: usize) {
        if index != self.index {
            // Frames are large: those before go first.
            self.frames.clear();
            self.frames = self.decode(index);
            self.index = index;
            self.drop_others();
        }
    }

    /// The tiles of a row that can be decoded. Those of a grid have the sides that are stated;
    /// a tile alone may have others, and be larger by some padding.
    fn decode(&self, index: usize) -> Vec<Option<Frame>> {
        let (width, height) = self.plane.tile;
        let columns = self.plane.columns as usize;
        let is_alone = self.plane.tiles.len() == 1;
        let padding = if is_alone { PADDING } else { 0 };
        let most = |side: u32| side.saturating_add(padding);
        let tiles = self.plane.tiles.iter().skip(index * columns).take(columns);
        let decoded = tiles.map(|tile| {
            let wanted = Wanted {
                most_pixels: most(width).saturating_mul(most(height)),
                without_filters: self.without_filters,
                layer: tile.layer,
                operating_point: tile.operating_point,
            };
            let frame = av1::decode(&tile.bytes, &wanted).ok()?;
            (is_alone || frame.sides() == self.plane.tile).then_some(frame)
        });
        decoded.collect()
    }

    /// Drops tiles that are of another kind than the first, and takes note of those that
    /// are missing.
    fn drop_others(&mut self) {
        for frame in &mut self.frames {
            let is_alike = |frame: &mut Frame| {
                (frame.depth(), frame.halved()) == (self.depth, self.halved)
                    && (frame.planes() == 1) == self.is_gray
            };
            *frame = frame.take_if(is_alike);
            self.is_damaged |= frame.is_none();
        }
    }
}
