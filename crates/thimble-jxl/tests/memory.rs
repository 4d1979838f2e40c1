//! Bytes that are held of a pixel, as far as headers tell.

use thimble_jxl::Image;

const PICTURES: [(&str, usize, &[u8]); 9] = [
    ("jpeg", 0, include_bytes!("../../../testkit/jxl/jpeg.jxl")),
    ("lossy", 0, include_bytes!("../../../testkit/jxl/lossy.jxl")),
    (
        "alpha-lossy",
        2,
        include_bytes!("../../../testkit/jxl/alpha-lossy.jxl"),
    ),
    (
        "animation",
        12,
        include_bytes!("../../../testkit/jxl/animation.jxl"),
    ),
    (
        "lossy-modular",
        6,
        include_bytes!("../../../testkit/jxl/lossy-modular.jxl"),
    ),
    (
        "lossless",
        6,
        include_bytes!("../../../testkit/jxl/lossless.jxl"),
    ),
    ("alpha", 8, include_bytes!("../../../testkit/jxl/alpha.jxl")),
    ("gray", 2, include_bytes!("../../../testkit/jxl/gray.jxl")),
    ("deep", 12, include_bytes!("../../../testkit/jxl/deep.jxl")),
];

#[test]
fn a_picture_of_blocks_holds_its_other_channels_and_a_lossless_one_all_of_them() {
    for (name, held, source) in PICTURES {
        let image = Image::open(source, 1 << 20).unwrap();
        assert_eq!(image.held_a_pixel(image.is_modular()), held, "{name}");
    }
}
