//! Report of one image: lines for people, or JSON for programs.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::source::SourceError;
use crate::contract::{ImageInfo, Output, Thumbnail};
use crate::ports::{EngineFailure, EngineIdentity};
use crate::text::{plural, printable};
use crate::wasm;

/// An image whose thumbnails were made.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Made {
    file: String,
    status: &'static str,
    source: Image,
    pub(super) thumbnails: Vec<Written>,
    pub(super) warnings: Vec<String>,
    engine: EngineName,
}

/// Format and size of an image.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Image {
    media_type: String,
    width: u32,
    height: u32,
    frames: u32,
}

/// A thumbnail that was written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    preset: String,
    path: PathBuf,
    media_type: String,
    width: u32,
    height: u32,
    bytes: usize,
    /// Those of the same preset in other formats, which were there before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) older: Vec<PathBuf>,
}

/// An image of which nothing was made.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Failed {
    file: String,
    status: &'static str,
    error: ErrorText,
}

/// Failure to read an image: its file, or what the file holds.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ReadError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Engine(#[from] wasm::Error),
}

impl ReadError {
    pub(in crate::cli) fn kind(&self) -> &'static str {
        match self {
            Self::Source(error) => error.kind(),
            Self::Engine(error) => error.kind(),
        }
    }

    /// True if the file may hold anything: no engine has made sense of it.
    pub(super) fn is_of_any_content(&self) -> bool {
        match self {
            Self::Source(error) => matches!(error, SourceError::TooLarge { .. }),
            Self::Engine(error) => {
                matches!(error.clone().into(), EngineFailure::UnsupportedFormat(_))
            }
        }
    }
}

#[derive(Debug, Serialize)]
struct ErrorText {
    kind: &'static str,
    message: String,
}

#[derive(Debug, Serialize)]
struct EngineName {
    name: String,
    version: String,
    digest: String,
}

impl Made {
    pub(in crate::cli) fn new(
        file: &Path,
        output: Output,
        thumbnails: Vec<Written>,
        engine: &EngineIdentity,
    ) -> Self {
        let EngineIdentity {
            name,
            version,
            digest,
        } = engine.clone();
        Self {
            file: file.display().to_string(),
            status: "done",
            source: Image::new(output.source),
            thumbnails,
            warnings: output.warnings,
            engine: EngineName {
                name,
                version,
                digest,
            },
        }
    }
}

impl Image {
    pub(in crate::cli) fn new(info: ImageInfo) -> Self {
        Self {
            media_type: info.media_type,
            width: info.dimensions.width,
            height: info.dimensions.height,
            frames: info.frames,
        }
    }
}

impl Written {
    pub(super) fn new(
        preset: &str,
        path: PathBuf,
        thumbnail: &Thumbnail,
        older: Vec<PathBuf>,
    ) -> Self {
        Self {
            preset: preset.into(),
            path,
            media_type: thumbnail.media_type.clone(),
            width: thumbnail.dimensions.width,
            height: thumbnail.dimensions.height,
            bytes: thumbnail.data.len(),
            older,
        }
    }
}

impl Failed {
    pub(in crate::cli) fn new(file: &Path, kind: &'static str, message: String) -> Self {
        let file = file.display().to_string();
        Self {
            file,
            status: "failed",
            error: ErrorText { kind, message },
        }
    }

    /// The same of a file that is no image, and lies beside some.
    pub(super) fn of_no_image(self) -> Self {
        Self {
            status: "not-an-image",
            ..self
        }
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = printable(self.path.display());
        let (width, height, bytes) = (self.width, self.height, self.bytes);
        write!(f, "{path}  {width}x{height}  {bytes} bytes")
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frames = plural(self.frames.into(), "frame");
        write!(
            f,
            "{} {}x{}, {frames}",
            self.media_type, self.width, self.height
        )
    }
}
