//! Sets of rules that take each other's place: sizes, names and the sources that are left
//! alone differ.

use thimble::config::file::{File, Given};
use thimble::recipe::Recipes;
use thimble::testing::world::{IMAGES, THUMBNAILS};

/// Number of sets.
pub(crate) const SETS: usize = FILES.len();

/// Folders of thumbnails that one set has.
const FOLDERS: [&str; 2] = ["apart/", "rest/"];

/// The source that one set leaves alone.
const LEFT_ALONE: &str = "image 2";

const FILES: [&str; 4] = [
    "[presets]\nsmall = '75x75'\nweb = '200x,webp'\n",
    "[presets]\nsmall = '60x60'\nweb = '160x,webp'\n",
    "[presets]\nsmall = '50x50'\nweb = '150x,webp'\nmore = '9x9'\n\
     [default]\nthumbnail-name = 'rest/{key}/{preset}.{ext}'\n\
     [[rule]]\nprefix = 'image 1'\npresets = ['more']\nthumbnail-name = 'apart/{key}/{preset}.{ext}'\n",
    "[presets]\nsmall = '40x40'\n[[rule]]\nprefix = 'image 2'\npresets = []\n",
];

/// A set, by its number.
pub(crate) fn recipes(number: usize) -> Recipes {
    let given = Given {
        bucket: Some(THUMBNAILS.to_owned()),
        manifests: Some(true),
        own: Some(IMAGES.to_owned()),
        ..Given::default()
    };
    let text = FILES.get(number).copied().unwrap_or_default();
    let (recipes, mistakes) = File::parse("rules", text).recipes(&given);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    recipes
}

/// True if one of the sets leaves a source alone.
pub(crate) fn may_be_left_alone(key: &str) -> bool {
    key == LEFT_ALONE
}

/// The source of a thumbnail, whatever set made it.
pub(crate) fn source_of(thumbnail: &str) -> &str {
    let names = FOLDERS
        .iter()
        .find_map(|folder| thumbnail.strip_prefix(folder));
    names
        .unwrap_or(thumbnail)
        .split('/')
        .next()
        .unwrap_or_default()
}
