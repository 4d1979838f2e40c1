mod pixels;

wit_bindgen::generate!({ world: "decoder", path: "../../wit/codec" });

use exports::thimble::codec::codec::*;

struct Qoi;

#[cfg(target_family = "wasm")]
export!(Qoi);

impl Guest for Qoi {
    fn describe() -> Vec<Format> {
        vec![Format {
            media_type: "image/qoi".into(),
            codec: "qoi".into(),
            version: "0.1.0".into(),
        }]
    }

    fn recognize(head: Bytes) -> Option<u32> {
        (head.words.first() == Some(&u32::from_le_bytes(*b"qoif"))).then_some(0)
    }

    fn read_header(_: u32, source: Bytes, limits: Limits) -> Result<Header, Error> {
        let [_, width, height, _, ..] = source.words[..] else {
            return Err(Error::MalformedSource("the header is cut short".into()));
        };
        let header = Header {
            width: width.swap_bytes(),
            height: height.swap_bytes(),
            orientation: 1,
            frames: 1,
        };
        if u64::from(header.width) * u64::from(header.height) > limits.max_pixels {
            return Err(Error::LimitExceeded("too many pixels".into()));
        }
        Ok(header)
    }

    fn decode(_: u32, source: Bytes, _: Wanted, limits: Limits) -> Result<Picture, Error> {
        let pixels = pixels::of(&source.words, source.length);
        let header = Self::read_header(0, source, limits)?;
        let none = || Error::MalformedSource("there is no pixel".into());
        let count = (header.width * header.height) as usize;
        let mut words: Vec<u32> = pixels.ok_or_else(none)?.take(count).collect();
        let missing = count - words.len();
        words.resize(count, 0);
        let length = words.len() as u32 * 4;
        Ok(Picture {
            columns_averaged: 1,
            rows_averaged: 1,
            model: Model::Rgba,
            planes: vec![Bytes { length, words }],
            color: Color::Srgb,
            warnings: vec!["the source is truncated".into(); missing.min(1)],
        })
    }
}
