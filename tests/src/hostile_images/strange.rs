//! Sources that are no image, or an image and something else besides.

use testkit::Numbers;

use super::Verdict::{Answer, Thumbnail, Unsupported};
use super::{Kind, Kinds, kind, sound};

pub(super) const KINDS: &[Kinds] = &[kinds];

fn kinds() -> Vec<Kind> {
    vec![
        kind("nothing, and next to nothing", Unsupported, || {
            vec![
                vec![],
                vec![0],
                vec![0xff],
                b"BM".to_vec(),
                b"RIFF".to_vec(),
            ]
        }),
        kind("16 MB of zeros", Unsupported, || vec![vec![0; 16 << 20]]),
        kind("16 MB of noise", Unsupported, || {
            vec![Numbers::new(19).bytes(16 << 20)]
        }),
        kind(
            "a web page, a program, an archive, a script",
            Unsupported,
            || {
                vec![
                    b"<!DOCTYPE html><script>alert(1)</script>".to_vec(),
                    b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0".to_vec(),
                    b"PK\x03\x04\x14\0\0\0\x08\0".to_vec(),
                    b"#!/bin/sh\nexit 1\n".to_vec(),
                    b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff".to_vec(),
                ]
            },
        ),
        kind("an SVG of entities within entities", Unsupported, || {
            vec![laughs()]
        }),
        kind("formats that the engine does not know", Unsupported, || {
            vec![
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
                b"%PDF-1.7\n1 0 obj\n".to_vec(),
            ]
        }),
        kind("an image with an archive behind it", Thumbnail, || {
            behind(b"PK\x03\x04\x14\0\0\0\x08\0PK\x05\x06\0\0\0\0\x01\0\x01\0")
        }),
        kind("an image with a script behind it", Thumbnail, || {
            behind(b"\n<script>alert(1)</script>\n<?php system($_GET[0]);")
        }),
        kind("an image with another image behind it", Thumbnail, || {
            let others: Vec<u8> = sound::sources()
                .into_iter()
                .flat_map(|(_, other)| other)
                .collect();
            behind(&others)
        }),
        kind("an image with 16 MB of zeros behind it", Thumbnail, || {
            behind(&vec![0; 16 << 20])
        }),
        kind("a GIF that is a script as well", Answer, || {
            let source = sound::source("gif");
            let script = b"GIF89a/*\0\0\0*/=1;alert(1);//";
            vec![[script.as_slice(), &source[6..]].concat()]
        }),
        kind(
            "the name of one format, the content of another",
            Answer,
            || {
                let signatures = [
                    b"\x89PNG\r\n\x1a\n".as_slice(),
                    b"GIF89a",
                    b"\xff\xd8\xff\xe0",
                    b"II*\0",
                    b"BM",
                ];
                let contents = sound::sources();
                signatures
                    .iter()
                    .flat_map(|signature| {
                        contents
                            .iter()
                            .map(move |(_, content)| [*signature, content].concat())
                    })
                    .collect()
            },
        ),
    ]
}

fn behind(tail: &[u8]) -> Vec<Vec<u8>> {
    let whole = |(_, source): (_, Vec<u8>)| [&source, tail].concat();
    sound::sources().into_iter().map(whole).collect()
}

/// A billion laughs.
fn laughs() -> Vec<u8> {
    let mut source = String::from("<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a0 \"ha\">");
    for depth in 1..30 {
        let inner = format!("&a{};", depth - 1).repeat(10);
        source += &format!("<!ENTITY a{depth} \"{inner}\">");
    }
    source += "]><svg xmlns=\"http://www.w3.org/2000/svg\">&a29;</svg>";
    source.into_bytes()
}
