//! The engines, loaded once.

use std::path::Path;
use std::sync::OnceLock;

use image::{Rgb, RgbImage};
use testkit::built;
use tests::spec;
use thimble::contract::{Budget, Limits, Output, Spec};
use thimble::trust::Target;
use thimble::wasm::{Artifact, Compiled, Error, Runtime, SandboxedEngine};
use thimble_engine::contract as native;

/// An engine, and what it was made of.
pub(crate) struct Built {
    pub(crate) artifact: Artifact,
    pub(crate) compiled: Compiled,
    pub(crate) engine: SandboxedEngine,
}

/// Runtime of all engines.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// The engine that comes with Thimble.
pub(crate) fn plain() -> &'static Built {
    static PLAIN: OnceLock<Built> = OnceLock::new();
    PLAIN.get_or_init(|| Built::read(&built::engine()))
}

/// The same, with a watermark.
pub(crate) fn marked() -> &'static Built {
    static MARKED: OnceLock<Built> = OnceLock::new();
    MARKED.get_or_init(|| Built::read(&built::example("watermark")))
}

impl Built {
    fn read(path: &Path) -> Self {
        let artifact = Artifact::read(path).unwrap();
        let compiled = Compiled::compile_for(Target::native().unwrap(), &artifact).unwrap();
        let engine =
            SandboxedEngine::load_compiled(runtime(), &compiled, Budget::default()).unwrap();
        Self {
            artifact,
            compiled,
            engine,
        }
    }

    /// Thumbnails of a source for these presets.
    pub(crate) fn make(&self, source: &[u8], presets: &[&str]) -> Result<Output, Error> {
        let specs: Vec<Spec> = presets.iter().map(|preset| spec(preset)).collect();
        self.engine
            .generate_blocking(source, &specs, &Limits::default(), None)
    }
}

/// A thumbnail within a square of so many pixels a side, made outside of the sandbox.
pub(crate) fn natively(
    source: &[u8],
    (side, media_type): (u32, &str),
    settings: &[(&str, &str)],
) -> Vec<u8> {
    let settings = settings.iter().map(|(name, value)| native::Setting {
        name: (*name).into(),
        value: (*value).into(),
    });
    let spec = native::Spec {
        bounds: native::Bounds {
            width: Some(side),
            height: Some(side),
        },
        encoding: native::Encoding {
            media_type: Some(media_type.into()),
            quality: None,
        },
        settings: settings.collect(),
        ..native::Spec::default()
    };
    let made = thimble_engine::generate(source, &[spec], &native::Limits::default()).unwrap();
    made.thumbnails[0].data.clone()
}

/// A picture of soft colors, none of which is black or white.
pub(crate) fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let part = |value: u32, of: u32| (60 + 120 * value / of) as u8;
        Rgb([part(x, width), part(y, height), part(x + y, width + height)])
    })
}

/// A picture as a file.
pub(crate) fn file(picture: &RgbImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}
