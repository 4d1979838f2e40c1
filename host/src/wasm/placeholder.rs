//! Placeholders that a host asks for besides the thumbnails, in the same call.
//!
//! The contract has no word for them: they are thumbnails of a media type that stands
//! for one, asked for from engines that list it. An engine that does not has none.

use crate::contract::{Bounds, COLOR, Encoding, Limits, Output, Spec, THUMBHASH, Thumbnail};
use crate::ports::Placeholder;

/// Longest side of the copy that placeholders are made of: enough for the seven
/// frequencies of a ThumbHash, and smaller than nearly every thumbnail.
const SIDE: u32 = 32;

/// The specs of the placeholders that an engine lists among the media types it encodes.
pub(super) fn specs(encodes: &[String], limits: &Limits) -> Vec<Spec> {
    let is_listed = |media_type: &&str| encodes.iter().any(|known| known == media_type);
    let listed = [THUMBHASH, COLOR].into_iter().filter(is_listed);
    listed
        .map(|media_type| spec(media_type, SIDE.min(limits.max_output_side)))
        .collect()
}

fn spec(media_type: &str, side: u32) -> Spec {
    Spec {
        bounds: Bounds {
            width: Some(side),
            height: Some(side),
        },
        encoding: Encoding {
            media_type: Some(media_type.to_owned()),
            quality: None,
        },
        ..Spec::default()
    }
}

/// The setting that chooses a frame of an animation.
const FRAME: &str = "frame";

/// The specs of `hidden`, for the frame that the first of `visible` with that setting shows:
/// a placeholder stands in for a thumbnail.
pub(super) fn of_frame(hidden: &[Spec], visible: &[Spec]) -> Vec<Spec> {
    let mut settings = visible.iter().flat_map(|spec| &spec.settings);
    let frame = settings.find(|setting| setting.name == FRAME);
    let mut specs = hidden.to_vec();
    for spec in &mut specs {
        spec.settings.extend(frame.cloned());
    }
    specs
}

/// Takes what was made for `hidden`, the last specs of a call, from its output.
pub(super) fn taken(output: &mut Output, hidden: &[Spec]) -> Placeholder {
    let visible = output.thumbnails.len().saturating_sub(hidden.len());
    let made = output.thumbnails.split_off(visible);
    let data = |media_type: &str| {
        let is_it = |thumbnail: &&Thumbnail| thumbnail.media_type == media_type;
        made.iter().find(is_it).map(|thumbnail| &thumbnail.data)
    };
    Placeholder {
        thumbhash: data(THUMBHASH).cloned(),
        color: data(COLOR).map(|text| String::from_utf8_lossy(text).into_owned()),
    }
}
