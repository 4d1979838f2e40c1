//! Mistakes of the command line, in words that help and give nothing away.

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::place::without_password;

/// Options of the engine's own command and of other programs, which are parts of a preset here.
const PARTS: [&str; 9] = [
    "--size",
    "--width",
    "--height",
    "--fit",
    "--focus",
    "--format",
    "--quality",
    "--background",
    "--enlarge",
];

/// Commands that make thumbnails by presets.
const COMMANDS: [&str; 2] = ["thimble generate", "thimble local"];

/// The mistake as it is told.
pub(super) fn told(mistake: Error) -> Error {
    helpful(discreet(mistake))
}

/// A mistake that shows no password of a URL: it may end in a log.
fn discreet(mut mistake: Error) -> Error {
    let shown = match mistake.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => without_password(value),
        _ => return mistake,
    };
    mistake.insert(ContextKind::InvalidValue, ContextValue::String(shown));
    mistake
}

/// A mistake that says where a part of a preset belongs.
fn helpful(mut mistake: Error) -> Error {
    let is_part = match mistake.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) => PARTS.contains(&option.as_str()),
        _ => false,
    };
    let usage = mistake.get(ContextKind::Usage).map(ToString::to_string);
    let has_presets = |usage: String| COMMANDS.iter().any(|command| usage.contains(command));
    if mistake.kind() == ErrorKind::UnknownArgument && is_part && usage.is_some_and(has_presets) {
        let tip = "it is a part of a preset, such as --preset NAME=WxH or --preset \
                   NAME=WxH,cover,webp,q80; see `thimble help presets`";
        mistake.remove(ContextKind::SuggestedArg);
        mistake.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    mistake
}
