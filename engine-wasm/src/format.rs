//! Image formats: how to tell them apart by content, and what each can do.
//!
//! The name of a file and the type that somebody declared for it are never
//! looked at: both are wrong often enough, and both are in the sender's hands.

/// A format that the engine decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`, animated or not
    Png,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
    /// `image/bmp`
    Bmp,
    /// `image/tiff`, BigTIFF included
    Tiff,
    /// `image/vnd.microsoft.icon`, cursors included
    Ico,
}

impl Format {
    /// Every format that the engine decodes, the commonest first.
    pub const ALL: [Format; 7] = [
        Format::Jpeg,
        Format::Png,
        Format::Webp,
        Format::Gif,
        Format::Bmp,
        Format::Tiff,
        Format::Ico,
    ];

    /// The format of `source`, judged by its first bytes.
    pub fn sniff(source: &[u8]) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.begins(source))
    }

    /// The name by which people call it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
            Format::Gif => "GIF",
            Format::Webp => "WebP",
            Format::Bmp => "BMP",
            Format::Tiff => "TIFF",
            Format::Ico => "ICO",
        }
    }

    /// The IANA media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::Gif => "image/gif",
            Format::Webp => "image/webp",
            Format::Bmp => "image/bmp",
            Format::Tiff => "image/tiff",
            Format::Ico => "image/vnd.microsoft.icon",
        }
    }

    fn begins(self, source: &[u8]) -> bool {
        match self {
            Format::Jpeg => source.starts_with(b"\xff\xd8\xff"),
            Format::Png => source.starts_with(b"\x89PNG\r\n\x1a\n"),
            Format::Gif => source.starts_with(b"GIF87a") || source.starts_with(b"GIF89a"),
            Format::Webp => source.starts_with(b"RIFF") && source.get(8..12) == Some(b"WEBP"),
            Format::Bmp => begins_bmp(source),
            Format::Tiff => [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]
                .iter()
                .any(|magic| source.starts_with(*magic)),
            Format::Ico => begins_ico(source),
        }
    }
}

/// Two letters alone would match many a text, so the size of the second header
/// is looked at as well: no known one is smaller than 12 or larger than 124 bytes.
fn begins_bmp(source: &[u8]) -> bool {
    source.starts_with(b"BM")
        && matches!(source.get(14..18), Some([size @ 12..=124, 0, 0, 0]) if size % 4 == 0)
}

/// Four bytes that are nearly all zero are no signature, so the directory's
/// first entry has to make sense too: its reserved byte is zero and its image
/// lies behind the directory.
fn begins_ico(source: &[u8]) -> bool {
    let Some([0, 0, 1 | 2, 0, low, high, entry @ ..]) = source.first_chunk::<22>() else {
        return false;
    };
    let count = usize::from(u16::from_le_bytes([*low, *high]));
    let [_, _, _, _, _, _, _, _, _, _, _, _, offset @ ..] = entry;
    count > 0 && u32::from_le_bytes(*offset) as usize >= 6 + 16 * count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_known_by_its_first_bytes() {
        let sources: [(&[u8], Option<Format>); 14] = [
            (b"\xff\xd8\xff\xe0", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1a\n", Some(Format::Png)),
            (b"GIF89a", Some(Format::Gif)),
            (b"GIF87a", Some(Format::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Format::Webp)),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", Some(Format::Bmp)),
            (b"BMW is a maker of cars and motorcycles", None),
            (b"II*\0", Some(Format::Tiff)),
            (b"MM\0+", Some(Format::Tiff)),
            (
                b"\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x16\0\0\0",
                Some(Format::Ico),
            ),
            (b"\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0", None),
            (b"not an image", None),
            (b"", None),
        ];
        for (source, format) in sources {
            assert_eq!(Format::sniff(source), format, "{}", source.escape_ascii());
        }
    }
}
