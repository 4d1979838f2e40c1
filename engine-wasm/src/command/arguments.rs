//! Words into a request.

use crate::command::naming;
use crate::contract::{Bounds, Color, Fit, Focus, Point, Setting, Spec, WHITE};

/// A request of the command line.
#[derive(Debug)]
pub(super) enum Request {
    /// Print the usage.
    Help,
    /// Print the name and version of this engine.
    Version,
    /// Describe the engine's abilities.
    Describe,
    /// Describe an image.
    Info { source: String },
    /// Thumbnails of an image.
    Make(Job),
}

/// Thumbnails to make of one image.
#[derive(Debug)]
pub(super) struct Job {
    /// The name of the image.
    pub(super) source: String,
    /// At least one.
    pub(super) specs: Vec<Spec>,
    /// The name of each thumbnail, with placeholders.
    pub(super) output: String,
}

/// Options read so far; they hold for every size.
struct Options {
    sources: Vec<String>,
    sizes: Vec<Bounds>,
    output: Option<String>,
    info: bool,
    format: Option<String>,
    spec: Spec,
}

/// Reads the words of a command.
pub(super) fn parse(arguments: &[String]) -> Result<Request, String> {
    let mut options = Options::new();
    let mut words = Words::new(arguments);
    while let Some(word) = words.next_word() {
        match word.as_str() {
            _ if words.is_operand(&word) => options.sources.push(word),
            "-h" | "--help" => return Ok(Request::Help),
            "--version" => return Ok(Request::Version),
            "--describe" => return Ok(Request::Describe),
            _ => options.read(&word, &mut words)?,
        }
    }
    options.into_request()
}

impl Options {
    fn new() -> Self {
        Self {
            sources: vec![],
            sizes: vec![],
            output: None,
            info: false,
            format: None,
            spec: Spec::default(),
        }
    }

    fn read(&mut self, word: &str, words: &mut Words) -> Result<(), String> {
        match word {
            "--info" => self.info = true,
            "--enlarge" => self.spec.enlarge = true,
            "--size" => self.sizes.push(size(&words.value(word)?)?),
            "--fit" => self.spec.fit = fit(&words.value(word)?)?,
            "--focus" => self.spec.focus = focus(&words.value(word)?)?,
            "--background" => self.spec.background = color(&words.value(word)?)?,
            "--format" => self.format = Some(words.value(word)?),
            "-q" | "--quality" => {
                self.spec.encoding.quality = Some(quality(&words.value(word)?)?);
            }
            "--set" => self.spec.settings.push(setting(&words.value(word)?)?),
            "-o" | "--output" => self.output = Some(words.value(word)?),
            _ => return Err(format!("unknown option: {word}; try --help")),
        }
        words.expect_no_value(word)
    }

    fn into_request(self) -> Result<Request, String> {
        let source = match <[String; 1]>::try_from(self.sources) {
            Ok([source]) => source,
            Err(sources) if sources.is_empty() => {
                return Err("no image is named; try --help".into());
            }
            Err(sources) => {
                return Err(format!("one image at a time, not {}", sources.len()));
            }
        };
        if self.info {
            return Ok(Request::Info { source });
        }
        let output = self.output.unwrap_or_else(|| naming::STANDARD.into());
        if self.sizes.is_empty() {
            return Err("no size is given: --size 200x200".into());
        }
        if self.sizes.len() > 1 && !naming::tells_sizes_apart(&output) {
            return Err(format!(
                "{} thumbnails would all be {output}; put {{size}} in the name: -o \
                 thumb-{{size}}.{{ext}}",
                self.sizes.len()
            ));
        }
        let media_type = match self.format {
            Some(format) => Some(naming::media_type(&format)),
            None => naming::media_type_of_name(&output),
        };
        let specs = self.sizes.into_iter().map(|bounds| Spec {
            bounds,
            ..self.spec.clone()
        });
        let mut specs: Vec<Spec> = specs.collect();
        for spec in &mut specs {
            spec.encoding.media_type.clone_from(&media_type);
        }
        Ok(Request::Make(Job {
            source,
            specs,
            output,
        }))
    }
}

/// The words of a command. `--option=value` counts as two, and after `--` there
/// are no options.
struct Words<'a> {
    rest: std::slice::Iter<'a, String>,
    attached: Option<String>,
    only_operands: bool,
}

impl<'a> Words<'a> {
    fn new(words: &'a [String]) -> Self {
        Self {
            rest: words.iter(),
            attached: None,
            only_operands: false,
        }
    }

    fn next_word(&mut self) -> Option<String> {
        let word = self.rest.next()?;
        if self.only_operands {
            return Some(word.clone());
        }
        if word == "--" {
            self.only_operands = true;
            return self.rest.next().cloned();
        }
        if let Some((option, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
            self.attached = Some(value.into());
            return Some(option.into());
        }
        Some(word.clone())
    }

    fn is_operand(&self, word: &str) -> bool {
        self.only_operands || word == naming::STANDARD || !word.starts_with('-')
    }

    fn value(&mut self, option: &str) -> Result<String, String> {
        self.attached
            .take()
            .or_else(|| self.rest.next().cloned())
            .ok_or_else(|| format!("{option} needs a value; try --help"))
    }

    fn expect_no_value(&self, option: &str) -> Result<(), String> {
        match &self.attached {
            Some(value) => Err(format!("{option} takes no value: {value}")),
            None => Ok(()),
        }
    }
}

fn size(text: &str) -> Result<Bounds, String> {
    let wrong = || format!("a size is WxH, Wx or xH in pixels, not: {text}");
    let side = |side: &str| match side {
        "" => Ok(None),
        side => side.parse().map(Some).map_err(|_| wrong()),
    };
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    Ok(Bounds {
        width: side(width)?,
        height: side(height)?,
    })
}

fn fit(text: &str) -> Result<Fit, String> {
    match text {
        "inside" => Ok(Fit::Inside),
        "outside" => Ok(Fit::Outside),
        "cover" => Ok(Fit::Cover),
        "contain" => Ok(Fit::Contain),
        "fill" => Ok(Fit::Fill),
        _ => Err(format!(
            "a fit is inside, outside, cover, contain or fill, not: {text}"
        )),
    }
}

fn focus(text: &str) -> Result<Focus, String> {
    match text {
        "center" => return Ok(Focus::Center),
        "salient" => return Ok(Focus::Salient),
        _ => {}
    }
    let point = text.split_once(',').and_then(|(x, y)| {
        Some(Point {
            x: x.trim().parse().ok()?,
            y: y.trim().parse().ok()?,
        })
    });
    point.map(Focus::At).ok_or_else(|| {
        format!("a focus is center, salient or a point such as 0.5,0.25, not: {text}")
    })
}

fn quality(text: &str) -> Result<u8, String> {
    text.parse()
        .map_err(|_| format!("a quality is a number from 1 to 100, not: {text}"))
}

fn setting(text: &str) -> Result<Setting, String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("a setting is name=value, not: {text}"))?;
    Ok(Setting {
        name: name.into(),
        value: value.into(),
    })
}

fn color(text: &str) -> Result<Color, String> {
    match text {
        "white" => return Ok(WHITE),
        "black" => {
            return Ok(Color {
                red: 0,
                green: 0,
                blue: 0,
                ..WHITE
            });
        }
        "transparent" => return Ok(Color { alpha: 0, ..WHITE }),
        _ => {}
    }
    hexadecimal(text).ok_or_else(|| {
        format!("a color is white, black, transparent, #rrggbb or #rrggbbaa, not: {text}")
    })
}

fn hexadecimal(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#')?;
    if !matches!(digits.len(), 6 | 8) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    let opaque = if digits.len() == 6 {
        (number << 8) | 0xff
    } else {
        number
    };
    let [red, green, blue, alpha] = opaque.to_be_bytes();
    Some(Color {
        red,
        green,
        blue,
        alpha,
    })
}
