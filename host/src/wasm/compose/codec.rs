//! A codec, alone in the sandbox: what it says of itself.

use std::time::{Duration, Instant};

use wasmtime::component::Linker;

use crate::contract::Budget;
use crate::text::excerpt;
use crate::wasm::artifact::Artifact;
use crate::wasm::compiler::Compiler;
use crate::wasm::error::{Error, LoadError};
use crate::wasm::runtime::{Call, Runtime};
use crate::wasm::{answers, imports};

mod bindings {
    wasmtime::component::bindgen!({
        world: "decoder",
        path: "../wit/codec",
    });
}

pub use bindings::exports::thimble::codec::codec::Format as CodecFormat;

/// The interface that makes a component a codec, and the version of it that this program
/// knows.
pub(super) const CODEC: &str = "thimble:codec/codec@0.1.0";

/// Time and memory of a codec to start and to describe itself.
const START: Budget = Budget {
    memory: 128 << 20,
    time: Duration::from_secs(1),
};

/// The most formats of a codec.
const MOST_FORMATS: usize = 20;

/// Reason why a component is not used as a codec.
#[derive(Debug, thiserror::Error)]
pub enum NoCodec {
    /// It cannot be compiled.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It does not export the interface in any version.
    #[error("the component is no codec: it does not export `{CODEC}`")]
    NotExported,
    /// It exports another version of the interface.
    #[error("the codec speaks `{found}` and this program `{CODEC}`; build the codec anew")]
    OtherVersion {
        /// The export.
        found: String,
    },
    /// It imports something.
    #[error(
        "the codec imports `{name}`, and a codec imports nothing; build it for \
         wasm32-unknown-unknown, or without WASI"
    )]
    Import {
        /// The import.
        name: String,
    },
    /// Behind the name of the interface are other types.
    #[error("the codec's `{CODEC}` is another one: {detail}")]
    OtherTypes {
        /// The difference, in wasmtime's words.
        detail: String,
    },
    /// It could not say what it decodes.
    #[error("the codec does not describe itself")]
    Describe(#[source] Error),
    /// Its description of itself cannot be true.
    #[error("the codec describes itself wrongly: {0}")]
    Description(String),
}

/// Formats of a codec, which is tried for that.
pub(super) fn describe(
    compiler: &Compiler,
    runtime: &Runtime,
    artifact: &Artifact,
) -> Result<Vec<CodecFormat>, NoCodec> {
    let compiled = compiler.compile_now(artifact, None)?;
    let component = compiled.component(runtime)?;
    let exports = component.component_type();
    let exports = exports.exports(runtime.engine());
    let exports: Vec<String> = exports.map(|(name, _)| name.into()).collect();
    if !exports.iter().any(|name| name == CODEC) {
        let found = exports
            .into_iter()
            .find(|name| name.starts_with("thimble:codec/codec@"));
        return Err(
            found.map_or(NoCodec::NotExported, |found| NoCodec::OtherVersion {
                found,
            }),
        );
    }
    if let Some(name) = imports::names(runtime, &component).into_iter().next() {
        return Err(NoCodec::Import { name });
    }
    let other_types = |error: wasmtime::Error| NoCodec::OtherTypes {
        detail: format!("{error:#}"),
    };
    let pre = Linker::<Call>::new(runtime.engine())
        .instantiate_pre(&component)
        .map_err(other_types)?;
    let _running = runtime.running();
    let mut store = runtime.store(&START, Instant::now() + START.time);
    let died = |error: &wasmtime::Error, store: &wasmtime::Store<Call>| {
        let death = Error::of_death(error, &store.data().meter, &START);
        NoCodec::Describe(death.unwrap_or_else(|| Error::Machine(format!("{error:#}"))))
    };
    let instance = match pre.instantiate(&mut store) {
        Ok(instance) => instance,
        Err(error) => return Err(died(&error, &store)),
    };
    let codec = bindings::Decoder::new(&mut store, &instance).map_err(other_types)?;
    let formats = match codec.thimble_codec_codec().call_describe(&mut store) {
        Ok(formats) => formats,
        Err(error) => return Err(died(&error, &store)),
    };
    check(&formats).map_err(NoCodec::Description)?;
    Ok(formats)
}

/// Checks what a codec says of itself, and says what is wrong with it.
fn check(formats: &[CodecFormat]) -> Result<(), String> {
    if formats.is_empty() || formats.len() > MOST_FORMATS {
        return Err(format!(
            "{} formats, not 1 to {MOST_FORMATS}",
            formats.len()
        ));
    }
    for (place, format) in formats.iter().enumerate() {
        let CodecFormat {
            media_type,
            codec,
            version,
        } = format;
        if !answers::is_media_type(media_type) {
            return Err(format!(
                "not a media type of an image: {}",
                excerpt(media_type)
            ));
        }
        if !answers::is_name(codec) || !answers::is_name(&version.replace('+', "-")) {
            return Err("its name and its version are not each a word".into());
        }
        let same = |other: &CodecFormat| other.media_type == *media_type;
        if formats[..place].iter().any(same) {
            return Err(format!("{media_type} is there twice"));
        }
    }
    Ok(())
}
