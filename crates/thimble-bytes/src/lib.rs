//! Integers out of untrusted bytes: one that is not there is `None`, never a panic.
//!
//! Formats whose numbers lie anywhere in a file, in an order of bytes that the file chooses
//! or its format prescribes, are read through [`Bytes`].
//!
//! | | |
//! |---|---|
//! | integers | of 8, 16, 32 and 64 bits, without a sign |
//! | order | the most significant byte first, or last |
//! | bytes | a slice of a length, or all up to the end |
//! | runs | PackBits, which TIFF and Photoshop share |
//!
//! ```
//! use thimble_bytes::Bytes;
//!
//! let bytes = Bytes::little_endian(&[0x42, 0x4d, 0x01, 0x02]);
//! assert_eq!(bytes.u16(2), Some(0x0201));
//! assert_eq!(bytes.u32(2), None);
//! assert_eq!(bytes.rest(9), b"");
//! ```
//!
//! # Limits
//!
//! Nothing is allocated, and places may be any number.
//!
//! Nothing here fails: a caller knows what a missing number means.
//!
//! No bench and no fuzz target: the crate is reads of slices, which the benches and the
//! targets of TIFF, GIF and bitmaps run through.

#![forbid(unsafe_code)]

/// Bytes with an order of their own.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    data: &'a [u8],
    big_endian: bool,
}

impl<'a> Bytes<'a> {
    /// Bytes whose integers begin with the most significant byte.
    #[must_use]
    pub fn big_endian(data: &'a [u8]) -> Self {
        Self {
            data,
            big_endian: true,
        }
    }

    /// Bytes whose integers begin with the least significant byte.
    #[must_use]
    pub fn little_endian(data: &'a [u8]) -> Self {
        Self {
            data,
            big_endian: false,
        }
    }

    /// `length` bytes from `at`, all of them or none.
    #[must_use]
    pub fn slice(&self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.data.get(at..at.checked_add(length)?)
    }

    /// Everything from `at`.
    #[must_use]
    pub fn rest(&self, at: usize) -> &'a [u8] {
        self.data.get(at..).unwrap_or_default()
    }

    /// An integer of 8 bits.
    #[must_use]
    pub fn u8(&self, at: usize) -> Option<u8> {
        self.data.get(at).copied()
    }

    /// An integer of 16 bits.
    #[must_use]
    pub fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes(self.number(at)?))
    }

    /// An integer of 32 bits.
    #[must_use]
    pub fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(self.number(at)?))
    }

    /// An integer of 64 bits.
    #[must_use]
    pub fn u64(&self, at: usize) -> Option<u64> {
        Some(u64::from_be_bytes(self.number(at)?))
    }

    /// The bytes of a number, the most significant first.
    fn number<const LENGTH: usize>(&self, at: usize) -> Option<[u8; LENGTH]> {
        let mut bytes: [u8; LENGTH] = self.slice(at, LENGTH)?.try_into().ok()?;
        if !self.big_endian {
            bytes.reverse();
        }
        Some(bytes)
    }

    /// Integers begin with the most significant byte.
    #[must_use]
    pub fn is_big_endian(&self) -> bool {
        self.big_endian
    }
}

/// Unpacks bytes into a room, and tells how many they were: runs of a byte that is repeated,
/// and of bytes as they are, as in Apple's `PackBits`.
///
/// ```
/// let mut room = [0; 5];
/// assert_eq!(thimble_bytes::unpack_bits(&[0xfe, 7, 1, 8, 9], &mut room), 5);
/// assert_eq!(room, [7, 7, 7, 8, 9]);
/// ```
pub fn unpack_bits(packed: &[u8], unpacked: &mut [u8]) -> usize {
    let (mut rest, mut produced) = (packed, 0);
    while let Some((&head, tail)) = rest.split_first() {
        rest = tail;
        let room = &mut unpacked[produced..];
        if room.is_empty() {
            break;
        }
        match head as i8 {
            -128 => {}
            count @ 0.. => {
                let count = (count as usize + 1).min(rest.len());
                let fits = count.min(room.len());
                room[..fits].copy_from_slice(&rest[..fits]);
                rest = &rest[count..];
                produced += fits;
            }
            count => {
                let Some((&byte, tail)) = rest.split_first() else {
                    break;
                };
                let fits = (1 + usize::from(count.unsigned_abs())).min(room.len());
                room[..fits].fill(byte);
                rest = tail;
                produced += fits;
            }
        }
    }
    produced
}
