//! Reading the line of a preset.

use std::ops::Range;

use super::{FITS, FORMATS, MAX_BYTES, MAX_NAME, PresetError, Problem};
use crate::contract::{Bounds, Color, Focus, Point, Setting, Spec};
use crate::text::nearest;

/// The longest side a preset can name; the limits say what an engine makes.
const MAX_SIDE: u32 = 65_535;

/// The longest value of a setting.
const MAX_VALUE: usize = 64;

/// A part of the line, and where it stands.
#[derive(Clone, Copy)]
struct Token<'a> {
    line: &'a str,
    text: &'a str,
    start: usize,
}

/// The parts that may be said once.
#[derive(Default)]
struct Said {
    fit: bool,
    focus: bool,
    format: bool,
    quality: bool,
    background: bool,
    enlarge: bool,
}

/// Reads `name=WxH,...`.
pub(super) fn preset(line: &str) -> Result<(String, Spec), PresetError> {
    let whole = Token {
        line,
        text: line,
        start: 0,
    };
    let (name, rest) = whole
        .split_once('=')
        .ok_or_else(|| whole.error(Problem::NoName))?;
    let mut tokens = rest.split(',');
    let mut spec = Spec::default();
    let name = read_name(name)?;
    if let Some(token) = tokens.next() {
        spec.bounds = bounds(token)?;
    }
    let mut said = Said::default();
    for token in tokens {
        part(token, &mut spec, &mut said)?;
    }
    let bounded = rest.split(',').find(|token| {
        let name = token.split_once('=').map(|(name, _)| name.text);
        name == Some(MAX_BYTES)
    });
    match bounded.filter(|_| has_no_quality(&spec)) {
        Some(token) => Err(token.error(Problem::NoQuality)),
        None => Ok((name, spec)),
    }
}

/// Reads one of the parts that follow the bounds.
fn part(token: Token<'_>, spec: &mut Spec, said: &mut Said) -> Result<(), PresetError> {
    let word = token.text;
    if let Some(&(_, fit)) = FITS.iter().find(|(name, _)| *name == word) {
        once(token, &mut said.fit, "fit")?;
        spec.fit = fit;
    } else if let Some(focus) = focus(token)? {
        once(token, &mut said.focus, "focus")?;
        spec.focus = focus;
    } else if let Some(media_type) = media_type(word) {
        once(token, &mut said.format, "format")?;
        spec.encoding.media_type = Some(media_type);
    } else if let Some(quality) = quality(token)? {
        once(token, &mut said.quality, "quality")?;
        spec.encoding.quality = Some(quality);
    } else if word == "enlarge" {
        once(token, &mut said.enlarge, "word enlarge")?;
        spec.enlarge = true;
    } else if let Some((name, value)) = token.split_once('=') {
        if name.text == "bg" {
            once(token, &mut said.background, "background")?;
            spec.background = color(value)?;
        } else {
            spec.settings.push(setting(name, value, &spec.settings)?);
        }
    } else {
        return Err(token.error(Problem::Word {
            suggestion: suggestion(word),
        }));
    }
    Ok(())
}

fn once(token: Token<'_>, said: &mut bool, what: &'static str) -> Result<(), PresetError> {
    if std::mem::replace(said, true) {
        return Err(token.error(Problem::Twice(what)));
    }
    Ok(())
}

fn read_name(token: Token<'_>) -> Result<String, PresetError> {
    let name = token.text;
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !begins_well || name.len() > MAX_NAME || !name.bytes().all(is_safe) {
        return Err(token.error(Problem::Name));
    }
    Ok(name.into())
}

fn bounds(token: Token<'_>) -> Result<Bounds, PresetError> {
    let (width, height) = token
        .split_once('x')
        .ok_or_else(|| token.error(Problem::Bounds))?;
    let bounds = Bounds {
        width: side(width)?,
        height: side(height)?,
    };
    if bounds.width.is_none() && bounds.height.is_none() {
        return Err(token.error(Problem::Bounds));
    }
    Ok(bounds)
}

fn side(token: Token<'_>) -> Result<Option<u32>, PresetError> {
    if token.text.is_empty() {
        return Ok(None);
    }
    if !token.text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(token.error(Problem::Bounds));
    }
    match token.text.parse() {
        Ok(side @ 1..=MAX_SIDE) => Ok(Some(side)),
        _ => Err(token.error(Problem::Side)),
    }
}

fn focus(token: Token<'_>) -> Result<Option<Focus>, PresetError> {
    match token.text {
        "center" => Ok(Some(Focus::Center)),
        "salient" => Ok(Some(Focus::Salient)),
        word => match word.strip_prefix("at(") {
            None => Ok(None),
            Some(rest) => match rest.strip_suffix(')').and_then(point) {
                Some(point) => Ok(Some(Focus::At(point))),
                None => Err(token.error(Problem::Point)),
            },
        },
    }
}

fn point(text: &str) -> Option<Point> {
    let (x, y) = text.split_once(';')?;
    let fraction = |text: &str| {
        let is_number = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        let value = is_number.then(|| text.parse::<f32>().ok()).flatten()?;
        (0.0..=1.0).contains(&value).then_some(value)
    };
    Some(Point {
        x: fraction(x)?,
        y: fraction(y)?,
    })
}

/// True if a spec names a format without quality.
fn has_no_quality(spec: &Spec) -> bool {
    let asked = spec.encoding.media_type.as_deref();
    let lossless = |setting: &Setting| setting.name == "webp.lossless" && setting.value == "true";
    let known = FORMATS
        .iter()
        .find(|(_, of_word, _)| Some(*of_word) == asked);
    known.is_some_and(|(word, _, has_quality)| {
        !has_quality || (*word == "webp" && spec.settings.iter().any(lossless))
    })
}

fn media_type(word: &str) -> Option<String> {
    if let Some((_, media_type, _)) = FORMATS.iter().find(|(name, _, _)| *name == word) {
        return Some((*media_type).into());
    }
    let name = word.strip_prefix("image/")?;
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+-".contains(&byte);
    ((1..=MAX_VALUE).contains(&name.len()) && name.bytes().all(is_allowed)).then(|| word.into())
}

/// A `q` and digits. `q` and anything else is left for others to make sense of.
fn quality(token: Token<'_>) -> Result<Option<u8>, PresetError> {
    let Some(digits) = token.text.strip_prefix('q') else {
        return Ok(None);
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    match digits.parse() {
        Ok(quality @ 1..=100) => Ok(Some(quality)),
        _ => Err(token.error(Problem::Quality)),
    }
}

fn color(token: Token<'_>) -> Result<Color, PresetError> {
    let digits = token.text.strip_prefix('#').unwrap_or_default();
    let is_color =
        matches!(digits.len(), 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Some(number) = is_color
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
    else {
        return Err(token.error(Problem::Color));
    };
    let with_alpha = if digits.len() == 6 {
        number << 8 | 0xff
    } else {
        number
    };
    let [red, green, blue, alpha] = with_alpha.to_be_bytes();
    Ok(Color {
        red,
        green,
        blue,
        alpha,
    })
}

fn setting(name: Token<'_>, value: Token<'_>, others: &[Setting]) -> Result<Setting, PresetError> {
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    if !name
        .text
        .starts_with(|first: char| first.is_ascii_lowercase())
        || name.text.len() > MAX_NAME
        || !name.text.bytes().all(is_allowed)
    {
        return Err(name.error(Problem::SettingName));
    }
    if others.iter().any(|other| other.name == name.text) {
        return Err(name.error(Problem::Twice("setting")));
    }
    let is_visible = value.text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_visible || !(1..=MAX_VALUE).contains(&value.text.len()) {
        return Err(value.error(Problem::SettingValue));
    }
    let is_number = |text: &str| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits && text.parse::<u32>().is_ok_and(|bytes| bytes > 0)
    };
    if name.text == MAX_BYTES && !is_number(value.text) {
        return Err(value.error(Problem::MaxBytes));
    }
    Ok(Setting {
        name: name.text.into(),
        value: value.text.into(),
    })
}

/// The word that is a slip of the finger or two away.
fn suggestion(word: &str) -> Option<&'static str> {
    let fits = FITS.iter().map(|(name, _)| *name);
    let formats = FORMATS.iter().map(|(name, _, _)| *name);
    nearest(
        word,
        fits.chain(formats).chain(["center", "salient", "enlarge"]),
    )
}

impl<'a> Token<'a> {
    fn part(self, range: Range<usize>) -> Self {
        let text = self.text.get(range.clone()).unwrap_or_default();
        Self {
            line: self.line,
            text,
            start: self.start + range.start,
        }
    }

    /// The parts before and behind the first `separator`.
    fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        let behind = at + separator.len_utf8();
        Some((self.part(0..at), self.part(behind..self.text.len())))
    }

    fn split(self, separator: char) -> impl Iterator<Item = Self> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let token = rest?;
            let (first, behind) = match token.split_once(separator) {
                Some((first, behind)) => (first, Some(behind)),
                None => (token, None),
            };
            rest = behind;
            Some(first)
        })
    }

    fn error(self, problem: Problem) -> PresetError {
        PresetError {
            text: self.line.into(),
            place: self.start..self.start + self.text.len(),
            problem,
        }
    }
}
