//! Pictures within a drawing: decoded by decoders of ours, and handed on as plain PNG.
//!
//! The renderer decodes a picture each time that it draws it. What it gets is as large as its
//! pixels, was written here, and is quick to read.

use image_webp::WebPDecoder;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use thimble_gif::Image as Gif;
use thimble_jpeg::{self as jpeg, Chroma, Scale};
use thimble_png as thimble;

/// The most pixels of all pictures together.
const MOST: u64 = 16_000_000;

const DAMAGED: &str = "a picture is left out, it cannot be decoded";
const LARGE: &str = "a picture is left out, there are too many pixels in pictures";
const UNKNOWN: &str = "a picture is left out, it is neither JPEG, PNG, GIF nor WebP";

/// Pixels that pictures may still have.
#[derive(Debug, Default)]
pub(crate) struct Room(u64);

impl Room {
    pub(crate) fn new(max_pixels: u64) -> Self {
        Room(max_pixels.min(MOST))
    }

    fn take(&mut self, (width, height): (u32, u32)) -> Result<(), &'static str> {
        let left = self.0.checked_sub(u64::from(width) * u64::from(height));
        self.0 = left.ok_or(LARGE)?;
        Ok(())
    }
}

/// Pixels, in channels of 8 bits.
struct Pixels {
    sides: (u32, u32),
    channels: usize,
    samples: Vec<u8>,
}

/// A picture as PNG.
pub(crate) fn read(data: &[u8], room: &mut Room) -> Result<Vec<u8>, &'static str> {
    let pixels = match data {
        [0xff, 0xd8, 0xff, ..] => of_jpeg(data, room),
        [0x89, b'P', b'N', b'G', ..] => of_png(data, room),
        [b'G', b'I', b'F', b'8', ..] => of_gif(data, room),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => of_webp(data, room),
        _ => Err(UNKNOWN),
    }?;
    plain(&pixels).map_err(|_| DAMAGED)
}

fn of_jpeg(data: &[u8], room: &mut Room) -> Result<Pixels, &'static str> {
    let damaged = |_| DAMAGED;
    let header = jpeg::Header::read(data).map_err(damaged)?;
    room.take(header.dimensions())?;
    let decoded = jpeg::decode(&header, Scale::Full, Chroma::Full).map_err(damaged)?;
    let plane = decoded.into_pixels().map_err(damaged)?;
    if plane.channels > 3 {
        return Err("a picture is left out, its colors are inks");
    }
    Ok(Pixels {
        sides: (plane.width as u32, plane.height as u32),
        channels: plane.channels,
        samples: plane.samples,
    })
}

fn of_png(data: &[u8], room: &mut Room) -> Result<Pixels, &'static str> {
    let damaged = |_| DAMAGED;
    let header = thimble::Header::read(data).map_err(damaged)?;
    let sides = (header.width, header.height);
    room.take(sides)?;
    let image = thimble::Image::open(&header).map_err(damaged)?;
    let mut samples = image.pixels().map_err(damaged)?.samples;
    samples.resize(
        header.width as usize * header.height as usize * image.channels(),
        0,
    );
    Ok(Pixels {
        sides,
        channels: image.channels(),
        samples,
    })
}

fn of_gif(data: &[u8], room: &mut Room) -> Result<Pixels, &'static str> {
    let header = thimble_gif::Header::read(data).map_err(|_| DAMAGED)?;
    let sides = (header.width, header.height);
    room.take(sides)?;
    let image = Gif::decode(data, sides).map_err(|_| DAMAGED)?;
    let mut samples = vec![[0; 4]; header.width as usize * header.height as usize];
    for (y, row) in (0..).zip(samples.chunks_mut(header.width as usize)) {
        image.paint(y, row);
    }
    Ok(Pixels {
        sides,
        channels: 4,
        samples: samples.into_flattened(),
    })
}

fn of_webp(data: &[u8], room: &mut Room) -> Result<Pixels, &'static str> {
    let damaged = |_| DAMAGED;
    let mut decoder = WebPDecoder::new(std::io::Cursor::new(data)).map_err(damaged)?;
    decoder.set_memory_limit(data.len());
    room.take(decoder.dimensions())?;
    let mut samples = vec![0; decoder.output_buffer_size().ok_or(LARGE)?];
    decoder.read_image(&mut samples).map_err(damaged)?;
    Ok(Pixels {
        sides: decoder.dimensions(),
        channels: if decoder.has_alpha() { 4 } else { 3 },
        samples,
    })
}

/// A PNG that is not compressed.
fn plain(pixels: &Pixels) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, pixels.sides.0, pixels.sides.1);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(match pixels.channels {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    });
    encoder.set_compression(Compression::NoCompression);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels.samples)?;
    writer.finish()?;
    Ok(file)
}
