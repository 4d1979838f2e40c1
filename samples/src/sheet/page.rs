//! The page: every picture inside it, so that it can be sent by mail.

use super::{Entry, Thumbnail};

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub(super) fn page(entries: &[Entry]) -> String {
    let made = entries.iter().filter(|entry| entry.shown.is_some()).count();
    let figures: String = entries.iter().map(figure).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Thimble: contact sheet</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header><h1>Contact sheet</h1>\
         <p>Thumbnails of {made} of {} images, made in a sandbox.</p></header>\n\
         <main>\n{figures}</main>\n</body>\n</html>\n",
        entries.len()
    )
}

fn figure(entry: &Entry) -> String {
    let picture = entry.shown.as_ref().map_or_else(
        || "<p class=\"missing\">no thumbnail</p>".to_owned(),
        |shown| image(shown, "shown"),
    );
    let corner = entry
        .corner
        .as_ref()
        .map(|corner| image(corner, "corner"))
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
    format!(
        "<figure><div class=\"picture\">{picture}{corner}</div><figcaption><b>{}</b>\
         <span>{}</span><small>{sizes}</small></figcaption></figure>\n",
        escaped(entry.sample.name),
        escaped(entry.sample.shows),
    )
}

fn image(thumbnail: &Thumbnail, class: &str) -> String {
    let kind = match thumbnail.ending() {
        "jpg" => "jpeg",
        other => other,
    };
    format!(
        "<img class=\"{class}\" alt=\"\" src=\"data:image/{kind};base64,{}\">",
        base64(&thumbnail.bytes)
    )
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

/// Bytes as RFC 4648 writes them, for a `data:` address.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for index in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * index)) as usize & 63];
            text.push(if index <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn pictures_are_written_as_browsers_read_them() {
        let known = [
            ("", ""),
            ("a", "YQ=="),
            ("no", "bm8="),
            ("yes", "eWVz"),
            ("four", "Zm91cg=="),
        ];
        for (bytes, text) in known {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
