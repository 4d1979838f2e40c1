//! Markers and the segments that follow them (ITU-T T.81, B.1).

use thimble_simd as simd;

pub(super) const SOF0: u8 = 0xC0;
pub(super) const SOF1: u8 = 0xC1;
pub(super) const SOF2: u8 = 0xC2;
pub(super) const SOF15: u8 = 0xCF;
/// Of JPEG-LS (ITU-T T.87).
pub(super) const SOF55: u8 = 0xF7;
pub(super) const DHT: u8 = 0xC4;
pub(super) const JPG: u8 = 0xC8;
pub(super) const DAC: u8 = 0xCC;
pub(super) const RST0: u8 = 0xD0;
pub(super) const RST7: u8 = 0xD7;
pub(super) const SOI: u8 = 0xD8;
pub(super) const EOI: u8 = 0xD9;
pub(super) const SOS: u8 = 0xDA;
pub(super) const DQT: u8 = 0xDB;
pub(super) const DNL: u8 = 0xDC;
pub(super) const DRI: u8 = 0xDD;
pub(super) const APP0: u8 = 0xE0;
pub(super) const APP1: u8 = 0xE1;
pub(super) const APP2: u8 = 0xE2;
pub(super) const APP14: u8 = 0xEE;
const TEM: u8 = 0x01;

/// A marker and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// The second byte of the marker.
    pub(super) marker: u8,
    /// The parameters, without their length. Shorter than announced when the
    /// source ends within them.
    pub(super) payload: &'a [u8],
}

/// Walks through a source from marker to marker, over any garbage between.
#[derive(Clone, Debug)]
pub(super) struct Segments<'a> {
    source: &'a [u8],
    position: usize,
}

impl<'a> Segments<'a> {
    pub(super) fn new(source: &'a [u8]) -> Self {
        Segments {
            source,
            position: 0,
        }
    }

    /// Position of the next look for a marker: after a scan's header, that of its
    /// entropy-coded data.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Go on from another place, such as the end of a scan.
    pub(super) fn seek(&mut self, position: usize) {
        self.position = position;
    }

    /// The next segment, or nothing when the source has no more markers.
    pub(super) fn next(&mut self) -> Option<Segment<'a>> {
        let (marker, at) = find(self.source, self.position)?;
        self.position = at + 2;
        if stands_alone(marker) {
            return Some(Segment {
                marker,
                payload: &[],
            });
        }
        let rest = &self.source[self.position..];
        let length = rest
            .first_chunk()
            .map_or(2, |bytes| usize::from(u16::from_be_bytes(*bytes)));
        let end = length.max(2).min(rest.len());
        self.position += end;
        Some(Segment {
            marker,
            payload: rest.get(2..end).unwrap_or(&[]),
        })
    }
}

/// True for a marker without parameters.
fn stands_alone(marker: u8) -> bool {
    marker == TEM || (RST0..=EOI).contains(&marker)
}

/// The first marker at or after a position, and where its `FF` stands. Stuffed
/// bytes (`FF 00`) and fill bytes (`FF FF`) are passed over.
pub(super) fn find(source: &[u8], from: usize) -> Option<(u8, usize)> {
    let mut position = from;
    loop {
        position = find_ff(source, position)?;
        match *source.get(position + 1)? {
            0x00 => position += 2,
            0xFF => position += 1,
            marker => return Some((marker, position)),
        }
    }
}

/// The first marker that ends a scan: anything but a restart marker.
pub(super) fn find_scan_end(source: &[u8], from: usize) -> Option<usize> {
    let mut position = from;
    loop {
        let (marker, at) = find(source, position)?;
        if !(RST0..=RST7).contains(&marker) {
            return Some(at);
        }
        position = at + 2;
    }
}

/// The first `FF` at or after a position.
fn find_ff(source: &[u8], from: usize) -> Option<usize> {
    let rest = source.get(from..)?;
    let ff = simd::splat_u8(0xFF);
    let (chunks, tail) = rest.as_chunks::<16>();
    for (index, chunk) in chunks.iter().enumerate() {
        let found = simd::equal_u8(simd::load_u8(chunk), ff);
        if found != 0 {
            return Some(from + index * 16 + found.trailing_zeros() as usize);
        }
    }
    let within = tail.iter().position(|&byte| byte == 0xFF)?;
    Some(from + chunks.len() * 16 + within)
}
