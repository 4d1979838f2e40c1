//! The first image that a new engine gets to see.
//!
//! An engine that cannot make two thumbnails of a tiny PNG is not worth its
//! place, whatever it says of itself. This is the last step of loading.

use super::error::{Error, Lie};
use crate::contract::{Bounds, Dimensions, Fit, Output, Spec};

/// 16 by 8 pixels in four colors, 8 bits a channel, without transparency.
pub(super) const IMAGE: &[u8] = include_bytes!("self_test.png");

/// One thumbnail that scales and one that crops, in whatever format the engine
/// makes of a PNG.
pub(super) fn specs() -> [Spec; 2] {
    let spec = |side, fit| Spec {
        bounds: Bounds {
            width: Some(side),
            height: Some(side),
        },
        fit,
        ..Spec::default()
    };
    [spec(8, Fit::Inside), spec(5, Fit::Cover)]
}

/// Check that this is what any engine makes of [`specs`].
pub(super) fn check(output: &Output) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::Lie(Lie::Source(what)));
    let source = &output.source;
    let is_right = source.media_type == "image/png"
        && source.dimensions
            == (Dimensions {
                width: 16,
                height: 8,
            })
        && source.frames == 1;
    if !is_right {
        let Dimensions { width, height } = source.dimensions;
        return wrong(format!(
            "a PNG of 16x8 is no {} of {width}x{height}",
            source.media_type
        ));
    }
    let expected = [(8, 4), (5, 5)];
    for (index, (thumbnail, (width, height))) in output.thumbnails.iter().zip(expected).enumerate()
    {
        let made = thumbnail.dimensions;
        if made != (Dimensions { width, height }) {
            return Err(Error::Lie(Lie::Dimensions {
                index,
                width: made.width,
                height: made.height,
                why: format!("not {width}x{height}"),
            }));
        }
    }
    Ok(())
}
