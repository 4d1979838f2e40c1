//! Pictures that are painted and looked at pixel by pixel.

use std::io::Cursor;

use image::{ImageFormat, RgbaImage};

/// A picture of four channels of 8 bits, row by row.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue and alpha, not multiplied.
    pub rgba: Vec<[u8; 4]>,
}

impl Pixels {
    /// The picture that a function of column and row paints.
    pub fn new(width: usize, height: usize, color: impl Fn(usize, usize) -> [u8; 4]) -> Self {
        let rgba = (0..width * height)
            .map(|index| color(index % width, index / width))
            .collect();
        Self {
            width,
            height,
            rgba,
        }
    }

    /// The pixel of a column and a row.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> [u8; 4] {
        self.rgba[y * self.width + x]
    }

    /// The picture as a PNG with four channels.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        let samples = self.rgba.as_flattened().to_vec();
        let picture = RgbaImage::from_raw(self.width as u32, self.height as u32, samples);
        let mut file = Cursor::new(Vec::new());
        let picture = picture.expect("a picture has all of its pixels");
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    /// The picture that a PNG of any kind shows.
    #[must_use]
    pub fn from_png(file: &[u8]) -> Self {
        let picture = image::load_from_memory_with_format(file, ImageFormat::Png).unwrap();
        Self::from(&picture.to_rgba8())
    }
}

impl From<&RgbaImage> for Pixels {
    fn from(picture: &RgbaImage) -> Self {
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            rgba: picture.pixels().map(|pixel| pixel.0).collect(),
        }
    }
}

/// A picture with smooth parts, edges, detail near the limit of what can be
/// stored, and every degree of transparency if `transparent`.
#[must_use]
pub fn test_picture(width: usize, height: usize, transparent: bool) -> Pixels {
    Pixels::new(width, height, |x, y| {
        let wave = ((x * x / 9 + y * y / 7) % 256) as u8;
        let check = if (x / 13 + y / 17) % 2 == 0 { 220 } else { 30 };
        let slope = (255 * (x + y) / (width + height)) as u8;
        let (dx, dy) = (x.abs_diff(width / 2), y.abs_diff(height / 2));
        let alpha = (dx * dx + dy * dy) * 600 / (width * width + height * height);
        [
            wave,
            check,
            slope,
            if transparent {
                255 - alpha.min(255) as u8
            } else {
                255
            },
        ]
    })
}
