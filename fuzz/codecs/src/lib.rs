//! Parts of the fuzz targets of codecs.

/// Bytes as codecs take them: their number, and words of four.
#[must_use]
pub fn words(bytes: &[u8]) -> (u32, Vec<u32>) {
    let words = bytes.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        u32::from_le_bytes(word)
    });
    (bytes.len() as u32, words.collect())
}
