//! The directory of a TIFF page: numbered tags with values, anywhere in the file.
//!
//! Values stay where they are and are looked up one by one, so that a tag that
//! claims billions of them costs nothing.

use thimble_bytes::Bytes;

/// Entries of a directory that are looked at; nobody writes as many.
const MAX_ENTRIES: usize = 4096;
/// Pages that are counted.
const MAX_PAGES: u32 = 10_000;
/// Directories below another that are looked at.
const MAX_CHILDREN: usize = 16;

/// Values of a tag: of a type, somewhere.
#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    at: usize,
}

/// A directory: that of the first page, or one below it.
#[derive(Clone, Debug)]
pub(crate) struct Directory<'a> {
    bytes: Bytes<'a>,
    dialect: Dialect,
    /// Position in the file.
    start: usize,
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

    /// Number of entries of the directory, and position of the first.
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
        at.checked_add(self.entry_length())?;
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

    /// Position of the directory after this one.
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

/// Number of pages. A chain that loops ends at the first page that
/// lies before the one it follows, or after as many as anybody has.
pub(crate) fn count_pages(source: &[u8]) -> u32 {
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
    pub(crate) fn first(source: &'a [u8]) -> Option<Directory<'a>> {
        let (bytes, dialect, first) = open(source)?;
        Directory::read(bytes, dialect, first)
    }

    /// Reads a directory of bytes that are not a whole file: a part of it, whose places are
    /// counted from its own beginning.
    pub(crate) fn within(bytes: Bytes<'a>, start: usize) -> Option<Directory<'a>> {
        Directory::read(bytes, Dialect { big: false }, start)
    }

    /// Position of the first value of a tag.
    pub(crate) fn position(&self, tag: u16) -> Option<usize> {
        self.find(tag).map(|entry| entry.at)
    }

    fn read(bytes: Bytes<'a>, dialect: Dialect, start: usize) -> Option<Directory<'a>> {
        let (count, first) = dialect.entries(&bytes, start)?;
        let mut entries: Vec<Entry> = (0..count.min(MAX_ENTRIES))
            .map_while(|index| {
                let at = first.checked_add(index * dialect.entry_length())?;
                dialect.entry(&bytes, at)
            })
            .collect();
        // Stable: of two entries with one tag the first one counts.
        entries.sort_by_key(|entry| entry.tag);
        Some(Directory {
            bytes,
            dialect,
            start,
            entries,
        })
    }

    /// The directories that a tag of this one points at.
    pub(crate) fn children(&self, tag: u16) -> impl Iterator<Item = Directory<'a>> {
        (0..self.count(tag).min(MAX_CHILDREN)).filter_map(move |index| {
            let at = usize::try_from(self.number(tag, index)?).ok()?;
            Directory::read(self.bytes, self.dialect, at)
        })
    }

    /// The directories of the pages behind this one, a few of them.
    pub(crate) fn following(&self) -> impl Iterator<Item = Directory<'a>> {
        let (bytes, dialect) = (self.bytes, self.dialect);
        let next = move |at: &usize| dialect.next(&bytes, *at);
        std::iter::successors(next(&self.start), next)
            .take(MAX_CHILDREN)
            .filter_map(move |at| Directory::read(bytes, dialect, at))
    }

    /// Position of the directory in the file.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// The bytes of the file.
    pub(crate) fn file(&self) -> Bytes<'a> {
        self.bytes
    }

    /// Number of values of a tag, 0 if it is not there: as many as it says, or
    /// as there is room for up to the end of the file.
    pub(crate) fn count(&self, tag: u16) -> usize {
        self.find(tag).map_or(0, |entry| {
            let room = self.bytes.rest(entry.at).len() / value_length(entry.kind);
            entry.count.min(room)
        })
    }

    /// A value of a tag of integers, of any width, unless it is negative.
    pub(crate) fn number(&self, tag: u16, index: usize) -> Option<u64> {
        let (kind, at) = self.place(tag, index)?;
        let value = match kind {
            1 | 6 => self.bytes.u8(at).map(u64::from),
            3 | 8 => self.bytes.u16(at).map(u64::from),
            4 | 9 | 13 => self.bytes.u32(at).map(u64::from),
            16..=18 => self.bytes.u64(at),
            _ => None,
        }?;
        let is_signed = matches!(kind, 6 | 8 | 9 | 17);
        let most = u64::MAX >> (64 - 8 * value_length(kind) + usize::from(is_signed));
        (value <= most).then_some(value)
    }

    /// A value of a tag of fractions, floating point or integers.
    pub(crate) fn fraction(&self, tag: u16, index: usize) -> Option<f64> {
        let (kind, at) = self.place(tag, index)?;
        let part = |at| self.bytes.u32(at);
        match kind {
            5 => Some(f64::from(part(at)?) / f64::from(part(at + 4)?)),
            10 => {
                let [over, under] = [part(at)?, part(at + 4)?].map(u32::cast_signed);
                Some(f64::from(over) / f64::from(under))
            }
            11 => Some(f32::from_bits(part(at)?).into()),
            12 => self.bytes.u64(at).map(f64::from_bits),
            _ => self.number(tag, index).map(|number| number as f64),
        }
    }

    /// Type and position of a value of a tag.
    fn place(&self, tag: u16, index: usize) -> Option<(u16, usize)> {
        let entry = self.find(tag).filter(|entry| index < entry.count)?;
        let offset = index.checked_mul(value_length(entry.kind))?;
        Some((entry.kind, entry.at.checked_add(offset)?))
    }

    /// The first value of a tag, if it fits 32 bits.
    pub(crate) fn first_number(&self, tag: u16) -> Option<u32> {
        self.number(tag, 0)
            .and_then(|number| u32::try_from(number).ok())
    }

    /// The value of a tag of bytes.
    pub(crate) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.find(tag)?;
        self.bytes
            .slice(entry.at, entry.count.checked_mul(value_length(entry.kind))?)
    }

    fn find(&self, tag: u16) -> Option<&Entry> {
        let first = self.entries.partition_point(|entry| entry.tag < tag);
        self.entries.get(first).filter(|entry| entry.tag == tag)
    }
}
