//! WebP: lossy, lossless, with alpha; of an animation, the first frame.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Cursor;

use image_webp::WebPDecoder;
use thimble_webp::{self as webp, Detail, container, lossless};

use crate::color;
use crate::contract::Error;
use crate::decode::rows::{self, Rows};
use crate::decode::{
    Codec, Decoded, HELD_AS_A_WHOLE, Header, TRUNCATED, Task, Wanted, admit, admit_profile, exif,
    malformed, samples,
};
use crate::format::Format;
use crate::picture::{Picture, Plane};

type Decoder<'a> = WebPDecoder<Cursor<&'a [u8]>>;

pub(super) const CODEC: Codec = Codec {
    format: Format::WEBP,
    recognize: |source| source.starts_with(b"RIFF") && source.get(8..12) == Some(b"WEBP"),
    read_header,
    decode,
};

/// Reads the chunks that are not pixels.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let orientation = exif::orientation(container::contents(source, b"EXIF"));
    let whole = readable(source);
    let (width, height, frames) = match open(&whole) {
        Ok(decoder) => {
            let (width, height) = decoder.dimensions();
            (width, height, decoder.num_frames().max(1))
        }
        Err(error) => {
            let lossless = container::cut_lossless(source).and_then(lossless::header);
            let lossy = container::still_frame(source).and_then(webp::dimensions);
            let lossy = lossy.map(|(width, height)| (width, height, false));
            let (width, height, _) = lossless.or(lossy).ok_or(error)?;
            (width, height, 1)
        }
    };
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::WEBP, width, height)
    })
}

/// Decodes the picture, or the first frame on its canvas. A lossy picture is
/// decoded by planes, and no larger than it is wanted, unless that would cost
/// color: a profile describes RGB, and so does a thumbnail that shows as many
/// pixels as the source has, unless it is going to halve color differences again.
/// One that is cut off is decoded as far as it goes.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    admit(task.header, HELD_AS_A_WHOLE, task.limits)?;
    let mut warnings = Vec::new();
    let profile = container::contents(task.source, b"ICCP")
        .next()
        .map(<[u8]>::to_vec);
    let profile = admit_profile(profile, task.limits, &mut warnings);
    let profile = profile.filter(|profile| !color::is_srgb(profile));
    let picture = match decode_whole(task.source, task.header, task.wanted, profile.is_some()) {
        Ok(picture) => picture,
        Err(error) => {
            let (picture, warning) = decode_cut(task).unwrap_or(Err(error))?;
            warnings.push(warning.into());
            picture
        }
    };
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// The part that is there of a picture, if there is one, and the
/// warning that says so.
fn decode_cut(task: &Task<'_>) -> Option<Result<(Picture, &'static str), Error>> {
    if let Some(frame) = container::cut_lossless(task.source) {
        let there = lossless::decode_partly(frame)?;
        return Some(upper_rows(&there, task).map(|picture| (picture, TRUNCATED)));
    }
    let cut = Cut::decode(task.source, container::still_frame(task.source)?)?;
    let picture = cut.on_canvas(task.header, task.wanted);
    Some(picture.map(|picture| (picture, cut.warning(task.source))))
}

fn upper_rows(there: &lossless::Rows, task: &Task<'_>) -> Result<Picture, Error> {
    let mut rows = Rows::new(task.header, task.wanted, 4)?;
    if (there.width, there.height) != (task.header.width, task.header.height) {
        return Err(damaged("the picture is not as large as its canvas"));
    }
    let (stored, mut count) = (there.pixels.chunks_exact(there.width as usize), 0);
    for row in stored {
        rows.push(row.as_flattened());
        count += 1;
    }
    (count..there.height).try_for_each(|_| rows.push_missing())?;
    rows.finish(task.header)
}

fn decode_whole(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    has_profile: bool,
) -> Result<Picture, Error> {
    let source = &*readable(source);
    let size = (wanted.width, wanted.height);
    let detail = Detail::for_size(size, (header.width, header.height));
    let planar = !has_profile && (wanted.halved_chroma || !detail.is_full());
    let fits = |frame: &&[u8]| webp::dimensions(frame) == Some((header.width, header.height));
    match webp::opaque_frame(source).filter(|_| planar).filter(fits) {
        Some(frame) => webp::decode(frame, detail).map_err(damaged),
        None => decode_pixels(&mut open(source)?, header, wanted),
    }
}

/// The source as the decoding crate reads it: with a canvas if it needs one, and with
/// what it says of itself put right if that is wrong.
fn readable(source: &[u8]) -> Cow<'_, [u8]> {
    if let Some(canvas) = container::with_canvas(source) {
        return Cow::Owned(canvas);
    }
    container::mended(source).map_or(Cow::Borrowed(source), Cow::Owned)
}

/// A lossy picture of which only the upper rows are there, or that is not what the file
/// says of it.
struct Cut {
    /// Those rows.
    picture: Picture,
    is_whole: bool,
    /// The whole picture, with alpha, and with colors that cannot be trusted.
    alpha: Option<Vec<u8>>,
}

impl Cut {
    fn decode(source: &[u8], frame: &[u8]) -> Option<Self> {
        let (width, height) = webp::dimensions(frame)?;
        let full = Detail::for_size((width, height), (width, height));
        let (picture, is_whole) = webp::decode_partly(frame, full).ok()?;
        let alpha = container::filled_up(source, (width, height)).and_then(|filled| {
            let mut decoder = open(&filled).ok()?;
            let is_alike = decoder.has_alpha() && decoder.dimensions() == (width, height);
            let mut pixels = samples::allocate(width, height, 4).ok()?;
            decoder.read_image(&mut pixels).ok().filter(|()| is_alike)?;
            Some(pixels)
        });
        Some(Self {
            picture,
            is_whole,
            alpha,
        })
    }

    fn warning(&self, source: &[u8]) -> &'static str {
        if self.is_whole && !container::is_cut(source) {
            "the source is damaged: its picture is whole, and what it says of it is not right"
        } else {
            TRUNCATED
        }
    }

    /// The picture over nothing.
    fn on_canvas(&self, header: &Header, wanted: Wanted) -> Result<Picture, Error> {
        let Some([luma, blue, red]) = self.picture.planes.first_chunk() else {
            return Err(damaged("there is no picture"));
        };
        let (width, height) = (header.width as usize, header.height as usize);
        let there = (luma.extent.1 as usize).min(height);
        let mut rows = Rows::new(header, wanted, 4)?;
        let mut row = vec![[0; 4]; width];
        for y in 0..there {
            for (x, pixel) in row.iter_mut().enumerate() {
                let at = |plane: &Plane| plane.samples.get(y * plane.width + x).copied();
                let [luma, blue, red] = [luma, blue, red].map(|plane| at(plane).unwrap_or(128));
                let alpha = self.alpha.as_ref();
                let alpha = alpha.and_then(|pixels| pixels.get((y * width + x) * 4 + 3));
                let [red, green, blue] = color::from_ycbcr(luma, blue, red);
                *pixel = [red, green, blue, alpha.copied().unwrap_or(u8::MAX)];
            }
            rows.push(row.as_flattened());
        }
        row.fill([0; 4]);
        (there..height).for_each(|_| rows.push(row.as_flattened()));
        rows.finish(header)
    }
}

fn decode_pixels(
    decoder: &mut Decoder<'_>,
    header: &Header,
    wanted: Wanted,
) -> Result<Picture, Error> {
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = samples::allocate(header.width, header.height, channels)?;
    decoder.read_image(&mut pixels).map_err(damaged)?;
    rows::averaged(header, wanted, channels, pixels)
}

/// A chunk cannot be larger than the source, so neither can what is read of it.
fn open(source: &[u8]) -> Result<Decoder<'_>, Error> {
    let mut decoder = WebPDecoder::new(Cursor::new(source)).map_err(damaged)?;
    decoder.set_memory_limit(source.len());
    Ok(decoder)
}

fn damaged(error: impl Display) -> Error {
    malformed(Format::WEBP, error)
}
