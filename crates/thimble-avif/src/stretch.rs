//! Rows of a frame of other sides than the file states, stretched to these as browsers do.

/// Bits of the share of a sample.
const SHARE: u32 = 8;

/// Bits of fraction of a place among the samples of a frame.
const FRACTION: u32 = 24;

/// Writes a row of a plane that is stated to be as large as `stated`. `read` gives rows of
/// the frame's plane, which is as large as `stored`; samples that lie between its own are
/// mixed of them.
pub(crate) fn row(
    read: impl Fn(usize, &mut [u16]),
    stored: (usize, usize),
    stated: (usize, usize),
    y: usize,
    samples: &mut [u16],
) {
    let step = |stored: usize, stated: usize| ((stored as u64) << FRACTION) / stated as u64;
    let (above, below, down) = between(y, stored.1, step(stored.1, stated.1));
    let [mut near, mut far] = [vec![0; stored.0], vec![0; stored.0]];
    read(above, &mut near);
    read(below, &mut far);
    let mix = |one: u32, other: u32, share: u32| one * ((1 << SHARE) - share) + other * share;
    let step = step(stored.0, stated.0);
    for (x, sample) in samples.iter_mut().enumerate() {
        let (left, right, across) = between(x, stored.0, step);
        let along = |row: &[u16]| mix(row[left].into(), row[right].into(), across);
        let mixed = mix(along(&near), along(&far), down);
        *sample = ((mixed + (1 << (2 * SHARE - 1))) >> (2 * SHARE)) as u16;
    }
}

/// The samples around a place, and the share of the second. A step is the distance between
/// samples as they are stated; both sides have their ends in common.
fn between(at: usize, stored: usize, step: u64) -> (usize, usize, u32) {
    let middle = (at as u64 * step + step / 2).saturating_sub(1 << (FRACTION - 1));
    let (first, last) = ((middle >> FRACTION) as usize, stored - 1);
    let share = (middle >> (FRACTION - SHARE)) as u32 & ((1 << SHARE) - 1);
    (first.min(last), (first + 1).min(last), share)
}
