wit_bindgen::generate!({ world: "engine", path: "../../wit" });

use exports::thimble::engine::thumbnailer::*;
use image::{DynamicImage, ImageFormat, ImageReader, imageops::FilterType};
use std::io::Cursor;

pub struct First;

#[cfg(target_family = "wasm")]
export!(First);

impl Guest for First {
    fn describe() -> EngineInfo {
        EngineInfo {
            name: "first".into(),
            version: "0.1.0".into(),
            decodes: vec!["image/png".into()],
            encodes: vec!["image/png".into()],
            settings: vec![],
        }
    }

    fn generate(file: Vec<u8>, specs: Vec<Spec>, limits: Limits) -> Result<Output, Error> {
        if !file.starts_with(b"\x89PNG") {
            return Err(Error::UnsupportedFormat("only PNG is read".into()));
        }
        let malformed = |error: image::ImageError| Error::MalformedSource(error.to_string());
        let reader = || ImageReader::with_format(Cursor::new(&file), ImageFormat::Png);
        let (width, height) = reader().into_dimensions().map_err(malformed)?;
        let pixels = u64::from(width) * u64::from(height);
        if pixels > limits.max_pixels || width.max(height) > limits.max_side {
            return Err(Error::LimitExceeded(format!("{width}x{height} pixels")));
        }
        let mut thumbnails = vec![];
        if !specs.is_empty() {
            let picture = reader().decode().map_err(malformed)?;
            let made = specs.iter().map(|spec| thumbnail(spec, &picture));
            thumbnails = made.collect::<Result<_, _>>()?;
        }
        let (media_type, dimensions) = ("image/png".into(), Dimensions { width, height });
        let source = ImageInfo {
            media_type,
            dimensions,
            frames: 1,
        };
        Ok(Output {
            source,
            thumbnails,
            warnings: vec![],
        })
    }
}

fn thumbnail(spec: &Spec, picture: &DynamicImage) -> Result<Thumbnail, Error> {
    let (Some(width), Some(height)) = (spec.bounds.width, spec.bounds.height) else {
        return Err(Error::InvalidSpec("both sides have to be given".into()));
    };
    let format = spec.encoding.media_type.as_deref();
    let is_png = format.is_none_or(|asked| asked == "image/png");
    if !is_png || spec.enlarge || !spec.settings.is_empty() || width.min(height) == 0 {
        return Err(Error::InvalidSpec("more than this engine can do".into()));
    }
    let (width, height) = (width.min(picture.width()), height.min(picture.height()));
    let made = match spec.fit {
        Fit::Inside => picture.resize(width, height, FilterType::Nearest),
        Fit::Cover => picture.resize_to_fill(width, height, FilterType::Nearest),
        _ => return Err(Error::InvalidSpec("only inside and cover are made".into())),
    };
    let mut data = Cursor::new(vec![]);
    let written = made.write_to(&mut data, ImageFormat::Png);
    written.map_err(|error| Error::Other(error.to_string()))?;
    let (width, height) = (made.width(), made.height());
    Ok(Thumbnail {
        data: data.into_inner(),
        media_type: "image/png".into(),
        dimensions: Dimensions { width, height },
    })
}
