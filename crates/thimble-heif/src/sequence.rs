//! Sequences: pictures in a track, as in a film.

use crate::boxes::{self, Numbers};
use crate::property::Properties;
use crate::{Coded, Error};

/// Bytes of a sample entry before its boxes.
const ENTRY: usize = 78;

/// The first frame of a track.
pub(crate) struct Frame<'a> {
    /// Sides, coding and colors.
    pub(crate) properties: Properties<'a>,
    /// Bytes, as many as there are.
    pub(crate) bytes: &'a [u8],
    /// Some of them are missing.
    pub(crate) is_cut: bool,
    /// Frames of the track.
    pub(crate) count: u32,
}

/// The first frame of a sequence without an item that is the picture, or `None` for a file
/// that has one, or no sequence.
pub(crate) fn first(source: &[u8], coded: Coded) -> Option<Result<Frame<'_>, Error>> {
    let items = boxes::find(source, b"meta").and_then(|meta| meta.get(4..));
    if items.is_some_and(|items| boxes::find(items, b"pitm").is_some()) {
        return None;
    }
    let film = boxes::find(source, b"moov")?;
    let mut tracks = boxes::all(film).filter(|inner| inner.kind == *b"trak");
    let found = tracks.find_map(|track| Table::of(track.content, coded));
    let table = found.ok_or(Error::Unsupported(
        "a sequence of no pictures that are known",
    ));
    Some(table.and_then(|table| table.frame(source)))
}

/// Frames of the first track.
pub(crate) fn frames(source: &[u8]) -> Option<u32> {
    let track = boxes::find(boxes::find(source, b"moov")?, b"trak")?;
    Sizes::of(samples_of(track)?).map(|sizes| sizes.count)
}

fn samples_of(track: &[u8]) -> Option<&[u8]> {
    let kinds = [b"mdia", b"minf", b"stbl"];
    kinds
        .iter()
        .try_fold(track, |inner, kind| boxes::find(inner, kind))
}

/// Sizes of samples.
struct Sizes {
    count: u32,
    first: u32,
}

impl Sizes {
    fn of(samples: &[u8]) -> Option<Self> {
        let mut numbers = Numbers(boxes::find(samples, b"stsz")?);
        numbers.version()?;
        let each = numbers.u32()?;
        let count = numbers.u32()?;
        let first = if each == 0 {
            numbers.u32().unwrap_or(0)
        } else {
            each
        };
        Some(Sizes { count, first })
    }
}

/// The table of a track's samples.
struct Table<'a> {
    properties: Properties<'a>,
    sizes: Sizes,
    place: u64,
}

impl<'a> Table<'a> {
    /// The table of a track of pictures that are coded so.
    fn of(track: &'a [u8], coded: Coded) -> Option<Self> {
        let samples = samples_of(track)?;
        let entry = boxes::all(boxes::find(samples, b"stsd")?.get(8..)?).next()?;
        if !coded.is(&entry.kind) {
            return None;
        }
        let (head, inner) = entry.content.split_at_checked(ENTRY)?;
        let mut properties = Properties::default();
        for property in boxes::all(inner) {
            // What is not known is passed over: none of it has to be.
            let _ = properties.take(&property.kind, Numbers(property.content));
        }
        let mut sides = Numbers(head.get(24..)?);
        properties.sides = Some((sides.u16()?.into(), sides.u16()?.into()));
        Some(Table {
            properties,
            sizes: Sizes::of(samples)?,
            place: place(samples)?,
        })
    }

    /// The first sample.
    fn frame(self, source: &'a [u8]) -> Result<Frame<'a>, Error> {
        let rest = usize::try_from(self.place).ok();
        let rest = rest.and_then(|place| source.get(place..));
        let rest = rest.unwrap_or_default();
        let length = self.sizes.first as usize;
        let bytes = rest.get(..length).unwrap_or(rest);
        if bytes.is_empty() {
            return Err(Error::Malformed("a frame without bytes"));
        }
        Ok(Frame {
            properties: self.properties,
            bytes,
            is_cut: bytes.len() < length,
            count: self.sizes.count.max(1),
        })
    }
}

/// The place of the first sample: that of the first chunk.
fn place(samples: &[u8]) -> Option<u64> {
    let (offsets, length) = match boxes::find(samples, b"stco") {
        Some(offsets) => (offsets, 4),
        None => (boxes::find(samples, b"co64")?, 8),
    };
    let mut numbers = Numbers(offsets);
    numbers.version()?;
    numbers.u32()?;
    numbers.uint(length)
}
