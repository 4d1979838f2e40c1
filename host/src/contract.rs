//! The vocabulary of host and engine, generated from `wit/`.
//!
//! The types are plain Rust and come without a compiler: the use cases, the
//! presets and the tests speak of [`Spec`], [`Limits`] and [`Output`] whether or
//! not an engine is in the same process.

use std::time::Duration;

#[expect(missing_docs, reason = "generated; documented in wit/")]
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        world: "engine",
        path: "../wit",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::thimble::engine::thumbnailer::{
    Bounds, Color, Dimensions, Encoding, EngineInfo, Error, Fit, Focus, ImageInfo, Limits, Output,
    Point, Setting, Spec, Thumbnail,
};

/// The interface that makes a component an engine, and the version of it that
/// this host speaks.
pub const INTERFACE: &str = "thimble:engine/thumbnailer@0.1.0";

/// The package of interfaces that codecs export, and that open engines import.
pub const CODEC_PACKAGE: &str = "thimble:codec/";

/// Media type of a ThumbHash, an encoding that is a placeholder and no picture.
pub const THUMBHASH: &str = "image/x-thumbhash";

/// Media type of a BlurHash.
pub const BLURHASH: &str = "image/x-blurhash";

/// Media type of the dominant color, as `#` and six hexadecimal digits.
pub const COLOR: &str = "image/x-color";

/// Enough for the largest photographs of today's phones, 16,320 x 12,240. Our
/// engine holds no more than four bytes at one time for each of these pixels.
pub const MAX_PIXELS: u64 = 200_000_000;

/// More than JPEG and GIF can express. A screenshot of a whole page is a few hundred
/// pixels wide and as high as you like; what costs memory is its pixels.
pub const MAX_SIDE: u32 = 100_000;

/// Thumbnails are stills.
pub const MAX_FRAMES: u32 = 1;

/// Profiles of printing presses reach 2 or 3 MB; those of cameras and screens a
/// few KB.
pub const MAX_PROFILE: u32 = 4 << 20;

/// A thumbnail with a longer side is no thumbnail any more.
pub const MAX_OUTPUT_SIDE: u32 = 4_096;

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: MAX_PIXELS,
            max_side: MAX_SIDE,
            max_frames: MAX_FRAMES,
            max_profile: MAX_PROFILE,
            max_output_side: MAX_OUTPUT_SIDE,
        }
    }
}

/// White: what paper is, and what pages are as a rule.
pub const BACKGROUND: Color = Color {
    red: 255,
    green: 255,
    blue: 255,
    alpha: 255,
};

impl Default for Spec {
    /// The whole image, scaled down, in its own format. The bounds are missing.
    fn default() -> Self {
        Self {
            bounds: Bounds {
                width: None,
                height: None,
            },
            fit: Fit::Inside,
            focus: Focus::Center,
            background: BACKGROUND,
            enlarge: false,
            encoding: Encoding {
                media_type: None,
                quality: None,
            },
            settings: Vec::new(),
        }
    }
}

/// Resources that the sandbox lets an engine spend on one image. The contract's
/// [`Limits`] are about the image itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The bytes of memory that all memories of the engine may have together.
    pub memory: usize,
    /// The time from the start of the call to its end.
    pub time: Duration,
}

impl Budget {
    /// Memory that [`MAX_PIXELS`] need in the worst case: four bytes each, the source
    /// beside them, and room for the thumbnails.
    pub const MEMORY: usize = 1 << 30;

    /// Ten times what the slowest source within the limits takes on one core.
    pub const TIME: Duration = Duration::from_secs(30);
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            memory: Self::MEMORY,
            time: Self::TIME,
        }
    }
}
