//! Headers and pixels of JPEG XL: sides, turns, frames, depth, limits, damage.

use thimble_jxl::{Depth, Header, Image, is_jxl};

const LOSSLESS: &[u8] = include_bytes!("../../../testkit/jxl/lossless.jxl");
const LOSSY: &[u8] = include_bytes!("../../../testkit/jxl/lossy.jxl");
const BOXES: &[u8] = include_bytes!("../../../testkit/jxl/lossy-container.jxl");
const ANIMATION: &[u8] = include_bytes!("../../../testkit/jxl/animation.jxl");
const TURNED: &[u8] = include_bytes!("../../../testkit/jxl/turned-6.jxl");
const DEEP: &[u8] = include_bytes!("../../../testkit/jxl/deep.jxl");

/// Samples of the picture, all channels included.
fn samples(header: &Header) -> usize {
    header.width as usize * header.height as usize * 4
}

#[test]
fn headers_tell_sides_turn_and_frames_of_bare_and_of_boxed_files() {
    for source in [LOSSLESS, LOSSY, BOXES, DEEP] {
        assert!(is_jxl(source));
        let header = Header::read(source).unwrap();
        assert!(header.width > 0 && header.height > 0);
        assert_eq!((header.orientation, header.frames), (1, 1));
    }
    assert_eq!(Header::read(TURNED).unwrap().orientation, 6);
    assert!(Header::read(ANIMATION).unwrap().frames > 1);
}

#[test]
fn pixels_have_the_sides_of_the_header_and_something_to_see() {
    for source in [LOSSLESS, LOSSY, BOXES, ANIMATION, DEEP] {
        let header = Header::read(source).unwrap();
        let image = Image::open(source, samples(&header)).unwrap();
        let sides = (header.width as usize, header.height as usize);
        assert_eq!(image.sides(), sides);
        let pixels = image.decode(Depth::Eight).unwrap();
        assert!(pixels.is_whole());
        let row = pixels.row(0);
        assert_eq!(row.len(), sides.0 * pixels.channels());
        assert!(row.iter().any(|sample| *sample != row[0]));
    }
}

#[test]
fn a_frame_with_more_samples_than_are_allowed_is_refused() {
    let header = Header::read(LOSSLESS).unwrap();
    let pixels = header.width as usize * header.height as usize;
    let decoded = Image::open(LOSSLESS, pixels).and_then(|image| image.decode(Depth::Eight));
    assert!(decoded.is_err());
}

#[test]
fn a_file_that_is_cut_off_is_an_error_or_less_than_whole() {
    let header = Header::read(LOSSY).unwrap();
    for part in 0..20 {
        let source = &LOSSY[..LOSSY.len() * part / 20];
        let decoded = Image::open(source, samples(&header));
        if let Ok(pixels) = decoded.and_then(|image| image.decode(Depth::Eight)) {
            assert!(!pixels.is_whole(), "{part} of 20 parts");
        }
    }
    assert!(Header::read(b"no picture").is_err());
    assert!(!is_jxl(b"no picture"));
}
