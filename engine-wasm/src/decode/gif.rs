//! GIF: the first frame, composed on its canvas.
//!
//! What the frame leaves uncovered stays transparent, as in browsers; the
//! background color that the header names is not used. A first frame that
//! reaches beyond the canvas makes the canvas larger.

use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};

use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{Bytes, Decoded, Header, Wanted, malformed, samples};
use crate::format::Format;
use crate::picture::Picture;

/// Bytes that a frame may have more than its pixels can need.
const SURPLUS: usize = 1 << 16;

/// Walks over the blocks without decoding any of them.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let frames = scan(source).ok_or_else(|| malformed(Format::Gif, "no frame"))?;
    let bytes = Bytes::little_endian(source);
    let canvas = |at| bytes.u16(at).map(u32::from).unwrap_or_default();
    let width = canvas(6).max(frames.right);
    let height = canvas(8).max(frames.bottom);
    Ok(Header {
        frames: frames.count,
        ..Header::new(Format::Gif, width, height)
    })
}

/// How many frames there are, and how far the first one reaches.
struct Frames {
    right: u32,
    bottom: u32,
    count: u32,
}

/// Bytes of a color table that the flags of a descriptor announce.
fn table_length(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn scan(source: &[u8]) -> Option<Frames> {
    let bytes = Bytes::little_endian(source);
    let mut at = first_block(&bytes)?;
    let mut frames: Option<Frames> = None;
    while let Some(frame) = next_frame(&bytes, at) {
        let Some(flags) = bytes.u8(frame + 9) else {
            break;
        };
        frames.get_or_insert(reach(&bytes, frame)?).count += 1;
        at = skip_blocks(&bytes, frame + 11 + table_length(flags));
    }
    frames
}

/// Where the blocks begin, behind the palette for all frames.
fn first_block(bytes: &Bytes<'_>) -> Option<usize> {
    Some(13 + table_length(bytes.u8(10)?))
}

/// Where the descriptor of the next frame is, looking from a block on.
fn next_frame(bytes: &Bytes<'_>, mut at: usize) -> Option<usize> {
    loop {
        match bytes.u8(at)? {
            b'!' => at = skip_blocks(bytes, at + 2),
            b',' => return Some(at),
            b';' => return None,
            _ => at += 1,
        }
    }
}

fn reach(bytes: &Bytes<'_>, at: usize) -> Option<Frames> {
    let side = |offset| bytes.u16(at + offset).map(u32::from);
    Some(Frames {
        right: side(1)? + side(5)?,
        bottom: side(3)? + side(7)?,
        count: 0,
    })
}

/// Skips blocks, each with its length before it, up to one of length zero.
fn skip_blocks(bytes: &Bytes<'_>, mut at: usize) -> usize {
    while let Some(length @ 1..) = bytes.u8(at) {
        at += 1 + usize::from(length);
    }
    at + 1
}

/// Decodes the first frame.
pub(super) fn decode(source: &[u8], header: &Header, wanted: Wanted) -> Result<Decoded, Error> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.allow_unknown_blocks(true);
    options.set_memory_limit(MemoryLimit::Bytes(memory(header)));
    let graded = with_grays(source);
    let source = graded.as_deref().unwrap_or(source);
    let cut = without_surplus(source);
    let mut decoder = options
        .read_info(cut.as_deref().unwrap_or(source))
        .map_err(damaged)?;
    let frame = decoder.next_frame_info().map_err(damaged)?;
    let frame = frame.ok_or_else(|| malformed(Format::Gif, "no frame"))?;
    if !lies_within(frame, header) {
        return Err(malformed(Format::Gif, "its blocks hide another frame"));
    }
    let mut place = Frame {
        left: frame.left.into(),
        top: frame.top.into(),
        width: frame.width.into(),
        transparent: frame.transparent,
        palette: frame.palette.clone().unwrap_or_default(),
    };
    let mut indices = samples::allocate(frame.width.into(), frame.height.into(), 1)?;
    decoder.read_into_buffer(&mut indices).map_err(damaged)?;
    if place.palette.is_empty() {
        place.palette = decoder.global_palette().unwrap_or_default().to_vec();
    }
    Ok(Decoded {
        picture: place.compose(&indices, header, wanted)?,
        profile: None,
        warnings: Vec::new(),
    })
}

/// Whether a frame is one that the header spoke of. Where there are blocks of an
/// unknown kind the decoding crate can find another first frame than [`scan`]
/// did, of any size.
fn lies_within(frame: &gif::Frame<'_>, header: &Header) -> bool {
    let ends_within =
        |start: u16, length: u16, side: u32| u32::from(start) + u32::from(length) <= side;
    ends_within(frame.left, frame.width, header.width)
        && ends_within(frame.top, frame.height, header.height)
}

/// The source with a palette of grays for frames that have none of their own, if
/// it lacks a palette for all.
fn with_grays(source: &[u8]) -> Option<Vec<u8>> {
    let (screen, [flags, background, aspect]) = source.get(..13)?.split_last_chunk()?;
    if flags & 0x80 != 0 {
        return None;
    }
    let grays: Vec<u8> = (0..=255).flat_map(|gray| [gray; 3]).collect();
    let behind = source.get(13..)?;
    Some(
        [
            screen,
            &[flags | 0x87, *background, *aspect],
            &grays,
            behind,
        ]
        .concat(),
    )
}

/// The source up to where its first frame must have ended, if it goes on. A pixel
/// takes no more than a code, and a code that clears the table before it: three
/// bytes. Codes that only clear could go on for ever.
fn without_surplus(source: &[u8]) -> Option<Vec<u8>> {
    let bytes = Bytes::little_endian(source);
    let at = next_frame(&bytes, first_block(&bytes)?)?;
    let side = |offset| bytes.u16(at + offset).map(usize::from);
    let pixels = side(5)?.saturating_mul(side(7)?);
    let most = pixels.saturating_mul(4).saturating_add(SURPLUS);
    let begin = at + 11 + table_length(bytes.u8(at + 9)?);
    let mut end = begin;
    while let Some(length @ 1..) = bytes.u8(end) {
        if end - begin > most {
            return Some([source.get(..end)?, &[0, b';']].concat());
        }
        end += 1 + usize::from(length);
    }
    None
}

/// Where a frame lies on the canvas, and its colors.
struct Frame {
    left: usize,
    top: usize,
    width: usize,
    transparent: Option<u8>,
    palette: Vec<u8>,
}

impl Frame {
    /// The frame on its canvas.
    fn compose(&self, indices: &[u8], header: &Header, wanted: Wanted) -> Result<Picture, Error> {
        let colors = self.colors();
        let mut rows = Rows::new(header, wanted, 4)?;
        let mut row = vec![[0; 4]; header.width as usize];
        let clear = row.clone();
        let mut frame = indices.chunks_exact(self.width.max(1));
        for y in 0..header.height as usize {
            let covered = (y >= self.top).then(|| frame.next()).flatten();
            let Some(indices) = covered else {
                rows.push(clear.as_flattened());
                continue;
            };
            for (pixel, index) in row.iter_mut().skip(self.left).zip(indices) {
                *pixel = colors[usize::from(*index)];
            }
            rows.push(row.as_flattened());
        }
        rows.finish(header)
    }

    /// What each index means; one beyond the palette is black.
    fn colors(&self) -> [[u8; 4]; 256] {
        let mut colors = [[0, 0, 0, 255]; 256];
        let (palette, _) = self.palette.as_chunks::<3>();
        for (color, [red, green, blue]) in colors.iter_mut().zip(palette) {
            *color = [*red, *green, *blue, 255];
        }
        if let Some(index) = self.transparent {
            colors[usize::from(index)] = [0; 4];
        }
        colors
    }
}

/// What the decoding crate may take: it hands out the frame as a whole, which is
/// no larger than the canvas.
fn memory(header: &Header) -> std::num::NonZeroU64 {
    let pixels = u64::from(header.width) * u64::from(header.height);
    std::num::NonZeroU64::MIN.saturating_add(pixels + (1 << 20))
}

fn damaged(error: DecodingError) -> Error {
    malformed(Format::Gif, error)
}
