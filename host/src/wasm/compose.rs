//! An engine that is open, and codecs, made one engine.
//!
//! ```text
//!  engine-open.wasm --import--> codec                  one codec
//!  engine-open.wasm --import--> joint --+--> codec     several, in pairs
//!                                       +--> codec
//! ```
//!
//! Each codec is tried first, alone and without power: what it says of itself has to make
//! sense, and no two may decode the same format. The joint, two codecs made one, is a part
//! of the open engine. The order in which codecs are named makes no difference.

mod codec;
mod container;
mod error;

use super::artifact::Artifact;
use super::compiler::Compiler;
use super::engine::SandboxedEngine;
use super::runtime::Runtime;
use crate::contract::Budget;

pub use codec::{CodecFormat, NoCodec};
pub use error::ComposeError;

/// A component that is to be joined, under the name that messages call it by.
#[derive(Clone, Debug)]
pub struct Part {
    /// Name of its file.
    pub name: String,
    /// The component.
    pub artifact: Artifact,
}

/// A part that was found to be a codec.
struct Codec {
    part: Part,
    formats: Vec<CodecFormat>,
}

/// Joins codecs to an open engine. What comes out has been loaded and tried, as any engine.
/// This waits with the caller's thread, which must not be one of tokio's own.
///
/// # Errors
///
/// See [`ComposeError`].
pub fn compose(
    compiler: &Compiler,
    runtime: &Runtime,
    open: &Artifact,
    parts: Vec<Part>,
) -> Result<(Artifact, SandboxedEngine), ComposeError> {
    let mut codecs = Vec::new();
    for part in parts {
        let described = codec::describe(compiler, runtime, &part.artifact);
        let formats = described.map_err(|error| ComposeError::no_codec(&part.name, error))?;
        codecs.push(Codec { part, formats });
    }
    codecs.sort_by_key(|codec| {
        let names = codec.formats.first();
        names.map(|format| (format.codec.clone(), format.media_type.clone()))
    });
    decode_once(&codecs)?;
    let components: Vec<&[u8]> = codecs
        .iter()
        .map(|codec| codec.part.artifact.bytes())
        .collect();
    let joined = container::around(open.bytes(), &components, &description(&codecs))?;
    let joined = Artifact::new(joined);
    let engine = SandboxedEngine::load_by(compiler, runtime, &joined, Budget::default())
        .map_err(ComposeError::Engine)?;
    decode_alone(&codecs, &engine)?;
    Ok((joined, engine))
}

/// Refuses two codecs of one format.
fn decode_once(codecs: &[Codec]) -> Result<(), ComposeError> {
    let all = || {
        let formats = |codec: &'_ Codec| codec.formats.len();
        codecs
            .iter()
            .flat_map(move |codec| (0..formats(codec)).map(move |place| (codec, place)))
    };
    let mut seen: Vec<(&Codec, &str)> = Vec::new();
    for (codec, place) in all() {
        let media_type = codec.formats[place].media_type.as_str();
        if let Some((other, _)) = seen.iter().find(|(_, known)| *known == media_type) {
            return Err(ComposeError::TwoCodecs {
                media_type: media_type.into(),
                first: other.part.name.clone(),
                second: codec.part.name.clone(),
            });
        }
        seen.push((codec, media_type));
    }
    Ok(())
}

/// Refuses a codec of a format that the engine decodes itself: it would never be asked.
fn decode_alone(codecs: &[Codec], engine: &SandboxedEngine) -> Result<(), ComposeError> {
    let decodes = &engine.info().decodes;
    for codec in codecs {
        for CodecFormat { media_type, .. } in &codec.formats {
            if decodes.iter().filter(|known| *known == media_type).count() > 1 {
                return Err(ComposeError::Known {
                    media_type: media_type.clone(),
                    codec: codec.part.name.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Codecs according to the metadata of the engine.
fn description(codecs: &[Codec]) -> String {
    let named = codecs.iter().flat_map(|codec| &codec.formats);
    let named = named.map(|format| {
        format!(
            "{} {} for {}",
            format.codec, format.version, format.media_type
        )
    });
    named.collect::<Vec<String>>().join(", ")
}
