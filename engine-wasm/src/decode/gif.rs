//! GIF: the first frame, composed on its canvas.

use thimble_gif::{self as gif, Image};

use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{Codec, Decoded, HELD_AS_A_WHOLE, Header, Task, admit, malformed};
use crate::format::Format;

pub(super) const CODEC: Codec = Codec {
    format: Format::GIF,
    recognize: |source| source.starts_with(b"GIF87a") || source.starts_with(b"GIF89a"),
    read_header,
    decode,
};

/// Walks over the blocks without decoding any of them.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = gif::Header::read(source).map_err(refused)?;
    Ok(Header {
        frames: header.frames,
        ..Header::new(Format::GIF, header.width, header.height)
    })
}

/// Decodes the first frame.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    admit(task.header, HELD_AS_A_WHOLE, task.limits)?;
    let (width, height) = (task.header.width, task.header.height);
    let image = Image::decode(task.source, (width, height)).map_err(refused)?;
    let mut warnings = Vec::new();
    if !image.is_whole() {
        warnings.push("the source ends early, the rest of it is transparent".into());
    }
    let mut rows = Rows::new(task.header, task.wanted, 4)?;
    let mut row = vec![[0; 4]; width as usize];
    for y in 0..height {
        image.paint(y, &mut row);
        rows.push(row.as_flattened());
    }
    Ok(Decoded {
        picture: rows.finish(task.header)?,
        profile: None,
        warnings,
    })
}

fn refused(error: gif::Error) -> Error {
    match error {
        gif::Error::NoFrame | gif::Error::Malformed(_) => malformed(Format::GIF, error),
        gif::Error::TooLarge { .. } => Error::LimitExceeded(error.to_string()),
    }
}
