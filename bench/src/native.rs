//! The engine as native code, called directly.

use anyhow::{Result, anyhow};
use thimble_engine::contract::{Bounds, Encoding, Limits, Setting, Spec};

use crate::protocol::{Made, Request};

/// Makes the thumbnails that `request` asks for.
pub(crate) fn thumbnails(source: &[u8], request: &Request) -> Result<Made> {
    let specs: Vec<Spec> = request
        .sizes
        .iter()
        .map(|&size| spec(size, request))
        .collect();
    let output = thimble_engine::generate(source, &specs, &Limits::default())
        .map_err(|error| anyhow!("{error:?}"))?;
    let thumbnails = output.thumbnails.into_iter();
    Ok(Made {
        files: thumbnails.map(|thumbnail| thumbnail.data).collect(),
        memory: None,
    })
}

fn spec((width, height): (u32, u32), request: &Request) -> Spec {
    let settings = request.settings.iter();
    Spec {
        bounds: Bounds {
            width: Some(width),
            height: Some(height),
        },
        encoding: Encoding {
            media_type: Some(format!("image/{}", request.format)),
            quality: (request.format != "png").then_some(request.quality),
        },
        settings: settings
            .map(|(name, value)| Setting {
                name: name.clone(),
                value: value.clone(),
            })
            .collect(),
        ..Spec::default()
    }
}
