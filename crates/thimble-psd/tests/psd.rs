//! Photoshop's files, of every kind, whole and cut off.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use thimble_psd::{Colors, Composite, Error, Photoshop, is_photoshop};

#[expect(unreachable_pub, reason = "other tests share it")]
#[path = "../samples/psd.rs"]
mod psd;

use psd::Psd;

/// The rows of a file, and whether it is whole; `None` is a row that is not there.
fn rows(file: &[u8]) -> (Vec<Option<Vec<u8>>>, bool) {
    assert!(is_photoshop(file));
    let composite = Composite::of(&Photoshop::read(file).unwrap()).unwrap();
    let mut rows = Vec::new();
    let is_whole = composite.rows(|row| {
        rows.push((!row.is_missing()).then(|| row.samples.to_vec()));
        Ok::<(), Error>(())
    });
    (rows, is_whole.unwrap())
}

fn refused(file: &[u8]) -> Error {
    let read = Photoshop::read(file).and_then(|file| Composite::of(&file).map(drop));
    read.unwrap_err()
}

/// All samples of a whole file.
fn samples(psd: &Psd) -> Vec<u8> {
    let (rows, is_whole) = rows(&psd.file());
    assert!(is_whole);
    rows.into_iter().flatten().flatten().collect()
}

#[test]
fn every_kind_of_colors_is_read() {
    let gray = Psd::new(Psd::GRAY, (2, 2), &[1, 2, 3, 4]);
    assert_eq!(samples(&gray), [1, 2, 3, 4]);
    assert_eq!(
        samples(&gray.clone().with(|psd| psd.mode = 8)),
        [1, 2, 3, 4],
        "a duotone"
    );
    let rgb = Psd::new(Psd::RGB, (2, 1), &[1, 2, 3, 4, 5, 6]);
    assert_eq!(samples(&rgb), [1, 3, 5, 2, 4, 6]);
    let inks = Psd::new(Psd::CMYK, (1, 1), &[255, 254, 253, 0]);
    assert_eq!(samples(&inks), [0, 1, 2, 255]);
    let mut palette: Vec<u8> = vec![0; 768];
    (palette[9], palette[256 + 9], palette[512 + 9]) = (1, 2, 3);
    let indexed = Psd::new(Psd::INDEXED, (2, 1), &[9, 0]).with(|psd| psd.palette = palette);
    assert_eq!(samples(&indexed), [1, 2, 3, 0, 0, 0]);
    let clear = indexed.with(|psd| psd.resources = vec![(1047, vec![0, 9])]);
    assert_eq!(samples(&clear), [1, 2, 3, 0, 0, 0, 0, 255]);
    let bits = Psd::new(Psd::BITMAP, (9, 1), &[0; 9]).with(|psd| {
        (psd.depth, psd.data) = (1, vec![0, 0, 0b1010_0000, 0x80]);
    });
    assert_eq!(samples(&bits), [0, 255, 0, 255, 255, 255, 255, 255, 0]);
}

#[test]
fn deep_samples_are_rounded() {
    let gray = Psd::new(Psd::GRAY, (2, 1), &[0, 128, 0xff, 0xff]);
    let gray = gray.with(|psd| (psd.depth, psd.channels) = (16, 1));
    assert_eq!(samples(&gray), [0, 255]);
}

#[test]
fn packed_rows_are_those_that_are_not() {
    let all: Vec<u8> = (0..3 * 200 * 3_u32)
        .map(|index| (index * 13) as u8)
        .collect();
    for version in [1, 2] {
        let plain = Psd::new(Psd::RGB, (200, 3), &all).with(|psd| psd.version = version);
        assert_eq!(samples(&plain.clone().packed()), samples(&plain));
    }
}

#[test]
fn the_fourth_channel_is_alpha_where_the_layers_say_so() {
    let kept = Psd::new(Psd::RGB, (1, 1), &[255, 127, 127, 128]);
    assert_eq!(samples(&kept), [255, 127, 127], "a selection");
    assert_eq!(samples(&kept.clone().with_alpha()), [255, 0, 0, 128]);
    let large = kept.clone().with(|psd| psd.version = 2).with_alpha();
    assert_eq!(samples(&large), [255, 0, 0, 128]);
    for part in [&b"8BIMMtrn\0\0\0\0"[..], b"8BIMLr16\0\0\0\x02\xff\xfe\0\0"] {
        // No layers of 8 bits, no masks, and a part between.
        let layers = [&[0; 8], &b"8BIMabcd\0\0\0\x03123\0"[..], part].concat();
        let deep = kept.clone().with(|psd| psd.layers = layers);
        assert_eq!(samples(&deep), [255, 0, 0, 128], "{}", part.escape_ascii());
    }
}

#[test]
fn half_a_file_is_the_rows_that_are_there_in_every_color() {
    let whole = Psd::new(Psd::RGB, (1, 3), &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for psd in [whole.clone(), whole.packed()] {
        let file = psd.file();
        let cut = &file[..file.len() - 1];
        assert_eq!(
            rows(cut),
            (vec![Some(vec![1, 4, 7]), Some(vec![2, 5, 8]), None], false)
        );
    }
    let opaque = Psd::new(Psd::GRAY, (1, 2), &[1, 2, 0, 9])
        .with_alpha()
        .file();
    let without = &opaque[..opaque.len() - 2];
    assert_eq!(
        rows(without),
        (vec![Some(vec![1, 255]), Some(vec![2, 255])], false)
    );
}

#[test]
fn what_cannot_be_read_says_why() {
    let sound = Psd::new(Psd::RGB, (1, 1), &[1, 2, 3]);
    let changed = |change: fn(&mut Psd)| refused(&sound.clone().with(change).file());
    assert_eq!(
        changed(|psd| psd.mode = 9),
        Error::Unsupported("colors of Lab")
    );
    assert_eq!(
        changed(|psd| psd.depth = 32),
        Error::Unsupported("samples of 32 bits")
    );
    assert_eq!(
        changed(|psd| psd.data[1] = 3),
        Error::Unsupported("a composite that is zipped")
    );
    for change in [
        (|psd: &mut Psd| psd.mode = 5) as fn(&mut Psd),
        |psd| psd.depth = 2,
        |psd| psd.channels = 2,
        |psd| psd.mode = Psd::INDEXED,
        |psd| psd.data = vec![0, 9, 1, 2, 3],
        |psd| psd.data = vec![0, 0, 1, 2],
        |psd| psd.data = vec![0, 1, 0, 2],
        |psd| psd.data.clear(),
    ] {
        assert!(matches!(changed(change), Error::Malformed(_)));
    }
    let file = sound.file();
    for length in 0..file.len() {
        let read = Photoshop::read(&file[..length]).and_then(|file| Composite::of(&file).map(drop));
        assert!(read.is_err(), "{length} bytes");
    }
}

#[test]
fn colors_have_their_profile() {
    let psd = Psd::new(Psd::CMYK, (1, 1), &[1, 2, 3, 4]);
    let psd = psd.with(|psd| psd.resources = vec![(1, vec![1]), (1039, vec![7, 8, 9])]);
    let file = psd.file();
    let file = Photoshop::read(&file).unwrap();
    assert_eq!(
        (file.colors(), file.profile()),
        (Colors::Cmyk, Some([7, 8, 9].as_slice()))
    );
    assert_eq!(file.exif(), None);
}
