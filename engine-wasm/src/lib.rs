//! An engine that makes thumbnails: a library first, a WebAssembly component
//! second.
//!
//! The contract of an engine is `wit/thumbnailer.wit`; the types generated from it
//! are in [`contract`]. [`describe`] says what this engine can do, and
//! [`generate`] does it. It reads as a list of verbs, each of them a module:
//!
//! | | |
//! |---|---|
//! | [`mod@format`] | formats by their names and media types |
//! | [`decode`] | which format a source is in, by its content; its header, checked against the limits; then its pixels |
//! | [`plan`] | which part of the source a thumbnail shows, and how large |
//! | `color` | whatever a color profile says, to sRGB |
//! | `salience` | where a crop should look when nobody says so |
//! | [`resize`] | fewer pixels, or more; the only module that resamples |
//! | `alpha`, `model` | transparency; one color model into another |
//! | `orient` | turned upright |
//! | `canvas` | padded |
//! | [`encode`], `settings` | into bytes, and with which knobs |
//! | `placeholder` | into a few bytes that stand in for a picture |
//!
//! `render` calls them in this order for every thumbnail, and a [`picture`] is
//! what they hand to each other. Formats that need a codec of our own have one in
//! a crate of its own, which knows nothing of the contract. [`command`] is the command line for
//! `wasmtime run`.
//!
//! The engine is a pure function: the same arguments give the same bytes, on any
//! processor, natively and in WebAssembly. It never panics and it allocates
//! nothing that a source asks for before the limits have been checked.

mod alpha;
mod canvas;
mod color;
pub mod command;
pub mod contract;
pub mod decode;
pub mod encode;
mod error;
pub mod format;
mod model;
mod placeholder;
pub mod plan;
mod render;
pub mod resize;
mod salience;
mod settings;

#[cfg(target_family = "wasm")]
mod component;

use contract::{Dimensions, EngineInfo, Error, ImageInfo, Limits, Output, Spec, Thumbnail};
use decode::{Decoded, Header, Task};
use picture::Picture;
use render::{Order, Renderer};
use settings::Settings;
pub use thimble_picture as picture;
pub use thimble_picture::orient;

/// Describes this engine.
#[must_use]
pub fn describe() -> EngineInfo {
    EngineInfo {
        name: "thimble-engine".into(),
        version: decode::joined::version(env!("CARGO_PKG_VERSION")),
        decodes: decode::formats()
            .map(|format| format.media_type().into())
            .collect(),
        encodes: encode::media_types().map(Into::into).collect(),
        settings: Settings::names().map(Into::into).collect(),
    }
}

/// Makes one thumbnail of `source` for each spec, or says what the source is if
/// there are no specs.
///
/// # Errors
///
/// The contract's, each of which is permanent. If one thumbnail can't be made,
/// none is.
pub fn generate(source: &[u8], specs: &[Spec], limits: &Limits) -> Result<Output, Error> {
    let header = Header::read(source, limits)?;
    let orders = specs
        .iter()
        .map(|spec| Order::new(spec, &header, limits.max_output_side))
        .collect::<Result<Vec<Order>, Error>>()?;
    let mut output = Output {
        source: info(&header),
        thumbnails: vec![],
        warnings: vec![],
    };
    if orders.is_empty() {
        return Ok(output);
    }
    let task = Task {
        source,
        header: &header,
        wanted: Order::wanted(&orders, &header),
        limits,
    };
    let Decoded {
        mut picture,
        profile,
        mut warnings,
    } = decode::decode(&task)?;
    let wants_poster = orders.iter().any(Order::is_of_poster);
    let mut poster = wants_poster.then(|| decode::poster(&task)).flatten();
    if let Some(profile) = profile {
        picture = color::to_srgb(picture, &profile, &mut warnings);
        poster = poster.map(|poster| color::to_srgb(poster, &profile, &mut warnings));
    }
    output.thumbnails = make(picture, poster, orders, &header, &mut warnings)?;
    output.warnings = warnings;
    Ok(output)
}

/// Makes thumbnails of the first frame, and those of a poster if there is one.
fn make(
    first: Picture,
    poster: Option<Picture>,
    orders: Vec<Order>,
    header: &Header,
    warnings: &mut Vec<String>,
) -> Result<Vec<Thumbnail>, Error> {
    let Some(poster) = poster else {
        return Renderer::new(first, header).make(orders, warnings);
    };
    let is_of_poster: Vec<bool> = orders.iter().map(Order::is_of_poster).collect();
    let (others, of_poster) = orders.into_iter().partition(|order| !order.is_of_poster());
    let mut others = Renderer::new(first, header)
        .make(others, warnings)?
        .into_iter();
    let mut of_poster = Renderer::new(poster, header)
        .make(of_poster, warnings)?
        .into_iter();
    let in_order = is_of_poster.into_iter();
    let made = in_order.filter_map(|it| if it { of_poster.next() } else { others.next() });
    Ok(made.collect())
}

fn info(header: &Header) -> ImageInfo {
    let (width, height) = header.upright();
    ImageInfo {
        media_type: header.format.media_type().into(),
        dimensions: Dimensions { width, height },
        frames: header.frames,
    }
}
