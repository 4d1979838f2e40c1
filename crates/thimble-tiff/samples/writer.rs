//! A writer of TIFF that breaks whatever rule it is told to.

/// Types of values.
pub(crate) const SHORT: u16 = 3;
pub(crate) const LONG: u16 = 4;

/// A page in the making.
#[derive(Clone)]
pub(crate) struct Tiff {
    tags: Vec<(u16, u16, Vec<u32>)>,
    bytes: Vec<(u16, Vec<u8>)>,
    chunks: Vec<Vec<u8>>,
    /// Tags of the offsets and of the lengths of chunks.
    places: (u16, u16),
    /// The length that the directory states, for a length.
    stated: fn(usize) -> usize,
    /// Tags whose value is a place within the file, at an offset from the first
    /// chunk.
    pointers: Vec<(u16, Vec<usize>)>,
}

/// Tags of strips, and of tiles.
pub(crate) const STRIPS: (u16, u16) = (273, 279);
pub(crate) const TILES: (u16, u16) = (324, 325);

impl Tiff {
    /// A page of so many columns and rows, with one chunk and no other tags.
    pub(crate) fn new(width: u32, height: u32, chunk: Vec<u8>) -> Tiff {
        Tiff {
            tags: vec![],
            bytes: vec![],
            chunks: vec![chunk],
            places: STRIPS,
            stated: |length| length,
            pointers: vec![],
        }
        .long(256, &[width])
        .long(257, &[height])
    }

    pub(crate) fn short(self, tag: u16, values: &[u32]) -> Tiff {
        self.of_type(tag, SHORT, values)
    }

    pub(crate) fn long(self, tag: u16, values: &[u32]) -> Tiff {
        self.of_type(tag, LONG, values)
    }

    /// Sets a tag of integers of a type.
    pub(crate) fn of_type(mut self, tag: u16, kind: u16, values: &[u32]) -> Tiff {
        self.tags.retain(|(other, _, _)| *other != tag);
        self.tags.push((tag, kind, values.to_vec()));
        self
    }

    /// Sets a tag of bytes.
    pub(crate) fn bytes(mut self, tag: u16, values: &[u8]) -> Tiff {
        self.bytes.push((tag, values.to_vec()));
        self
    }

    pub(crate) fn without(mut self, tag: u16) -> Tiff {
        self.tags.retain(|(other, _, _)| *other != tag);
        self
    }

    pub(crate) fn chunks(mut self, chunks: Vec<Vec<u8>>) -> Tiff {
        self.chunks = chunks;
        self
    }

    pub(crate) fn listed_under(mut self, places: (u16, u16)) -> Tiff {
        self.places = places;
        self
    }

    /// States lengths other than the true ones.
    pub(crate) fn stating(mut self, stated: fn(usize) -> usize) -> Tiff {
        self.stated = stated;
        self
    }

    /// Sets a tag to places within the chunks, counted from the first.
    pub(crate) fn pointing(mut self, tag: u16, places: &[usize]) -> Tiff {
        self.pointers.push((tag, places.to_vec()));
        self
    }

    /// The file: header, chunks, values, directory.
    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut file = b"II*\0\0\0\0\0".to_vec();
        let first = file.len();
        let mut offsets = vec![];
        for chunk in &self.chunks {
            offsets.push(file.len() as u32);
            file.extend(chunk);
        }
        let lengths = self.chunks.iter();
        let lengths: Vec<u32> = lengths
            .map(|chunk| (self.stated)(chunk.len()) as u32)
            .collect();
        let mut tags = self.tags.clone();
        tags.push((self.places.0, LONG, offsets));
        tags.push((self.places.1, LONG, lengths));
        for (tag, places) in &self.pointers {
            let places = places.iter().map(|place| (first + place) as u32);
            tags.push((*tag, LONG, places.collect()));
        }
        let mut entries: Vec<(u16, u16, u32, Vec<u8>)> = vec![];
        for (tag, kind, values) in tags {
            let width = match kind {
                1 | 6 => 1,
                3 | 8 => 2,
                _ => 4,
            };
            let bytes = values
                .iter()
                .flat_map(|value| value.to_le_bytes()[..width].to_vec());
            entries.push((tag, kind, values.len() as u32, bytes.collect()));
        }
        for (tag, bytes) in &self.bytes {
            entries.push((*tag, 7, bytes.len() as u32, bytes.clone()));
        }
        entries.sort_by_key(|(tag, ..)| *tag);
        for (.., value) in &mut entries {
            if value.len() > 4 {
                file.resize(file.len().next_multiple_of(2), 0);
                let place = (file.len() as u32).to_le_bytes().to_vec();
                file.append(value);
                *value = place;
            }
            value.resize(4, 0);
        }
        file.resize(file.len().next_multiple_of(2), 0);
        let directory = (file.len() as u32).to_le_bytes();
        file[4..8].copy_from_slice(&directory);
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            file.extend([tag.to_le_bytes(), kind.to_le_bytes()].as_flattened());
            file.extend(count.to_le_bytes());
            file.extend(value);
        }
        file.extend([0; 4]);
        file
    }
}
