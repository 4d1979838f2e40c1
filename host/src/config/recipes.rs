//! The recipes that variables make, alone or together with a file.

use super::file::{File, Given};
use super::read::Reader;
use super::variables;
use crate::manifest::{ManifestName, Manifests};
use crate::naming::Naming;
use crate::preset::Preset;
use crate::recipe::{Recipe, Recipes};

/// The recipes of `file`, or those of variables alone, and what variables add to a file.
pub(super) fn recipes(reader: &mut Reader<'_>, file: Option<&File>) -> (Recipes, Given) {
    if file.is_none() && reader.text(&variables::THUMBNAILS_BUCKET).is_none() {
        reader.lacks(
            &variables::THUMBNAILS_BUCKET,
            "thumbnails need a place to go",
        );
    }
    let variables = Variables::read(reader);
    let given = variables.beside_a_file();
    let recipes = match file {
        Some(file) => {
            let (recipes, mistakes) = file.recipes(&given);
            reader.in_file(mistakes);
            recipes
        }
        None => variables.recipes(reader),
    };
    (recipes, given)
}

/// Settings that variables add to a file.
#[cfg(feature = "cli")]
pub(super) fn given(reader: &mut Reader<'_>) -> Given {
    Variables::read(reader).beside_a_file()
}

/// The variables about thumbnails.
struct Variables {
    bucket: Option<String>,
    own: Option<String>,
    naming: Option<Naming>,
    presets: Option<Vec<Preset>>,
    manifests: Option<bool>,
    manifest_name: Option<String>,
    cache_control: Option<String>,
}

impl Variables {
    fn read(reader: &mut Reader<'_>) -> Self {
        let naming = reader.parsed(&variables::THUMBNAIL_NAME, "a template");
        let presets = presets(reader);
        let are_wanted = reader.choice(&variables::MANIFESTS);
        let of_rejected = reader.choice(&variables::REJECTED_MANIFESTS);
        Self {
            bucket: reader.text(&variables::THUMBNAILS_BUCKET),
            own: reader.text(&variables::SOURCE_BUCKET),
            naming: reader.text(&variables::THUMBNAIL_NAME).map(|_| naming),
            presets,
            manifests: are_wanted.then_some(of_rejected),
            manifest_name: reader.text(&variables::MANIFEST_NAME),
            cache_control: reader.text(&variables::CACHE_CONTROL),
        }
    }

    /// Settings that they add to a file. Templates of deployments set each variable, so one with its
    /// default says nothing against the file.
    fn beside_a_file(&self) -> Given {
        let name = self.manifest_name.as_deref();
        let defaults = Preset::defaults();
        let is_default = |header: &String| *header == variables::CACHE_CONTROL.default.to_string();
        Given {
            presets: self.presets.clone().filter(|presets| *presets != defaults),
            bucket: self.bucket.clone(),
            is_only_bucket: false,
            naming: self
                .naming
                .clone()
                .filter(|naming| *naming != Naming::default()),
            manifests: self.manifests,
            manifest_name: name.and_then(|name| name.parse().ok()),
            cache_control: self.cache_control.clone().filter(|it| !is_default(it)),
            unset_cache_control: Some(variables::CACHE_CONTROL.default.to_string()),
            own: self.own.clone(),
        }
    }

    /// The one recipe that they are by themselves.
    fn recipes(self, reader: &mut Reader<'_>) -> Recipes {
        let bucket = self.bucket.unwrap_or_default();
        let naming = self.naming.unwrap_or_default();
        let same = self.own.is_some_and(|source| source == bucket);
        if same && !naming.prefix().ends_with('/') {
            reader.mistake(
                &variables::THUMBNAIL_NAME,
                &naming.to_string(),
                "a template that begins with a folder, such as thumbnails/{key}/{preset}.{ext} \
                 (thumbnails share a bucket with their sources),",
            );
        }
        let presets = self.presets.unwrap_or_else(|| Preset::defaults().into());
        let chosen = self.manifest_name.as_deref();
        let default = Recipe {
            manifests: manifests(reader, &naming, &presets, self.manifests, chosen),
            cache_control: Some(
                self.cache_control
                    .unwrap_or_else(|| variables::CACHE_CONTROL.default.to_string()),
            ),
            presets,
            bucket,
            naming,
            ..Recipe::default()
        };
        Recipes {
            rules: Vec::new(),
            default,
        }
    }
}

/// Manifests, if they are asked for. A name that is written down is checked all the same.
fn manifests(
    reader: &mut Reader<'_>,
    naming: &Naming,
    presets: &[Preset],
    of_rejected: Option<bool>,
    chosen: Option<&str>,
) -> Option<Manifests> {
    let name = match chosen {
        Some(text) => text.parse(),
        None => Ok(ManifestName::beside(naming)),
    };
    let checked = name.and_then(|name| name.check(naming, presets).map(|()| name));
    match checked {
        Ok(name) => of_rejected.map(|of_rejected| Manifests { name, of_rejected }),
        Err(error) if of_rejected.is_some() || chosen.is_some() => {
            let beside = ManifestName::beside(naming).to_string();
            let expected = format!("the name of a manifest ({error})");
            reader.mistake(
                &variables::MANIFEST_NAME,
                chosen.unwrap_or(&beside),
                &expected,
            );
            None
        }
        Err(_) => None,
    }
}

/// The presets that are configured.
fn presets(reader: &mut Reader<'_>) -> Option<Vec<Preset>> {
    let text = reader.text(&variables::PRESETS)?;
    let mut presets: Vec<Preset> = Vec::new();
    for part in split_presets(&text) {
        match part.parse::<Preset>() {
            Ok(preset) if presets.iter().any(|known| known.name() == preset.name()) => {
                reader.mistake(&variables::PRESETS, part, "a name that no other preset has");
            }
            Ok(preset) => presets.push(preset),
            Err(error) => reader.mistake(&variables::PRESETS, part, &format!("a preset ({error})")),
        }
    }
    if split_presets(&text).next().is_none() {
        reader.mistake(
            &variables::PRESETS,
            &text,
            "a preset, such as small=200x200,",
        );
    }
    Some(presets)
}

/// The presets in `text`, divided by white space; a semicolon at the end of one
/// is taken off, because people write one there.
fn split_presets(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .map(|part| part.trim_end_matches(';'))
        .filter(|part| !part.is_empty())
}
