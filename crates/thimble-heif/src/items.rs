//! Items of a file: their kinds, places, properties, and what refers to what.

use std::borrow::Cow;

use crate::Error;
use crate::boxes::{self, Numbers};

/// Items that are looked at, and extents of one: a picture of tiles has hundreds.
const MOST_ITEMS: usize = 1 << 16;

/// Items that others refer to, counted for each that does.
const MOST_REFERRED: usize = 4 * MOST_ITEMS;

/// Names of alpha, those of the standard and of HEVC's.
const ALPHA: [&[u8]; 2] = [
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
];

/// Properties of an item, whose number is a byte.
const MOST_PROPERTIES: usize = u8::MAX as usize;

/// An item by its number.
pub(crate) type Id = u32;

/// The box `meta`, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Items<'a> {
    pub(crate) source: &'a [u8],
    /// Bytes of items that lie beside their descriptions.
    beside: &'a [u8],
    pub(crate) primary: Id,
    /// Number and kind, in the order of the numbers.
    kinds: Vec<(Id, [u8; 4])>,
    places: Vec<(Id, Place)>,
    /// Kind, item that refers, items that are referred to, in the order of the first two.
    references: Vec<([u8; 4], Id, Vec<Id>)>,
    /// Items, and those that are their alpha, in the order of the first ones.
    alphas: Vec<(Id, Id)>,
    /// Items in all of these, counted for each that refers to them.
    reference_count: usize,
    properties: Vec<boxes::Box<'a>>,
    /// Item, its entry, number of a property, and whether it must be known.
    associations: Vec<(Id, usize, usize, bool)>,
}

/// The place of an item's bytes.
#[derive(Debug)]
struct Place {
    /// Within the file, within the box `idat`, or within another item.
    construction: u8,
    /// Places and lengths; a length of 0 reaches to the end.
    extents: Vec<(u64, u64)>,
}

impl<'a> Items<'a> {
    /// Reads the items of a file.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if there is no picture among them.
    pub(crate) fn read(source: &'a [u8]) -> Result<Self, Error> {
        let meta = boxes::find(source, b"meta").and_then(|meta| meta.get(4..));
        let meta = meta.ok_or(Error::Malformed("no items"))?;
        let mut items = Items {
            source,
            ..Items::default()
        };
        let mut primary = None;
        for inner in boxes::all(meta) {
            let content = Numbers(inner.content);
            match &inner.kind {
                b"pitm" => primary = primary.or(read_primary(content)),
                b"iinf" => items.read_kinds(content).unwrap_or_default(),
                b"iloc" => items.read_places(content).unwrap_or_default(),
                b"iref" => items.read_references(content).unwrap_or_default(),
                b"iprp" => items.read_properties(inner.content),
                b"idat" => items.beside = inner.content,
                _ => {}
            }
        }
        items.kinds.sort_unstable();
        items.places.sort_by_key(|(id, _)| *id);
        items.associations.sort_by_key(|(id, ..)| *id);
        items.references.sort_by_key(|(kind, id, _)| (*kind, *id));
        items.keep_alphas();
        items.primary = primary.ok_or(Error::Malformed("no item is the picture"))?;
        // The picture is more than its thumbnail. Some files say it the other way around.
        if let [whole, ..] = items.referred(b"thmb", items.primary)
            && items.pixels(*whole) > items.pixels(items.primary)
        {
            items.primary = *whole;
        }
        Ok(items)
    }

    /// Pixels that an item is stated to have.
    fn pixels(&self, id: Id) -> u64 {
        let mut properties = self.properties(id).map(|(property, _)| property);
        let sides = properties.find(|property| property.kind == *b"ispe");
        let pixels = sides.and_then(|sides| {
            let mut numbers = Numbers(sides.content);
            numbers.version()?;
            Some(u64::from(numbers.u32()?) * u64::from(numbers.u32()?))
        });
        pixels.unwrap_or(0)
    }

    /// Bytes of the file.
    pub(crate) fn length(&self) -> usize {
        self.source.len()
    }

    /// The kind of an item.
    pub(crate) fn kind(&self, id: Id) -> Option<[u8; 4]> {
        let index = self.kinds.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.kinds.get(index).map(|(_, kind)| *kind)
    }

    /// The items that an item refers to.
    pub(crate) fn referred(&self, kind: &[u8; 4], from: Id) -> &[Id] {
        let wanted = (*kind, from);
        let first = self
            .references
            .partition_point(|(kind, id, _)| (*kind, *id) < wanted);
        let found = self.references.get(first);
        let found = found.filter(|(kind, id, _)| (*kind, *id) == wanted);
        found.map_or(&[], |(.., to)| to)
    }

    /// The first item that says that it is the alpha of another.
    pub(crate) fn alpha(&self, id: Id) -> Option<Id> {
        let first = self.alphas.partition_point(|(other, _)| *other < id);
        let (other, alpha) = self.alphas.get(first)?;
        (*other == id).then_some(*alpha)
    }

    /// The properties of an item, in their order, each with whether it must be known.
    pub(crate) fn properties(&self, id: Id) -> impl Iterator<Item = (boxes::Box<'a>, bool)> {
        let first = self.associations.partition_point(|(other, ..)| *other < id);
        let own = self.associations[first..].iter();
        // The first entry counts: stated twice, a turn would be another one.
        let entry = own.as_slice().first().map(|(_, entry, ..)| *entry);
        own.take(MOST_PROPERTIES)
            .take_while(move |(other, at, ..)| *other == id && Some(*at) == entry)
            .filter_map(|(.., index, essential)| Some((*self.properties.get(*index)?, *essential)))
    }

    /// The bytes of an item, as many as there are, and whether those are all. Extents may
    /// overlap, but all of them together are no longer than the file.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if there are none.
    pub(crate) fn bytes(&self, id: Id) -> Result<(Cow<'a, [u8]>, bool), Error> {
        let index = self.places.binary_search_by_key(&id, |(id, _)| *id);
        let place = index.ok().and_then(|index| self.places.get(index));
        let (_, place) = place.ok_or(Error::Malformed("an item without a place"))?;
        let from = match place.construction {
            0 => self.source,
            1 => self.beside,
            _ => return Err(Error::Unsupported("an item within another")),
        };
        let mut bytes = Cow::Borrowed(&[][..]);
        let mut is_whole = true;
        for (at, length) in &place.extents {
            let rest = usize::try_from(*at).ok().and_then(|at| from.get(at..));
            let rest = rest.unwrap_or_default();
            let length = match usize::try_from(*length) {
                Ok(0) => rest.len(),
                length => length.unwrap_or(usize::MAX),
            };
            let extent = rest.get(..length).unwrap_or(rest);
            is_whole &= extent.len() == length && !extent.is_empty();
            if bytes.is_empty() {
                bytes = Cow::Borrowed(extent);
            } else if bytes.len() + extent.len() <= self.source.len() {
                bytes.to_mut().extend_from_slice(extent);
            } else {
                return Err(Error::Malformed("an item longer than the file"));
            }
        }
        if bytes.is_empty() {
            return Err(Error::Malformed("an item without bytes"));
        }
        Ok((bytes, is_whole))
    }

    fn read_kinds(&mut self, mut numbers: Numbers<'a>) -> Option<()> {
        let (version, _) = numbers.version()?;
        numbers.short_or_long(version > 0)?;
        for inner in boxes::all(numbers.0).filter(|inner| inner.kind == *b"infe") {
            let mut entry = Numbers(inner.content);
            let (version, _) = entry.version()?;
            let id = entry.short_or_long(version > 2)?;
            entry.u16()?;
            let kind = entry.take(4)?.first_chunk()?;
            if version >= 2 && self.kinds.len() < MOST_ITEMS {
                self.kinds.push((id, *kind));
            }
        }
        Some(())
    }

    fn read_places(&mut self, mut numbers: Numbers<'a>) -> Option<()> {
        let (version, _) = numbers.version()?;
        let sizes = numbers.u16()?;
        let size = |shift: u16| usize::from(sizes >> shift & 15).min(8);
        let (offset, length, base) = (size(12), size(8), size(4));
        let index = if version > 0 { size(0) } else { 0 };
        let count = numbers.short_or_long(version > 1)?;
        for _ in 0..(count as usize).min(MOST_ITEMS) {
            let id = numbers.short_or_long(version > 1)?;
            let construction = if version > 0 { numbers.u16()? & 15 } else { 0 };
            let data_reference = numbers.u16()?;
            let base = numbers.uint(base)?;
            let mut extents = Vec::new();
            for _ in 0..numbers.u16()? {
                numbers.uint(index)?;
                let at = base.saturating_add(numbers.uint(offset)?);
                extents.push((at, numbers.uint(length)?));
                if offset + length == 0 {
                    break;
                }
            }
            let construction = if data_reference == 0 {
                construction as u8
            } else {
                u8::MAX
            };
            self.places.push((
                id,
                Place {
                    construction,
                    extents,
                },
            ));
        }
        Some(())
    }

    fn read_references(&mut self, mut numbers: Numbers<'a>) -> Option<()> {
        let (version, _) = numbers.version()?;
        for inner in boxes::all(numbers.0) {
            let mut entry = Numbers(inner.content);
            let from = entry.short_or_long(version > 0)?;
            let count = entry.u16()?;
            let to = (0..count).map_while(|_| entry.short_or_long(version > 0));
            let to: Vec<Id> = to.collect();
            self.reference_count += to.len().max(1);
            if self.reference_count > MOST_REFERRED {
                return None;
            }
            if &inner.kind == b"auxl" {
                self.alphas.extend(to.iter().map(|to| (*to, from)));
            }
            self.references.push((inner.kind, from, to));
        }
        Some(())
    }

    /// Drops auxiliary items that are no alpha. Each is looked at once, however many tiles
    /// and pictures share it.
    fn keep_alphas(&mut self) {
        let mut alphas: Vec<Id> = self.alphas.iter().map(|(_, alpha)| *alpha).collect();
        alphas.sort_unstable();
        alphas.dedup();
        alphas.retain(|id| {
            self.properties(*id)
                .any(|(property, _)| is_alpha(&property))
        });
        self.alphas
            .retain(|(_, alpha)| alphas.binary_search(alpha).is_ok());
        self.alphas.sort_by_key(|(id, _)| *id);
    }

    fn read_properties(&mut self, content: &'a [u8]) {
        for inner in boxes::all(content) {
            match &inner.kind {
                b"ipco" => self.properties.extend(boxes::all(inner.content)),
                b"ipma" => self
                    .read_associations(Numbers(inner.content))
                    .unwrap_or_default(),
                _ => {}
            }
        }
    }

    fn read_associations(&mut self, mut numbers: Numbers<'a>) -> Option<()> {
        let (version, flags) = numbers.version()?;
        let is_wide = flags & 1 == 1;
        for _ in 0..numbers.u32()? {
            let id = numbers.short_or_long(version > 0)?;
            let entry = self.associations.len();
            for _ in 0..numbers.u8()? {
                let number = numbers.uint(if is_wide { 2 } else { 1 })?;
                let top = if is_wide { 0x8000 } else { 0x80 };
                // They are counted from 1, and 0 is none.
                if let Some(index) = (number & (top - 1)).checked_sub(1) {
                    self.associations
                        .push((id, entry, index as usize, number & top != 0));
                }
            }
        }
        Some(())
    }
}

/// True for the property that makes an item an alpha: its name ends with a zero, or the box.
fn is_alpha(property: &boxes::Box<'_>) -> bool {
    let name = property.content.get(4..).unwrap_or_default();
    let mut rests = ALPHA.iter().filter_map(|alpha| name.strip_prefix(*alpha));
    property.kind == *b"auxC" && rests.any(|rest| matches!(rest, [] | [0, ..]))
}

fn read_primary(mut numbers: Numbers<'_>) -> Option<Id> {
    let (version, _) = numbers.version()?;
    numbers.short_or_long(version > 0)
}
