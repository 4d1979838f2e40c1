//! Our inflating beside a stock one: what both take, they take for the same bytes, and
//! what one of them refuses, the other one does too.
//!
//! The first byte says how long the pieces are in which the stream comes.
#![no_main]

use std::io::Read;

use flate2::read::ZlibDecoder;
use libfuzzer_sys::fuzz_target;
use thimble_inflate::{Damage, Inflater};

/// Most bytes that are decompressed: a bomb tells no more than its beginning.
const MOST: usize = 1 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((piece, stream)) = input.split_first() else {
        return;
    };
    let (ours, damage) = ours(stream, usize::from(*piece).max(1));
    let (theirs, is_sound) = theirs(stream);
    if is_sound {
        assert_eq!(damage, Some(Damage::TooShort));
        assert_eq!(ours.len(), theirs.len());
    }
    let both = ours.len().min(theirs.len());
    assert!(ours[..both] == theirs[..both]);
});

/// All there is, up to a limit, and why there is no more.
fn ours(stream: &[u8], piece: usize) -> (Vec<u8>, Option<Damage>) {
    let mut inflater = Inflater::new(stream.chunks(piece));
    let mut all = Vec::new();
    while all.len() < MOST {
        match inflater.take_some(MOST - all.len()) {
            Ok(some) => all.extend_from_slice(some),
            Err(damage) => return (all, Some(damage)),
        }
    }
    (all, None)
}

/// A stream whose checksum is wrong is refused as well, which ours does not look at.
fn theirs(stream: &[u8]) -> (Vec<u8>, bool) {
    let mut all = Vec::new();
    let mut decoder = ZlibDecoder::new(stream).take(MOST as u64);
    let is_sound = decoder.read_to_end(&mut all).is_ok();
    (all.clone(), is_sound && all.len() < MOST)
}
