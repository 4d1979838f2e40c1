//! Elements that others refer to.

use super::{Kind, each, filter, kind, svg};
use crate::hostile_images::Verdict::Answer;

/// Kinds of drawings whose elements refer to each other.
pub(super) fn references() -> Vec<Kind> {
    vec![
        kind("SVG: gradients of 100,000 stops", Answer, || {
            let stops = "<stop offset='0.5' stop-color='red'/>".repeat(100_000);
            let gradient = format!("<linearGradient id='a'>{stops}</linearGradient>");
            let shape = "<rect width='50' height='50' fill='url(#a)'/>";
            vec![
                svg(&format!("{gradient}{shape}")),
                svg(&format!("{gradient}{}", shape.repeat(1000))),
            ]
        }),
        kind(
            "SVG: 20,000 gradients, each made of the one before",
            Answer,
            || {
                vec![
                    each(0..20_000, |it| {
                        format!("<linearGradient id='a{it}' href='#a{}'/>", it + 1)
                    }),
                    each(0..20_000, |it| {
                        let fill = format!("fill='url(#a{it})'");
                        format!(
                            "<radialGradient id='a{it}' href='#a{}'/><rect {fill} width='1' height='1'/>",
                            it + 1
                        )
                    }),
                ]
            },
        ),
        kind(
            "SVG: clips cut by clips, and masks by masks",
            Answer,
            || {
                let shape = "<rect width='90' height='90'/>";
                let chain = |name: &str, attribute: &str| {
                    let part = |it: u32| {
                        let next = format!("{attribute}='url(#a{})'", it + 1);
                        format!("<{name} id='a{it}' {next}>{shape}</{name}>")
                    };
                    let parts: String = (0..150).map(part).collect();
                    svg(&format!("{parts}<g {attribute}='url(#a0)'>{shape}</g>"))
                };
                vec![chain("clipPath", "clip-path"), chain("mask", "mask")]
            },
        ),
        kind(
            "SVG: a filter that merges 10,000 results, or draws a drawing",
            Answer,
            || {
                let merged = format!("<feMerge>{}</feMerge>", "<feMergeNode/>".repeat(10_000));
                let drawn = "<feImage href='#many'/>".repeat(100);
                let many = "<rect width='9' height='9' fill='none' stroke='red'/>".repeat(1000);
                let table = "0.5 ".repeat(100_000);
                let tables = format!(
                    "<feComponentTransfer><feFuncR type='table' tableValues='{table}'/></feComponentTransfer>"
                );
                let mut drawing = filter(&drawn, "");
                let end = drawing.len() - "</svg>".len();
                drawing.splice(end..end, format!("<g id='many'>{many}</g>").into_bytes());
                vec![filter(&merged, ""), drawing, filter(&tables, "")]
            },
        ),
        kind(
            "SVG: symbols within symbols, each with sides of its own",
            Answer,
            || {
                let sides = "viewBox='0 0 1e6 1e-6' preserveAspectRatio='xMidYMid slice'";
                let (open, close) = (format!("<svg {sides}>").repeat(90), "</svg>".repeat(90));
                let symbol = |it: u32| {
                    let next = format!("<use href='#s{}' width='1e6'/>", it + 1);
                    format!("<symbol id='s{it}' {sides}>{next}</symbol>")
                };
                let symbols: String = (0..60).map(symbol).collect();
                vec![
                    svg(&format!("{open}<rect width='1' height='1'/>{close}")),
                    svg(&format!("{symbols}<use href='#s0'/>")),
                ]
            },
        ),
    ]
}
