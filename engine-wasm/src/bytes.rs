//! Integers out of untrusted bytes: what is not there is `None`, never a panic.

/// Bytes with an order of their own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bytes<'a> {
    data: &'a [u8],
    big_endian: bool,
}

impl<'a> Bytes<'a> {
    /// Bytes whose integers begin with the most significant byte.
    pub(crate) fn big_endian(data: &'a [u8]) -> Self {
        Self {
            data,
            big_endian: true,
        }
    }

    /// Bytes whose integers begin with the least significant byte.
    pub(crate) fn little_endian(data: &'a [u8]) -> Self {
        Self {
            data,
            big_endian: false,
        }
    }

    /// `length` bytes from `at`, all of them or none.
    pub(crate) fn slice(&self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.data.get(at..at.checked_add(length)?)
    }

    /// Everything from `at`.
    pub(crate) fn rest(&self, at: usize) -> &'a [u8] {
        self.data.get(at..).unwrap_or_default()
    }

    pub(crate) fn u8(&self, at: usize) -> Option<u8> {
        self.data.get(at).copied()
    }

    pub(crate) fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.slice(at, 2)?.try_into().ok()?;
        Some(if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    pub(crate) fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.slice(at, 4)?.try_into().ok()?;
        Some(if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }

    pub(crate) fn u64(&self, at: usize) -> Option<u64> {
        let bytes = self.slice(at, 8)?.try_into().ok()?;
        Some(if self.big_endian {
            u64::from_be_bytes(bytes)
        } else {
            u64::from_le_bytes(bytes)
        })
    }

    pub(crate) fn is_big_endian(&self) -> bool {
        self.big_endian
    }
}
