//! The picture of a file: its planes, each one item or a grid of them.

use std::borrow::Cow;

use crate::boxes::Numbers;
use crate::items::{Id, Items};
use crate::property::Properties;
use crate::sequence::{self, Frame};
use crate::view::{Turn, View};
use crate::{Coded, Coding, Color, Error};

/// Items that are derived from each other.
const MOST_DERIVED: usize = 16;

/// Tiles of a grid that may have an alpha each.
const MOST_ALPHAS: usize = 256;

/// Least side of a tile, as in MIAF. Smaller ones would be many for a small picture.
const LEAST_TILE: u32 = 64;

/// A picture, and all that a decoder has to know of it.
#[derive(Debug)]
pub struct Picture<'a> {
    /// The colors.
    pub main: Plane<'a>,
    /// The alpha, if there is any that is as large.
    pub alpha: Option<Plane<'a>>,
    /// There is an alpha that is none: it makes no sense, or has other sides.
    pub lacks_alpha: bool,
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
        if let Some(first) = Self::first(source, coded) {
            return first;
        }
        Self::primary(&Items::read(source)?, coded)
    }

    /// Reads the first frame of a sequence without items, or `None` of a file that has some.
    pub(crate) fn first(source: &'a [u8], coded: Coded) -> Option<Result<Self, Error>> {
        let frame = sequence::first(source, coded)?;
        Some(frame.and_then(Self::of_frame))
    }

    fn of_frame(frame: Frame<'a>) -> Result<Self, Error> {
        let bytes = (Cow::Borrowed(frame.bytes), !frame.is_cut);
        let main = Plane::coded(bytes, &frame.properties)?;
        Ok(Picture {
            alpha: None,
            lacks_alpha: false,
            is_premultiplied: false,
            color: frame.properties.color,
            shown: [0, 0, main.width, main.height],
            turn: Turn::default(),
            frames: frame.count,
            main,
        })
    }

    /// Reads the primary item and what belongs to it.
    pub(crate) fn primary(items: &Items<'a>, coded: Coded) -> Result<Self, Error> {
        let picture = Self::of(items, items.primary, coded)?;
        Ok(Picture {
            frames: sequence::frames(items.source).unwrap_or(1).max(1),
            ..picture
        })
    }

    /// Reads an item and what belongs to it.
    pub(crate) fn of(items: &Items<'a>, id: Id, coded: Coded) -> Result<Self, Error> {
        let mut derived = derived(items, id)?;
        let Some((id, properties)) = derived.pop() else {
            return Err(Error::Malformed("the item of the picture is missing"));
        };
        let main = Plane::read(items, id, &properties, coded, None)?;
        let mut view = View::whole((main.width, main.height));
        let mut color = properties.color;
        if color == Color::default()
            && let Some(first) = items.referred(b"dimg", id).first()
        {
            color = Properties::of(items, *first)?.color;
        }
        properties.steps.iter().for_each(|step| view.take(*step));
        for (_, properties) in derived.iter().rev() {
            properties.steps.iter().for_each(|step| view.take(*step));
        }
        let (alpha, is_premultiplied) = alpha(items, id, &main, coded);
        Ok(Picture {
            lacks_alpha: alpha.is_none() && names_alpha(items, id),
            alpha,
            is_premultiplied,
            color,
            shown: view.shown,
            turn: view.turn,
            frames: 1,
            main,
        })
    }
}

/// An item and those that it is derived from without a change of pixels, one after the other.
fn derived<'a>(items: &Items<'a>, id: Id) -> Result<Vec<(Id, Properties<'a>)>, Error> {
    let mut found = vec![(id, Properties::of(items, id)?)];
    let mut id = id;
    while items.kind(id) == Some(*b"iden") {
        let [from] = items.referred(b"dimg", id) else {
            return Err(Error::Malformed("an item that is derived from no other"));
        };
        id = *from;
        found.push((id, Properties::of(items, id)?));
        if found.len() > MOST_DERIVED {
            return Err(Error::Malformed("items that are derived from each other"));
        }
    }
    Ok(found)
}

/// The alpha of an item, and whether its colors are multiplied by it. One that is broken
/// or of another size is as good as none.
fn alpha<'a>(
    items: &Items<'a>,
    id: Id,
    main: &Plane<'_>,
    coded: Coded,
) -> (Option<Plane<'a>>, bool) {
    let whole = items.alpha(id).and_then(|alpha| {
        let properties = Properties::of(items, alpha).ok()?;
        let sides = Some((main.width, main.height));
        let plane = Plane::read(items, alpha, &properties, coded, sides).ok()?;
        Some((alpha, plane))
    });
    let Some((alpha, plane)) = whole else {
        return (alpha_of_tiles(items, id, main, coded), false);
    };
    let is_premultiplied = items.referred(b"prem", id).contains(&alpha);
    (Some(plane), is_premultiplied)
}

/// True if an item or one of its tiles has an alpha, broken or not.
fn names_alpha(items: &Items<'_>, id: Id) -> bool {
    let tiles = items.referred(b"dimg", id).iter().take(MOST_ALPHAS);
    let mut ids = tiles.chain([&id]);
    ids.any(|id| items.alpha(*id).is_some())
}

/// The alpha of a grid whose tiles have one each.
fn alpha_of_tiles<'a>(
    items: &Items<'a>,
    id: Id,
    main: &Plane<'_>,
    coded: Coded,
) -> Option<Plane<'a>> {
    let tiles = items.referred(b"dimg", id);
    if items.kind(id) != Some(*b"grid") || tiles.len() > MOST_ALPHAS {
        return None;
    }
    let mut whole: Option<Plane<'a>> = None;
    for tile in tiles {
        let mut plane = Plane::tile_of(items, items.alpha(*tile)?, coded).ok()?;
        match &mut whole {
            _ if plane.tile != main.tile => return None,
            Some(whole) if whole.coding != plane.coding => return None,
            Some(whole) => whole.tiles.append(&mut plane.tiles),
            None => whole = Some(plane),
        }
    }
    let whole = whole.filter(|whole| whole.copied() <= items.length())?;
    Some(Plane {
        width: main.width,
        height: main.height,
        columns: main.columns,
        ..whole
    })
}

impl<'a> Plane<'a> {
    /// Reads the samples of an item, which have to have these sides, if any are given.
    fn read(
        items: &Items<'a>,
        id: Id,
        properties: &Properties<'a>,
        coded: Coded,
        sides: Option<(u32, u32)>,
    ) -> Result<Self, Error> {
        let fits = |is: (u32, u32)| {
            let fits = sides.is_none_or(|sides| sides == is);
            fits.then_some(())
                .ok_or(Error::Malformed("other sides than the picture"))
        };
        match items.kind(id).as_ref() {
            Some(kind) if coded.is(kind) => {
                let plane = Self::single(items, id, properties)?;
                fits((plane.width, plane.height))?;
                Ok(plane)
            }
            // Its sides are known before its tiles, of which there may be thousands.
            Some(b"grid") => {
                let grid = Grid::of(items, id)?;
                fits((grid.width, grid.height))?;
                Self::grid(items, id, &grid, coded)
            }
            Some(b"iovl") => Err(Error::Unsupported("an overlay within a picture")),
            Some(b"hvc1" | b"hev1") => Err(Error::Unsupported("HEVC, as in HEIC")),
            Some(_) => Err(Error::Unsupported("a picture of an unknown kind")),
            None => Err(Error::Malformed("the item of the picture is missing")),
        }
    }

    /// Bytes of tiles that were put together of several extents.
    pub(crate) fn copied(&self) -> usize {
        let copied = self.tiles.iter().map(|tile| match &tile.bytes {
            Cow::Owned(bytes) => bytes.len(),
            Cow::Borrowed(_) => 0,
        });
        copied.sum()
    }

    fn single(items: &Items<'a>, id: Id, properties: &Properties<'a>) -> Result<Self, Error> {
        Self::coded(items.bytes(id)?, properties)
    }

    /// A picture of one tile: its bytes, and whether those are all.
    fn coded(
        (bytes, is_whole): (Cow<'a, [u8]>, bool),
        properties: &Properties<'a>,
    ) -> Result<Self, Error> {
        let (width, height) = properties.sides.ok_or(Error::Malformed("no sides"))?;
        let coding = properties
            .coding
            .ok_or(Error::Malformed("no record of the coding"))?;
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

    fn grid(items: &Items<'a>, id: Id, grid: &Grid, coded: Coded) -> Result<Self, Error> {
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
            Some(b"iden" | b"grid" | b"iovl") => {
                Err(Error::Unsupported("a tile that is derived from others"))
            }
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
    fn of(items: &Items<'_>, id: Id) -> Result<Self, Error> {
        let (bytes, _) = items.bytes(id)?;
        Self::read(Numbers(&bytes)).ok_or(Error::Malformed("half a grid"))
    }

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
