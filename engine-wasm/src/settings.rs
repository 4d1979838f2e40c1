//! Settings for which a spec has no field.
//!
//! | name | values, the default first | what it does |
//! |---|---|---|
//! | `frame` | `first`, `poster` | which frame of an animation is shown: the first, or the first that shows something |
//! | `jpeg.effort` | `small`, `fast` | whether coefficients that show less than they cost are dropped: smaller, a little slower |
//! | `jpeg.optimize` | `true`, `false` | Huffman tables made for the thumbnail: smaller, a little slower |
//! | `jpeg.progressive` | `false`, `true` | a thumbnail that sharpens while it loads |
//! | `jpeg.subsampling` | `420`, `444` | colors at half the resolution, or at the full one |
//! | `max-bytes` | none, or 1 to 4294967295 | the lossy thumbnail of the highest quality that has no more bytes |
//! | `png.compression` | `balanced`, `fast`, `small` | how long to look for a smaller file |
//! | `webp.lossless` | `false`, `true` | every pixel as it is: several times larger for photographs |

use thimble_jpeg::{self as jpeg, Effort};

use crate::contract::{self, Error};

/// The setting that is a number.
const MAX_BYTES: &str = "max-bytes";

/// The settings of a spec, or the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Shows the first frame that shows something.
    pub(crate) poster: bool,
    /// Layout and effort of a JPEG. Its quality is no setting: a spec has a field for it.
    pub(crate) jpeg: jpeg::Options,
    /// The most bytes that a thumbnail should have.
    pub(crate) max_bytes: Option<usize>,
    /// Effort for a PNG.
    pub(crate) png_compression: Compression,
    /// Keeps every pixel of a WebP as it is.
    pub(crate) webp_lossless: bool,
}

/// Effort spent on a smaller file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Three strategies are tried on samples of the picture.
    #[default]
    Balanced,
    /// One fast pass.
    Fast,
    /// All strategies are tried, and the smallest result is kept.
    Small,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poster: false,
            jpeg: jpeg::Options {
                quality: 100,
                progressive: false,
                subsampled: true,
                optimal: true,
                effort: Effort::Small,
            },
            max_bytes: None,
            png_compression: Compression::Balanced,
            webp_lossless: false,
        }
    }
}

/// A setting: its name, the values it may have, and what the one at an index
/// does.
struct Knob {
    name: &'static str,
    values: &'static [&'static str],
    set: fn(&mut Settings, usize),
}

const KNOBS: [Knob; 7] = [
    knob("frame", &["first", "poster"], |to, value| {
        to.poster = value == 1
    }),
    knob("jpeg.effort", &["small", "fast"], |to, value| {
        to.jpeg.effort = [Effort::Small, Effort::Fast][value % 2];
    }),
    knob("jpeg.optimize", &["true", "false"], |to, value| {
        to.jpeg.optimal = value == 0
    }),
    knob("jpeg.progressive", &["false", "true"], |to, value| {
        to.jpeg.progressive = value == 1
    }),
    knob("jpeg.subsampling", &["420", "444"], |to, value| {
        to.jpeg.subsampled = value == 0
    }),
    knob(
        "png.compression",
        &["balanced", "fast", "small"],
        |to, value| {
            to.png_compression = match value {
                0 => Compression::Balanced,
                1 => Compression::Fast,
                _ => Compression::Small,
            };
        },
    ),
    knob("webp.lossless", &["false", "true"], |to, value| {
        to.webp_lossless = value == 1
    }),
];

const fn knob(
    name: &'static str,
    values: &'static [&'static str],
    set: fn(&mut Settings, usize),
) -> Knob {
    Knob { name, values, set }
}

impl Settings {
    /// Every name that a spec may use.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::all().map(|(name, _)| name)
    }

    /// Every name with the values it may have, the default first.
    pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        let number: (_, &[_]) = (MAX_BYTES, &["none", "1 to 4294967295"]);
        let knobs = KNOBS.iter().map(|knob| (knob.name, knob.values));
        knobs.chain([number])
    }

    /// Reads the settings of a spec. Of two with one name the last one counts.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSpec`] if a name or a value is unknown, with those that
    /// are known.
    pub(crate) fn parse(settings: &[contract::Setting]) -> Result<Self, Error> {
        let mut parsed = Self::default();
        for contract::Setting { name, value } in settings {
            if name == MAX_BYTES {
                parsed.max_bytes = Some(bytes(value)?);
                continue;
            }
            let knob = KNOBS.iter().find(|knob| knob.name == name).ok_or_else(|| {
                let names: Vec<&str> = Self::names().collect();
                Error::invalid_spec(format!(
                    "unknown setting: {name:?}; known are {}",
                    names.join(", ")
                ))
            })?;
            let index = knob
                .values
                .iter()
                .position(|known| known == value)
                .ok_or_else(|| {
                    let values = knob.values.join(", ");
                    Error::invalid_spec(format!("{name} is one of {values}, not: {value:?}"))
                })?;
            (knob.set)(&mut parsed, index);
        }
        Ok(parsed)
    }
}

fn bytes(value: &str) -> Result<usize, Error> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value
        .parse::<u32>()
        .ok()
        .filter(|bytes| digits && *bytes > 0);
    number.map(|bytes| bytes as usize).ok_or_else(|| {
        Error::invalid_spec(format!(
            "{MAX_BYTES} is a number of bytes from 1 to {}, not: {value:?}",
            u32::MAX
        ))
    })
}
