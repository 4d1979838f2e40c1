//! The picture of a file: its planes, each one item or a grid of them.

use std::borrow::Cow;

use crate::boxes::{self, Numbers};
use crate::items::{Id, Items};
use crate::property::{Properties, cropped};
use crate::{Coded, Coding, Color, Error, Turn};

/// Names of alpha, those of the standard and of HEVC's.
const ALPHA: [&[u8]; 2] = [
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
];

/// Least side of a tile, as in MIAF. Smaller ones would be many for a small picture.
const LEAST_TILE: u32 = 64;

/// A picture, and all that a decoder has to know of it.
#[derive(Debug)]
pub struct Picture<'a> {
    /// The colors.
    pub main: Plane<'a>,
    /// The alpha, if there is any that is as large.
    pub alpha: Option<Plane<'a>>,
    /// Colors are multiplied by alpha.
    pub is_premultiplied: bool,
    /// Description of the colors.
    pub color: Color<'a>,
    /// Left, top, width and height of what is shown, before the turn.
    pub shown: [u32; 4],
    /// Turn that makes it upright.
    pub turn: Turn,
    /// Frames of a sequence, or 1.
    pub frames: u32,
}

/// One kind of samples of a picture, in tiles.
#[derive(Debug)]
pub struct Plane<'a> {
    /// Columns of the whole.
    pub width: u32,
    /// Rows of the whole.
    pub height: u32,
    /// Sides of each tile. Those of the last column and row may reach beyond the whole.
    pub tile: (u32, u32),
    /// Tiles side by side.
    pub columns: u32,
    /// Row by row.
    pub tiles: Vec<Tile<'a>>,
    /// Depth and planes of all tiles.
    pub coding: Coding,
}

/// A coded picture.
#[derive(Debug, Default)]
pub struct Tile<'a> {
    /// Its bytes, as many as there are; none if the file ends before them.
    pub bytes: Cow<'a, [u8]>,
    /// Some of its bytes are missing.
    pub is_cut: bool,
    /// The one of several layers that is the picture.
    pub layer: Option<u16>,
    /// The operating point to decode.
    pub operating_point: u8,
    /// The record of its coding, with what comes before its bytes: of HEVC, parameter sets.
    pub record: &'a [u8],
}

impl<'a> Picture<'a> {
    /// Reads the primary item of a file of pictures coded so, and what belongs to it.
    ///
    /// # Errors
    ///
    /// [`Error`], if there is no such item, or it asks for what is not known.
    pub fn read(source: &'a [u8], coded: Coded) -> Result<Self, Error> {
        let items = Items::read(source)?;
        let id = items.primary;
        let properties = Properties::of(&items, id)?;
        let main = Plane::read(&items, id, &properties, coded)?;
        let mut color = properties.color;
        if color == Color::default()
            && let Some(first) = items.referred(b"dimg", id).first()
        {
            color = Properties::of(&items, *first)?.color;
        }
        let (alpha, is_premultiplied) = alpha(&items, id, &main, coded);
        let sides = (main.width, main.height);
        let shown = properties.crop.and_then(|crop| cropped(crop, sides));
        Ok(Picture {
            alpha,
            is_premultiplied,
            color,
            shown: shown.unwrap_or([0, 0, main.width, main.height]),
            turn: properties.turn,
            frames: frames(source).unwrap_or(1).max(1),
            main,
        })
    }
}

/// The alpha of an item, and whether its colors are multiplied by it. One that is broken
/// is as good as none.
fn alpha<'a>(
    items: &Items<'a>,
    id: Id,
    main: &Plane<'_>,
    coded: Coded,
) -> (Option<Plane<'a>>, bool) {
    let found = items.referring(b"auxl", id).find_map(|auxiliary| {
        let properties = Properties::of(items, auxiliary).ok()?;
        let is_alpha = ALPHA.contains(&properties.auxiliary);
        let plane = Plane::read(items, auxiliary, &properties, coded).ok()?;
        let is_as_large = (plane.width, plane.height) == (main.width, main.height);
        (is_alpha && is_as_large).then_some((auxiliary, plane))
    });
    let Some((auxiliary, plane)) = found else {
        return (None, false);
    };
    let is_premultiplied = items.referred(b"prem", id).contains(&auxiliary);
    (Some(plane), is_premultiplied)
}

impl<'a> Plane<'a> {
    fn read(
        items: &Items<'a>,
        id: Id,
        properties: &Properties<'a>,
        coded: Coded,
    ) -> Result<Self, Error> {
        match items.kind(id).as_ref() {
            Some(kind) if coded.is(kind) => Self::single(items, id, properties),
            Some(b"grid") => Self::grid(items, id, coded),
            Some(b"iovl") => Err(Error::Unsupported("an overlay of several pictures")),
            Some(b"hvc1" | b"hev1") => Err(Error::Unsupported("HEVC, as in HEIC")),
            Some(_) => Err(Error::Unsupported("a picture of an unknown kind")),
            None => Err(Error::Malformed("the item of the picture is missing")),
        }
    }

    fn single(items: &Items<'a>, id: Id, properties: &Properties<'a>) -> Result<Self, Error> {
        let (width, height) = properties.sides.ok_or(Error::Malformed("no sides"))?;
        let coding = properties
            .coding
            .ok_or(Error::Malformed("no record of the coding"))?;
        let (bytes, is_whole) = items.bytes(id)?;
        let tile = Tile {
            bytes,
            is_cut: !is_whole,
            layer: properties.layer,
            operating_point: properties.operating_point,
            record: properties.record,
        };
        Ok(Plane {
            width,
            height,
            tile: (width, height),
            columns: 1,
            tiles: vec![tile],
            coding,
        })
    }

    fn grid(items: &Items<'a>, id: Id, coded: Coded) -> Result<Self, Error> {
        let (bytes, _) = items.bytes(id)?;
        let grid = Grid::read(Numbers(&bytes)).ok_or(Error::Malformed("half a grid"))?;
        let ids = items.referred(b"dimg", id);
        let Some(first) = ids
            .first()
            .filter(|_| ids.len() == grid.columns * grid.rows)
        else {
            return Err(Error::Malformed("a grid of other tiles than it says"));
        };
        let first = Self::tile_of(items, *first, coded)?;
        let (across, down) = first.tile;
        let covers = |side: u32, tile: u32, count: usize| {
            let (side, tile, count) = (u64::from(side), u64::from(tile), count as u64);
            tile >= LEAST_TILE.into() && side <= tile * count && side > tile * (count - 1)
        };
        if !covers(grid.width, across, grid.columns) || !covers(grid.height, down, grid.rows) {
            return Err(Error::Malformed("tiles that do not make up the grid"));
        }
        if first.coding.halved.0 && across % 2 == 1 || first.coding.halved.1 && down % 2 == 1 {
            return Err(Error::Malformed("tiles that end in half a sample"));
        }
        let mut tiles = Vec::with_capacity(ids.len());
        let mut copied = 0;
        for id in ids {
            // What comes behind the end of the file is missing, and the rest is not.
            let tile = Self::tile_of(items, *id, coded);
            let other = tile
                .as_ref()
                .is_ok_and(|tile| (tile.tile, tile.coding) != (first.tile, first.coding));
            if other {
                return Err(Error::Malformed("tiles of several kinds"));
            }
            let tile = tile.ok().and_then(|mut tile| tile.tiles.pop());
            let tile = tile.unwrap_or_default();
            if let Cow::Owned(bytes) = &tile.bytes {
                copied += bytes.len();
            }
            if copied > items.length() {
                return Err(Error::Malformed("tiles longer than the file"));
            }
            tiles.push(tile);
        }
        Ok(Plane {
            width: grid.width,
            height: grid.height,
            columns: grid.columns as u32,
            tiles,
            ..first
        })
    }

    fn tile_of(items: &Items<'a>, id: Id, coded: Coded) -> Result<Self, Error> {
        match items.kind(id).as_ref() {
            Some(kind) if coded.is(kind) => Self::single(items, id, &Properties::of(items, id)?),
            Some(b"hvc1" | b"hev1") => Err(Error::Unsupported("HEVC, as in HEIC")),
            _ => Err(Error::Malformed("a tile that is no picture")),
        }
    }
}

/// The item of a grid.
struct Grid {
    columns: usize,
    rows: usize,
    width: u32,
    height: u32,
}

impl Grid {
    fn read(mut numbers: Numbers<'_>) -> Option<Self> {
        numbers.u8()?;
        let is_long = numbers.u8()? & 1 == 1;
        let rows = usize::from(numbers.u8()?) + 1;
        Some(Grid {
            rows,
            columns: usize::from(numbers.u8()?) + 1,
            width: numbers.short_or_long(is_long)?,
            height: numbers.short_or_long(is_long)?,
        })
    }
}

/// Frames of the first track of a sequence.
fn frames(source: &[u8]) -> Option<u32> {
    let mut inner = boxes::find(source, b"moov")?;
    for kind in [b"trak", b"mdia", b"minf", b"stbl", b"stsz"] {
        inner = boxes::find(inner, kind)?;
    }
    let mut sizes = Numbers(inner);
    sizes.version()?;
    sizes.u32()?;
    sizes.u32()
}
