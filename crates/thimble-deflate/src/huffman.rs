//! Huffman codes of limited length.

/// Symbols of the largest alphabet.
const MOST_SYMBOLS: usize = 288;

/// Most bits of any code.
pub(super) const MOST_BITS: usize = 15;

/// The lengths of codes for symbols that are so frequent, none longer than `most` bits. At least
/// two symbols get a code, as decoders of old want it.
pub(super) fn lengths(frequencies: &[u32], most: usize, lengths: &mut [u8]) {
    lengths.fill(0);
    let mut sorted = [(0_u32, 0_u16); MOST_SYMBOLS];
    let mut used = 0;
    for (symbol, frequency) in frequencies.iter().enumerate() {
        if *frequency > 0 {
            sorted[used] = (*frequency, symbol as u16);
            used += 1;
        }
    }
    if used < 2 {
        let only = usize::from(sorted[0].1);
        lengths[0] = 1;
        lengths[only.max(1)] = 1;
        return;
    }
    let sorted = &mut sorted[..used];
    sorted.sort_unstable();
    let mut counts = counts(sorted);
    limit(&mut counts, most);
    // The rarest symbols have the longest codes.
    let mut symbols = sorted.iter();
    for (length, count) in counts.iter().enumerate().rev() {
        for (_, symbol) in symbols.by_ref().take(*count as usize) {
            lengths[usize::from(*symbol)] = length as u8;
        }
    }
}

/// The number of codes of each length that is best for symbols sorted by their frequency. In
/// place, after A. Moffat and J. Katajainen: "In-Place Calculation of Minimum-Redundancy Codes".
fn counts(sorted: &[(u32, u16)]) -> [u32; MOST_SYMBOLS] {
    let mut nodes = [0_u32; MOST_SYMBOLS];
    let used = sorted.len();
    for (node, (frequency, _)) in nodes.iter_mut().zip(sorted) {
        *node = *frequency;
    }
    // Weights of inner nodes, and then their parents.
    let (mut leaf, mut root) = (0, 0);
    for next in 0..used - 1 {
        let mut weight = 0;
        for _ in 0..2 {
            if leaf >= used || (root < next && nodes[root] < nodes[leaf]) {
                weight += nodes[root];
                nodes[root] = next as u32;
                root += 1;
            } else {
                weight += nodes[leaf];
                leaf += 1;
            }
        }
        nodes[next] = weight;
    }
    // Their depths, from the root down.
    nodes[used - 2] = 0;
    for next in (0..used - 2).rev() {
        nodes[next] = nodes[nodes[next] as usize] + 1;
    }
    // The leaves of a depth are what inner nodes leave of it.
    let mut counts = [0; MOST_SYMBOLS];
    let (mut room, mut depth, mut inner) = (1, 0, used - 1);
    while room > 0 {
        let mut nodes_here = 0;
        while inner > 0 && nodes[inner - 1] as usize == depth {
            nodes_here += 1;
            inner -= 1;
        }
        counts[depth] = room - nodes_here;
        room = 2 * nodes_here;
        depth += 1;
    }
    counts
}

/// Moves codes that are longer than `most` bits to that length, and makes shorter ones longer
/// until there is room for them.
fn limit(counts: &mut [u32; MOST_SYMBOLS], most: usize) {
    let (shorter, longer) = counts.split_at_mut(most + 1);
    shorter[most] += longer.iter_mut().map(std::mem::take).sum::<u32>();
    let taken = |counts: &[u32]| -> u64 {
        let places = counts.iter().enumerate();
        places
            .map(|(length, count)| u64::from(*count) << (most - length))
            .sum()
    };
    for _ in 1 << most..taken(shorter) {
        // A leaf moves down, and one of the longest becomes its neighbor.
        shorter[most] -= 1;
        if let Some(length) = (1..most).rev().find(|length| shorter[*length] > 0) {
            shorter[length] -= 1;
            shorter[length + 1] += 2;
        }
    }
}

/// The codes of these lengths, their bits in the order in which they are written. RFC 1951, section
/// 3.2.2.
pub(super) fn codes(lengths: &[u8], codes: &mut [u16]) {
    let mut counts = [0_u16; MOST_BITS + 1];
    for length in lengths {
        counts[usize::from(*length)] += 1;
    }
    counts[0] = 0;
    let mut next = [0_u16; MOST_BITS + 2];
    for (length, count) in counts.iter().enumerate() {
        next[length + 1] = (next[length] + count) << 1;
    }
    for (code, length) in codes.iter_mut().zip(lengths) {
        let next = &mut next[usize::from(*length)];
        if *length > 0 {
            *code = next.reverse_bits() >> (16 - length);
            *next = next.wrapping_add(1);
        }
    }
}
