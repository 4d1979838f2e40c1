//! Repetition of what was decompressed before.

/// Bytes that are copied at once.
pub(super) const STRIDE: usize = 16;

/// Repeats `length` bytes from `distance` before `at`. Bytes behind them, fewer than
/// [`STRIDE`], are overwritten with anything.
#[inline(always)]
pub(super) fn repeat<const N: usize>(
    window: &mut [u8; N],
    at: usize,
    distance: usize,
    length: usize,
) {
    if distance >= STRIDE {
        // Most matches are no longer than that.
        write(window, at, read(window, at - distance));
        if length > STRIDE {
            for to in (at + STRIDE..at + length).step_by(STRIDE) {
                write(window, to, read(window, to - distance));
            }
        }
    } else if distance == 1 {
        let same = [window[at - 1]; STRIDE];
        for to in (at..at + length).step_by(STRIDE) {
            write(window, to, same);
        }
    } else {
        repeat_nearby(window, at, distance, length);
    }
}

/// Repeats a pattern shorter than a stride. What a stride makes of it is twice as
/// long, until it is long enough to be copied.
#[inline(always)]
fn repeat_nearby<const N: usize>(window: &mut [u8; N], at: usize, distance: usize, length: usize) {
    let end = at + length;
    let start = at - distance;
    let mut to = at;
    while to < end && to - start < STRIDE {
        let known = to - start;
        write(window, to, read(window, start));
        to += known;
    }
    // As often as it was doubled, that is a whole number of patterns.
    let pattern = to - start;
    for to in (to..end).step_by(STRIDE) {
        write(window, to, read(window, to - pattern));
    }
}

#[inline(always)]
fn read<const N: usize>(window: &[u8; N], at: usize) -> [u8; STRIDE] {
    window[at..].first_chunk().copied().unwrap_or_default()
}

#[inline(always)]
fn write<const N: usize>(window: &mut [u8; N], at: usize, stride: [u8; STRIDE]) {
    window[at..][..STRIDE].copy_from_slice(&stride);
}
