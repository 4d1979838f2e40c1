//! Files whose items refer to each other more often than any picture needs.

use thimble_heif::{Coded, Error, Still};

const ALPHA: &[u8] = b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";

/// A number of properties, and as many turns.
const TURNS: [u8; 256] = {
    let mut turns = [4; 256];
    turns[0] = 255;
    turns
};

/// Item 1 is the picture. All items have the properties of a tile of 64 by 64 pixels, but for
/// the name of alpha, which is that of the last item alone, and a turn, which is that of the
/// picture, and for those that have turns alone.
#[derive(Default)]
struct File {
    /// Kind and bytes of each item.
    items: Vec<([u8; 4], Vec<u8>)>,
    /// Kind, item that refers, and those that it refers to.
    references: Vec<([u8; 4], u16, Vec<u16>)>,
    /// Times that it states again which properties its items have.
    repeats: usize,
    /// The first of the items that have nothing but 255 turns, all behind it but the last.
    turning: Option<u16>,
    /// The last item has 128 by 128 pixels, and is no alpha.
    ends_large: bool,
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32 + 8).to_be_bytes();
    [&length[..], kind, content].concat()
}

impl File {
    fn bytes(&self) -> Vec<u8> {
        let count = (self.items.len() as u16).to_be_bytes();
        let mut kinds = [&[0; 4][..], &count].concat();
        let mut places = [&[1, 0, 0, 0, 0x44, 0][..], &count].concat();
        let mut owned = [&[0; 6][..], &count].concat();
        let mut bytes = Vec::new();
        for (id, (kind, item)) in (1_u16..).zip(&self.items) {
            let id = id.to_be_bytes();
            let entry = [&[2, 0, 0, 0][..], &id, &[0, 0], kind, &[0]].concat();
            kinds.extend(boxed(b"infe", &entry));
            // In `idat`, in one piece.
            places.extend([&id[..], &[0, 1, 0, 0, 0, 1]].concat());
            places.extend((bytes.len() as u32).to_be_bytes());
            places.extend((item.len() as u32).to_be_bytes());
            bytes.extend(item);
            let is_turning = self.turning.is_some_and(|first| first.to_be_bytes() <= id);
            let numbers: &[u8] = match id {
                _ if id == count && self.ends_large => &[2, 5, 2],
                _ if id == count => &[3, 1, 2, 3],
                _ if is_turning => &TURNS,
                [0, 1] => &[3, 1, 2, 4],
                _ => &[2, 1, 2],
            };
            owned.extend([&id, numbers].concat());
        }
        let mut references = vec![0; 4];
        for (kind, from, to) in &self.references {
            let count = to.len() as u16;
            let numbers = [*from, count].into_iter().chain(to.iter().copied());
            let content: Vec<u8> = numbers.flat_map(u16::to_be_bytes).collect();
            references.extend(boxed(kind, &content));
        }
        let properties = [
            boxed(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 64]),
            boxed(b"av1C", &[0x81, 0, 0, 0]),
            boxed(b"auxC", ALPHA),
            boxed(b"irot", &[1]),
            boxed(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 128]),
        ];
        let properties = boxed(b"ipco", &properties.concat());
        let owned = boxed(b"ipma", &owned).repeat(1 + self.repeats);
        let content = [
            vec![0; 4],
            boxed(b"pitm", &[0, 0, 0, 0, 0, 1]),
            boxed(b"iinf", &kinds),
            boxed(b"iloc", &places),
            boxed(b"iref", &references),
            boxed(b"iprp", &[properties, owned].concat()),
            boxed(b"idat", &bytes),
        ];
        boxed(b"meta", &content.concat())
    }
}

/// The item of a grid of tiles of 64 pixels a side.
fn grid(columns: u8, rows: u8) -> Vec<u8> {
    let sides = [columns, rows].map(|count| (64 * u32::from(count)).to_be_bytes());
    [&[0, 1, rows - 1, columns - 1][..], sides.as_flattened()].concat()
}

#[test]
fn an_overlay_of_one_large_grid_many_times_is_refused() {
    let file = |columns, layers: usize| File {
        items: vec![
            (*b"iovl", vec![0; 14 + 4 * layers]),
            (*b"grid", grid(columns, columns)),
            (*b"av01", vec![9]),
        ],
        references: vec![
            (*b"dimg", 1, vec![2; layers]),
            (*b"dimg", 2, vec![3; usize::from(columns).pow(2)]),
        ],
        ..File::default()
    };
    let few = file(16, 64).bytes();
    let Ok(Still::Overlay(overlay)) = Still::read(&few, Coded::Av1) else {
        panic!("no overlay");
    };
    assert_eq!(overlay.layers.len(), 64);
    let many = file(255, 64).bytes();
    let refused = Still::read(&many, Coded::Av1);
    assert!(matches!(refused, Err(Error::Unsupported(reason)) if reason.contains("tiles")));
}

#[test]
fn a_thumbnail_leads_to_its_picture_unless_that_is_no_larger() {
    for (ends_large, sides) in [(true, (128, 128)), (false, (64, 64))] {
        let file = File {
            items: vec![(*b"av01", vec![1]), (*b"av01", vec![2])],
            references: vec![(*b"thmb", 1, vec![2])],
            ends_large,
            ..File::default()
        };
        let bytes = file.bytes();
        let Ok(Still::Picture(picture)) = Still::read(&bytes, Coded::Av1) else {
            panic!("no picture");
        };
        assert_eq!((picture.main.width, picture.main.height), sides);
        assert_eq!(*picture.main.tiles[0].bytes, [1 + u8::from(ends_large)]);
    }
}

#[test]
fn a_turn_that_is_stated_twice_is_one() {
    let turn = |repeats| {
        let file = File {
            items: vec![(*b"av01", vec![9]); 2],
            repeats,
            ..File::default()
        };
        match Still::read(&file.bytes(), Coded::Av1).unwrap() {
            Still::Picture(picture) => picture.turn.orientation(),
            Still::Overlay(_) => panic!("an overlay"),
        }
    };
    assert_eq!([0, 1, 2].map(turn), [8; 3]);
}

#[test]
fn a_tile_whose_alpha_is_a_grid_has_none_and_that_is_known() {
    let file = |alpha: [u8; 4], bytes| File {
        items: vec![(*b"grid", grid(2, 1)), (*b"av01", vec![9]), (alpha, bytes)],
        references: vec![
            (*b"dimg", 1, vec![2, 2]),
            (*b"dimg", 3, vec![2, 2]),
            (*b"auxl", 3, vec![2]),
        ],
        ..File::default()
    };
    let alpha = |file: File| match Still::read(&file.bytes(), Coded::Av1).unwrap() {
        Still::Picture(picture) => {
            let tiles = picture.alpha.map(|alpha| alpha.tiles.len());
            (tiles, picture.lacks_alpha)
        }
        Still::Overlay(_) => panic!("an overlay"),
    };
    assert_eq!(alpha(file(*b"av01", vec![9])), (Some(2), false));
    assert_eq!(alpha(file(*b"grid", grid(2, 1))), (None, true));
}

#[test]
fn an_alpha_is_found_among_thousands_of_other_auxiliary_items() {
    let has_alpha = |others: u16| {
        let ids = 2..others + 3;
        let file = File {
            items: vec![(*b"av01", vec![9]); 2 + usize::from(others)],
            references: ids.map(|id| (*b"auxl", id, vec![1])).collect(),
            ..File::default()
        };
        match Still::read(&file.bytes(), Coded::Av1).unwrap() {
            Still::Picture(picture) => picture.alpha.is_some(),
            Still::Overlay(_) => panic!("an overlay"),
        }
    };
    // It is the last of all.
    for others in [0, 20, 5_000] {
        assert!(has_alpha(others), "{others}");
    }
}

#[test]
fn auxiliary_items_that_all_tiles_share_are_looked_at_once() {
    // This ends only if pictures and tiles do not multiply them. The last one is the alpha.
    let auxiliaries = 4..30_004;
    let file = File {
        items: [
            vec![
                (*b"iovl", vec![0; 14 + 4 * 64]),
                (*b"grid", grid(16, 16)),
                (*b"av01", vec![9]),
            ],
            vec![(*b"av01", vec![9]); auxiliaries.len()],
        ]
        .concat(),
        references: [
            vec![(*b"dimg", 1, vec![2; 64]), (*b"dimg", 2, vec![3; 256])],
            auxiliaries.map(|id| (*b"auxl", id, vec![3])).collect(),
        ]
        .concat(),
        turning: Some(4),
        ..File::default()
    };
    let bytes = file.bytes();
    let Ok(Still::Overlay(overlay)) = Still::read(&bytes, Coded::Av1) else {
        panic!("no overlay");
    };
    assert_eq!(overlay.layers.len(), 64);
    let alphas = overlay.layers.iter().map(|layer| &layer.picture.alpha);
    let tiles: Vec<_> = alphas.flatten().map(|alpha| alpha.tiles.len()).collect();
    assert_eq!(tiles, [256; 64]);
}

#[test]
fn an_alpha_of_another_size_is_dropped_before_its_tiles_are_read() {
    // This ends only if its 65,025 tiles are not read for each picture.
    let mut tiles = vec![3; 255 * 255];
    tiles[0] = 2;
    let file = File {
        items: vec![
            (*b"iovl", vec![0; 14 + 4 * 64]),
            (*b"av01", vec![9]),
            (*b"av01", vec![9]),
            (*b"grid", grid(255, 255)),
        ],
        references: vec![
            (*b"dimg", 1, vec![2; 64]),
            (*b"dimg", 4, tiles),
            (*b"auxl", 4, vec![2]),
        ],
        turning: Some(3),
        ..File::default()
    };
    let bytes = file.bytes();
    let Ok(Still::Overlay(overlay)) = Still::read(&bytes, Coded::Av1) else {
        panic!("no overlay");
    };
    let layers = overlay.layers.iter().map(|layer| &layer.picture);
    let lacks: Vec<_> = layers
        .map(|picture| (picture.alpha.is_some(), picture.lacks_alpha))
        .collect();
    assert_eq!(lacks, [(false, true); 64]);
}
