//! The first look at a folder: is it one to work in, and what should be said of it?

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::super::Failure;
use super::super::not_images::is_called_image;
use super::super::voice::Voice;
use super::Local;
use crate::local::{Layout, Rules, Step, Walk, deaf_file_system};
use crate::text::{plural, printable};

/// Files that are looked at before images are only counted so far.
const ENOUGH: usize = 100_000;

/// Refuse a folder of images that has no `images` in it: to make that folder would
/// find nothing to do, and call it a success.
pub(super) fn check(layout: &Layout, folder: &Path) -> Result<(), Failure> {
    if !layout.lacks_images() || !layout.is_new() {
        return Ok(());
    }
    let (images, is_all) = count(folder);
    if images == 0 {
        return Ok(());
    }
    let more = if is_all { "" } else { "more than " };
    let (shown, images) = (printable(folder.display()), plural(images, "image"));
    Err(Failure::Usage(format!(
        "{more}{images} in {shown}, and none in {shown}/images; for thumbnails of them say\n  \
         thimble local {} --thumbnails {}\nor move them into {shown}/images",
        quoted(folder),
        quoted(&suggestion(folder)),
    )))
}

/// The words of a command line that name the folders of `local`, for the next one.
pub(super) fn folders(local: &Local) -> String {
    let folder = quoted(&local.folder);
    match &local.thumbnails {
        Some(target) => format!("thimble local {folder} --thumbnails {}", quoted(target)),
        None => format!("thimble local {folder}"),
    }
}

/// The failure of a word where a command could be: a name for the thumbnails as a second
/// folder would be one day that of a command.
pub(super) fn no_command(folder: &Path, words: &[OsString]) -> Failure {
    let word = words.first().map(Path::new).unwrap_or(Path::new(""));
    Failure::Usage(format!(
        "`{}` is no command, those are status, dead-letters, redrive and purge; for thumbnails in \
         a folder of that name say\n  thimble local {} --thumbnails {}",
        printable(word.display()),
        quoted(folder),
        quoted(word),
    ))
}

/// Say what is beside the images, and what is not heard.
pub(super) fn mention(layout: &Layout, voice: &Voice) -> std::io::Result<()> {
    if !voice.speaks() {
        return Ok(());
    }
    let images = layout.images();
    let beside = images.parent().filter(|_| !layout.is_apart());
    let beside = beside.map_or(0, count_beside);
    if beside > 0 {
        voice.note(format_args!(
            "note: {} beside {} left alone; move what you want thumbnails of into it",
            plural(beside, "image"),
            printable(images.display())
        ))?;
    }
    Ok(())
}

/// Say that changes of other machines are not heard.
pub(super) fn mention_deafness(layout: &Layout, voice: &Voice) -> std::io::Result<()> {
    match deaf_file_system(layout.images()) {
        Some(kind) if voice.speaks() => voice.note(format_args!(
            "note: {} is on a file system of the kind {kind}, where changes by other machines are \
             not heard; add --poll 10 to look every 10 seconds",
            printable(layout.images().display())
        )),
        _ => Ok(()),
    }
}

/// Number of files below `folder` that are called like images, and true if all files
/// were looked at.
fn count(folder: &Path) -> (u64, bool) {
    let mut walk = Walk::new(folder, Rules::choosy());
    let looked_at = walk.by_ref().take(ENOUGH);
    let images = looked_at.filter(|step| match step {
        Step::File { path, .. } => is_called_image(path),
        _ => false,
    });
    (images.count() as u64, walk.next().is_none())
}

fn count_beside(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.filter(|entry| is_called_image(&entry.path())).count() as u64
}

/// A place for the thumbnails of the images in `folder`: beside it.
fn suggestion(folder: &Path) -> std::path::PathBuf {
    let whole = folder.canonicalize();
    let name = whole.ok().and_then(|whole| {
        let name = whole.file_name()?;
        Some(format!("{}-thumbnails", name.to_string_lossy()))
    });
    let name = name.unwrap_or_else(|| "thumbnails".to_owned());
    match folder.file_name() {
        Some(_) => folder.with_file_name(name),
        None => folder.join("..").join(name),
    }
}

/// A path as a word of a command line.
fn quoted(path: &Path) -> String {
    let mut text = printable(path.display());
    // It would be taken for an option.
    if text.starts_with('-') {
        text.insert_str(0, "./");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@:,%".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_for_thumbnails_is_beside_the_images() {
        for (folder, place) in [
            ("/tmp", "/tmp-thumbnails"),
            ("/tmp/.", "/tmp-thumbnails"),
            ("/", "/../thumbnails"),
        ] {
            assert_eq!(suggestion(Path::new(folder)), Path::new(place), "{folder}");
        }
        assert_eq!(quoted(Path::new("a b/it's")), "'a b/it'\\''s'");
        assert_eq!(quoted(Path::new("a/b-c.d")), "a/b-c.d");
        assert_eq!(quoted(Path::new("-a b")), "'./-a b'");
    }
}
