//! The engine as native code, called directly.

use anyhow::{Result, anyhow};
use thimble_engine::contract::{Bounds, Color, Encoding, Fit, Focus, Limits, Spec};

use crate::protocol::{Made, Request};

/// Makes the thumbnails that `request` asks for.
pub(crate) fn thumbnails(source: &[u8], request: &Request) -> Result<Made> {
    let specs: Vec<Spec> = request
        .sizes
        .iter()
        .map(|&size| spec(size, request))
        .collect();
    let output = thimble_engine::generate(source, &specs, &limits())
        .map_err(|error| anyhow!("{error:?}"))?;
    let files = output
        .thumbnails
        .into_iter()
        .map(|thumbnail| thumbnail.data)
        .collect();
    Ok(Made {
        files,
        memory: None,
    })
}

fn spec((width, height): (u32, u32), request: &Request) -> Spec {
    Spec {
        bounds: Bounds {
            width: Some(width),
            height: Some(height),
        },
        fit: Fit::Inside,
        focus: Focus::Center,
        background: Color {
            red: 255,
            green: 255,
            blue: 255,
            alpha: 255,
        },
        enlarge: false,
        encoding: Encoding {
            media_type: Some(format!("image/{}", request.format)),
            quality: (request.format != "png").then_some(request.quality),
        },
        settings: vec![],
    }
}

fn limits() -> Limits {
    Limits {
        max_pixels: 100_000_000,
        max_side: 16_384,
        max_frames: 1,
        max_profile: 4 << 20,
        max_output_side: 4096,
    }
}
