//! JPEG within TIFF, of either kind.
//!
//! Today's kind has a stream for each strip or tile, and perhaps the tables of all
//! of them in a tag. The old kind (TIFF 6, section 22) has its tables in tags, or
//! in a stream of its own that may as well be the whole picture, and nothing but
//! entropy-coded data in its strips: a header is made for each of them.

use thimble_jpeg::{self as jpeg, Chroma, ColorModel, SharedTables, Warning};

use crate::directory::Directory;
use crate::error::Error;
use crate::extents::Extents;
use crate::inflated::Inflated;
use crate::layout::{Layout, Photometric};
use crate::tag;

/// Columns or rows that a stream may have more than its strip: whole blocks.
const SURPLUS: usize = 64;

/// The parts that chunks have in common.
#[derive(Debug)]
pub(crate) enum Streams<'a> {
    /// No JPEG at all, or one whose chunks are whole.
    Apart,
    /// Tables of streams that lack them.
    Tables(&'a [u8]),
    /// The stream of all of an old-style page.
    Whole(&'a [u8]),
    /// Everything up to the entropy-coded data of an old-style strip, the frame
    /// header at a place of its own.
    Head { head: Vec<u8>, frame: usize },
}

impl<'a> Streams<'a> {
    /// Reads what a page has, and makes one chunk of all of it where there is one
    /// stream.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a lossless old-style JPEG.
    pub(crate) fn read(directory: &Directory<'a>, layout: &mut Layout) -> Result<Self, Error> {
        match layout.compression {
            6 => Self::old(directory, layout),
            7 => {
                let tables = directory.bytes(tag::JPEG_TABLES);
                // Some programs write the tag and nothing in it.
                let tables = tables.filter(|tables| tables.starts_with(b"\xff\xd8"));
                Ok(tables.map_or(Streams::Apart, Streams::Tables))
            }
            _ => Ok(Streams::Apart),
        }
    }

    fn old(directory: &Directory<'a>, layout: &mut Layout) -> Result<Self, Error> {
        if directory.first_number(tag::OLD_JPEG_PROCESS) == Some(14) {
            return Err(Error::unsupported("lossless JPEG"));
        }
        let place = directory.first_number(tag::OLD_JPEG).unwrap_or(0) as usize;
        let stream = directory.file().rest(place);
        let head = Head::read(stream).filter(|_| place > 0);
        let Some(head) = head else {
            return Ok(Self::from_tags(directory, layout));
        };
        let strip = Extents::new(directory, layout, 1).start(0);
        let within = place..=place.saturating_add(head.end);
        let covers = |stream: usize, page: usize| (page..page + SURPLUS).contains(&stream);
        let is_whole = covers(head.sides.0, layout.width) && covers(head.sides.1, layout.height);
        let is_alone = strip.is_none_or(|strip| within.contains(&strip));
        if is_whole && is_alone {
            (layout.chunk_width, layout.chunk_height) = (layout.width, layout.height);
            return Ok(Streams::Whole(stream));
        }
        Ok(Streams::Head {
            head: stream.get(..head.end).unwrap_or(stream).to_vec(),
            frame: head.frame,
        })
    }

    /// A head made of the tables that the tags point at.
    fn from_tags(directory: &Directory<'a>, layout: &Layout) -> Self {
        let components = if layout.samples < 3 { 1 } else { 3u8 };
        let mut head = vec![0xff, 0xd8];
        let table = |tag, index: u8| {
            let at = directory.number(tag, index.into())?;
            Some(directory.file().rest(usize::try_from(at).ok()?))
        };
        for index in 0..components {
            let quantization = table(tag::OLD_JPEG_QUANTIZATION, index);
            if let Some(values) = quantization.and_then(|rest| rest.get(..64)) {
                segment(&mut head, 0xdb, &[&[index], values].concat());
            }
            for (class, tag) in [(0, tag::OLD_JPEG_DC), (0x10, tag::OLD_JPEG_AC)] {
                if let Some(codes) = table(tag, index).and_then(huffman) {
                    segment(&mut head, 0xc4, &[&[class | index], codes].concat());
                }
            }
        }
        if let Some(interval) = directory.first_number(tag::OLD_JPEG_RESTART) {
            segment(&mut head, 0xdd, &(interval as u16).to_be_bytes());
        }
        let frame = head.len();
        let factor = |index| directory.number(tag::SUBSAMPLING, index).unwrap_or(2) as u8 & 7;
        let (mut parts, mut scan) = (vec![8, 0, 0, 0, 0, components], vec![components]);
        for index in 0..components {
            let is_luma = index == 0 && components == 3;
            let sampling = if is_luma {
                factor(0) << 4 | factor(1)
            } else {
                0x11
            };
            parts.extend([index + 1, sampling, index]);
            scan.extend([index + 1, index << 4 | index]);
        }
        segment(&mut head, 0xc0, &parts);
        segment(&mut head, 0xda, &[&scan[..], &[0, 63, 0]].concat());
        Streams::Head { head, frame }
    }

    /// Bytes that are read once more with each chunk.
    pub(crate) fn repeated(&self) -> usize {
        match self {
            Streams::Tables(tables) => tables.len(),
            Streams::Head { head, .. } => head.len(),
            _ => 0,
        }
    }

    /// The stream of a chunk of so many rows.
    fn stream(&self, layout: &Layout, chunk: &[u8], rows: usize) -> Option<Vec<u8>> {
        let is_stream = chunk.starts_with(b"\xff\xd8\xff");
        match self {
            Streams::Tables(tables) => {
                let tables = tables.strip_suffix(b"\xff\xd9").unwrap_or(tables);
                Some([tables, chunk.get(2..)?].concat())
            }
            Streams::Head { head, frame } if !is_stream => {
                let mut stream = [&head[..], chunk].concat();
                let sides = [rows, layout.chunk_width].map(|side| (side as u16).to_be_bytes());
                let place = stream.get_mut(frame + 5..frame + 9)?;
                place.copy_from_slice(sides.as_flattened());
                Some(stream)
            }
            _ => None,
        }
    }
}

/// Head of the stream of an old-style page, up to its entropy-coded data.
#[derive(Debug)]
struct Head {
    /// Place of the frame header.
    frame: usize,
    sides: (usize, usize),
    /// Place of the entropy-coded data.
    end: usize,
}

impl Head {
    fn read(stream: &[u8]) -> Option<Self> {
        stream.strip_prefix(b"\xff\xd8")?;
        let (mut at, mut found) = (2, None);
        loop {
            let &[0xff, marker, high, low] = stream.get(at..)?.first_chunk()? else {
                return None;
            };
            let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
            match (marker, found) {
                (0xc0..=0xc3, _) => {
                    let sides = stream.get(at + 5..)?.first_chunk::<4>()?;
                    let [height, width] =
                        [[sides[0], sides[1]], [sides[2], sides[3]]].map(u16::from_be_bytes);
                    found = Some((at, (width.into(), height.into())));
                }
                (0xda, Some((frame, sides))) => return Some(Head { frame, sides, end }),
                (0xd0..=0xda, _) => return None,
                _ => {}
            }
            at = end;
        }
    }
}

/// Writes a marker and what belongs to it.
fn segment(stream: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    let length = (payload.len() as u16 + 2).to_be_bytes();
    stream.extend([0xff, marker]);
    stream.extend(length);
    stream.extend(payload);
}

/// A table of Huffman codes: how many of each length, and what they mean.
fn huffman(rest: &[u8]) -> Option<&[u8]> {
    let counts = rest.get(..16)?;
    let symbols: usize = counts.iter().map(|count| usize::from(*count)).sum();
    rest.get(..16 + symbols)
}

/// Decodes the stream of a chunk. What its colors mean is for the page to say, if it
/// does.
///
/// # Errors
///
/// [`Error::Unsupported`] for a kind of JPEG that is not decoded, and
/// [`Error::TooLarge`] if there is no memory for its pixels.
pub(crate) fn decode(
    layout: &Layout,
    streams: &Streams<'_>,
    shared: &mut SharedTables,
    chunk: &[u8],
    rows: &mut [u8],
) -> Result<Inflated, Error> {
    let count = rows.len() / layout.row_length().max(1);
    let made = streams.stream(layout, chunk, count);
    let source: &[u8] = match (streams, &made) {
        (Streams::Whole(whole), _) => whole,
        (_, Some(made)) => &made[..],
        _ => chunk,
    };
    match pixels(layout, shared, source, rows) {
        Ok(made) => Ok(made.unwrap_or(Inflated::cut(0))),
        Err(error @ jpeg::Error::Unsupported(_)) => Err(Error::unsupported(error.to_string())),
        Err(jpeg::Error::TooLarge) => Err(Error::too_large(jpeg::Error::TooLarge.to_string())),
        Err(jpeg::Error::Malformed(_)) => Ok(Inflated::cut(0)),
    }
}

fn pixels(
    layout: &Layout,
    shared: &mut SharedTables,
    source: &[u8],
    rows: &mut [u8],
) -> Result<Option<Inflated>, jpeg::Error> {
    let mut header = jpeg::Header::read(source)?;
    header.model = match (header.model, layout.photometric) {
        (model, _) if !layout.states_photometric => model,
        (ColorModel::Ycbcr | ColorModel::Rgb, Photometric::Ycbcr) => ColorModel::Ycbcr,
        (ColorModel::Ycbcr | ColorModel::Rgb, _) => ColorModel::Rgb,
        (model, _) => model,
    };
    let (width, height) = header.dimensions();
    let scaled = |side: usize| (side * layout.scale.side()).div_ceil(8);
    let (width, height) = (scaled(width as usize), scaled(height as usize));
    let most = |side: usize| side.saturating_add(scaled(SURPLUS));
    if width > most(layout.chunk_width) || height > most(layout.chunk_height) {
        return Ok(None);
    }
    let decoded = jpeg::decode_sharing(&header, layout.scale, Chroma::Full, shared)?;
    // A strip of the old kind has no end of its own.
    let is_whole = decoded
        .warnings
        .iter()
        .all(|warning| *warning == Warning::MissingEnd);
    let plane = decoded.into_pixels()?;
    if plane.channels != layout.chunk_samples() || layout.bits != 8 {
        return Ok(None);
    }
    let from = plane.samples.chunks_exact(plane.width * plane.channels);
    for (to, from) in rows.chunks_exact_mut(layout.row_length()).zip(from) {
        let fits = to.len().min(from.len());
        to[..fits].copy_from_slice(&from[..fits]);
    }
    let length = rows.len().min(height * layout.row_length());
    Ok(Some(Inflated { length, is_whole }))
}
