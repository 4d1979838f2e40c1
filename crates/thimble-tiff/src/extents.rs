//! Places of the compressed bytes of strips and tiles.
//!
//! Scanners write lengths of 0, or lengths that are too small. As in libtiff, such
//! a chunk then reaches to the next one, or to the end of the file; and one that
//! is not compressed is as long as its rows.

use std::cell::OnceCell;

use crate::directory::Directory;
use crate::layout::Layout;
use crate::tag;

/// The chunks of a page, as bytes of the file.
#[derive(Debug)]
pub(crate) struct Extents<'d, 'a> {
    directory: &'d Directory<'a>,
    offsets: u16,
    lengths: u16,
    /// Chunks that the page has, and those that the directory lists.
    needed: usize,
    stated: usize,
    is_compressed: bool,
    /// Places at which something begins, in order.
    starts: OnceCell<Vec<usize>>,
}

impl<'d, 'a> Extents<'d, 'a> {
    pub(crate) fn new(directory: &'d Directory<'a>, layout: &Layout, planes: usize) -> Self {
        let either = |tile, strip| {
            if layout.tiled && directory.count(tile) > 0 {
                tile
            } else {
                strip
            }
        };
        let offsets = either(tag::TILE_OFFSETS, tag::STRIP_OFFSETS);
        Extents {
            directory,
            offsets,
            lengths: either(tag::TILE_LENGTHS, tag::STRIP_LENGTHS),
            needed: layout.chunks_across() * layout.chunks_down() * planes,
            stated: directory.count(offsets),
            is_compressed: layout.compression != 1,
            starts: OnceCell::new(),
        }
    }

    /// The directory says where to find a chunk.
    pub(crate) fn lists(&self, index: usize) -> bool {
        index < self.stated
    }

    /// Place of a chunk; 0 is none.
    pub(crate) fn start(&self, index: usize) -> Option<usize> {
        let start = self.directory.number(self.offsets, index)?;
        usize::try_from(start).ok().filter(|start| *start > 0)
    }

    /// The bytes of a chunk: empty if they lie outside the file, cut short if they
    /// reach beyond its end, and up to the next chunk if their length is not known.
    pub(crate) fn chunk(&self, index: usize) -> &'a [u8] {
        let Some(start) = self.start(index) else {
            return &[];
        };
        let rest = self.directory.file().rest(start);
        if !self.is_compressed {
            return rest;
        }
        let length = self.directory.number(self.lengths, index);
        match length.and_then(|length| usize::try_from(length).ok()) {
            None | Some(0) => self.up_to_next(start),
            Some(length) => rest.get(..length).unwrap_or(rest),
        }
    }

    /// The bytes of a chunk up to the next one, if those are more than its length
    /// says.
    pub(crate) fn beyond(&self, index: usize) -> Option<&'a [u8]> {
        let reach = self.up_to_next(self.start(index)?);
        (reach.len() > self.chunk(index).len()).then_some(reach)
    }

    fn up_to_next(&self, start: usize) -> &'a [u8] {
        let starts = self.starts.get_or_init(|| self.sorted());
        let next = starts.get(starts.partition_point(|other| *other <= start));
        let rest = self.directory.file().rest(start);
        next.and_then(|next| rest.get(..next - start))
            .unwrap_or(rest)
    }

    fn sorted(&self) -> Vec<usize> {
        let chunks = (0..self.needed.min(self.stated)).filter_map(|index| self.start(index));
        let mut starts: Vec<usize> = chunks.chain([self.directory.start()]).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }
}
