//! Answers for programs. The keys are the words of the contract.

use std::fmt::Write;

use crate::contract::ImageInfo;
use crate::settings::Settings;

/// The engine's abilities.
pub(super) fn engine() -> String {
    let engine = crate::describe();
    let settings: Vec<String> = Settings::all()
        .map(|(name, values)| format!("    {}: {}", quoted(name), list(values)))
        .collect();
    format!(
        "{{\n  \"name\": {},\n  \"version\": {},\n  \"decodes\": {},\n  \"encodes\": {},\n  \
         \"settings\": {{\n{}\n  }}\n}}\n",
        quoted(&engine.name),
        quoted(&engine.version),
        list(&engine.decodes),
        list(&engine.encodes),
        settings.join(",\n"),
    )
}

/// Facts about an image.
pub(super) fn image(image: &ImageInfo) -> String {
    format!(
        "{{\n  \"media-type\": {},\n  \"width\": {},\n  \"height\": {},\n  \"frames\": {}\n}}\n",
        quoted(&image.media_type),
        image.dimensions.width,
        image.dimensions.height,
        image.frames,
    )
}

fn list(strings: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = strings
        .iter()
        .map(|string| quoted(string.as_ref()))
        .collect();
    format!("[{}]", quoted.join(", "))
}

fn quoted(string: &str) -> String {
    let mut quoted = String::from("\"");
    for character in string.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
