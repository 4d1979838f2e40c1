//! Files as cameras, printers and browsers write them.

use anyhow::{Context, Result};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::camera::Photo;

/// Settings of a JPEG.
pub(crate) struct Jpeg {
    pub quality: u8,
    pub progressive: bool,
    /// Colors at full resolution (4:4:4) instead of half (4:2:0).
    pub full_color: bool,
}

/// The settings of phones and cameras.
pub(crate) const CAMERA: Jpeg = Jpeg {
    quality: 88,
    progressive: false,
    full_color: false,
};

impl Jpeg {
    /// A photo in sRGB, or in the space of `profile`.
    pub(crate) fn photo(&self, photo: &Photo, profile: Option<&[u8]>) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let mut encoder = self.encoder(&mut file);
        if let Some(profile) = profile {
            encoder.add_icc_profile(profile)?;
        }
        let (width, height) = sides(photo)?;
        encoder.encode(&photo.rgb8(), width, height, ColorType::Rgb)?;
        Ok(file)
    }

    /// A photo taken by a phone that was held upright: stored on its side, with
    /// the EXIF orientation that tells a viewer to turn it clockwise.
    pub(crate) fn sideways(&self, photo: &Photo) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        let mut encoder = self.encoder(&mut file);
        encoder.add_exif_metadata(&exif(6))?;
        let (width, height) = sides(photo)?;
        encoder.encode(&turned(photo), height, width, ColorType::Rgb)?;
        Ok(file)
    }

    /// A photo in inks, as a printing house sends it.
    pub(crate) fn inks(&self, photo: &Photo) -> Result<Vec<u8>> {
        let inks: Vec<u8> = photo
            .rgb8()
            .as_chunks()
            .0
            .iter()
            .copied()
            .flat_map(inks_of)
            .collect();
        let mut file = Vec::new();
        let (width, height) = sides(photo)?;
        self.encoder(&mut file)
            .encode(&inks, width, height, ColorType::CmykAsYcck)?;
        Ok(file)
    }

    fn encoder<'a>(&self, file: &'a mut Vec<u8>) -> Encoder<&'a mut Vec<u8>> {
        let mut encoder = Encoder::new(file, self.quality);
        encoder.set_progressive(self.progressive);
        encoder.set_optimized_huffman_tables(self.progressive);
        encoder.set_sampling_factor(if self.full_color {
            SamplingFactor::F_1_1
        } else {
            SamplingFactor::F_2_2
        });
        encoder
    }
}

/// A PNG of 8-bit RGB.
pub(crate) fn rgb(size: (u32, u32), samples: &[u8]) -> Result<Vec<u8>> {
    png(size, png::ColorType::Rgb, png::BitDepth::Eight, samples)
}

/// A PNG of 8-bit RGBA.
pub(crate) fn rgba(size: (u32, u32), samples: &[u8]) -> Result<Vec<u8>> {
    png(size, png::ColorType::Rgba, png::BitDepth::Eight, samples)
}

/// A PNG of 16-bit RGB.
pub(crate) fn rgb16(size: (u32, u32), samples: &[u16]) -> Result<Vec<u8>> {
    let samples: Vec<u8> = samples
        .iter()
        .flat_map(|sample| sample.to_be_bytes())
        .collect();
    png(size, png::ColorType::Rgb, png::BitDepth::Sixteen, &samples)
}

fn png(
    (width, height): (u32, u32),
    color: png::ColorType,
    depth: png::BitDepth,
    samples: &[u8],
) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.write_header()?.write_image_data(samples)?;
    Ok(file)
}

/// An animated PNG of frames of 8-bit RGBA, 12 a second, for ever.
pub(crate) fn apng(width: u32, height: u32, frames: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_animated(u32::try_from(frames.len())?, 0)?;
    encoder.set_frame_delay(1, 12)?;
    let mut writer = encoder.write_header()?;
    for frame in frames {
        writer.write_image_data(frame)?;
    }
    writer.finish()?;
    Ok(file)
}

/// A GIF of frames of 8-bit RGB, 12 a second, for ever.
pub(crate) fn gif(width: u16, height: u16, frames: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, width, height, &[])?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    for samples in frames {
        let mut frame = gif::Frame::from_rgb_speed(width, height, samples, 10);
        frame.delay = 8;
        encoder.write_frame(&frame)?;
    }
    drop(encoder);
    Ok(file)
}

fn sides(photo: &Photo) -> Result<(u16, u16)> {
    let side = |side: u32| u16::try_from(side).context("a JPEG has at most 65,535 pixels a side");
    Ok((side(photo.width)?, side(photo.height)?))
}

/// The samples of a photo, turned a quarter to the left.
fn turned(photo: &Photo) -> Vec<u8> {
    let (width, height) = (photo.width as usize, photo.height as usize);
    let samples = photo.rgb8();
    let pixels = samples.as_chunks::<3>().0;
    (0..width)
        .rev()
        .flat_map(|x| (0..height).flat_map(move |y| pixels[y * width + x]))
        .collect()
}

/// The least EXIF that says how an image is to be turned.
fn exif(orientation: u8) -> Vec<u8> {
    let directory = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
    [directory.as_slice(), &[orientation, 0, 0, 0, 0, 0, 0]].concat()
}

/// Cyan, magenta, yellow and black for a color: as much black as all three
/// would have in common.
fn inks_of([red, green, blue]: [u8; 3]) -> [u8; 4] {
    let light = red.max(green).max(blue);
    let ink = |value: u8| {
        if light == 0 {
            0
        } else {
            ((u32::from(light - value) * 255) / u32::from(light)) as u8
        }
    };
    [ink(red), ink(green), ink(blue), 255 - light]
}
