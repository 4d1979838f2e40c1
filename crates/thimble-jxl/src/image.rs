//! The first frame, as the decoder gives it.

use jxl::api::{
    Endianness, Event, ExtraChannel, JxlBasicInfo, JxlBitDepth, JxlColorEncoding, JxlColorProfile,
    JxlColorType, JxlDataFormat, JxlDecoder, JxlOutputBuffer, JxlPixelFormat, JxlPrimaries,
    JxlTransferFunction, JxlWhitePoint,
};

use crate::container::Codestream;
use crate::error::Error;
use crate::header;
use crate::options;
use crate::pixels::Pixels;

/// Bytes that are handed to the decoder at a time: it copies them, and forgets them once
/// their pixels are there.
const PIECE: usize = 1 << 18;

/// Meaning of the samples of a pixel, but for alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colors {
    /// One sample.
    Gray,
    /// Red, green and blue.
    Rgb,
    /// Cyan, magenta, yellow and black, where 0 is all of an ink. There is no alpha.
    Cmyk,
}

/// Bits of the samples that are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 8 bits.
    Eight,
    /// 16 bits.
    Sixteen,
}

/// Description of the colors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Primaries and transfer, as ITU-T H.273 numbers them.
    CodePoints {
        /// The primaries, and white.
        primaries: u8,
        /// The transfer.
        transfer: u8,
    },
    /// An ICC profile: one in the file, or one for colors that have no numbers.
    Icc(Vec<u8>),
    /// Colors that nobody describes.
    Unknown,
}

/// A picture that is going to be decoded.
pub struct Image<'a> {
    source: &'a [u8],
    most_samples: usize,
    decoder: JxlDecoder,
    codestream: Codestream<'a>,
    info: JxlBasicInfo,
    colors: Colors,
}

impl<'a> Image<'a> {
    /// Reads all that stands before the first frame. A frame of more samples than
    /// `most_samples` is refused, all channels included.
    ///
    /// # Errors
    ///
    /// [`Error`], if it makes no sense, or asks for more than is allowed.
    pub fn open(source: &'a [u8], most_samples: usize) -> Result<Self, Error> {
        let mut decoder = JxlDecoder::new(options(most_samples));
        let mut codestream = Codestream::new(source);
        match decoder.process(&mut codestream, None, None)? {
            Event::BasicInfo => {}
            _ => return Err(Error::malformed("there is no frame")),
        }
        let no_header = || Error::malformed("there is no header");
        let info = decoder.basic_info().cloned().ok_or_else(no_header)?;
        // Colors that are not handed out as they are stored are linear in floats, which is what
        // the decoder assumes until it is told, and sRGB in integers.
        let assumed = pixel_format(&info, JxlColorType::Rgb, Depth::Eight);
        decoder.set_pixel_format(assumed)?;
        let profile = decoder.output_color_profile().ok_or_else(no_header)?;
        let has_black =
            (info.extra_channels.iter()).any(|extra| extra.ec_type == ExtraChannel::Black);
        let colors = match profile.channels() {
            1 => Colors::Gray,
            _ if has_black && profile.is_cmyk() => Colors::Cmyk,
            _ => Colors::Rgb,
        };
        Ok(Image {
            source,
            most_samples,
            decoder,
            codestream,
            info,
            colors,
        })
    }

    /// Columns and rows, as stored.
    #[must_use]
    pub fn sides(&self) -> (usize, usize) {
        self.info.size
    }

    /// Meaning of the samples.
    #[must_use]
    pub fn colors(&self) -> Colors {
        self.colors
    }

    /// Pixels have an alpha.
    #[must_use]
    pub fn has_alpha(&self) -> bool {
        let mut extras = self.info.extra_channels.iter();
        self.colors != Colors::Cmyk && extras.any(|extra| extra.ec_type == ExtraChannel::Alpha)
    }

    /// The first frame has numbers for each of its samples, as lossless ones do, and not for
    /// blocks. To know it takes a look at every frame before it that is not shown.
    #[must_use]
    pub fn is_modular(&self) -> bool {
        header::is_modular(self.source)
    }

    /// Bytes of each pixel that the decoder may hold at one time, beside those that it draws:
    /// numbers for all samples, channels included that are not handed out. A modular frame
    /// holds them if it is squeezed, which stands behind its first coded numbers. Blocks are
    /// held one by one.
    #[must_use]
    pub fn held_a_pixel(&self, is_modular: bool) -> usize {
        let colors = match self.colors {
            _ if !is_modular => 0,
            Colors::Gray if self.info.uses_original_profile => 1,
            _ => 3,
        };
        (colors + self.info.extra_channels.len()) * header::bytes_of_a_number(self.source)
    }

    /// Eight bits do not hold what the samples say.
    #[must_use]
    pub fn is_deep(&self) -> bool {
        match self.info.bit_depth {
            JxlBitDepth::Float { .. } => true,
            JxlBitDepth::Int { bits_per_sample } => bits_per_sample > 8,
        }
    }

    /// Description of the colors that are handed out.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let Some(profile) = self.decoder.output_color_profile() else {
            return Profile::Unknown;
        };
        let points = match profile {
            JxlColorProfile::Simple(encoding) => code_points(encoding),
            JxlColorProfile::Icc(_) => None,
        };
        if let Some((primaries, transfer)) = points {
            return Profile::CodePoints {
                primaries,
                transfer,
            };
        }
        let icc = profile.try_as_icc();
        icc.map_or(Profile::Unknown, |icc| Profile::Icc(icc.into_owned()))
    }

    /// Decodes the first frame, as far as it is there. If some pixels are missing there is an
    /// alpha, and they are transparent; of inks they are paper.
    ///
    /// # Errors
    ///
    /// [`Error`], if there is no pixel.
    pub fn decode(mut self, depth: Depth) -> Result<Pixels, Error> {
        let has_alpha = self.has_alpha();
        let mut frame = self.first_frame(depth, has_alpha)?;
        if frame.end != End::Whole && self.colors != Colors::Cmyk {
            if !has_alpha {
                // Once more: with an alpha it is seen which pixels are there.
                drop(frame);
                self = Image::open(self.source, self.most_samples)?;
                frame = self.first_frame(depth, true)?;
            }
            frame.refine(&mut self.decoder)?;
        }
        Ok(frame.pixels)
    }

    /// The first frame, up to its end, to the end of the source, or to damage.
    fn first_frame(&mut self, depth: Depth, with_alpha: bool) -> Result<Frame, Error> {
        let color_type = match (self.colors, with_alpha) {
            (Colors::Gray, false) => JxlColorType::Grayscale,
            (Colors::Gray, true) => JxlColorType::GrayscaleAlpha,
            (Colors::Rgb, false) => JxlColorType::Rgb,
            (Colors::Rgb, true) => JxlColorType::Rgba,
            (Colors::Cmyk, _) => JxlColorType::Cmyk,
        };
        let (width, height) = self.info.size;
        let format = pixel_format(&self.info, color_type, depth);
        let sample = if depth == Depth::Eight { 1 } else { 2 };
        let pixel = color_type.samples_per_pixel() * sample;
        self.decoder.set_pixel_format(format)?;
        let pixels = Pixels::new(height, width * pixel, color_type.samples_per_pixel());
        let mut frame = Frame {
            pixels: pixels.ok_or_else(|| {
                Error::TooLarge(format!(
                    "{width}x{height} pixels: more than there is memory for"
                ))
            })?,
            rows: height,
            row: width * pixel,
            pixel,
            end: End::Whole,
        };
        frame.end = frame.read(&mut self.decoder, &mut self.codestream);
        if frame.end != End::Whole {
            frame.pixels.set_broken();
        }
        Ok(frame)
    }
}

/// The way a frame ended.
#[derive(Clone, Debug, PartialEq)]
enum End {
    /// All of it is there.
    Whole,
    /// The source ended.
    Cut,
    /// Something made no sense.
    Damaged(Error),
}

/// A frame on its way into pixels.
struct Frame {
    pixels: Pixels,
    rows: usize,
    /// Bytes of a row, and of a pixel.
    row: usize,
    pixel: usize,
    end: End,
}

impl Frame {
    fn read(&mut self, decoder: &mut JxlDecoder, codestream: &mut Codestream<'_>) -> End {
        loop {
            codestream.allow(PIECE);
            let output = self.pixels.bytes_mut();
            let mut output = [JxlOutputBuffer::new(output, self.rows, self.row)];
            let event = decoder.process(codestream, Some(&mut output), None);
            match event {
                Ok(Event::FrameComplete { .. }) => return End::Whole,
                Ok(Event::BasicInfo | Event::FrameHeader) => {}
                Ok(Event::NeedMoreInput { .. }) if codestream.allowance() < PIECE => {}
                Ok(Event::NeedMoreInput { .. } | Event::Complete) => return End::Cut,
                Err(error) => return End::Damaged(error.into()),
            }
        }
    }

    /// Shows coarsely what is not there in full, where anything is known of it. There is an
    /// alpha.
    fn refine(&mut self, decoder: &mut JxlDecoder) -> Result<(), Error> {
        if self.end == End::Cut {
            let is_missing: Vec<bool> = self.transparent().collect();
            let output = self.pixels.bytes_mut();
            let mut output = [JxlOutputBuffer::new(output, self.rows, self.row)];
            // What it cannot draw stays as it is.
            let _ = decoder.flush_pixels(&mut output, None);
            self.forget_flat(&is_missing);
        }
        let is_empty = self.transparent().all(|transparent| transparent);
        match &self.end {
            End::Damaged(error) if is_empty => Err(error.clone()),
            _ if is_empty => Err(Error::malformed("it ends before there is a pixel")),
            _ => Ok(()),
        }
    }

    /// Pixels of which nothing was known are all of one color: they are not there.
    fn forget_flat(&mut self, is_missing: &[bool]) {
        let size = self.pixel;
        let pixels = self.pixels.bytes().chunks_exact(size);
        let mut drawn =
            (pixels.zip(is_missing)).filter_map(|(pixel, missing)| missing.then_some(pixel));
        let is_flat = drawn
            .next()
            .is_none_or(|first| drawn.all(|other| other == first));
        if !is_flat {
            return;
        }
        let pixels = self.pixels.bytes_mut().chunks_exact_mut(size);
        for (pixel, _) in pixels.zip(is_missing).filter(|(_, missing)| **missing) {
            pixel.fill(0);
        }
    }

    /// Pixels, by whether they are transparent.
    fn transparent(&self) -> impl Iterator<Item = bool> {
        let alpha = self.pixel - self.pixel / self.pixels.channels();
        let pixels = self.pixels.bytes().chunks_exact(self.pixel);
        pixels.map(move |pixel| pixel[alpha..].iter().all(|byte| *byte == 0))
    }
}

/// Pixels of one buffer, and no other channels.
fn pixel_format(info: &JxlBasicInfo, color_type: JxlColorType, depth: Depth) -> JxlPixelFormat {
    let samples = match depth {
        Depth::Eight => JxlDataFormat::U8 { bit_depth: 8 },
        Depth::Sixteen => JxlDataFormat::U16 {
            endianness: Endianness::native(),
            bit_depth: 16,
        },
    };
    JxlPixelFormat {
        color_type,
        color_data_format: Some(samples),
        extra_channel_format: vec![None; info.extra_channels.len()],
    }
}

/// The numbers of colors that have some.
fn code_points(encoding: &JxlColorEncoding) -> Option<(u8, u8)> {
    let (primaries, transfer) = match encoding {
        JxlColorEncoding::RgbColorSpace {
            white_point,
            primaries,
            transfer_function,
            ..
        } => {
            let primaries = match (white_point, primaries) {
                (JxlWhitePoint::D65, JxlPrimaries::SRGB) => 1,
                (JxlWhitePoint::D65, JxlPrimaries::BT2100) => 9,
                (JxlWhitePoint::D65, JxlPrimaries::P3) => 12,
                (JxlWhitePoint::DCI, JxlPrimaries::P3) => 11,
                _ => return None,
            };
            (primaries, transfer_function)
        }
        JxlColorEncoding::GrayscaleColorSpace {
            white_point: JxlWhitePoint::D65,
            transfer_function,
            ..
        } => (1, transfer_function),
        _ => return None,
    };
    let transfer = match transfer {
        JxlTransferFunction::BT709 => 1,
        JxlTransferFunction::Linear => 8,
        JxlTransferFunction::SRGB => 13,
        JxlTransferFunction::PQ => 16,
        JxlTransferFunction::DCI => 17,
        JxlTransferFunction::HLG => 18,
        JxlTransferFunction::Gamma(_) => return None,
    };
    Some((primaries, transfer))
}
