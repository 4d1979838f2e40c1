//! Chunks: a length, four letters, the data, a checksum. PNG, third edition,
//! section 5.3.

/// A chunk, perhaps with its end cut off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    /// `None` if the source ends before it.
    checksum: Option<u32>,
}

impl Chunk<'_> {
    /// True if the source does not end within it.
    pub(super) fn is_whole(&self) -> bool {
        self.checksum.is_some()
    }

    /// True if the checksum is right, which it is not if it is missing.
    pub(super) fn is_sound(&self) -> bool {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.kind);
        hasher.update(self.data);
        self.checksum == Some(hasher.finalize())
    }

    /// True if the checksum is right or, with the end of the source, missing.
    pub(super) fn is_sound_or_cut(&self) -> bool {
        self.checksum.is_none() || self.is_sound()
    }

    /// True if a decoder that does not know this kind has to give up.
    pub(super) fn is_critical(&self) -> bool {
        self.kind[0].is_ascii_uppercase()
    }
}

/// The chunks of a PNG up to its end, which is not among them.
#[derive(Clone, Debug)]
pub(super) struct Chunks<'a> {
    rest: &'a [u8],
}

impl<'a> Chunks<'a> {
    /// Begins behind the signature.
    pub(super) fn of(source: &'a [u8]) -> Self {
        let rest = source.get(8..).unwrap_or_default();
        Self { rest }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, rest) = rest.split_first_chunk()?;
        let (data, rest) = rest.split_at(length.min(rest.len()));
        let checksum = rest.split_first_chunk().filter(|_| data.len() == length);
        self.rest = checksum.map_or(&[], |(_, rest)| rest);
        (kind != b"IEND").then_some(Chunk {
            kind: *kind,
            data,
            checksum: checksum.map(|(checksum, _)| u32::from_be_bytes(*checksum)),
        })
    }
}

/// The chunks of image data, which follow each other.
#[derive(Clone, Debug)]
pub(super) struct ImageData<'a> {
    chunks: Chunks<'a>,
    /// True from the first of them to the last.
    is_within: bool,
}

impl<'a> ImageData<'a> {
    pub(super) fn of(source: &'a [u8]) -> Self {
        Self {
            chunks: Chunks::of(source),
            is_within: false,
        }
    }
}

impl<'a> Iterator for ImageData<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        loop {
            match self.chunks.next() {
                Some(chunk) if chunk.kind == *b"IDAT" => {
                    self.is_within = true;
                    return Some(chunk);
                }
                Some(_) if !self.is_within => {}
                _ => {
                    self.chunks.rest = &[];
                    return None;
                }
            }
        }
    }
}

/// The data of the first whole chunk of a kind.
pub(super) fn find<'a>(source: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    Chunks::of(source)
        .filter(Chunk::is_whole)
        .find(|chunk| chunk.kind == *kind)
        .map(|chunk| chunk.data)
}

/// The data of the first whole chunk of a kind that `counts`, before the pixels that
/// it describes.
pub(super) fn find_before_pixels<'a>(
    source: &'a [u8],
    kind: &[u8; 4],
    counts: impl Fn(&Chunk<'a>) -> bool,
) -> Option<&'a [u8]> {
    Chunks::of(source)
        .take_while(|chunk| chunk.kind != *b"IDAT")
        .filter(Chunk::is_whole)
        .find(|chunk| chunk.kind == *kind && counts(chunk))
        .map(|chunk| chunk.data)
}
