//! JPEGs in the boxes of Canon's CR3.

use thimble_bytes::Bytes;

use super::embedded::within;
use crate::exif;

/// Extended types of the boxes that hold metadata, and a preview of middling size.
const METADATA: &[u8] = b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
const PREVIEW: &[u8] = b"\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16";

/// Boxes of one that are looked at; a camera writes a dozen.
const MOST: usize = 256;

/// True for boxes of the brand of CR3.
pub(super) fn is_cr3(source: &[u8]) -> bool {
    source.get(4..12) == Some(b"ftypcrx ")
}

/// Adds the JPEGs of a file, and returns the turn that its metadata states.
pub(super) fn collect<'a>(source: &'a [u8], found: &mut Vec<&'a [u8]>) -> Option<u8> {
    let mut turn = None;
    for (kind, content) in boxes(source) {
        match kind {
            b"moov" => turn = turn.or(movie(source, content, found)),
            b"uuid" => {
                // Eight bytes of its own, and a box.
                let preview = content.strip_prefix(PREVIEW).and_then(|rest| rest.get(8..));
                take(preview.unwrap_or_default(), b"PRVW", found);
            }
            _ => {}
        }
    }
    turn
}

/// The metadata, and the tracks: that of the first one is a JPEG of full size.
fn movie<'a>(source: &'a [u8], movie: &'a [u8], found: &mut Vec<&'a [u8]>) -> Option<u8> {
    let mut turn = None;
    for (kind, content) in boxes(movie) {
        match kind {
            b"uuid" => {
                let metadata = content.strip_prefix(METADATA).unwrap_or_default();
                take(metadata, b"THMB", found);
                let exif = boxes(metadata).filter(|(kind, _)| *kind == b"CMT1");
                turn = turn.or(exif::orientation(exif.map(|(_, exif)| exif)));
            }
            b"trak" => found.extend(sample(source, content)),
            _ => {}
        }
    }
    turn
}

/// Adds the JPEG of a box of this kind: behind a few numbers, one of which is its length.
fn take<'a>(content: &'a [u8], kind: &[u8; 4], found: &mut Vec<&'a [u8]>) {
    for (_, content) in boxes(content).filter(|(other, _)| *other == kind) {
        let start = content
            .windows(3)
            .take(64)
            .position(|bytes| bytes == b"\xff\xd8\xff");
        found.extend(start.and_then(|start| content.get(start..)));
    }
}

/// The first sample of a track.
fn sample<'a>(source: &'a [u8], track: &'a [u8]) -> Option<&'a [u8]> {
    let table = inner(inner(inner(track, b"mdia")?, b"minf")?, b"stbl")?;
    let sizes = Bytes::big_endian(inner(table, b"stsz")?);
    // One size of all of them, or the first one's.
    let length = sizes.u32(4).filter(|size| *size > 0).or(sizes.u32(12))?;
    let at = match inner(table, b"co64") {
        Some(places) => Bytes::big_endian(places).u64(8)?,
        None => Bytes::big_endian(inner(table, b"stco")?).u32(8)?.into(),
    };
    Some(within(source, at, length.into()))
}

fn inner<'a>(content: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(content)
        .find(|(other, _)| *other == kind)
        .map(|(_, content)| content)
}

/// Kind and content of each box, up to one that makes no sense.
fn boxes(content: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = content;
    std::iter::from_fn(move || {
        let bytes = Bytes::big_endian(rest);
        let kind = rest.get(4..)?.first_chunk()?;
        let (start, length) = match bytes.u32(0)? {
            0 => (8, rest.len()),
            1 => (16, usize::try_from(bytes.u64(8)?).ok()?),
            length => (8, length as usize),
        };
        let length = length.min(rest.len());
        let content = rest.get(start..length)?;
        rest = rest.get(length..)?;
        Some((kind, content))
    })
    .take(MOST)
}
