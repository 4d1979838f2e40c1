//! Frames of a WebP.

use std::io::Cursor;

use image_webp::WebPDecoder;

use crate::{Poster, shows_something};

pub(crate) fn find(source: &[u8], most: usize) -> Option<Poster> {
    let mut decoder = WebPDecoder::new(Cursor::new(source)).ok()?;
    decoder.set_memory_limit(source.len());
    if !decoder.is_animated() {
        return None;
    }
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let length = decoder.output_buffer_size()?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(length).ok()?;
    samples.resize(length, 0);
    for frame in 0..most.min(decoder.num_frames() as usize) {
        decoder.read_frame(&mut samples).ok()?;
        if shows_something(&samples, channels) {
            return Some(Poster {
                frame,
                channels,
                samples,
            });
        }
    }
    None
}
