//! Tiles put together, a row of tiles at a time.

use std::ops::Range;

use heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer_hevc_dec::nal::{NalUnit, split_annex_b};
use heifer_hevc_dec::params::ParameterSets;
use heifer_hevc_dec::recon::Frame;
use thimble_heif::{CodePoints, Plane, Tile};

use crate::Error;

/// Bytes before a unit of HEVC.
const START: [u8; 4] = [0, 0, 0, 1];

/// A plane of which one row of tiles is decoded.
pub(crate) struct Tiles<'p, 'a> {
    plane: &'p Plane<'a>,
    without_filters: bool,
    /// The row of tiles that is decoded; tiles that are damaged are none.
    index: usize,
    frames: Vec<Option<Frame>>,
    kind: Kind,
    is_damaged: bool,
    rows: [Vec<u16>; 2],
}

/// Facts that all tiles have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    /// Bits of luma, and of color differences.
    depths: [u8; 2],
    chroma: u8,
    matrix: u8,
    is_full_range: bool,
}

impl Kind {
    fn of(frame: &Frame) -> Self {
        Kind {
            depths: frame.bit_depth,
            chroma: frame.chroma_format,
            matrix: frame.matrix_coeffs,
            is_full_range: frame.full_range,
        }
    }
}

impl<'p, 'a> Tiles<'p, 'a> {
    /// Decodes the first row of tiles.
    pub(crate) fn open(plane: &'p Plane<'a>, without_filters: bool) -> Result<Self, Error> {
        let columns = plane.columns as usize;
        let first: Vec<Result<Frame, String>> = plane
            .tiles
            .iter()
            .take(columns)
            .map(|tile| decode(tile, plane.tile, without_filters))
            .collect();
        let kind = first.iter().flatten().next().map(Kind::of);
        let Some(kind) = kind else {
            let reason = first.into_iter().find_map(Result::err).unwrap_or_default();
            return Err(Error::MalformedSource(reason));
        };
        let mut tiles = Tiles {
            plane,
            without_filters,
            index: 0,
            frames: first.into_iter().map(Result::ok).collect(),
            kind,
            is_damaged: false,
            rows: Default::default(),
        };
        tiles.drop_others();
        Ok(tiles)
    }

    /// Bits of luma, and of color differences.
    pub(crate) fn depths(&self) -> [u8; 2] {
        self.kind.depths
    }

    /// Color differences are halved across, and down.
    pub(crate) fn halved(&self) -> (bool, bool) {
        (matches!(self.kind.chroma, 1 | 2), self.kind.chroma == 1)
    }

    /// There are no color differences.
    pub(crate) fn is_gray(&self) -> bool {
        self.kind.chroma == 0
    }

    /// Colors as the stream states them.
    pub(crate) fn stated(&self) -> CodePoints {
        let matrix = self.kind.matrix;
        let (primaries, transfer) = self.plane.tiles.first().map_or((2, 2), stated_by);
        CodePoints {
            primaries,
            transfer,
            matrix,
            is_full_range: self.kind.is_full_range,
        }
    }

    /// Some tile was not there, or made no sense.
    pub(crate) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// A row of luma, 0, or of one of the color differences, with as many samples as the
    /// plane has. Samples of tiles that are not there are in the middle: gray.
    pub(crate) fn row(&mut self, plane: usize, y: usize) -> &[u16] {
        let (across, down) = if plane == 0 {
            (false, false)
        } else {
            self.halved()
        };
        let side = |side: u32, halved: bool| side.div_ceil(1 + u32::from(halved)) as usize;
        let (tile_width, tile_height) = (
            side(self.plane.tile.0, across),
            side(self.plane.tile.1, down),
        );
        self.load(y / tile_height);
        let middle = 1 << (self.kind.depths[plane.min(1)] - 1);
        let row = &mut self.rows[0];
        row.clear();
        row.resize(side(self.plane.width, across), middle);
        for (samples, frame) in row.chunks_mut(tile_width).zip(&self.frames) {
            let Some(frame) = frame else { continue };
            let width = frame.widths[plane] as usize;
            let at = (y % tile_height).min(frame.heights[plane] as usize - 1) * width;
            let stored = frame.planes[plane].get(at..at + width).unwrap_or_default();
            let count = samples.len().min(width);
            samples[..count].copy_from_slice(&stored[..count]);
        }
        row
    }

    /// A row of color differences with as many samples as luma has: those that are halved
    /// lie between pixels, and are interpolated.
    pub(crate) fn spread_row(&mut self, plane: usize, y: usize) -> &[u16] {
        let (across, down) = self.halved();
        let mut mixed = std::mem::take(&mut self.rows[1]);
        mixed.clear();
        if down {
            let far = if y.is_multiple_of(2) {
                (y / 2).saturating_sub(1)
            } else {
                y / 2 + 1
            };
            // What is beyond the tile is not there yet, or not any more.
            let tile = (self.plane.tile.1 as usize).div_ceil(2);
            let last = (self.plane.height as usize).div_ceil(2) - 1;
            let is_near = far <= last && far / tile == y / 2 / tile;
            mixed.extend_from_slice(self.row(plane, if is_near { far } else { y / 2 }));
            let near = self.row(plane, y / 2);
            for (far, near) in mixed.iter_mut().zip(near) {
                *far = (3 * near + *far + 2) >> 2;
            }
        } else {
            mixed.extend_from_slice(self.row(plane, y));
        }
        self.rows[1] = mixed;
        if across {
            let width = self.plane.width as usize;
            let [wide, samples] = &mut self.rows;
            thimble_heif::widen(samples, width, wide);
            &self.rows[0]
        } else {
            &self.rows[1]
        }
    }

    /// A row of an alpha, in 8 bits.
    pub(crate) fn opacity(&mut self, shown: Range<usize>, y: usize, opacity: &mut Vec<u8>) {
        let most = (1u32 << self.kind.depths[0]) - 1;
        let is_full_range = self.kind.is_full_range || self.kind.matrix == 2;
        let (zero, range) = if is_full_range {
            (0, most)
        } else {
            (
                16 << (self.kind.depths[0] - 8),
                219 << (self.kind.depths[0] - 8),
            )
        };
        let row = self.row(0, y);
        opacity.clear();
        let stored = row.get(shown).unwrap_or_default().iter();
        opacity.extend(stored.map(|sample| {
            let value = u32::from(*sample).saturating_sub(zero).min(range);
            ((value * 255 + range / 2) / range) as u8
        }));
    }

    fn load(&mut self, index: usize) {
        if index == self.index {
            return;
        }
        // Frames are large: those before go first.
        self.frames.clear();
        let columns = self.plane.columns as usize;
        let tiles = self.plane.tiles.iter().skip(index * columns).take(columns);
        let frames = tiles.map(|tile| decode(tile, self.plane.tile, self.without_filters).ok());
        self.frames = frames.collect();
        self.index = index;
        self.drop_others();
    }

    /// Drops tiles that are of another kind than the first.
    fn drop_others(&mut self) {
        for frame in &mut self.frames {
            *frame = frame.take_if(|frame| Kind::of(frame) == self.kind);
            self.is_damaged |= frame.is_none();
        }
    }
}

/// Decodes a tile of these sides.
fn decode(
    tile: &Tile<'_>,
    (width, height): (u32, u32),
    without_filters: bool,
) -> Result<Frame, String> {
    let stream = stream(tile).ok_or("a tile without parameters, or without bytes")?;
    // A stream has whole blocks, of at most 64 samples, and cuts off what is too much.
    let whole = |side: u32| u64::from(side.next_multiple_of(64));
    let options = DecodeOptions {
        skip_loop_filters: without_filters,
        verify_hash: false,
        max_pixels: whole(width) * whole(height),
    };
    let frame = decode_picture(&stream, options).map_err(|error| error.to_string())?;
    if (frame.widths[0], frame.heights[0]) != (width, height) {
        let [width, height] = [frame.widths[0], frame.heights[0]];
        return Err(format!(
            "a tile of {width}x{height} pixels, which it does not say"
        ));
    }
    Ok(frame)
}

/// Primaries and transfer that the parameter sets of a tile state, of which 2 is none.
fn stated_by(tile: &Tile<'_>) -> (u8, u8) {
    let parameters = Tile {
        record: tile.record,
        ..Tile::default()
    };
    let stream = stream(&parameters).unwrap_or_default();
    let mut sets = ParameterSets::default();
    for unit in split_annex_b(&stream).map_while(|unit| NalUnit::parse(unit).ok()) {
        if sets.add(&unit).is_err() {
            break;
        }
    }
    let stated = sets.sps.iter().flatten().find_map(|set| set.vui.as_ref());
    stated.map_or((2, 2), |stated| {
        (stated.colour_primaries, stated.transfer_characteristics)
    })
}

/// Parameter sets and slices of a tile, each unit behind a start code.
fn stream(tile: &Tile<'_>) -> Option<Vec<u8>> {
    let mut stream = Vec::with_capacity(tile.bytes.len() + tile.record.len() + 64);
    let (head, mut rest) = tile.record.split_at_checked(23)?;
    let length_size = usize::from(head[21] & 3) + 1;
    for _ in 0..head[22] {
        let (array, behind) = rest.split_at_checked(3)?;
        rest = behind;
        for _ in 0..u16::from_be_bytes([array[1], array[2]]) {
            let unit = unit(&mut rest, 2)?;
            stream.extend_from_slice(&START);
            stream.extend_from_slice(unit);
        }
    }
    let mut rest = &*tile.bytes;
    while let Some(unit) = unit(&mut rest, length_size) {
        stream.extend_from_slice(&START);
        stream.extend_from_slice(unit);
    }
    Some(stream)
}

/// The next unit, which comes behind its length. One that is cut short is none.
fn unit<'a>(rest: &mut &'a [u8], length_size: usize) -> Option<&'a [u8]> {
    let (length, behind) = rest.split_at_checked(length_size)?;
    let length = length
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte));
    let (unit, behind) = behind.split_at_checked(length)?;
    *rest = behind;
    Some(unit)
}
