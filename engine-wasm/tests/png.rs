//! PNG of every kind, beside a stock decoder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;

use proptest::prelude::*;
use thimble_engine::contract::Limits;
use thimble_engine::decode::{self, Header, Task, Wanted};

const LIMITS: Limits = Limits {
    max_pixels: 1 << 20,
    max_side: 4096,
    max_frames: 1,
    max_profile: 1 << 16,
    max_output_side: 512,
};

/// A PNG that is written by hand: stock encoders write neither all depths nor
/// interlaced pictures.
#[derive(Clone, Debug)]
struct Source {
    width: usize,
    height: usize,
    color: u8,
    depth: u8,
    is_interlaced: bool,
    palette: Option<Vec<u8>>,
    transparency: Option<Vec<u8>>,
    /// Out of which rows and their filters are made, over and over.
    noise: Vec<u8>,
    level: u32,
    /// Bytes of image data in a chunk.
    piece: usize,
}

impl Source {
    fn samples(&self) -> usize {
        match self.color {
            0 | 3 => 1,
            4 => 2,
            2 => 3,
            _ => 4,
        }
    }

    /// Widths of rows, from the first to the last.
    fn rows(&self) -> Vec<usize> {
        let passes = testkit::passes(self.is_interlaced);
        let count = |side: usize, from, step| side.saturating_sub(from).div_ceil(step);
        let rows = passes.iter().flat_map(|[left, top, across, down]| {
            let width = count(self.width, *left, *across);
            let rows = if width == 0 {
                0
            } else {
                count(self.height, *top, *down)
            };
            std::iter::repeat_n(width, rows)
        });
        rows.collect()
    }

    fn to_png(&self) -> Vec<u8> {
        let mut noise = self.noise.iter().copied().cycle();
        let mut rows = Vec::new();
        for width in self.rows() {
            rows.push(noise.next().unwrap_or(0) % 5);
            let bits = width * self.samples() * usize::from(self.depth);
            rows.extend(noise.by_ref().take(bits.div_ceil(8)));
        }
        let level = flate2::Compression::new(self.level);
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
        encoder.write_all(&rows).unwrap();
        let data = encoder.finish().unwrap();

        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        let sides = [self.width as u32, self.height as u32].map(u32::to_be_bytes);
        let kind = [self.depth, self.color, 0, 0, self.is_interlaced.into()];
        add(&mut png, b"IHDR", &[&sides.concat(), &kind[..]].concat());
        if let Some(palette) = &self.palette {
            add(&mut png, b"PLTE", palette);
        }
        if let Some(transparency) = &self.transparency {
            add(&mut png, b"tRNS", transparency);
        }
        for piece in data.chunks(self.piece) {
            add(&mut png, b"IDAT", piece);
        }
        add(&mut png, b"IEND", &[]);
        png
    }
}

fn add(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let from = png.len() + 4;
    png.extend_from_slice(&(data.len() as u32).to_be_bytes());
    png.extend_from_slice(kind);
    png.extend_from_slice(data);
    let checksum = crc32fast::hash(&png[from..]);
    png.extend_from_slice(&checksum.to_be_bytes());
}

fn sources() -> impl Strategy<Value = Source> {
    let kinds = prop::sample::select(vec![
        (0, 1),
        (0, 2),
        (0, 4),
        (0, 8),
        (0, 16),
        (2, 8),
        (2, 16),
        (3, 1),
        (3, 2),
        (3, 4),
        (3, 8),
        (4, 8),
        (4, 16),
        (6, 8),
        (6, 16),
    ]);
    let colors = prop::collection::vec(any::<u8>(), 3 * 17);
    let noise = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..2000),
        prop::collection::vec(0..3_u8, 1..2000),
    ];
    let sides = (1..40_usize, 1..20_usize, any::<bool>());
    (
        kinds,
        sides,
        colors,
        any::<bool>(),
        noise,
        0..=9_u32,
        1..5000_usize,
    )
        .prop_map(
            |(
                (color, depth),
                (width, height, is_interlaced),
                colors,
                has_key,
                noise,
                level,
                piece,
            )| {
                let transparency = match color {
                    0 => Some(vec![0, 1]),
                    2 => Some(vec![0, 1, 0, 2, 0, 1]),
                    3 => Some(colors[20..29].to_vec()),
                    _ => None,
                };
                Source {
                    width,
                    height,
                    color,
                    depth,
                    is_interlaced,
                    palette: (color == 3).then_some(colors),
                    transparency: transparency.filter(|_| has_key),
                    noise,
                    level,
                    piece,
                }
            },
        )
}

/// Channels and samples, gray with alpha spread out.
type Pixels = (usize, Vec<u8>);

fn ours(png: &[u8]) -> Result<Pixels, String> {
    let header = Header::read(png, &LIMITS).map_err(|error| error.to_string())?;
    let wanted = Wanted {
        width: header.width,
        height: header.height,
        averaged_rows: header.height,
        averaged_columns: header.width,
        halved_chroma: false,
    };
    let decoded = decode::decode(&Task {
        source: png,
        header: &header,
        wanted,
        limits: &LIMITS,
    });
    let picture = decoded.map_err(|error| error.to_string())?.picture;
    let plane = &picture.planes[0];
    assert_eq!(
        (plane.width, plane.height),
        (header.width as usize, header.height as usize)
    );
    Ok((plane.channels, plane.samples.clone()))
}

fn stock(png: &[u8]) -> Result<Pixels, String> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let mut samples = vec![0; reader.output_buffer_size().ok_or("too large")?];
    let info = reader
        .next_frame(&mut samples)
        .map_err(|error| error.to_string())?;
    if info.bit_depth == png::BitDepth::Sixteen {
        let narrow =
            |pair: &[u8; 2]| ((u32::from(u16::from_be_bytes(*pair)) * 255 + 32_767) / 65_535) as u8;
        samples = samples.as_chunks().0.iter().map(narrow).collect();
    }
    let channels = info.color_type.samples();
    if channels == 2 {
        let spread = |[gray, alpha]: &[u8; 2]| [*gray, *gray, *gray, *alpha];
        return Ok((4, samples.as_chunks().0.iter().flat_map(spread).collect()));
    }
    Ok((channels, samples))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn pictures_of_every_kind_are_decoded_as_others_do(source in sources()) {
        let png = source.to_png();
        prop_assert_eq!(ours(&png), stock(&png));
    }

    #[test]
    fn what_others_can_decode_of_a_damaged_source_we_can(
        source in sources(),
        at in any::<prop::sample::Index>(),
        bits in 1..=255_u8,
    ) {
        let mut png = source.to_png();
        let at = 8 + at.index(png.len() - 8);
        png[at] ^= bits;
        if let Ok(pixels) = stock(&png) {
            prop_assert_eq!(ours(&png), Ok(pixels));
        }
    }

    #[test]
    fn a_source_that_is_cut_off_is_refused_or_shown_up_to_there(
        source in sources(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut png = source.to_png();
        let (channels, whole) = ours(&png).unwrap();
        png.truncate(cut.index(png.len()));
        let Ok((cut_channels, pixels)) = ours(&png) else { return Ok(()) };
        let pixels: Vec<&[u8]> = pixels.chunks(cut_channels).collect();
        let whole: Vec<&[u8]> = whole.chunks(channels).collect();
        prop_assert_eq!(pixels.len(), whole.len());
        let is_there = |pixel: &[u8]| cut_channels == channels || pixel[cut_channels - 1] == 255;
        let there = pixels.iter().take_while(|pixel| is_there(pixel)).count();
        if cut_channels > channels {
            prop_assert!(pixels[there..].iter().all(|pixel| pixel.iter().all(|byte| *byte == 0)));
        }
        // Interlaced pixels stand for their neighbors, and transparent ones for nothing.
        if !source.is_interlaced {
            for (pixel, whole) in pixels.iter().zip(&whole).take(there) {
                let is_whole = pixel[..channels] == **whole;
                prop_assert!(is_whole || pixel.iter().all(|byte| *byte == 0));
            }
        }
    }
}

fn gray() -> Source {
    Source {
        width: 3,
        height: 2,
        color: 0,
        depth: 8,
        is_interlaced: false,
        palette: None,
        transparency: None,
        noise: vec![0, 9, 8, 7],
        level: 6,
        piece: 100,
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    let with = |change: fn(&mut Source)| {
        let mut source = gray();
        change(&mut source);
        source.to_png()
    };
    let spoiled = |change: fn(&mut Vec<u8>)| {
        let mut png = gray().to_png();
        change(&mut png);
        png
    };
    let unknown = spoiled(|png| {
        let rest = png.split_off(33);
        add(png, b"TEST", &[]);
        png.extend(rest);
    });
    let cases = [
        (with(|source| source.depth = 3), "damaged header"),
        (with(|source| source.color = 5), "damaged header"),
        (
            with(|source| (source.color, source.depth) = (2, 4)),
            "damaged header",
        ),
        (spoiled(|png| png[29] ^= 1), "damaged header"),
        (with(|source| source.color = 3), "no palette"),
        (
            with(|source| (source.color, source.palette) = (3, Some(vec![1, 2]))),
            "damaged palette",
        ),
        (
            with(|source| (source.color, source.palette) = (3, Some(vec![]))),
            "damaged palette",
        ),
        (unknown, "unknown"),
        (spoiled(|png| png.truncate(33)), "ends early"),
    ];
    for (png, word) in cases {
        let error = ours(&png).unwrap_err();
        assert!(error.contains(word), "{error}, not {word}");
    }
}

#[test]
fn chunks_that_may_be_ignored_are() {
    let mut png = gray().to_png();
    let rest = png.split_off(33);
    add(&mut png, b"teST", b"anything");
    // Transparency with a wrong checksum is none.
    add(&mut png, b"tRNS", &[0, 8]);
    let last = png.len() - 1;
    png[last] ^= 1;
    // And so is more of it than there can be.
    add(&mut png, b"tRNS", &[8; 300]);
    png.extend(rest);
    assert_eq!(ours(&png), ours(&gray().to_png()));
}
