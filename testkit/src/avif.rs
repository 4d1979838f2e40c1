//! AVIF files of every kind, which `../avif/README.md` describes.

/// The files, by name.
pub const FILES: [(&str, &[u8]); 27] = [
    ("400-10", include_bytes!("../avif/400-10.avif")),
    ("400-8", include_bytes!("../avif/400-8.avif")),
    ("420-10", include_bytes!("../avif/420-10.avif")),
    ("420-8", include_bytes!("../avif/420-8.avif")),
    ("422-12", include_bytes!("../avif/422-12.avif")),
    ("422-8", include_bytes!("../avif/422-8.avif")),
    ("444-12", include_bytes!("../avif/444-12.avif")),
    ("444-8", include_bytes!("../avif/444-8.avif")),
    ("alpha", include_bytes!("../avif/alpha.avif")),
    (
        "alpha-limited-10",
        include_bytes!("../avif/alpha-limited-10.avif"),
    ),
    (
        "alpha-premultiplied",
        include_bytes!("../avif/alpha-premultiplied.avif"),
    ),
    ("camera", include_bytes!("../avif/camera.avif")),
    ("cropped", include_bytes!("../avif/cropped.avif")),
    ("grain", include_bytes!("../avif/grain.avif")),
    ("grid", include_bytes!("../avif/grid.avif")),
    ("grid-alpha", include_bytes!("../avif/grid-alpha.avif")),
    ("hlg", include_bytes!("../avif/hlg.avif")),
    ("identity", include_bytes!("../avif/identity.avif")),
    (
        "limited-2020-10",
        include_bytes!("../avif/limited-2020-10.avif"),
    ),
    ("limited-709", include_bytes!("../avif/limited-709.avif")),
    (
        "p3-code-points",
        include_bytes!("../avif/p3-code-points.avif"),
    ),
    ("p3-profile", include_bytes!("../avif/p3-profile.avif")),
    ("pq", include_bytes!("../avif/pq.avif")),
    ("sequence", include_bytes!("../avif/sequence.avif")),
    ("turned", include_bytes!("../avif/turned.avif")),
    (
        "turned-and-mirrored",
        include_bytes!("../avif/turned-and-mirrored.avif"),
    ),
    ("ycgco", include_bytes!("../avif/ycgco.avif")),
];

/// A file by its name.
///
/// # Panics
///
/// If there is none of that name.
#[must_use]
pub fn file(name: &str) -> &'static [u8] {
    let found = FILES.iter().find(|(other, _)| *other == name);
    found.expect("a file of that name").1
}
