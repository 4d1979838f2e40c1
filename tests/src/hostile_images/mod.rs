//! Hostile images: bombs, lies and wrecks, made by code and known by kind.
//!
//! Every kind has an expected verdict. The bytes are made when they are asked
//! for: some kinds are megabytes. The same generator makes the seeds for
//! fuzzing.

mod avif;
mod bmp;
mod broken;
mod bytes;
mod gif;
mod ico;
mod jpeg;
mod jxl;
mod picture;
mod plain;
mod png;
mod psd;
mod raw;
mod sound;
mod strange;
mod svg;
mod tiff;
mod trial;
mod webp;

pub use sound::sources as sound;
pub use svg::drawings;
pub use trial::{ALLOWANCE, Trial};

/// Answer that an engine owes to a kind of hostile image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A thumbnail: what is hostile about it does no harm.
    Thumbnail,
    /// `malformed-source`.
    Malformed,
    /// `unsupported-format`.
    Unsupported,
    /// `limit-exceeded`.
    Limit,
    /// A thumbnail or any error of the contract: decoders may differ here.
    Answer,
}

/// A kind of hostile image.
pub struct Kind {
    /// Name, which says what is hostile about it.
    pub name: &'static str,
    /// Answer that an engine owes to each source of this kind.
    pub expected: Verdict,
    /// Preset of the thumbnail that is asked for.
    pub preset: &'static str,
    make: fn() -> Vec<Vec<u8>>,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Thumbnail => "a thumbnail",
            Verdict::Malformed => "malformed",
            Verdict::Unsupported => "not a format of ours",
            Verdict::Limit => "over the limits",
            Verdict::Answer => "any answer",
        }
    }
}

impl Kind {
    /// The sources of this kind: one, or as many as the kind has variations.
    #[must_use]
    pub fn sources(&self) -> Vec<Vec<u8>> {
        (self.make)()
    }
}

/// Makers of kinds that have something in common.
type Kinds = fn() -> Vec<Kind>;

/// Every kind, by format.
#[must_use]
pub fn kinds() -> Vec<Kind> {
    let groups = [
        jpeg::KINDS,
        png::KINDS,
        gif::KINDS,
        webp::KINDS,
        bmp::KINDS,
        tiff::KINDS,
        ico::KINDS,
        avif::KINDS,
        jxl::KINDS,
        plain::KINDS,
        psd::KINDS,
        raw::KINDS,
        broken::KINDS,
        strange::KINDS,
    ];
    let groups = groups.into_iter().flatten();
    groups.flat_map(|kinds| kinds()).collect()
}

/// Files from so many bytes on, cut short by every 100 of them.
fn cut_short(files: &[(&str, &[u8])], least: usize) -> Vec<Vec<u8>> {
    let cuts = files.iter().flat_map(|(_, source)| {
        let lengths = (least..source.len()).step_by(100);
        lengths.map(|length| source[..length].to_vec())
    });
    cuts.collect()
}

/// A file with one bit flipped, in each of some bytes.
fn flipped(source: &[u8], places: impl Iterator<Item = usize>) -> Vec<Vec<u8>> {
    let flipped = places.map(|at| {
        let mut source = source.to_vec();
        source[at] ^= 1 << (at % 8);
        source
    });
    flipped.collect()
}

fn kind(name: &'static str, expected: Verdict, make: fn() -> Vec<Vec<u8>>) -> Kind {
    Kind {
        name,
        expected,
        preset: "256x256,png",
        make,
    }
}

/// A kind whose poster is asked for: the first frame that shows something.
fn poster(name: &'static str, expected: Verdict, make: fn() -> Vec<Vec<u8>>) -> Kind {
    Kind {
        preset: "256x256,png,frame=poster",
        ..kind(name, expected, make)
    }
}
