//! The command that continues where another one ended.

use crate::text::is_command;

/// The command line `words`, behind the key `after`, for a shell.
pub(super) fn command(words: impl IntoIterator<Item = String>, after: Option<&str>) -> String {
    let mut kept = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--after" {
            words.next();
        } else if !word.starts_with("--after=") {
            kept.push(quoted(&word));
        }
    }
    if let Some(after) = after {
        kept.push(format!("--after={}", quoted(after)));
    }
    kept.join(" ")
}

/// `word` as a shell reads it: as it is, in quotes, or with escapes if there are
/// characters that a terminal would act on.
fn quoted(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:=,@%+".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.chars().any(is_command) {
        let escaped: String = word.chars().map(escape).collect();
        return format!("$'{escaped}'");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn escape(character: char) -> String {
    match character {
        '\'' | '\\' => format!("\\{character}"),
        control if is_command(control) => {
            let mut bytes = [0; 4];
            let bytes = control.encode_utf8(&mut bytes).bytes();
            bytes.map(|byte| format!("\\x{byte:02x}")).collect()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_written() {
        for key in [
            "plain/key.jpg",
            "a b+c%2B.jpg",
            "it's",
            "späße 🦀",
            "$HOME `x` \\",
            "tab\tand\u{1b}[31m",
            "gpj.\u{202e}exe",
            "-x",
            "",
        ] {
            let line = command(
                ["printf", "%s", "--after", "old"].map(str::to_owned),
                Some(key),
            );
            let output = std::process::Command::new("bash")
                .args(["-c", &line])
                .output()
                .unwrap();
            let read = String::from_utf8(output.stdout).unwrap();
            assert_eq!(read, format!("--after={key}"), "{line}");
        }
    }

    #[test]
    fn an_earlier_place_to_go_on_is_replaced() {
        let words = [
            "thimble",
            "backfill",
            "s3://b",
            "--after=x",
            "--yes",
            "--after",
            "y z",
        ];
        let line = command(words.map(str::to_owned), Some("k"));
        assert_eq!(line, "thimble backfill s3://b --yes --after=k");
        assert_eq!(command(["thimble".to_owned()], None), "thimble");
    }
}
