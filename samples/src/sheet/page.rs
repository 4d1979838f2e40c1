//! The page: every picture inside it, so that it can be sent by mail.

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Entry, Placeholder, Thumbnail};
use crate::encode;

const STYLE: &str = include_str!("page.css");

/// The whole page.
///
/// # Errors
///
/// If a placeholder is none.
pub(super) fn page(entries: &[Entry]) -> Result<String> {
    let made = entries.iter().filter(|entry| entry.shown.is_some()).count();
    let figures = entries.iter().map(figure).collect::<Result<String>>()?;
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Thimble: contact sheet</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header><h1>Contact sheet</h1>\
         <p>Thumbnails of {made} of {} images, made in a sandbox.</p></header>\n\
         <main>\n{figures}</main>\n</body>\n</html>\n",
        entries.len()
    ))
}

fn figure(entry: &Entry) -> Result<String> {
    let waiting = entry.placeholder.as_css()?;
    let picture = entry.shown.as_ref().map_or_else(
        || {
            let reason = entry.reason.as_deref().unwrap_or("no thumbnail");
            format!("<p class=\"missing\">{}</p>", escaped(reason))
        },
        |shown| image(shown, "shown", &waiting),
    );
    let corner = entry
        .corner
        .as_ref()
        .map(|corner| image(corner, "corner", ""))
        .unwrap_or_default();
    let sizes = entry.shown.as_ref().map_or_else(
        || amount(entry.source),
        |shown| {
            format!(
                "{} → {}",
                amount(entry.source),
                amount(shown.bytes.len() as u64)
            )
        },
    );
    let swatch = match waiting.as_str() {
        "" => String::new(),
        waiting => {
            format!("<i class=\"waiting\" title=\"the placeholder\" style=\"{waiting}\"></i>")
        }
    };
    Ok(format!(
        "<figure><div class=\"picture\">{picture}{corner}</div><figcaption><b>{swatch}{}</b>\
         <span>{}</span><small>{sizes}</small></figcaption></figure>\n",
        escaped(entry.sample.name),
        escaped(entry.sample.shows),
    ))
}

/// A picture of a size that is known before it is there. What shows until then lies
/// behind one without transparency.
fn image(thumbnail: &Thumbnail, class: &str, waiting: &str) -> String {
    let Thumbnail {
        media_type,
        width,
        height,
        ..
    } = thumbnail;
    let behind = if media_type == "image/jpeg" {
        waiting
    } else {
        ""
    };
    format!(
        "<img class=\"{class}\" alt=\"\" width=\"{width}\" height=\"{height}\" style=\"{behind}\" \
         src=\"data:{media_type};base64,{}\">",
        STANDARD.encode(&thumbnail.bytes)
    )
}

impl Placeholder {
    /// The background of a picture that has not arrived; nothing where there is none.
    fn as_css(&self) -> Result<String> {
        let color = self.color.as_deref().unwrap_or("transparent");
        let Some(hash) = &self.thumbhash else {
            return Ok(String::new());
        };
        let hash = STANDARD.decode(hash)?;
        let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&hash)
            .map_err(|()| anyhow!("this is no ThumbHash: {hash:02x?}"))?;
        let size = (u32::try_from(width)?, u32::try_from(height)?);
        let picture = STANDARD.encode(encode::rgba(size, &pixels)?);
        Ok(format!(
            "background: {color} center / 100% 100% url(data:image/png;base64,{picture})"
        ))
    }
}

fn amount(bytes: u64) -> String {
    if bytes < 1000 {
        format!("{bytes} B")
    } else if bytes < 1_000_000 {
        format!("{} kB", (bytes + 500) / 1000)
    } else {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::Placeholder;

    fn placeholder(thumbhash: Option<&str>) -> Placeholder {
        Placeholder {
            thumbhash: thumbhash.map(str::to_owned),
            color: Some("#6c757d".to_owned()),
        }
    }

    #[test]
    fn a_placeholder_is_a_background_and_none_is_nothing() {
        let hash = placeholder(Some("pOcRJYKKh3efd4iHeDh3dnmg+Sg/"));
        let css = hash.as_css().unwrap();
        assert!(css.starts_with("background: #6c757d"), "{css}");
        assert!(
            css.contains("url(data:image/png;base64,iVBORw0KGgo"),
            "{css}"
        );
        assert_eq!(placeholder(None).as_css().unwrap(), "");
        for none in ["pOc=", "not base64"] {
            assert!(placeholder(Some(none)).as_css().is_err(), "{none}");
        }
    }
}
