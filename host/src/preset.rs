//! Presets: the thumbnails that a configuration asks for, each under a name.
//!
//! ```text
//! name=WxH[,fit][,focus][,format][,qN][,bg=COLOR][,enlarge][,setting=value]...
//!
//! small=200x200,cover,webp,q80       200 by 200 pixels, cropped, as WebP
//! wide=1280x                         1280 pixels wide, as high as that makes it
//! face=96x96,cover,at(0.5;0.3)       what cropping keeps is a third from the top
//! card=600x400,contain,bg=#102030    the whole image on a dark card
//! list=160x,jpeg,max-bytes=8000      at most 8,000 bytes, of a lower quality if need be
//! tiny=32x32,thumbhash               a few bytes to show before any picture; or blurhash, color
//! ```
//!
//! The parts behind the bounds come in any order, each once. A name that is none
//! of the grammar's own, with a value, is a setting of the engine. One of them,
//! `max-bytes`, is checked here as well.
//!
//! ```
//! use thimble::preset::Preset;
//!
//! let preset: Preset = "small=200x200,cover,webp,q80".parse()?;
//! assert_eq!(preset.name(), "small");
//! assert_eq!(preset.spec().encoding.quality, Some(80));
//! # Ok::<(), thimble::preset::PresetError>(())
//! ```

use std::fmt;
use std::str::FromStr;

use crate::contract::{BACKGROUND, BLURHASH, Bounds, COLOR, Color, Fit, Focus, Spec, THUMBHASH};

mod error;
mod parse;

pub use error::{PresetError, Problem};

/// The longest name of a preset: it becomes a part of file names.
pub const MAX_NAME: usize = 64;

/// The words for the five ways to fit, in the order of the contract.
const FITS: [(&str, Fit); 5] = [
    ("inside", Fit::Inside),
    ("outside", Fit::Outside),
    ("cover", Fit::Cover),
    ("contain", Fit::Contain),
    ("fill", Fit::Fill),
];

/// The words for common formats, and whether they have a quality; the first word of a format is
/// the one that is written. Any other is asked for by its media type, such as `image/jxl`.
const FORMATS: [(&str, &str, bool); 10] = [
    ("jpeg", "image/jpeg", true),
    ("jpg", "image/jpeg", true),
    ("png", "image/png", false),
    ("webp", "image/webp", true),
    ("gif", "image/gif", false),
    ("bmp", "image/bmp", false),
    ("avif", "image/avif", true),
    ("thumbhash", THUMBHASH, false),
    ("blurhash", BLURHASH, false),
    ("color", COLOR, false),
];

/// The setting that bounds the size of a file by its quality.
const MAX_BYTES: &str = "max-bytes";

/// A spec under a name.
///
/// It reads what it writes ([`Display`](fmt::Display)), and the other way round;
/// the order of the parts and the defaults are put right in between.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    name: String,
    spec: Spec,
}

impl Preset {
    /// A letter or digit, then letters, digits, `-` and `_`: safe in the name of
    /// a file and in that of an object.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Spec that the engine is asked for.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The default presets: three sizes within bounds, never enlarged, in the
    /// format of the source.
    pub fn defaults() -> [Self; 3] {
        [
            ("75x75", 75, 75),
            ("125x125", 125, 125),
            ("1280x720", 1280, 720),
        ]
        .map(|(name, width, height)| Self {
            name: name.into(),
            spec: Spec {
                bounds: Bounds {
                    width: Some(width),
                    height: Some(height),
                },
                ..Spec::default()
            },
        })
    }
}

impl FromStr for Preset {
    type Err = PresetError;

    fn from_str(text: &str) -> Result<Self, PresetError> {
        let (name, spec) = parse::preset(text)?;
        Ok(Self { name, spec })
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spec {
            bounds,
            fit,
            focus,
            background,
            enlarge,
            encoding,
            settings,
        } = &self.spec;
        let side = |side: Option<u32>| side.map_or(String::new(), |side| side.to_string());
        write!(
            f,
            "{}={}x{}",
            self.name,
            side(bounds.width),
            side(bounds.height)
        )?;
        if let Some((word, _)) = FITS.iter().skip(1).find(|(_, of_word)| of_word == fit) {
            write!(f, ",{word}")?;
        }
        match focus {
            Focus::Center => {}
            Focus::Salient => write!(f, ",salient")?,
            Focus::At(point) => write!(f, ",at({};{})", point.x, point.y)?,
        }
        if let Some(media_type) = &encoding.media_type {
            let known = FORMATS.iter().find(|(_, of_word, _)| of_word == media_type);
            write!(
                f,
                ",{}",
                known.map_or(media_type.as_str(), |(word, _, _)| word)
            )?;
        }
        if let Some(quality) = encoding.quality {
            write!(f, ",q{quality}")?;
        }
        if *background != BACKGROUND {
            let Color {
                red,
                green,
                blue,
                alpha,
            } = background;
            write!(f, ",bg=#{red:02x}{green:02x}{blue:02x}")?;
            if *alpha != u8::MAX {
                write!(f, "{alpha:02x}")?;
            }
        }
        if *enlarge {
            write!(f, ",enlarge")?;
        }
        settings
            .iter()
            .try_for_each(|setting| write!(f, ",{}={}", setting.name, setting.value))
    }
}
