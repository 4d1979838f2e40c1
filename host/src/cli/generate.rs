//! `thimble generate`: thumbnails of files and of folders, into a folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::excluding::Excluding;
use super::keys::{Gathered, Keyed, gather};
use super::not_images::{NotImages, is_no_image};
use super::options::{ConfigFile, EngineOptions};
use super::reasons::Reasons;
use super::setup;
use super::source;
use super::voice::{Voice, unless_unheard};
use super::{Failure, Outcome, parallel, waiting};
use crate::config::file::Given;
use crate::contract::{Limits, Output};
use crate::engines::try_presets;
use crate::error::{Error, with_causes};
use crate::object::Location;
use crate::preset::Preset;
use crate::recipe::{Recipe, Recipes};
use crate::text::{plural, printable};
use crate::wasm::SandboxedEngine;

mod report;
mod stream;
mod write;

pub(super) use report::{Failed, Image, ReadError};
use report::{Made, Written};
use write::WriteError;

/// Delay before a progress bar is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// The folder of thumbnails, as a bucket.
const FOLDER: &str = "thumbnails";

const EXAMPLES: &str = "\
Examples:
  thimble generate photo.jpg --preset small=200x200 -o thumbs
  thimble generate *.jpg --preset card=600x400,cover,webp,q80 --preset wide=1280x -o thumbs
  thimble generate Pictures -o thumbs      all images in a folder and its folders
  thimble generate - --preset small=200x200 -o - < photo.jpg > small.jpg

A preset is name=WxH[,fit][,focus][,format][,qN][,bg=#rrggbb][,enlarge][,setting=value]...
with a fit of inside (default), outside, cover, contain or fill, a focus of center (default),
salient or at(x;y), and a format of jpeg, png, webp, gif, thumbhash, blurhash or color (default:
that of the image). Without a preset there are three: 75x75, 125x125 and 1280x720.

The thumbnail of photo.jpg is thumbs/photo.jpg/small.jpg: the whole name is a folder, so that
photo.jpg and photo.png never meet. Images of a folder keep their paths below it, and what is named
together those below the folder that it shares: a/cat.jpg becomes thumbs/cat.jpg/small.jpg, and
with b/cat.jpg beside it thumbs/a/cat.jpg/small.jpg.

What is no image in a folder (sidecars, videos, notes) is counted and no failure. The status is 1 if
an image failed, or if there was no image at all.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Generate {
    /// The images, and folders of them; hidden files, litter of other programs and
    /// links in folders are left alone; - is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    excluding: Excluding,

    /// A thumbnail to make of each image; can be given several times [default: 75x75,
    /// 125x125 and 1280x720]
    #[arg(short, long = "preset", value_name = "NAME=WxH[,...]")]
    presets: Vec<String>,

    /// The folder to write to, which is made if it is missing; - is the standard
    /// output, for one thumbnail
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// One line of JSON for each file, with a `status` of done, failed or not-an-image;
    /// `older` has thumbnails of the same names in other formats
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    config: ConfigFile,

    #[command(flatten)]
    engine: EngineOptions,
}

/// The part of the work that is the same for each image.
struct Job<'a> {
    engine: SandboxedEngine,
    limits: Limits,
    max_bytes: u64,
    recipes: Recipes,
    output: &'a Path,
}

/// Failure of one image.
#[derive(Debug, thiserror::Error)]
enum ImageError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(WriteError),
    #[error(transparent)]
    Name(Error),
}

impl Generate {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let recipes = self.recipes()?;
        let voice = voice.with_tone(false, self.json);
        let mut gathered = gather(&self.files, &self.excluding, &self.output)?;
        self.excluding.tell(&voice)?;
        let all = gathered.files.len();
        gathered
            .files
            .retain(|file| recipe(&recipes, file).is_some());
        let excluded = all - gathered.files.len();
        if self.streams() {
            let first = gathered.files.first();
            let presets = first.and_then(|file| recipe(&recipes, file));
            let presets = presets.map_or(0, |recipe| recipe.presets.len());
            self.check_stream(&gathered, presets)?;
        } else {
            write::prepare(&self.output, &gathered.shared)?;
        }
        let job = Job {
            engine: waiting::until(&voice, "loading the engine", || self.engine.load())?,
            limits: self.engine.limits(),
            max_bytes: self.engine.max_bytes(),
            recipes,
            output: &self.output,
        };
        // Nobody should have to wait for the first image to learn that a preset is
        // asked for wrongly.
        for set in job.recipes.sets() {
            try_presets(&job.engine, &set, &job.limits).map_err(setup::refused)?;
        }
        if let (true, [file]) = (self.streams(), &gathered.files[..])
            && let Some(recipe) = recipe(&job.recipes, file)
        {
            let Job {
                engine,
                limits,
                max_bytes,
                ..
            } = &job;
            let specs = recipe.specs();
            return stream::make(engine, &file.path, *max_bytes, &specs, limits, &voice);
        }
        if excluded > 0 && voice.speaks() {
            let images = plural(excluded as u64, "image");
            voice.note(format_args!(
                "{images} left alone by the configuration file"
            ))?;
        }
        self.make_all(&job, &gathered, &voice)
    }

    /// The thumbnails of each image: those of the file, unless options say otherwise.
    fn recipes(&self) -> Result<Recipes, Failure> {
        let presets = presets(&self.presets)?;
        let given = Given {
            presets: presets.clone(),
            bucket: Some(FOLDER.to_owned()),
            is_only_bucket: true,
            ..Given::default()
        };
        let of_file = self.config.recipes(&given)?;
        let of_options = || presets.unwrap_or_else(|| Preset::defaults().into());
        Ok(of_file.unwrap_or_else(|| Recipes::from(of_options())))
    }

    fn make_all(
        &self,
        job: &Job<'_>,
        gathered: &Gathered,
        voice: &Voice,
    ) -> Result<Outcome, Failure> {
        let files = &gathered.files;
        for (path, error) in &gathered.unread {
            voice.note(format_args!("{path}: it cannot be read: {error}"))?;
        }
        let bar = progress(files.len(), voice);
        let mut failed = 0;
        let mut not_images = NotImages::default();
        let mut reasons = Reasons::default();
        let mut older = Older::default();
        let work = |file: &Keyed| job.make(file);
        parallel::for_each(files, work, |file, result| {
            let is_none = file.is_no_image(&result);
            if is_none {
                not_images.add(&file.path);
            }
            failed += usize::from(result.is_err() && !is_none);
            older.add(&result);
            bar.inc(1);
            if bar.elapsed() > PATIENCE && voice.is_watched() && bar.is_hidden() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            let reasons = (!is_none).then_some(&mut reasons);
            unless_unheard(tell(&file.path, &result, reasons, voice))
        })?;
        bar.finish_and_clear();
        let images = files.len() - not_images.total();
        if images == 0 && gathered.unread.is_empty() {
            voice.note("there is no image in what was named; name images, or a folder of them")?;
        } else if files.len() != 1 && !self.json {
            let made = images - failed;
            let all = plural(images as u64, "image");
            voice.note(format_args!("{made} of {all} done, {failed} failed"))?;
        }
        if not_images.total() > 0 && voice.speaks() {
            voice.note(&not_images)?;
        }
        if !gathered.left_alone.is_empty() && voice.speaks() {
            voice.note(&gathered.left_alone)?;
        }
        if voice.speaks() {
            older.tell(voice)?;
        }
        let is_whole = failed == 0 && gathered.unread.is_empty() && images > 0;
        Ok(if is_whole {
            Outcome::Done
        } else {
            Outcome::Incomplete
        })
    }
}

/// Thumbnails by presets of the same names, in other formats: somebody may want both, so
/// they stay, and are told.
#[derive(Debug, Default)]
struct Older {
    count: u64,
    first: Option<PathBuf>,
}

impl Older {
    fn add(&mut self, result: &Result<Made, ImageError>) {
        let made = result.iter().flat_map(|made| &made.thumbnails);
        for path in made.flat_map(|written| &written.older) {
            self.count += 1;
            self.first.get_or_insert_with(|| path.clone());
        }
    }

    fn tell(&self, voice: &Voice) -> std::io::Result<()> {
        let Some(first) = &self.first else {
            return Ok(());
        };
        let thumbnails = plural(self.count, "older thumbnail");
        let example = if self.count == 1 { "" } else { "for example " };
        voice.note(format_args!(
            "note: {thumbnails} by presets of the same names, in other formats, left as they were: \
             {example}{}",
            printable(first.display())
        ))
    }
}

/// Report of one file; what is no image has no `reasons`.
fn tell(
    path: &Path,
    result: &Result<Made, ImageError>,
    reasons: Option<&mut Reasons>,
    voice: &Voice,
) -> std::io::Result<()> {
    let file = printable(path.display());
    match result {
        Ok(made) if voice.is_json() => voice.say_json(made),
        Ok(made) => {
            for warning in &made.warnings {
                voice.note(format_args!("{file}: warning: {warning}"))?;
            }
            made.thumbnails
                .iter()
                .try_for_each(|written| voice.say(written))
        }
        Err(error) if voice.is_json() => {
            let failed = Failed::new(path, error.kind(), with_causes(error));
            voice.say_json(&match reasons {
                None => failed.of_no_image(),
                Some(_) => failed,
            })
        }
        Err(error) => {
            let Some(reasons) = reasons else {
                return Ok(());
            };
            let reason = with_causes(error);
            voice.note(format_args!("{file}: {}", reasons.next(&reason)))
        }
    }
}

impl Keyed {
    /// True if nothing was made of what a folder has beside its images.
    fn is_no_image(&self, result: &Result<Made, ImageError>) -> bool {
        self.found
            && matches!(result, Err(ImageError::Read(error)) if error.is_of_any_content())
            && is_no_image(&self.path)
    }
}

impl Job<'_> {
    fn make(&self, file: &Keyed) -> Result<Made, ImageError> {
        let key = file.key.as_deref().ok_or_else(ImageError::not_text)?;
        let recipe = recipe(&self.recipes, file).ok_or_else(ImageError::not_text)?;
        let source = source::read(&file.path, self.max_bytes).map_err(ReadError::from)?;
        let output = self
            .engine
            .generate_blocking(&source, &recipe.specs(), &self.limits, None)
            .map_err(ReadError::from)?;
        let thumbnails = self.write(key, recipe, &output)?;
        Ok(Made::new(
            &file.path,
            output,
            thumbnails,
            self.engine.identity(),
        ))
    }

    fn write(
        &self,
        key: &str,
        recipe: &Recipe,
        output: &Output,
    ) -> Result<Vec<Written>, WriteError> {
        let thumbnails = recipe.presets.iter().zip(&output.thumbnails);
        thumbnails
            .map(|(preset, thumbnail)| {
                let name = recipe.naming.key(key, preset.name(), &thumbnail.media_type);
                let path = self.output.join(&name);
                write::whole(&path, &thumbnail.data)?;
                let others = recipe
                    .naming
                    .other_formats(&name, &self.engine.info().encodes);
                let others = others.map(|other| self.output.join(other));
                let older = others.filter(|other| other.is_file()).collect();
                Ok(Written::new(preset.name(), path, thumbnail, older))
            })
            .collect()
    }
}

impl ImageError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Read(error) => error.kind(),
            Self::Write(_) => "unwritable",
            Self::Name(error) => error.verdict().kind,
        }
    }

    fn not_text() -> Self {
        Self::Name(Error::Unnameable(
            "its name is not text; rename it".to_owned(),
        ))
    }
}

impl From<WriteError> for ImageError {
    fn from(error: WriteError) -> Self {
        if error.is_of_name() {
            Self::Name(Error::Unnameable(with_causes(&error)))
        } else {
            Self::Write(error)
        }
    }
}

/// The recipe of a file, which lies in no bucket.
fn recipe<'a>(recipes: &'a Recipes, file: &Keyed) -> Option<&'a Recipe> {
    let key = file.key.as_deref().unwrap_or_default();
    recipes.of(&Location::new("", key))
}

/// Reads the presets, and shows all mistakes at once, each beneath its preset.
fn presets(lines: &[String]) -> Result<Option<Vec<Preset>>, Failure> {
    if lines.is_empty() {
        return Ok(None);
    }
    let mut presets = Vec::new();
    let mut mistakes = Vec::new();
    for line in lines {
        match line.parse::<Preset>() {
            Ok(preset) => presets.push(preset),
            Err(error) => {
                let pointer = error.pointer().replace('\n', "\n  ");
                mistakes.push(format!("{error}\n  {pointer}"));
            }
        }
    }
    let mut names = BTreeSet::new();
    for preset in &presets {
        if !names.insert(preset.name()) {
            mistakes.push(format!("two presets have one name: {}", preset.name()));
        }
    }
    if mistakes.is_empty() {
        Ok(Some(presets))
    } else {
        Err(Failure::Usage(mistakes.join("\n")))
    }
}

/// A bar that stays out of sight at first.
fn progress(images: usize, voice: &Voice) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(images as u64), ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} images, {eta} left");
    voice.show(match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    })
}
