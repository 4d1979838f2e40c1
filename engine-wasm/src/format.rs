//! Names of image formats, and their media types.

/// A format that the engine decodes. One of them is as good as another: what sets them
/// apart is their codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    name: &'static str,
    media_type: &'static str,
}

impl Format {
    /// JPEG.
    pub const JPEG: Format = Format::new("JPEG", "image/jpeg");
    /// PNG, animated or not.
    pub const PNG: Format = Format::new("PNG", "image/png");
    /// WebP.
    pub const WEBP: Format = Format::new("WebP", "image/webp");
    /// GIF.
    pub const GIF: Format = Format::new("GIF", "image/gif");
    /// AVIF: stills, grids, and the stills of sequences.
    pub const AVIF: Format = Format::new("AVIF", "image/avif");
    /// JPEG XL, bare or in boxes.
    pub const JXL: Format = Format::new("JPEG XL", "image/jxl");
    /// Windows bitmaps.
    pub const BMP: Format = Format::new("BMP", "image/bmp");
    /// Netpbm: bitmaps, graymaps, pixmaps and arbitrary maps.
    pub const PNM: Format = Format::new("PNM", "image/x-portable-anymap");
    /// Truevision's TGA.
    pub const TGA: Format = Format::new("TGA", "image/x-tga");
    /// Photoshop's files, those for large pictures included: their composites.
    pub const PSD: Format = Format::new("PSD", "image/vnd.adobe.photoshop");
    /// TIFF, BigTIFF included.
    pub const TIFF: Format = Format::new("TIFF", "image/tiff");
    /// Windows icons, cursors included.
    pub const ICO: Format = Format::new("ICO", "image/vnd.microsoft.icon");
    /// Canon's raw files in TIFF.
    pub const CR2: Format = Format::new("CR2", "image/x-canon-cr2");
    /// Canon's raw files in boxes.
    pub const CR3: Format = Format::new("CR3", "image/x-canon-cr3");
    /// Nikon's raw files.
    pub const NEF: Format = Format::new("NEF", "image/x-nikon-nef");
    /// Sony's raw files.
    pub const ARW: Format = Format::new("ARW", "image/x-sony-arw");
    /// Adobe's raw files, which many cameras write.
    pub const DNG: Format = Format::new("DNG", "image/x-adobe-dng");
    /// Fujifilm's raw files.
    pub const RAF: Format = Format::new("RAF", "image/x-fuji-raf");
    /// Olympus' raw files.
    pub const ORF: Format = Format::new("ORF", "image/x-olympus-orf");
    /// Panasonic's raw files.
    pub const RW2: Format = Format::new("RW2", "image/x-panasonic-rw2");
    /// Pentax' raw files.
    pub const PEF: Format = Format::new("PEF", "image/x-pentax-pef");

    /// A format by the name that people call it by, and its media type.
    pub(crate) const fn new(name: &'static str, media_type: &'static str) -> Self {
        Self { name, media_type }
    }

    /// The name by which people call it.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The IANA media type, or the usual one where IANA has none.
    pub fn media_type(self) -> &'static str {
        self.media_type
    }
}
