//! GIF: the first frame, composed on its canvas.
//!
//! Areas that the frame leaves uncovered stay transparent, as in browsers; the
//! background color that the header names is not used. A first frame that
//! reaches beyond the canvas makes the canvas larger. Of a frame that ends early
//! there is what there is; one without any pixels is passed over.
//!
//! The blocks are walked here rather than by a crate, because browsers forgive
//! more than crates do: bytes between blocks, frames of too few pixels, files
//! without an end.

use weezl::decode::Decoder;
use weezl::{BitOrder, LzwStatus};

use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{
    Bytes, Codec, Decoded, HELD_AS_A_WHOLE, Header, Task, Wanted, admit, malformed, samples,
};
use crate::format::Format;
use crate::picture::Picture;

/// Bytes that a frame may have more than its pixels can need.
const SURPLUS: usize = 1 << 16;

/// Bits of the longest codes to begin with. Indices have 8 at most, but there are
/// writers who begin with more.
const MOST_BITS: u8 = 11;

/// Frames of some size that are tried for one with pixels.
const MOST_TRIED: usize = 4;

pub(super) const CODEC: Codec = Codec {
    format: Format::GIF,
    recognize: |source| source.starts_with(b"GIF87a") || source.starts_with(b"GIF89a"),
    read_header,
    decode,
};

/// Walks over the blocks without decoding any of them.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let bytes = Bytes::little_endian(source);
    let mut walk = Walk::new(&bytes).ok_or_else(no_frame)?;
    let mut frames = 0;
    let first = loop {
        frames += 1;
        let frame = walk.next_frame().ok_or_else(no_frame)?;
        if frame.has_pixels() {
            break frame;
        }
    };
    let canvas = |at| usize::from(bytes.u16(at).unwrap_or_default());
    let width = canvas(6).max(first.left + first.width) as u32;
    let height = canvas(8).max(first.top + first.height) as u32;
    while walk.next_frame().is_some() {
        frames += 1;
    }
    Ok(Header {
        frames,
        ..Header::new(Format::GIF, width, height)
    })
}

/// Decodes the first frame.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    admit(task.header, HELD_AS_A_WHOLE, task.limits)?;
    let bytes = Bytes::little_endian(task.source);
    let mut walk = Walk::new(&bytes).ok_or_else(no_frame)?;
    let (frame, indices) = first_shown(&bytes, &mut walk, task.header)?;
    let mut warnings = Vec::new();
    if !indices.is_whole() {
        warnings.push("the source ends early, the rest of it is transparent".into());
    }
    let colors = colors(&bytes, &frame, walk.palette);
    Ok(Decoded {
        picture: compose(&frame, &indices, &colors, task.header, task.wanted)?,
        profile: None,
        warnings,
    })
}

/// The first frame of which anything is there, and its pixels. Of a frame that has none,
/// browsers show nothing, and go on.
fn first_shown(
    bytes: &Bytes<'_>,
    walk: &mut Walk<'_>,
    header: &Header,
) -> Result<(Frame, Indices), Error> {
    let mut refused = no_frame();
    let frames = std::iter::from_fn(|| walk.next_frame());
    let frames = frames.filter(|frame| frame.has_pixels() && frame.is_within(header));
    for frame in frames.take(MOST_TRIED) {
        match Indices::read(bytes, &frame) {
            Ok(indices) => return Ok((frame, indices)),
            Err(error @ Error::MalformedSource(_)) => refused = error,
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

fn no_frame() -> Error {
    malformed(Format::GIF, "no frame")
}

/// A descriptor of a frame, and where its parts are.
#[derive(Clone, Copy, Debug)]
struct Frame {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    is_interlaced: bool,
    transparent: Option<u8>,
    palette: Palette,
    /// Position of the compressed pixels.
    data: usize,
}

impl Frame {
    fn has_pixels(&self) -> bool {
        self.width > 0 && self.height > 0
    }

    fn is_within(&self, header: &Header) -> bool {
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        right <= header.width as usize && bottom <= header.height as usize
    }
}

/// Place of a table of colors, which is empty if there is none.
#[derive(Clone, Copy, Debug)]
struct Palette {
    at: usize,
    length: usize,
}

impl Palette {
    /// The table that the flags of a descriptor announce.
    fn announced(flags: u8, at: usize) -> Self {
        let length = if flags & 0x80 == 0 {
            0
        } else {
            3 << ((flags & 7) + 1)
        };
        Palette { at, length }
    }

    fn end(self) -> usize {
        self.at + self.length
    }
}

/// A walk over the blocks of a file.
struct Walk<'a> {
    bytes: &'a Bytes<'a>,
    at: usize,
    /// Colors of frames that have none of their own.
    palette: Palette,
    /// The transparent index of the next frame.
    transparent: Option<u8>,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a Bytes<'a>) -> Option<Self> {
        let palette = Palette::announced(bytes.u8(10)?, 13);
        Some(Walk {
            bytes,
            at: palette.end(),
            palette,
            transparent: None,
        })
    }

    /// The next frame, over whatever lies before it. Bytes that begin no block are
    /// passed over: some writers leave zeros there.
    fn next_frame(&mut self) -> Option<Frame> {
        loop {
            match self.bytes.u8(self.at)? {
                b'!' => self.pass_extension(),
                b',' => return self.read_frame(),
                b';' => return None,
                _ => self.at += 1,
            }
        }
    }

    fn pass_extension(&mut self) {
        let control = self.bytes.slice(self.at, 7);
        if let Some(&[_, 0xf9, 4..=255, flags, _, _, index]) = control {
            self.transparent = (flags & 1 == 1).then_some(index);
        }
        self.at = pass_blocks(self.bytes, self.at + 2);
    }

    fn read_frame(&mut self) -> Option<Frame> {
        let side = |offset| self.bytes.u16(self.at + offset).map(usize::from);
        let flags = self.bytes.u8(self.at + 9)?;
        let palette = Palette::announced(flags, self.at + 10);
        let frame = Frame {
            left: side(1)?,
            top: side(3)?,
            width: side(5)?,
            height: side(7)?,
            is_interlaced: flags & 0x40 != 0,
            transparent: self.transparent.take(),
            palette,
            data: palette.end(),
        };
        self.at = pass_blocks(self.bytes, frame.data + 1);
        Some(frame)
    }
}

/// Passes over blocks, each with its length before it, up to one of length zero.
fn pass_blocks(bytes: &Bytes<'_>, mut at: usize) -> usize {
    while let Some(length @ 1..) = bytes.u8(at) {
        at += 1 + usize::from(length);
    }
    at + 1
}

/// Indices of a frame into its colors, in the order in which they are stored.
struct Indices {
    values: Vec<u8>,
    /// The pixels that were there.
    count: usize,
}

impl Indices {
    /// Decompresses the pixels of a frame, as many as there are.
    fn read(bytes: &Bytes<'_>, frame: &Frame) -> Result<Self, Error> {
        let mut values = samples::allocate(frame.width as u32, frame.height as u32, 1)?;
        let bits = bytes.u8(frame.data).filter(|bits| *bits <= MOST_BITS);
        let bits = bits.ok_or_else(|| malformed(Format::GIF, "no code size of pixels"))?;
        let decoder = Decoder::new(BitOrder::Lsb, bits);
        let count = decompress(bytes, frame.data + 1, decoder, &mut values);
        if count == 0 {
            let reason = "nothing of the frame can be decompressed";
            return Err(malformed(Format::GIF, reason));
        }
        Ok(Indices { values, count })
    }

    fn is_whole(&self) -> bool {
        self.count == self.values.len()
    }

    /// A stored row, up to where the pixels end.
    fn row(&self, frame: &Frame, index: usize) -> &[u8] {
        let there = &self.values[..self.count];
        let start = (index * frame.width).min(there.len());
        &there[start..(start + frame.width).min(there.len())]
    }
}

/// Decompresses blocks, and returns how many pixels came out. A pixel takes no more
/// than a code, and a code that clears the table before it: three bytes. Codes that
/// only clear could go on for ever.
fn decompress(bytes: &Bytes<'_>, mut at: usize, mut decoder: Decoder, pixels: &mut [u8]) -> usize {
    let mut spare = pixels.len().saturating_mul(4).saturating_add(SURPLUS);
    let mut produced = 0;
    while let Some(length @ 1..) = bytes.u8(at) {
        let rest = bytes.rest(at + 1);
        let mut block = rest.get(..length.into()).unwrap_or(rest);
        at += 1 + usize::from(length);
        loop {
            let step = decoder.decode_bytes(block, &mut pixels[produced..]);
            block = &block[step.consumed_in..];
            produced += step.consumed_out;
            if step.status.is_err() || produced == pixels.len() {
                return produced;
            }
            if let Ok(LzwStatus::NoProgress | LzwStatus::Done) = step.status {
                break;
            }
        }
        spare = match spare.checked_sub(length.into()) {
            Some(spare) => spare,
            None => return produced,
        };
    }
    produced
}

/// The color of each index: its own palette's, that of all frames, or a shade of
/// gray. An index beyond the palette is black.
fn colors(bytes: &Bytes<'_>, frame: &Frame, common: Palette) -> [[u8; 4]; 256] {
    let palette = if frame.palette.length > 0 {
        frame.palette
    } else {
        common
    };
    let mut colors = [[0, 0, 0, 255]; 256];
    if palette.length == 0 {
        colors = std::array::from_fn(|gray| [gray as u8, gray as u8, gray as u8, 255]);
    }
    let rest = bytes.rest(palette.at);
    let table = rest.get(..palette.length).unwrap_or(rest);
    for (color, [red, green, blue]) in colors.iter_mut().zip(table.as_chunks().0) {
        *color = [*red, *green, *blue, 255];
    }
    if let Some(index) = frame.transparent {
        colors[usize::from(index)] = [0; 4];
    }
    colors
}

/// The frame on its canvas.
fn compose(
    frame: &Frame,
    indices: &Indices,
    colors: &[[u8; 4]; 256],
    header: &Header,
    wanted: Wanted,
) -> Result<Picture, Error> {
    let mut rows = Rows::new(header, wanted, 4)?;
    let mut row = vec![[0; 4]; header.width as usize];
    let clear = row.clone();
    for y in 0..header.height as usize {
        let y = y.checked_sub(frame.top).filter(|y| *y < frame.height);
        let Some(y) = y else {
            rows.push(clear.as_flattened());
            continue;
        };
        row.fill([0; 4]);
        let indices = shown_row(frame, indices, y);
        for (pixel, index) in row.iter_mut().skip(frame.left).zip(indices) {
            *pixel = colors[usize::from(*index)];
        }
        rows.push(row.as_flattened());
    }
    rows.finish(header)
}

/// The stored row that is shown as a row of the frame. Of an interlaced frame that
/// ends early, that is one above, as it is while a browser receives it.
fn shown_row<'a>(frame: &Frame, indices: &'a Indices, y: usize) -> &'a [u8] {
    if !frame.is_interlaced {
        return indices.row(frame, y);
    }
    let is_there = |row: &&[u8]| row.len() == frame.width;
    let candidates = [y, y & !1, y & !3, y & !7];
    let rows = candidates.map(|y| indices.row(frame, stored_index(y, frame.height)));
    rows.into_iter().find(is_there).unwrap_or_default()
}

/// The place of a row among those of an interlaced frame: every eighth, those midway
/// between them, every second of the rest, and what is left.
fn stored_index(y: usize, height: usize) -> usize {
    let before = |start: usize, step: usize| (height + step - 1 - start.min(height)) / step;
    match y % 8 {
        0 => y / 8,
        4 => before(0, 8) + y / 8,
        2 | 6 => before(0, 8) + before(4, 8) + y / 4,
        _ => before(0, 8) + before(4, 8) + before(2, 4) + y / 2,
    }
}
