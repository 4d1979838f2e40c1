//! GIF: the first frame, composed on its canvas.

use thimble_gif::{self as gif, Image};

use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{Codec, Decoded, HELD_AS_A_WHOLE, Header, Task, admit, malformed};
use crate::format::Format;
use crate::picture::Picture;

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
    Ok(Decoded {
        picture: painted(&image, task)?,
        profile: None,
        warnings,
    })
}

/// Averages rows as they are painted.
fn painted(image: &Image, task: &Task<'_>) -> Result<Picture, Error> {
    let (width, height) = (task.header.width, task.header.height);
    if image.is_opaque((width, height)) {
        let mut rows = Rows::new(task.header, task.wanted, 3)?;
        let mut row = vec![[0; 3]; width as usize];
        for y in 0..height {
            image.paint_opaque(y, &mut row);
            rows.push(row.as_flattened());
        }
        return rows.finish(task.header);
    }
    let mut rows = Rows::new(task.header, task.wanted, 4)?;
    let mut row = vec![[0; 4]; width as usize];
    for y in 0..height {
        image.paint(y, &mut row);
        rows.push(row.as_flattened());
    }
    rows.finish(task.header)
}

fn refused(error: gif::Error) -> Error {
    match error {
        gif::Error::NoFrame | gif::Error::Malformed(_) => malformed(Format::GIF, error),
        gif::Error::TooLarge { .. } => Error::LimitExceeded(error.to_string()),
    }
}
