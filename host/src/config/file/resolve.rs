//! The recipes that a file makes together with variables.

use super::lines::{Output, RuleLines};
use super::{File, Mistake};
use crate::manifest::{ManifestName, Manifests};
use crate::naming::Naming;
use crate::preset::Preset;
use crate::recipe::{Recipe, Recipes, Rule};

/// Settings from outside of the file. What variables and options set holds for every
/// source, whatever the file says; only the bucket is for those whose rule names none.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Presets for every source that has some.
    pub presets: Option<Vec<Preset>>,
    /// The bucket of thumbnails for which the file names none.
    pub bucket: Option<String>,
    /// True if it is the only one there is, whatever the file says.
    pub is_only_bucket: bool,
    /// Names of thumbnails.
    pub naming: Option<Naming>,
    /// True for manifests of rejected sources too; `None` for no manifests.
    pub manifests: Option<bool>,
    /// Names of manifests.
    pub manifest_name: Option<ManifestName>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Cache-Control` where nobody says anything of it.
    pub unset_cache_control: Option<String>,
    /// The bucket of the sources of which no rule says in which they are, if that is known.
    pub own: Option<String>,
}

impl File {
    /// The recipes that it makes with what is `given`, and every mistake.
    pub fn recipes(&self, given: &Given) -> (Recipes, Vec<Mistake>) {
        let mut mistakes = self.mistakes.clone();
        let lines = &self.lines;
        let all = || match &lines.presets {
            Some(presets) => presets.clone(),
            None => Preset::defaults().into(),
        };
        let default = Output {
            presets: Some(lines.default.presets.clone().unwrap_or_else(all)),
            ..lines.default.clone()
        };
        let rules = lines.rules.iter().map(|rule| Rule {
            name: rule.name.clone(),
            sources: rule.sources.clone(),
            recipe: self.recipe(&rule.output, &default, given, &mut mistakes),
        });
        let rules = rules.collect();
        let mut recipes = Recipes {
            rules,
            default: self.recipe(&default, &Output::default(), given, &mut mistakes),
        };
        if default.is_unsound {
            recipes.default.presets.clear();
        }
        self.unplaced(&recipes, &mut mistakes);
        // Nothing can be said of a rule with a mistake, nor of one about a bucket elsewhere.
        let is_left_out = |rule: &RuleLines| {
            let buckets = &rule.sources.buckets;
            let is_own = |own: &String| buckets.contains(own);
            let is_here = buckets.is_empty() || given.own.as_ref().is_some_and(is_own);
            rule.output.is_unsound || (given.is_only_bucket && !is_here)
        };
        let rules = lines.rules.iter().enumerate();
        let left_out: Vec<usize> = rules
            .filter(|(_, rule)| is_left_out(rule))
            .map(|(index, _)| index)
            .collect();
        for meeting in recipes.meetings(given.own.as_deref(), &left_out) {
            let output = meeting.rule.and_then(|index| lines.rules.get(index));
            let output = output.map_or(&lines.default, |rule| &rule.output);
            mistakes.push(self.mistake(output.place(meeting.setting), meeting.problem));
        }
        mistakes.sort_by_key(|mistake| mistake.place);
        mistakes.dedup();
        (recipes, mistakes)
    }

    fn recipe(
        &self,
        own: &Output,
        default: &Output,
        given: &Given,
        mistakes: &mut Vec<Mistake>,
    ) -> Recipe {
        let mut presets = own.presets.clone().or_else(|| default.presets.clone());
        // What makes none, makes none whatever the presets are.
        if let (Some(given), Some(chosen)) = (&given.presets, &mut presets)
            && !chosen.is_empty()
        {
            chosen.clone_from(given);
        }
        let bucket = own.bucket.clone().or_else(|| default.bucket.clone());
        let bucket = bucket.filter(|_| !given.is_only_bucket);
        let naming = given.naming.clone().or_else(|| own.naming.clone());
        let mut recipe = Recipe {
            presets: presets.unwrap_or_default(),
            bucket: bucket.or_else(|| given.bucket.clone()).unwrap_or_default(),
            naming: naming
                .or_else(|| default.naming.clone())
                .unwrap_or_default(),
            manifests: None,
            cache_control: given
                .cache_control
                .clone()
                .or_else(|| own.cache_control.clone())
                .or_else(|| default.cache_control.clone())
                .or_else(|| given.unset_cache_control.clone()),
            metadata: own
                .metadata
                .clone()
                .or_else(|| default.metadata.clone())
                .unwrap_or_default(),
            copies: own
                .copies
                .clone()
                .or_else(|| default.copies.clone())
                .unwrap_or_default(),
            storage: own
                .storage
                .clone()
                .or_else(|| default.storage.clone())
                .unwrap_or_default(),
        };
        if !recipe.presets.is_empty() && !own.is_unsound {
            recipe.manifests = self.manifests(own, default, given, &recipe, mistakes);
        }
        recipe
    }

    /// Manifests of a recipe. A name that is written down is checked all the same.
    fn manifests(
        &self,
        own: &Output,
        default: &Output,
        given: &Given,
        recipe: &Recipe,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Manifests> {
        // A rule with names of its own for thumbnails has manifests beside those.
        let inherited = default.manifest.as_ref().filter(|_| own.naming.is_none());
        let chosen = own.manifest.as_ref().or(inherited);
        let chosen = given.manifest_name.as_ref().or(chosen);
        let beside = || ManifestName::beside(&recipe.naming);
        let name = chosen.cloned().unwrap_or_else(beside);
        let checked = name.check(&recipe.naming, &recipe.presets);
        if let Err(error) = checked
            && (given.manifests.is_some() || chosen.is_some())
        {
            let place = own.place("manifest-name");
            let problem = format!("the manifest of a source would be called {name}: {error}");
            mistakes.push(self.mistake(place, problem));
        }
        let of_rejected = given.manifests?;
        Some(Manifests { name, of_rejected })
    }

    /// Recipes whose thumbnails have no place to go.
    fn unplaced(&self, recipes: &Recipes, mistakes: &mut Vec<Mistake>) {
        let rules = self.lines.rules.iter().map(|rule| &rule.output);
        for (output, recipe) in rules.chain([&self.lines.default]).zip(recipes.all()) {
            if recipe.bucket.is_empty() && !recipe.presets.is_empty() {
                let problem = "thumbnails need a place to go; set THUMBNAILS_BUCKET, or write \
                               thumbnails-bucket here or in [default]";
                mistakes.push(self.mistake(output.at, problem));
            }
        }
    }
}
