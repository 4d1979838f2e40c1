//! A codec for SVG: to be joined to an engine.
//!
//! [`text`] makes letters of a file's bytes, [`census`] refuses too many elements, [`drawing`]
//! parses them and says how large the drawing is, and [`cost`] refuses what would take too much
//! to draw. Then `resvg` draws it at
//! the size that a thumbnail needs. Pictures within a drawing are decoded by [`pictures`], text
//! is set in the one font that is embedded, and nothing is ever read from elsewhere.

mod census;
mod cost;
mod drawing;
mod pictures;
mod text;

use std::cell::RefCell;
use std::rc::Rc;

use resvg::tiny_skia::{Pixmap, Transform};

use drawing::Drawing;

#[expect(missing_docs, reason = "generated; the documentation is in wit/codec/")]
mod contract {
    wit_bindgen::generate!({ world: "decoder", path: "../../wit/codec" });
}

pub use contract::exports::thimble::codec::codec::*;

/// The codec.
#[derive(Debug)]
pub struct Svg;

#[cfg(target_family = "wasm")]
contract::export!(Svg with_types_in contract);

impl Guest for Svg {
    fn describe() -> Vec<Format> {
        vec![Format {
            media_type: "image/svg+xml".into(),
            codec: "svg".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }]
    }

    fn recognize(head: Bytes) -> Option<u32> {
        text::is_svg(&of_words(&head)).then_some(0)
    }

    fn read_header(_: u32, source: Bytes, limits: Limits) -> Result<Header, Error> {
        let (width, height) = drawing(source, &limits)?.sides(&limits);
        Ok(Header {
            width,
            height,
            orientation: 1,
            frames: 1,
        })
    }

    fn decode(_: u32, source: Bytes, wanted: Wanted, limits: Limits) -> Result<Picture, Error> {
        let drawing = drawing(source, &limits)?;
        let (width, height) = drawing.sides(&limits);
        let most = (width / wanted.width.max(1)).min(height / wanted.height.max(1));
        let averaged = most.max(1);
        let part = |side: u32| f64::from(side) / f64::from(averaged);
        let samples = draw(&drawing, (part(width), part(height)))?;
        Ok(Picture {
            columns_averaged: averaged,
            rows_averaged: averaged,
            model: Model::Rgba,
            planes: vec![samples],
            color: Color::Srgb,
            warnings: drawing.warnings.clone(),
        })
    }
}

/// A source that was parsed, with the pixels that its pictures might have.
struct Parsed {
    source: Vec<u8>,
    max_pixels: u64,
    drawing: Rc<Drawing>,
}

/// Parses a source, unless it is the one that was parsed last: that of the header is that of
/// the pixels.
fn drawing(source: Bytes, limits: &Limits) -> Result<Rc<Drawing>, Error> {
    thread_local!(static LAST: RefCell<Option<Parsed>> = const { RefCell::new(None) });
    let bytes = of_words(&source);
    drop(source);
    let max_pixels = limits.max_pixels;
    let is_same = |last: &Parsed| last.max_pixels == max_pixels && last.source == bytes;
    if let Some(last) = LAST.take().filter(is_same) {
        return Ok(last.drawing);
    }
    let drawing = Rc::new(Drawing::read(&bytes, limits)?);
    LAST.set(Some(Parsed {
        source: bytes,
        max_pixels,
        drawing: Rc::clone(&drawing),
    }));
    Ok(drawing)
}

/// Draws on so many columns and rows. Of the last ones there may be a part: what is drawn there
/// is as opaque as a whole one would be.
fn draw(drawing: &Drawing, (columns, rows): (f64, f64)) -> Result<Bytes, Error> {
    let (width, height) = (columns.ceil(), rows.ceil());
    let size = drawing.tree.size();
    let scale = Transform::from_scale(
        (columns / f64::from(size.width())) as f32,
        (rows / f64::from(size.height())) as f32,
    );
    cost::check(&drawing.tree, scale, (width as f32, height as f32))?;
    let no_room = || Error::LimitExceeded("more pixels than there is memory for".into());
    let mut canvas = Pixmap::new(width as u32, height as u32).ok_or_else(no_room)?;
    resvg::render(&drawing.tree, scale, &mut canvas.as_mut());
    let mut words = Vec::new();
    words
        .try_reserve_exact(canvas.pixels().len())
        .map_err(|_| no_room())?;
    let covered = |at: usize, sides: f64, last: f64| {
        if at + 1 == last as usize {
            sides - last + 1.0
        } else {
            1.0
        }
    };
    for (y, row) in canvas.pixels().chunks(width as usize).enumerate() {
        let of_row = covered(y, rows, height);
        for (x, pixel) in row.iter().enumerate() {
            let part = of_row * covered(x, columns, width);
            let pixel = pixel.demultiply();
            let alpha = (f64::from(pixel.alpha()) / part).round().min(255.0) as u8;
            let samples = [pixel.red(), pixel.green(), pixel.blue(), alpha];
            words.push(u32::from_le_bytes(samples));
        }
    }
    Ok(Bytes {
        length: words.len() as u32 * 4,
        words,
    })
}

fn of_words(bytes: &Bytes) -> Vec<u8> {
    let mut made = vec![0; bytes.words.len() * 4];
    let (chunks, _) = made.as_chunks_mut::<4>();
    for (chunk, word) in chunks.iter_mut().zip(&bytes.words) {
        *chunk = word.to_le_bytes();
    }
    made.truncate(bytes.length as usize);
    made
}
