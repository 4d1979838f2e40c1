//! The decoder that ours is compared with.

use weezl::LzwStatus;
use weezl::decode::Decoder;

/// The output by weezl in so much room, up to the first code that it does not know, and
/// whether there is one.
pub(crate) fn decoded_by_weezl(
    mut decoder: Decoder,
    stream: &[u8],
    room: usize,
) -> (Vec<u8>, bool) {
    let mut output = vec![0; room];
    let (mut consumed, mut produced) = (0, 0);
    loop {
        let step = decoder.decode_bytes(&stream[consumed..], &mut output[produced..]);
        consumed += step.consumed_in;
        produced += step.consumed_out;
        if produced == room || !matches!(step.status, Ok(LzwStatus::Ok)) {
            output.truncate(produced);
            return (output, produced < room && step.status.is_err());
        }
    }
}
