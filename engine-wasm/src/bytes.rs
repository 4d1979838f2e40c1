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
        Some(u16::from_be_bytes(self.number(at)?))
    }

    pub(crate) fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(self.number(at)?))
    }

    pub(crate) fn u64(&self, at: usize) -> Option<u64> {
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

    pub(crate) fn is_big_endian(&self) -> bool {
        self.big_endian
    }
}
