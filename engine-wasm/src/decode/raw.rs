//! Camera raw files: the largest JPEG that the camera put beside what its sensor saw.

use thimble_tiff::raw::{self, Kind, Preview};
use thimble_tiff::{Error as TiffError, Warning, is_tiff};

use crate::contract::Error;
use crate::decode::{Codec, Decoded, Header, Task, jpeg, tiff, unsupported_feature};
use crate::format::Format;
use crate::orient::Orientation;

pub(super) const CR2: Codec = codec(Format::CR2, |source| raw::kind(source) == Some(Kind::Cr2));
pub(super) const CR3: Codec = codec(Format::CR3, |source| raw::kind(source) == Some(Kind::Cr3));
pub(super) const NEF: Codec = codec(Format::NEF, |source| raw::kind(source) == Some(Kind::Nef));
pub(super) const ARW: Codec = codec(Format::ARW, |source| raw::kind(source) == Some(Kind::Arw));
pub(super) const DNG: Codec = codec(Format::DNG, |source| raw::kind(source) == Some(Kind::Dng));
pub(super) const RAF: Codec = codec(Format::RAF, |source| raw::kind(source) == Some(Kind::Raf));
pub(super) const ORF: Codec = codec(Format::ORF, |source| raw::kind(source) == Some(Kind::Orf));
pub(super) const RW2: Codec = codec(Format::RW2, |source| raw::kind(source) == Some(Kind::Rw2));
pub(super) const PEF: Codec = codec(Format::PEF, |source| raw::kind(source) == Some(Kind::Pef));

const fn codec(format: Format, recognize: fn(&[u8]) -> bool) -> Codec {
    Codec {
        format,
        recognize,
        read_header,
        decode,
    }
}

fn format(kind: Kind) -> Format {
    match kind {
        Kind::Cr2 => Format::CR2,
        Kind::Cr3 => Format::CR3,
        Kind::Nef => Format::NEF,
        Kind::Arw => Format::ARW,
        Kind::Dng => Format::DNG,
        Kind::Raf => Format::RAF,
        Kind::Orf => Format::ORF,
        Kind::Rw2 => Format::RW2,
        Kind::Pef => Format::PEF,
    }
}

/// Reads the header of the preview, or of the page that is shown instead.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let kind = raw::kind(source).unwrap_or(Kind::Dng);
    if let Some(preview) = Preview::of(source, kind) {
        let (width, height) = preview.sides;
        return Ok(Header {
            orientation: Orientation::from_number(preview.orientation.into()),
            ..Header::new(format(kind), width, height)
        });
    }
    if !is_tiff(source) {
        return Err(unsupported_feature(format(kind), TiffError::CameraRaw));
    }
    Ok(Header {
        format: format(kind),
        ..tiff::read_header(source)?
    })
}

fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let preview = raw::kind(task.source).and_then(|kind| Preview::of(task.source, kind));
    let Some(preview) = preview else {
        return tiff::decode(task);
    };
    let mut decoded = jpeg::decode(&Task {
        source: preview.jpeg,
        ..*task
    })?;
    let warning = Warning::RawPreview.to_string();
    decoded.warnings.insert(0, warning);
    Ok(decoded)
}
