//! SVG, as the codec for it should take it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

mod references;
mod text;

use references::references;
use text::text;

use super::Verdict::{Answer, Limit, Thumbnail};
use super::{Kind, gif, jpeg, kind, png, webp};

/// Data, by its type, of which no picture can be made.
const NO_PICTURES: [&str; 9] = [
    "",
    ",",
    "image/png;base64,",
    "image/png;base64,!!!!",
    "image/jpeg;base64,/9j/",
    "image/gif;base64,R0lGODlh",
    "image/webp;base64,UklGRgAAAABXRUJQ",
    "text/plain,hello",
    "image/png;base64,iVBORw0KGgoAAAANSUhEUv////////8IBgAAAAAAAAA=",
];

/// Sides of a million pixels, and more.
const LONG_SIDES: [&str; 4] = [
    "width='1000000' height='1000000'",
    "width='1e30' height='1e30'",
    "width='1e6' height='1'",
    "width='0.0001' height='0.0001'",
];

/// Sides that make no sense.
const NO_SIDES: [&str; 12] = [
    "width='0' height='9'",
    "width='-9' height='9'",
    "width='NaN' height='inf'",
    "width='1e400' height='1'",
    "width='1e38' height='1e-38'",
    "viewBox='0 0 0 0'",
    "viewBox='0 0 -1 1'",
    "viewBox='0 0 1e38 1e-38'",
    "viewBox='1e38 1e38 1 1'",
    "width='9em' height='9%'",
    "width='' height=''",
    "viewBox='a b c d'",
];

/// Every kind of hostile drawing. They are apart from the others, because the engine that is
/// shipped reads no SVG.
#[must_use]
pub fn drawings() -> Vec<Kind> {
    [
        text(),
        elements(),
        references(),
        layers(),
        elsewhere(),
        shapes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn svg(content: &str) -> Vec<u8> {
    let namespaces = "xmlns='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink'";
    let shape = "<rect width='60' height='60' fill='red'/>";
    format!("<svg {namespaces} viewBox='0 0 100 100'>{shape}{content}</svg>").into_bytes()
}

/// A drawing of parts that are made for each number.
fn each(range: std::ops::Range<u32>, part: impl Fn(u32) -> String) -> Vec<u8> {
    svg(&range.map(part).collect::<String>())
}

fn with_type(declarations: &str, content: &str) -> Vec<u8> {
    let drawing = String::from_utf8_lossy(&svg(content)).into_owned();
    format!("<!DOCTYPE svg [{declarations}]>{drawing}").into_bytes()
}

fn compressed(parts: &[(&[u8], usize)]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for (part, times) in parts {
        (0..*times).for_each(|_| drop(encoder.write_all(part)));
    }
    encoder.finish().unwrap_or_default()
}

/// Many elements, or many within each other.
fn elements() -> Vec<Kind> {
    vec![
        kind("SVG: 2^30 shapes by uses of uses", Limit, || {
            let twice = |it: u32| {
                let below = format!("<use href='#a{}'/>", it.wrapping_sub(1));
                format!("<g id='a{it}'>{below}{below}</g>")
            };
            let first = "<rect id='a0' width='1' height='1'/>".to_owned();
            vec![
                each(0..31, |it| if it == 0 { first.clone() } else { twice(it) }),
                // The other way round, so that none is known when it is used.
                each(0..31, |it| {
                    if it == 30 {
                        first.clone()
                    } else {
                        twice(30 - it)
                    }
                }),
            ]
        }),
        kind("SVG: uses in a ring", Answer, || {
            vec![
                svg("<g id='a'><use href='#a'/></g>"),
                svg("<g id='a'><use x:href='#b'/></g><g id='b'><use x:href='#a'/></g>"),
                svg("<use id='a' href='#a'/>"),
            ]
        }),
        kind("SVG: 100,000 elements within each other", Limit, || {
            let (open, close) = ("<g>".repeat(100_000), "</g>".repeat(100_000));
            vec![svg(&format!("{open}{close}"))]
        }),
        kind("SVG: a chain of 100,000 uses", Limit, || {
            vec![each(0..100_000, |it| {
                format!("<use id='a{it}' href='#a{}'/>", it + 1)
            })]
        }),
        kind("SVG: a million elements", Limit, || {
            vec![svg(&"<g/>".repeat(1_000_000))]
        }),
        kind("SVG: 300,000 shapes", Limit, || {
            vec![svg(&"<path d='M1 1h9v9z'/>".repeat(300_000))]
        }),
        kind("SVG: patterns within patterns", Limit, || {
            let pattern = |it: u32| {
                let fills = format!("<rect width='50' height='50' fill='url(#p{})'/>", it + 1);
                let size = "width='0.5' height='0.5'";
                format!("<pattern id='p{it}' {size}>{}</pattern>", fills.repeat(10))
            };
            let mut drawing: String = (0..12).map(pattern).collect();
            drawing +=
                "<pattern id='p12' width='1' height='1'><rect width='1' height='1'/></pattern>";
            vec![svg(&format!(
                "{drawing}<rect width='90' height='90' fill='url(#p0)'/>"
            ))]
        }),
        kind("SVG: markers on the corners of markers", Limit, || {
            let corners = "L1 1 ".repeat(300);
            let marker = |it: u32| {
                let line = format!("<path d='M0 0 {corners}' marker-mid='url(#m{})'/>", it + 1);
                format!("<marker id='m{it}' markerWidth='9' markerHeight='9'>{line}</marker>")
            };
            let markers: String = (0..4).map(marker).collect();
            vec![svg(&format!(
                "{markers}<path d='M0 0 {corners}' marker-mid='url(#m0)'/>"
            ))]
        }),
        kind("SVG: masks, clips and gradients in rings", Answer, || {
            let shape = "<rect width='50' height='50'/>";
            vec![
                svg(&format!(
                    "<mask id='a' mask='url(#a)'>{shape}</mask><g mask='url(#a)'>{shape}</g>"
                )),
                svg(&format!(
                    "<clipPath id='a' clip-path='url(#a)'>{shape}</clipPath><g clip-path='url(#a)'>{shape}</g>"
                )),
                svg(
                    "<linearGradient id='a' href='#b'/><linearGradient id='b' href='#a'/><rect width='9' height='9' fill='url(#a)'/>",
                ),
                svg(
                    "<pattern id='a' width='9' height='9'><rect width='9' height='9' fill='url(#a)'/></pattern><rect width='9' height='9' fill='url(#a)'/>",
                ),
                svg(
                    "<filter id='a'><feImage href='#b'/></filter><rect id='b' width='9' height='9' filter='url(#a)'/>",
                ),
            ]
        }),
    ]
}

/// Drawings that take memory or time.
fn layers() -> Vec<Kind> {
    vec![
        kind("SVG: a filter on a million by a million", Answer, || {
            let region = "x='-500000%' y='-500000%' width='1000000%' height='1000000%'";
            vec![filter(
                "<feGaussianBlur stdDeviation='100000'/><feFlood/><feTile/>",
                region,
            )]
        }),
        kind("SVG: 2,000 filters in a row", Limit, || {
            vec![filter(
                &"<feGaussianBlur stdDeviation='3'/>".repeat(2000),
                "",
            )]
        }),
        kind("SVG: turbulence of a billion octaves", Limit, || {
            vec![filter(
                "<feTurbulence baseFrequency='0.1' numOctaves='1000000000'/>",
                "",
            )]
        }),
        kind("SVG: a neighborhood of a million pixels", Limit, || {
            vec![
                filter("<feMorphology radius='5000'/>", ""),
                filter("<feMorphology operator='dilate' radius='30'/>", ""),
                filter(
                    &format!(
                        "<feConvolveMatrix order='1000' kernelMatrix='{}'/>",
                        "1 ".repeat(1_000_000)
                    ),
                    "",
                ),
            ]
        }),
        kind("SVG: layers within layers", Answer, || {
            let (open, close) = ("<g opacity='0.9'>".repeat(190), "</g>".repeat(190));
            vec![svg(&format!(
                "{open}<rect width='100' height='100'/>{close}"
            ))]
        }),
        kind("SVG: 10,000 layers side by side", Limit, || {
            vec![svg(
                &"<rect width='99' height='99' opacity='0.1' style='mix-blend-mode:hue'/>"
                    .repeat(10_000),
            )]
        }),
        kind("SVG: a tile of a million by a million", Limit, || {
            let tile = "<pattern id='p' width='1000000' height='1000000' patternUnits='userSpaceOnUse'><rect width='9' height='9'/></pattern>";
            vec![svg(&format!(
                "{tile}<rect width='90' height='90' fill='url(#p)'/>"
            ))]
        }),
        kind("SVG: tiles of a thousandth", Answer, || {
            let tile = "<pattern id='p' width='0.001' height='0.001' patternUnits='userSpaceOnUse'><rect width='9' height='9'/></pattern>";
            vec![svg(&format!(
                "{tile}<rect width='90' height='90' fill='url(#p)'/>"
            ))]
        }),
        kind(
            "SVG: dashes of a thousandth along a million",
            Answer,
            || {
                vec![svg(
                    &"<path d='M0 0 L1000000 1' stroke='red' stroke-dasharray='0.001'/>".repeat(20),
                )]
            },
        ),
        kind(
            "SVG: 100,000 lengths of dashes, and 100,000 transforms",
            Answer,
            || {
                let dashes = "0.3 0.1 ".repeat(50_000);
                let turns = "rotate(1) scale(1.0001) skewX(1) ".repeat(33_000);
                let arcs = "a9 1 20 1 0 9 9".repeat(30_000);
                vec![
                    svg(&format!(
                        "<path d='M0 0L9999 9999' stroke='red' stroke-dasharray='{dashes}'/>"
                    )),
                    svg(&format!(
                        "<g transform='{turns}'><rect width='9' height='9'/></g>"
                    )),
                    svg(&format!(
                        "<path d='M0 0{arcs}' stroke='red' stroke-width='1e-3'/>"
                    )),
                ]
            },
        ),
        kind("SVG: a path of a million lines", Answer, || {
            vec![svg(&format!(
                "<path d='M0 0{}' stroke='red'/>",
                "l1 1 1-1".repeat(500_000)
            ))]
        }),
    ]
}

fn filter(steps: &str, region: &str) -> Vec<u8> {
    let filter = format!("<filter id='f' {region}>{steps}</filter>");
    svg(&format!(
        "{filter}<rect width='90' height='90' filter='url(#f)'/>"
    ))
}

/// Pictures, and what lies outside of the file.
fn elsewhere() -> Vec<Kind> {
    vec![
        kind("SVG: files and addresses of others", Thumbnail, || {
            let names = [
                "file:///etc/passwd",
                "/etc/passwd",
                "http://127.0.0.1/a.png",
                "../a.svg#b",
                "\\\\host\\a",
                "#",
            ];
            let drawing = |name: &str| {
                svg(&format!(
                    "<image href='{name}' width='9' height='9'/><use href='{name}'/>\
                     <image x:href='{name}'/><filter id='f'><feImage href='{name}'/></filter>\
                     <rect width='9' height='9' filter='url(#f)' fill='url({name})'/>\
                     <style>@import url('{name}'); @font-face {{ src: url('{name}') }}</style>\
                     <script href='{name}'>while (true);</script><foreignObject><body/></foreignObject>"
                ))
            };
            names.iter().map(|name| drawing(name)).collect()
        }),
        kind(
            "SVG: a drawing within a drawing, as data",
            Thumbnail,
            || {
                let mut inner = svg("");
                for _ in 0..6 {
                    let data: String = inner.iter().map(|byte| format!("%{byte:02x}")).collect();
                    inner = svg(&format!(
                        "<image width='9' height='9' href='data:image/svg+xml,{data}'/>"
                    ));
                }
                vec![inner]
            },
        ),
        kind("SVG: data that is no picture", Thumbnail, || {
            let picture =
                |data: &str| svg(&format!("<image width='9' height='9' href='data:{data}'/>"));
            NO_PICTURES.map(picture).to_vec()
        }),
        kind("SVG: hostile pictures as data", Thumbnail, || {
            let groups = [jpeg::KINDS, png::KINDS, gif::KINDS, webp::KINDS];
            let kinds = groups.into_iter().flatten().flat_map(|kinds| kinds());
            let small = kinds.filter_map(|kind| {
                let mut sources = kind.sources().into_iter();
                sources.next().filter(|source| source.len() < 20_000)
            });
            small.map(|source| with_picture(&source)).collect()
        }),
        kind("SVG: 10 MB of data that make no sense", Thumbnail, || {
            let long = "A".repeat(10_000_000);
            [
                "image/png;base64,",
                "image/jpeg,",
                ";base64;base64,",
                "a;b;c;d,%",
            ]
            .map(|before| {
                svg(&format!(
                    "<image width='9' height='9' href='data:{before}{long}'/>"
                ))
            })
            .to_vec()
        }),
        kind("SVG: a picture that is drawn 50,000 times", Answer, || {
            let gif = "R0lGODlhECcQJ4AAAAAAAAAAACwAAAAAECcQJwACAgxMADs=";
            let picture =
                format!("<image id='i' width='9' height='9' href='data:image/gif;base64,{gif}'/>");
            vec![svg(&format!(
                "{picture}{}",
                "<use href='#i'/>".repeat(50_000)
            ))]
        }),
    ]
}

/// A drawing with a picture in it.
fn with_picture(picture: &[u8]) -> Vec<u8> {
    let data: String = picture.iter().map(|byte| format!("%{byte:02x}")).collect();
    svg(&format!(
        "<image width='90' height='90' href='data:,{data}'/>"
    ))
}

/// Sizes and numbers out of reason.
fn shapes() -> Vec<Kind> {
    vec![
        kind("SVG: a million pixels a side", Thumbnail, || {
            LONG_SIDES.map(with_sides).to_vec()
        }),
        kind("SVG: sides that make no sense", Answer, || {
            NO_SIDES.map(with_sides).to_vec()
        }),
        kind("SVG: numbers at the end of the range", Answer, || {
            vec![
                svg(
                    "<path d='M-1e38 -1e38 L1e38 1e38 L1e38 0z' stroke='red' stroke-width='1e38'/>",
                ),
                svg(
                    "<g transform='scale(1e30)'><g transform='scale(1e30)'><rect width='1' height='1' stroke='red'/></g></g>",
                ),
                svg(
                    "<g transform='matrix(0 0 0 0 0 0)'><rect width='1' height='1' filter='blur(5px)'/></g>",
                ),
                svg("<circle r='1e38' stroke='red'/><ellipse rx='1e-38' ry='1e38'/>"),
                svg("<text font-size='1e30'>a</text><text font-size='1e-30'>a</text>"),
                svg("<path d='M0 0 A1e38 1e-38 1e38 1 1 1e38 1e38 C1 1 2 2 1e39 9'/>"),
                svg(
                    "<rect width='50' height='50' stroke='red' stroke-dasharray='0 0 0' stroke-miterlimit='1e38'/>",
                ),
            ]
        }),
    ]
}

fn with_sides(attributes: &str) -> Vec<u8> {
    let namespace = "xmlns='http://www.w3.org/2000/svg'";
    format!("<svg {namespace} {attributes}><rect width='9' height='9'/></svg>").into_bytes()
}
