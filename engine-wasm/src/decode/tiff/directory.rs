//! The directory of a TIFF page: numbered tags with values, anywhere in the file.
//!
//! Values stay where they are and are looked up one by one, so that a tag that
//! claims billions of them costs nothing.

use crate::decode::Bytes;

/// Entries of a directory that are looked at; nobody writes as many.
const MAX_ENTRIES: usize = 4096;
/// Pages that are counted.
const MAX_PAGES: u32 = 10_000;

/// What a tag says: values of a type, somewhere.
#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    at: usize,
}

/// The first directory.
#[derive(Clone, Debug)]
pub(super) struct Directory<'a> {
    bytes: Bytes<'a>,
    entries: Vec<Entry>,
}

/// The two dialects: TIFF counts in 32 bits, BigTIFF in 64.
#[derive(Clone, Copy, Debug)]
struct Dialect {
    big: bool,
}

impl Dialect {
    fn offset(self, bytes: &Bytes<'_>, at: usize) -> Option<usize> {
        if self.big {
            usize::try_from(bytes.u64(at)?).ok()
        } else {
            Some(bytes.u32(at)? as usize)
        }
    }

    /// How many entries the directory has, and where the first is.
    fn entries(self, bytes: &Bytes<'_>, directory: usize) -> Option<(usize, usize)> {
        if self.big {
            let count = usize::try_from(bytes.u64(directory)?).ok()?;
            Some((count, directory.checked_add(8)?))
        } else {
            Some((
                usize::from(bytes.u16(directory)?),
                directory.checked_add(2)?,
            ))
        }
    }

    fn entry_length(self) -> usize {
        if self.big { 20 } else { 12 }
    }

    fn entry(self, bytes: &Bytes<'_>, at: usize) -> Option<Entry> {
        let (tag, kind) = (bytes.u16(at)?, bytes.u16(at + 2)?);
        let count = self.offset(bytes, at + 4)?;
        let (value, room) = if self.big { (at + 12, 8) } else { (at + 8, 4) };
        let inside = count
            .checked_mul(value_length(kind))
            .is_some_and(|length| length <= room);
        let at = if inside {
            value
        } else {
            self.offset(bytes, value)?
        };
        Some(Entry {
            tag,
            kind,
            count,
            at,
        })
    }

    /// Where the directory after this one is.
    fn next(self, bytes: &Bytes<'_>, directory: usize) -> Option<usize> {
        let (count, first) = self.entries(bytes, directory)?;
        let end = first.checked_add(count.checked_mul(self.entry_length())?)?;
        self.offset(bytes, end).filter(|next| *next != 0)
    }
}

fn value_length(kind: u16) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 1,
    }
}

fn open(source: &[u8]) -> Option<(Bytes<'_>, Dialect, usize)> {
    let bytes = match source.first_chunk()? {
        b"II" => Bytes::little_endian(source),
        _ => Bytes::big_endian(source),
    };
    let dialect = Dialect {
        big: bytes.u16(2)? == 43,
    };
    let first = dialect.offset(&bytes, if dialect.big { 8 } else { 4 })?;
    Some((bytes, dialect, first))
}

/// How many pages there are. A chain that loops ends at the first page that
/// lies before the one it follows, or after as many as anybody has.
pub(super) fn count_pages(source: &[u8]) -> u32 {
    let Some((bytes, dialect, mut directory)) = open(source) else {
        return 0;
    };
    let mut pages = 1;
    while let Some(next) = dialect.next(&bytes, directory) {
        if next <= directory || pages == MAX_PAGES || dialect.entries(&bytes, next).is_none() {
            break;
        }
        directory = next;
        pages += 1;
    }
    pages
}

impl<'a> Directory<'a> {
    /// Reads the directory of the first page.
    pub(super) fn first(source: &'a [u8]) -> Option<Directory<'a>> {
        let (bytes, dialect, first) = open(source)?;
        let (count, start) = dialect.entries(&bytes, first)?;
        let mut entries: Vec<Entry> = (0..count.min(MAX_ENTRIES))
            .map_while(|index| dialect.entry(&bytes, start + index * dialect.entry_length()))
            .collect();
        // Stable: of two entries with one tag the first one counts.
        entries.sort_by_key(|entry| entry.tag);
        Some(Directory { bytes, entries })
    }

    /// The bytes of the file.
    pub(super) fn file(&self) -> Bytes<'a> {
        self.bytes
    }

    /// How many values a tag has, 0 if it is not there: as many as it says, or
    /// as there is room for up to the end of the file.
    pub(super) fn count(&self, tag: u16) -> usize {
        self.find(tag).map_or(0, |entry| {
            let room = self.bytes.rest(entry.at).len() / value_length(entry.kind);
            entry.count.min(room)
        })
    }

    /// A value of a tag of unsigned integers.
    pub(super) fn number(&self, tag: u16, index: usize) -> Option<u64> {
        let entry = self.find(tag).filter(|entry| index < entry.count)?;
        let at = entry
            .at
            .checked_add(index.checked_mul(value_length(entry.kind))?)?;
        match entry.kind {
            1 => self.bytes.u8(at).map(u64::from),
            3 => self.bytes.u16(at).map(u64::from),
            4 | 13 => self.bytes.u32(at).map(u64::from),
            16 | 18 => self.bytes.u64(at),
            _ => None,
        }
    }

    /// The first value of a tag, if it fits 32 bits.
    pub(super) fn first_number(&self, tag: u16) -> Option<u32> {
        self.number(tag, 0)
            .and_then(|number| u32::try_from(number).ok())
    }

    /// The value of a tag of bytes.
    pub(super) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.find(tag)?;
        self.bytes
            .slice(entry.at, entry.count.checked_mul(value_length(entry.kind))?)
    }

    fn find(&self, tag: u16) -> Option<&Entry> {
        let first = self.entries.partition_point(|entry| entry.tag < tag);
        self.entries.get(first).filter(|entry| entry.tag == tag)
    }
}
