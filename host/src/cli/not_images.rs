//! Files that lie among images and are none: sidecars, videos, notes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::text::plural;
use crate::wasm::is_picture;

/// Extensions of files that are taken for images when they are counted. Which ones are
/// images is decided by their content, and by an engine.
const IMAGES: [&str; 32] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "ico", "heic",
    "heif", "avif", "jxl", "cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2", "pef", "pbm",
    "pgm", "ppm", "pnm", "pam", "tga", "psd", "psb",
];

/// Extensions of files whose owner expects a picture as well, and is told what would help:
/// a codec, or another program.
const PICTURES: [&str; 121] = [
    "apng", "dib", "hif", "heics", "heifs", "avifs", "pjpeg", "pjp", "jif", "jfi", "mpo", "jps",
    "insp", "jp2", "j2k", "j2c", "jpc", "jpf", "jpx", "jpm", "jph", "jhc", "jxr", "wdp", "hdp",
    "jls", "jxs", "svg", "svgz", "pdf", "eps", "epsf", "epsi", "ps", "ai", "wmf", "emf", "wmz",
    "emz", "djvu", "djv", "cdr", "qoi", "ff", "exr", "hdr", "pic", "pfm", "dds", "ktx", "ktx2",
    "bpg", "flif", "mng", "jng", "xcf", "kra", "ora", "clip", "psp", "pspimage", "afphoto",
    "afdesign", "icns", "cur", "pcx", "dcx", "pict", "pct", "sgi", "rgb", "rgba", "bw", "ras",
    "xbm", "xpm", "wbmp", "iff", "lbm", "ilbm", "vda", "icb", "vst", "cin", "dpx", "pcd", "fpx",
    "fits", "fit", "fts", "dcm", "dicom", "3fr", "ari", "bay", "cs1", "crw", "dcr", "dcs", "drf",
    "eip", "erf", "fff", "gpr", "iiq", "k25", "kdc", "mdc", "mef", "mos", "mrw", "nrw", "ptx",
    "pxn", "raw", "rwl", "rwz", "sr2", "srf", "srw", "x3f",
];

/// Bytes of a file that tell whether it begins as a picture.
const HEAD: u64 = 4096;

/// Longest ending of a name that is taken for an extension.
const EXTENSION: usize = 8;

/// Extensions that are named; the rest is counted together.
const NAMED: usize = 6;

/// True for a file that is called like an image.
pub(super) fn is_called_image(path: &Path) -> bool {
    extension(path).is_some_and(|extension| IMAGES.contains(&extension.as_str()))
}

/// True for a file, of which an engine has made nothing, that neither is called like a
/// picture nor begins as one.
pub(super) fn is_no_image(path: &Path) -> bool {
    let is_called_picture =
        extension(path).is_some_and(|extension| PICTURES.contains(&extension.as_str()));
    !is_called_image(path) && !is_called_picture && head(path).is_ok_and(|head| !is_picture(&head))
}

fn extension(path: &Path) -> Option<String> {
    let extension = path.extension().and_then(OsStr::to_str)?;
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_short = (1..=EXTENSION).contains(&extension.len());
    (is_short && is_word(extension)).then(|| extension.to_ascii_lowercase())
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}

/// Numbers of files that are no images, by their extensions.
#[derive(Clone, Debug, Default)]
pub(super) struct NotImages(BTreeMap<Option<String>, usize>);

impl NotImages {
    /// One more.
    pub(super) fn add(&mut self, path: &Path) {
        *self.0.entry(extension(path)).or_default() += 1;
    }

    pub(super) fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// Each extension with its number, an empty one for files without.
    pub(super) fn counts(&self) -> BTreeMap<&str, usize> {
        let counts = self.0.iter();
        counts
            .map(|(extension, count)| (extension.as_deref().unwrap_or_default(), *count))
            .collect()
    }
}

impl<'a> FromIterator<&'a Path> for NotImages {
    fn from_iter<T: IntoIterator<Item = &'a Path>>(paths: T) -> Self {
        let mut files = Self::default();
        paths.into_iter().for_each(|path| files.add(path));
        files
    }
}

impl fmt::Display for NotImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total();
        let verb = if total == 1 {
            "is no image"
        } else {
            "are no images"
        };
        write!(f, "{} {verb}: ", plural(total as u64, "file"))?;
        let mut kinds: Vec<_> = self.0.iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let named = kinds
            .iter()
            .take(NAMED)
            .map(|(extension, count)| match extension {
                Some(extension) => format!("{count} .{extension}"),
                None => format!("{count} without an extension"),
            });
        f.write_str(&named.collect::<Vec<_>>().join(", "))?;
        match kinds.iter().skip(NAMED).map(|(_, count)| **count).sum() {
            0usize => Ok(()),
            others => write!(f, ", {others} others"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_and_name_have_to_agree_that_a_file_is_no_image() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes, is_none) in [
            ("a.xmp", &b"<?xpacket begin=''?><x:xmpmeta/>"[..], true),
            ("a.AAE", b"<?xml version='1.0'?><plist/>", true),
            ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", true),
            ("a.pdf.txt", b"hello", true),
            ("list.txt", b"BMW parts", true),
            ("notes.md", b"P1 meeting: notes", true),
            ("README", b"hello", true),
            ("a.jpg", b"hello", false),
            ("a.JPG", b"hello", false),
            ("a.pdf", b"%PDF-1.7", false),
            ("a.EPS", b"hello", false),
            ("a.ai", b"hello", false),
            ("a.gpr", b"hello", false),
            ("scan.001", b"%PDF-1.7", false),
            ("drawing.1", b"%!PS-Adobe-3.0", false),
            ("sprite.bin", b"qoif\0\0\0\x01", false),
            ("a.bin", b"\0\0\0\x0cjP  \r\n\x87\n", false),
            ("b.bin", b"\xff\x4f\xff\x51\0", false),
            ("c.bin", b"FOVb\0\0\x02\0", false),
            ("d.bin", b"FUJIFILMCCD-RAW 0201", false),
            ("e.bin", b"IIRO\x08\0\0\0", false),
            ("f.bin", b"IIRS\x08\0\0\0", false),
            ("g.bin", b"MMOR\0\0\0\x08", false),
            ("h.bin", b"IIU\0\x18\0\0\0", false),
            ("a.svg", b"hello", false),
            ("drawing", b"<?xml version='1.0'?><!-- --><svg/>", false),
            ("photo.bin", b"\0\0\0\x18ftypheic\0\0\0\0", false),
            ("photo", b"\xff\xd8\xff\xe0", false),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(is_no_image(&path), is_none, "{name}");
        }
        assert!(!is_no_image(&folder.path().join("gone.txt")));
    }

    #[test]
    fn as_many_kinds_are_named_as_anybody_reads() {
        let mut files = NotImages::default();
        files.add(Path::new("a.xmp"));
        assert_eq!(files.to_string(), "1 file is no image: 1 .xmp");
        for name in [
            "b.XMP", "README", "a.mov", "a.json", "a.txt", "a.aae", "a.mp4", "a.zip",
        ] {
            files.add(Path::new(name));
        }
        files.add(Path::new("a. no extension at all"));
        assert_eq!(
            files.to_string(),
            "10 files are no images: 2 without an extension, 2 .xmp, 1 .aae, 1 .json, 1 .mov, 1 .mp4, \
             2 others"
        );
    }
}
