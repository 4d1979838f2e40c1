//! Drawings whose text is hostile.

use std::fmt::Write as _;

use super::{Kind, compressed, each, kind, svg, with_type};
use crate::hostile_images::Verdict::{Answer, Limit, Malformed, Unsupported};

/// Kinds of drawings whose text is hostile.
pub(super) fn text() -> Vec<Kind> {
    vec![
        kind("SVG: entities within entities", Malformed, || {
            let mut declared = String::from("<!ENTITY a0 'ha'>");
            for depth in 1..30 {
                let inner = format!("&a{};", depth - 1).repeat(10);
                let _ = write!(declared, "<!ENTITY a{depth} '{inner}'>");
            }
            vec![with_type(&declared, "<text>&a29;</text>"), {
                // Few enough of them to be looked at by the parser.
                with_type(
                    "<!ENTITY a '&b;&b;'><!ENTITY b '&a;&a;'>",
                    &"&a;".repeat(9000),
                )
            }]
        }),
        kind("SVG: an entity within itself", Malformed, || {
            vec![
                with_type("<!ENTITY a '&a;'>", "<text>&a;</text>"),
                with_type("<!ENTITY a '&b;'><!ENTITY b '&a;'>", "<text>&a;</text>"),
            ]
        }),
        kind("SVG: a long entity, many times", Limit, || {
            let long = format!("<!ENTITY a '{}'>", "ha".repeat(50_000));
            vec![with_type(
                &long,
                &format!("<text>{}</text>", "&a;".repeat(50_000)),
            )]
        }),
        kind("SVG: an entity of a file", Malformed, || {
            let declared = "<!ENTITY a SYSTEM 'file:///etc/passwd'>";
            vec![with_type(declared, "<text>&a;</text>")]
        }),
        kind("SVG: 100 MB of blanks in 100 KB", Limit, || {
            vec![compressed(&[(b"<svg>", 1), (&[b' '; 1000], 100_000)])]
        }),
        kind("SVG: cut off, as it is and compressed", Answer, || {
            let whole = svg("<g><text x='5' y='9'>&lt;</text><path d='M0 0 L9 9'/></g>");
            let packed = compressed(&[(&whole, 1)]);
            let cuts = |file: &[u8]| -> Vec<Vec<u8>> {
                (30..file.len())
                    .step_by(3)
                    .map(|length| file[..length].to_vec())
                    .collect()
            };
            [cuts(&whole), cuts(&packed)].concat()
        }),
        kind("SVG: other letters than it says", Answer, || {
            let mut wide: Vec<u8> = b"\xff\xfe<\0s\0v\0g\0 \0".to_vec();
            wide.extend([0x00, 0xd8, b'>', 0, 0xff]);
            let mut broken = svg("");
            broken.splice(60..60, [0xff, 0xfe, 0xc0, 0x80]);
            vec![
                wide,
                broken,
                b"<?xml encoding='utf-7'?><svg>\xff</svg>".to_vec(),
            ]
        }),
        kind("SVG: a million letters", Limit, || {
            vec![svg(&format!(
                "<text y='20'>{}</text>",
                "abcdefghij".repeat(100_000)
            ))]
        }),
        kind(
            "SVG: 5,000 letters, each at a place of its own",
            Answer,
            || {
                let places = "1 2 3 4 5 ".repeat(1000);
                let letters = "fiffl".repeat(1000);
                vec![svg(&format!(
                    "<text x='{places}' y='{places}' rotate='{places}'>{letters}</text>"
                ))]
            },
        ),
        kind("SVG: compressed twice", Unsupported, || {
            let once = compressed(&[(&svg(""), 1)]);
            vec![compressed(&[(&once, 1)])]
        }),
        kind(
            "SVG: compressed in parts, and with what is behind",
            Answer,
            || {
                let whole = svg("<text y='9'>a</text>");
                let (first, rest) = whole.split_at(whole.len() / 2);
                let parts = [first, rest].map(|part| compressed(&[(part, 1)]));
                let mut behind = compressed(&[(&whole, 1)]);
                behind.extend([0x1f, 0x8b, 8, 0, 0xff, 0xff]);
                vec![parts.concat(), behind]
            },
        ),
        kind(
            "SVG: 60,000 parts of a text, and 2,000 texts",
            Answer,
            || {
                vec![
                    svg(&format!(
                        "<text y='9'>{}</text>",
                        "<tspan dx='1'>a</tspan>".repeat(60_000)
                    )),
                    svg(&"<text y='9' textLength='99'>some letters</text>".repeat(2000)),
                ]
            },
        ),
        kind("SVG: 10,000 letters along a path", Answer, || {
            let path = format!("<path id='p' d='M0 0{}'/>", "q9 9 9 0".repeat(2000));
            let letters = "ab cd ".repeat(1700);
            vec![svg(&format!(
                "{path}<text><textPath href='#p'>{letters}</textPath></text>"
            ))]
        }),
        kind(
            "SVG: 100,000 attributes of one element, or names of namespaces",
            Answer,
            || {
                let many = |name: fn(u32) -> String| {
                    let attributes: String = (0..100_000).map(name).collect();
                    svg(&format!("<g {attributes}/>"))
                };
                vec![
                    many(|it| format!("a{it}='' ")),
                    many(|it| format!("xmlns:a{it}='urn:{it}' ")),
                    svg(&format!("<rect class='{}'/>", "a ".repeat(1_000_000))),
                    each(0..18_000, |it| format!("<a{it}:g xmlns:a{it}='urn:{it}'/>")),
                ]
            },
        ),
        kind(
            "SVG: lists of selectors times declarations, and texts of style",
            Limit,
            || {
                let selectors = ".a,".repeat(5000);
                let declarations = "fill:red;".repeat(5000);
                vec![
                    svg(&format!(
                        "<style>{selectors} .b {{ {declarations} }}</style>"
                    )),
                    svg(&"<style>.a { fill: red }</style>".repeat(20_000)),
                ]
            },
        ),
        kind(
            "SVG: a rule of style that matches in 2^60 ways, and does not",
            Answer,
            || {
                let (open, close) = ("<g class='a b'>".repeat(150), "</g>".repeat(150));
                let rule = |combined: &str| {
                    let names = format!(".a{combined}").repeat(60);
                    svg(&format!(
                        "<style>.none {names} rect {{ fill: blue }}</style>{open}<rect width='9' height='9'/>{close}"
                    ))
                };
                vec![rule(" "), rule(" > "), rule(" + "), rule(" g ")]
            },
        ),
        kind(
            "SVG: 5,000 rules of style for 5,000 elements",
            Limit,
            || {
                let rules: String = (0..5000)
                    .map(|it| format!("g > .c{it} + rect {{ fill: blue }}"))
                    .collect();
                let shapes = "<rect class='c' width='1' height='1'/>".repeat(5000);
                vec![svg(&format!("<style>{rules}</style><g>{shapes}</g>"))]
            },
        ),
    ]
}
