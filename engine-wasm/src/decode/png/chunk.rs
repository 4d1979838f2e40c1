//! Chunks: a length, four letters, the data, a checksum. PNG, third edition,
//! section 5.3.

use crate::decode::Bytes;

/// A chunk, perhaps with its end cut off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    /// Nothing if the source ends before.
    checksum: Option<u32>,
}

impl Chunk<'_> {
    /// Whether the checksum is right, which it is not if it is missing.
    pub(super) fn is_sound(&self) -> bool {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.kind);
        hasher.update(self.data);
        self.checksum == Some(hasher.finalize())
    }

    /// Whether there is nothing wrong with what is there: the end may be missing.
    pub(super) fn is_sound_or_cut(&self) -> bool {
        self.checksum.is_none() || self.is_sound()
    }

    /// Whether a decoder that does not know this kind has to give up.
    pub(super) fn is_critical(&self) -> bool {
        self.kind[0].is_ascii_uppercase()
    }
}

/// The chunks of a PNG up to its end, which is not among them.
pub(super) fn chunks(source: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let bytes = Bytes::big_endian(source);
    let mut at = 8;
    std::iter::from_fn(move || {
        let length = bytes.u32(at)? as usize;
        let kind = bytes.slice(at + 4, 4)?.try_into().ok()?;
        let rest = bytes.rest(at + 8);
        let data = rest.get(..length).unwrap_or(rest);
        at += 12 + data.len();
        let checksum = (data.len() == length).then(|| bytes.u32(at - 4)).flatten();
        (kind != *b"IEND").then_some(Chunk {
            kind,
            data,
            checksum,
        })
    })
}

/// The data of the first whole chunk of a kind.
pub(super) fn find<'a>(source: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    chunks(source)
        .filter(|chunk| chunk.checksum.is_some())
        .find(|chunk| chunk.kind == *kind)
        .map(|chunk| chunk.data)
}
