//! Blocks of a file, and frames among them.

use thimble_bytes::Bytes;

/// End of a frame, before the next one is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposal {
    /// It stays.
    Keep,
    /// Its place is transparent.
    Clear,
    /// Pixels that it covered come back.
    Restore,
}

impl Disposal {
    /// The one that the flags of a control ask for.
    fn asked(flags: u8) -> Self {
        match flags >> 2 & 7 {
            2 => Disposal::Clear,
            // Some programs write 4, which browsers take for 3.
            3 | 4 => Disposal::Restore,
            _ => Disposal::Keep,
        }
    }
}

/// A descriptor of a frame, and where its parts are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) is_interlaced: bool,
    pub(crate) transparent: Option<u8>,
    pub(crate) disposal: Disposal,
    pub(crate) palette: Palette,
    /// Position of the compressed pixels.
    pub(crate) data: usize,
}

impl Frame {
    pub(crate) fn has_pixels(&self) -> bool {
        self.width > 0 && self.height > 0
    }

    /// The frame lies on a canvas of these sides.
    pub(crate) fn is_within(&self, (width, height): (u32, u32)) -> bool {
        let (right, bottom) = (self.left + self.width, self.top + self.height);
        right <= width as usize && bottom <= height as usize
    }
}

/// Place of a table of colors, which is empty if there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    pub(crate) at: usize,
    pub(crate) length: usize,
}

impl Palette {
    /// The table that the flags of a descriptor announce.
    fn announced(flags: u8, at: usize) -> Self {
        let length = if flags & 0x80 == 0 {
            0
        } else {
            3 << ((flags & 7) + 1)
        };
        Palette { at, length }
    }

    fn end(self) -> usize {
        self.at + self.length
    }
}

/// A walk over the blocks of a file.
pub(crate) struct Walk<'a> {
    bytes: &'a Bytes<'a>,
    pub(crate) at: usize,
    /// Colors of frames that have none of their own.
    pub(crate) palette: Palette,
    /// The transparent index of the next frame.
    transparent: Option<u8>,
    /// End of the next frame.
    disposal: Disposal,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(bytes: &'a Bytes<'a>) -> Option<Self> {
        let palette = Palette::announced(bytes.u8(10)?, 13);
        Some(Walk {
            bytes,
            at: palette.end(),
            palette,
            transparent: None,
            disposal: Disposal::Keep,
        })
    }

    /// The next frame, over whatever lies before it. Bytes that begin no block are
    /// passed over: some writers leave zeros there.
    pub(crate) fn next_frame(&mut self) -> Option<Frame> {
        loop {
            match self.bytes.u8(self.at)? {
                b'!' => self.pass_extension(),
                b',' => return self.read_frame(),
                b';' => return None,
                _ => self.at += 1,
            }
        }
    }

    fn pass_extension(&mut self) {
        let control = self.bytes.slice(self.at, 7);
        if let Some(&[_, 0xf9, 4..=255, flags, _, _, index]) = control {
            self.transparent = (flags & 1 == 1).then_some(index);
            self.disposal = Disposal::asked(flags);
        }
        self.at = pass_blocks(self.bytes, self.at + 2);
    }

    fn read_frame(&mut self) -> Option<Frame> {
        let side = |offset| self.bytes.u16(self.at + offset).map(usize::from);
        let flags = self.bytes.u8(self.at + 9)?;
        let palette = Palette::announced(flags, self.at + 10);
        let frame = Frame {
            left: side(1)?,
            top: side(3)?,
            width: side(5)?,
            height: side(7)?,
            is_interlaced: flags & 0x40 != 0,
            transparent: self.transparent.take(),
            disposal: std::mem::replace(&mut self.disposal, Disposal::Keep),
            palette,
            data: palette.end(),
        };
        self.at = pass_blocks(self.bytes, frame.data + 1);
        Some(frame)
    }
}

/// Passes over blocks, each with its length before it, up to one of length zero.
fn pass_blocks(bytes: &Bytes<'_>, mut at: usize) -> usize {
    while let Some(length @ 1..) = bytes.u8(at) {
        at += 1 + usize::from(length);
    }
    at + 1
}
