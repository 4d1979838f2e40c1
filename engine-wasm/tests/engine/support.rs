//! Pictures for tests, and what is asked of the engine.

use thimble_engine::contract::{
    Bounds, Color, Encoding, Fit, Focus, Limits, Setting, Spec, Thumbnail,
};

/// What a host allows by default.
pub(crate) const LIMITS: Limits = Limits {
    max_pixels: 100_000_000,
    max_side: 16_384,
    max_frames: 1,
    max_profile: 4 << 20,
    max_output_side: 4096,
};

/// A picture of four channels, row by row.
#[derive(Clone)]
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: Vec<[u8; 4]>,
}

impl Pixels {
    pub(crate) fn new(
        width: usize,
        height: usize,
        color: impl Fn(usize, usize) -> [u8; 4],
    ) -> Self {
        let rgba = (0..width * height)
            .map(|index| color(index % width, index / width))
            .collect();
        Self {
            width,
            height,
            rgba,
        }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 4] {
        self.rgba[y * self.width + x]
    }

    pub(crate) fn to_png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(self.rgba.as_flattened()).unwrap();
        writer.finish().unwrap();
        file
    }

    pub(crate) fn from_png(file: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::ALPHA);
        let mut reader = decoder.read_info().unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut samples).unwrap();
        let rgba = match info.color_type {
            png::ColorType::GrayscaleAlpha => {
                let (pixels, _) = samples.as_chunks::<2>();
                pixels
                    .iter()
                    .map(|[gray, alpha]| [*gray, *gray, *gray, *alpha])
                    .collect()
            }
            png::ColorType::Rgba => samples.as_chunks::<4>().0.to_vec(),
            other => panic!("not expanded: {other:?}"),
        };
        Self {
            width: info.width as usize,
            height: info.height as usize,
            rgba,
        }
    }
}

/// A picture with smooth parts, edges, detail near the limit of what can be
/// stored, and every degree of transparency if `transparent`.
pub(crate) fn test_picture(width: usize, height: usize, transparent: bool) -> Pixels {
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

pub(crate) fn spec(
    width: impl Into<Option<u32>>,
    height: impl Into<Option<u32>>,
    fit: Fit,
) -> Spec {
    Spec {
        bounds: Bounds {
            width: width.into(),
            height: height.into(),
        },
        fit,
        focus: Focus::Center,
        background: Color {
            red: 255,
            green: 255,
            blue: 255,
            alpha: 255,
        },
        enlarge: false,
        encoding: Encoding {
            media_type: None,
            quality: None,
        },
        settings: vec![],
    }
}

pub(crate) fn with_type(media_type: &str, spec: Spec) -> Spec {
    let encoding = Encoding {
        media_type: Some(media_type.into()),
        quality: None,
    };
    Spec { encoding, ..spec }
}

pub(crate) fn with_setting(name: &str, value: &str, spec: Spec) -> Spec {
    Spec {
        settings: vec![Setting {
            name: name.into(),
            value: value.into(),
        }],
        ..spec
    }
}

pub(crate) fn make(source: &[u8], specs: &[Spec]) -> Vec<Thumbnail> {
    thimble_engine::generate(source, specs, &LIMITS)
        .unwrap()
        .thumbnails
}

/// Peak signal to noise ratio in dB: the worst of the colors over black, over
/// white, and of the alpha.
pub(crate) fn likeness(expected: &[[f64; 4]], made: &Pixels) -> f64 {
    assert_eq!(expected.len(), made.rgba.len());
    let pairs = || {
        expected
            .iter()
            .zip(&made.rgba)
            .map(|(a, b)| (*a, b.map(f64::from)))
    };
    let over = |[red, green, blue, alpha]: [f64; 4], behind: f64| {
        [red, green, blue].map(|color| (color * alpha + behind * (255.0 - alpha)) / 255.0)
    };
    let colors = |behind: f64| {
        pairs().flat_map(move |(a, b)| {
            let (a, b) = (over(a, behind), over(b, behind));
            [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
        })
    };
    let alphas = pairs().map(|(a, b)| a[3] - b[3]);
    ratio(colors(0.0))
        .min(ratio(colors(255.0)))
        .min(ratio(alphas))
}

fn ratio(differences: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = differences.fold((0.0, 0.0), |(count, sum), value| {
        (count + 1.0, sum + value * value)
    });
    if sum == 0.0 {
        99.0
    } else {
        10.0 * (255.0 * 255.0 * count / sum).log10()
    }
}
