//! A drawing, parsed: shapes, text that is set, and pictures that are decoded.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use resvg::usvg::roxmltree::{self, Document, ParsingOptions};
use resvg::usvg::{self, FontResolver, ImageHrefResolver, ImageKind, Options, Tree, fontdb};

use crate::census::{self, MOST, too_many};
use crate::pictures::{self, Room};
use crate::{Error, Limits, text};

/// The font of all text. Its license is beside it.
static FONT: &[u8] = include_bytes!("../font/Roboto-Regular.ttf");

/// Pixels along the longer side of a drawing: a smaller one is taken for one of so many, and
/// a larger one for one of so many. It is as sharp at any size.
const SIDES: [f64; 2] = [2048.0, 4096.0];

/// A drawing.
pub(crate) struct Drawing {
    pub(crate) tree: Tree,
    /// Parts that are missing in it.
    pub(crate) warnings: Vec<String>,
}

/// Things that were met while parsing.
#[derive(Default)]
struct Seen {
    room: Room,
    /// Letters that the font does not have, of each text the first.
    letters: BTreeSet<char>,
    /// Reasons why pictures are left out.
    pictures: BTreeSet<&'static str>,
}

impl Drawing {
    pub(crate) fn read(source: &[u8], limits: &Limits) -> Result<Self, Error> {
        let text = text::of(source)?;
        let options = ParsingOptions {
            allow_dtd: true,
            nodes_limit: MOST,
            ..ParsingOptions::default()
        };
        let document =
            Document::parse_with_options(&text, options).map_err(|error| match error {
                roxmltree::Error::NodesLimitReached => too_many(),
                error => Error::MalformedSource(error.to_string()),
            })?;
        census::check(&document)?;
        let seen = Mutex::new(Seen {
            room: Room::new(limits.max_pixels),
            ..Seen::default()
        });
        let tree = Tree::from_xmltree(&document, &parsing(&seen)).map_err(refused)?;
        let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Drawing {
            tree,
            warnings: seen.warnings(),
        })
    }

    /// Columns and rows, within the limits: those that the file states, unless they are fewer
    /// or more than make sense.
    pub(crate) fn sides(&self, limits: &Limits) -> (u32, u32) {
        let size = self.tree.size();
        let (width, height) = (f64::from(size.width()), f64::from(size.height()));
        let (longer, ratio) = (width.max(height), width.max(height) / width.min(height));
        let most = (limits.max_pixels as f64 * ratio).sqrt();
        let most = most.min(limits.max_side.into()).floor().max(1.0);
        let scale = longer.clamp(SIDES[0], SIDES[1]).min(most) / longer;
        let side = |length: f64| (length * scale + 1e-3).floor().max(1.0) as u32;
        (side(width), side(height))
    }
}

impl Seen {
    fn warnings(self) -> Vec<String> {
        let mut warnings: Vec<String> = self.pictures.iter().map(ToString::to_string).collect();
        if !self.letters.is_empty() {
            let some: Vec<String> = self.letters.iter().take(8).map(char::to_string).collect();
            warnings.push(format!(
                "text is left out, there is no font for letters such as {}",
                some.join(" ")
            ));
        }
        warnings
    }
}

fn refused(error: usvg::Error) -> Error {
    match error {
        usvg::Error::ElementsLimitReached => too_many(),
        usvg::Error::ParsingFailed(roxmltree::Error::NodesLimitReached) => too_many(),
        error => Error::MalformedSource(error.to_string()),
    }
}

/// Options under which nothing is read from elsewhere.
fn parsing(seen: &Mutex<Seen>) -> Options<'_> {
    let lock = || seen.lock().unwrap_or_else(PoisonError::into_inner);
    let mut fonts = fontdb::Database::new();
    fonts.load_font_source(fontdb::Source::Binary(Arc::new(FONT)));
    let font = fonts.faces().next().map(|face| face.id);
    Options {
        font_family: "Roboto".into(),
        font_resolver: FontResolver {
            select_font: Box::new(move |_, _| font),
            select_fallback: Box::new(move |letter, _, _| {
                if !letter.is_control() {
                    lock().letters.insert(letter);
                }
                None
            }),
        },
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(move |_, data, _| {
                let mut seen = lock();
                let read = pictures::read(&data, &mut seen.room);
                read.map_err(|reason| seen.pictures.insert(reason))
                    .ok()
                    .map(|picture| ImageKind::PNG(Arc::new(picture)))
            }),
            resolve_string: Box::new(move |_, _| {
                let elsewhere = "a picture is left out, it lies outside of the file";
                lock().pictures.insert(elsewhere);
                None
            }),
        },
        fontdb: Arc::new(fonts),
        ..Options::default()
    }
}
