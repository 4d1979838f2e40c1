//! Parts of the fuzz targets: limits that keep an image small, specs out of bytes,
//! and one image through the engine.

#[cfg(feature = "host")]
pub mod documents;

use thimble_engine::contract::{
    Bounds, Color, Encoding, Error, Fit, Focus, Limits, Output, Point, Setting, Spec,
};
use thimble_engine::decode::sniff;
use thimble_engine::format::Format;
use thimble_engine::picture::{Model, Picture, Plane};

/// Few pixels: a large picture tells no more than a small one, and takes longer.
pub const LIMITS: Limits = Limits {
    max_pixels: 1 << 18,
    max_side: 4096,
    max_frames: 1,
    max_profile: 1 << 16,
    max_output_side: 512,
};

/// Bytes at the beginning of an input that choose what is asked for.
pub const CHOICES: usize = 16;

/// A spec out of bytes: sound ones mostly, and some that make no sense.
#[must_use]
pub fn spec(choices: &[u8; CHOICES]) -> Spec {
    let [
        fit,
        focus,
        width,
        height,
        x,
        y,
        quality,
        format,
        knob,
        enlarge,
        color @ ..,
    ] = *choices;
    let fits = [
        Fit::Inside,
        Fit::Outside,
        Fit::Cover,
        Fit::Contain,
        Fit::Fill,
    ];
    let side = |byte: u8| (byte != 255).then(|| u32::from(byte) * 3);
    let fraction = |byte: u8| f32::from(byte) / 250.0;
    let formats = [
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "image/bmp",
    ];
    let settings = [
        ("jpeg.progressive", "true"),
        ("jpeg.optimize", "false"),
        ("jpeg.subsampling", "444"),
        ("jpeg.effort", "fast"),
        ("max-bytes", "900"),
        ("png.compression", "small"),
        ("png.compression", "fast"),
        ("frame", "poster"),
    ];
    let setting = settings
        .get(usize::from(knob % 8))
        .map(|(name, value)| setting(name, *value));
    Spec {
        bounds: Bounds {
            width: side(width),
            height: side(height),
        },
        fit: fits[usize::from(fit) % fits.len()],
        focus: match focus % 3 {
            0 => Focus::Center,
            1 => Focus::Salient,
            _ => Focus::At(Point {
                x: fraction(x),
                y: fraction(y),
            }),
        },
        background: Color {
            red: color[0],
            green: color[1],
            blue: color[2],
            alpha: color[3],
        },
        enlarge: enlarge % 2 == 1,
        encoding: Encoding {
            media_type: formats
                .get(usize::from(format % 6))
                .map(|name| (*name).into()),
            quality: (quality % 2 == 1).then_some(quality / 2),
        },
        settings: setting.into_iter().collect(),
    }
}

/// Makes a thumbnail of an image if it is of this format. There is nothing to
/// check but that the engine answers, and keeps what its answer promises.
pub fn one_format(format: Format, source: &[u8]) {
    if sniff(source) == Some(format) {
        // A poster, so that frames are composed where there are several.
        let choices = [0, 0, 20, 20, 0, 0, 0, 1, 5, 0, 255, 255, 255, 255, 0, 0];
        let _ = check(source, &spec(&choices));
    }
}

/// Makes a thumbnail, and checks it against what was asked for.
///
/// # Errors
///
/// The engine's.
///
/// # Panics
///
/// If the engine breaks its contract.
pub fn check(source: &[u8], spec: &Spec) -> Result<Output, Error> {
    let output = thimble_engine::generate(source, std::slice::from_ref(spec), &LIMITS)?;
    let [thumbnail] = output.thumbnails.as_slice() else {
        panic!("{} thumbnails for one spec", output.thumbnails.len());
    };
    let (width, height) = (thumbnail.dimensions.width, thumbnail.dimensions.height);
    assert!(
        width > 0 && width <= LIMITS.max_output_side,
        "{width} pixels wide"
    );
    assert!(
        height > 0 && height <= LIMITS.max_output_side,
        "{height} pixels high"
    );
    let format = sniff(&thumbnail.data).map(Format::media_type);
    assert_eq!(format, Some(thumbnail.media_type.as_str()));
    Ok(output)
}

/// Bytes that choose an order: width, height, quality, model, and whether color differences
/// are at half of the columns and rows.
pub type OrderChoices = (u8, u8, u8, u8, bool);

/// A picture of noise, and the quality it is encoded at.
pub struct Order<'a> {
    /// Width and height of the picture: a small one.
    pub sides: (usize, usize),
    quality: u8,
    model: u8,
    are_halved: bool,
    noise: &'a [u8],
}

impl<'a> Order<'a> {
    /// The order that some bytes choose.
    #[must_use]
    pub fn new(choices: OrderChoices, noise: &'a [u8]) -> Self {
        let (width, height, quality, model, are_halved) = choices;
        let side = |byte: u8| usize::from(byte % 80) + 1;
        Self {
            sides: (side(width), side(height)),
            quality: quality % 100 + 1,
            model,
            are_halved,
            noise,
        }
    }

    /// The picture.
    #[must_use]
    pub fn picture(&self) -> Picture {
        picture(self.sides, self.model, self.are_halved, self.noise)
    }

    /// A spec for the encoder of a format, with some settings.
    #[must_use]
    pub fn spec(&self, format: Format, settings: Vec<Setting>) -> Spec {
        Spec {
            encoding: Encoding {
                media_type: Some(format.media_type().into()),
                quality: Some(self.quality),
            },
            settings,
            ..spec(&[0; CHOICES])
        }
    }
}

/// A setting of an encoder.
#[must_use]
pub fn setting(name: &str, value: impl Into<String>) -> Setting {
    Setting {
        name: name.into(),
        value: value.into(),
    }
}

/// A picture of noise, of the model that a number chooses, whose color differences may be at
/// half of the columns and rows.
fn picture((width, height): (usize, usize), model: u8, are_halved: bool, noise: &[u8]) -> Picture {
    let mut noise = noise.iter().copied().chain([128]).cycle();
    let mut plane = |channels: usize, halved: bool| {
        let part = |side: usize| if halved { side.div_ceil(2) } else { side };
        let extent = |side: usize| side as f64 / if halved { 2.0 } else { 1.0 };
        let (columns, rows) = (part(width), part(height));
        Plane {
            channels,
            width: columns,
            height: rows,
            extent: (extent(width), extent(height)),
            samples: noise.by_ref().take(columns * rows * channels).collect(),
        }
    };
    let (model, planes) = match model % 4 {
        0 => (Model::Gray, vec![plane(1, false)]),
        1 => (Model::Rgb, vec![plane(3, false)]),
        2 => (Model::Rgba, vec![plane(4, false)]),
        _ => {
            let differences = [plane(1, are_halved), plane(1, are_halved)];
            let planes = [plane(1, false)].into_iter().chain(differences).collect();
            (Model::Ycbcr, planes)
        }
    };
    Picture { model, planes }
}
