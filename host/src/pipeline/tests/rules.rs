//! Sources that get different thumbnails by their names.

use super::*;
use crate::ports::{Attributes, NewObject, PutOptions, Storage};
use crate::recipe::copies::{Copies, OURS};
use crate::recipe::{InForce, Recipe, Recipes, Rule, Sources};

/// A world whose avatars have one square face, whose texts have nothing, and whose other
/// sources have what sources of a world have.
fn world() -> World {
    let mut world = World::new();
    let default = world.settings.recipes.default.clone();
    let rule = |prefix: &str, suffix: &str, recipe| Rule {
        name: None,
        sources: Sources {
            prefixes: vec![prefix.to_owned()],
            suffixes: vec![suffix.to_owned()],
            ..Sources::default()
        },
        recipe,
    };
    let faces = Recipe {
        presets: vec!["face=96x96,cover".parse().unwrap()],
        naming: "faces/{preset}/{key}.{ext}".parse().unwrap(),
        metadata: [("team".to_owned(), "web".to_owned())].into(),
        ..default.clone()
    };
    world.settings.recipes = Recipes {
        rules: vec![
            rule("", ".txt", Recipe::default()),
            rule("avatars/", "", faces),
        ],
        default,
    };
    world
}

const SOURCES: [(&str, usize); 4] = [
    ("avatars/ann", 1),
    ("beach", 2),
    ("notes.TXT", 0),
    ("avatars/list.txt", 0),
];

#[tokio::test]
async fn each_source_gets_what_its_rule_says() {
    for world in [world(), world().with_manifests()] {
        let pipeline = world.pipeline();
        for (key, count) in SOURCES {
            let event = world.write(key, "png cat").await;
            let outcome = pipeline.process(&event, None).await.unwrap();
            assert_eq!(outcome.written.len(), count, "{key}");
            let excluded = (count == 0).then_some(Skipped::Excluded);
            assert_eq!(outcome.skipped, excluded, "{key}");
        }
        let made = world.thumbnails().await;
        assert_eq!(made, world.expected().await);
        let keys: Vec<&str> = made.keys().map(String::as_str).collect();
        let expected = [
            "beach/small.png",
            "beach/web.webp",
            "faces/face/avatars/ann.png",
        ];
        assert_eq!(keys, expected);
        assert_eq!(world.lies().await, [""; 0]);
        let face = Location::new(THUMBNAILS, "faces/face/avatars/ann.png");
        let face = world.store.head(&face).await.unwrap();
        assert_eq!(face.metadata.get("team").map(String::as_str), Some("web"));
    }
}

#[tokio::test]
async fn what_is_there_is_judged_by_the_rule_of_its_source() {
    for mut world in [world(), world().with_manifests()] {
        world.settings.skip_existing = true;
        for (key, count) in SOURCES {
            let event = world.write(key, "png cat").await;
            world.pipeline().process(&event, None).await.unwrap();
            let again = world.pipeline().process(&event, None).await.unwrap();
            let skipped = match count {
                0 => Skipped::Excluded,
                _ => Skipped::UpToDate,
            };
            assert_eq!(again.skipped, Some(skipped), "{key}");
            assert!(world.is_up_to_date(&event.location).await);
        }
        // Another preset, and other metadata, for some of them.
        for change in [
            |recipe: &mut Recipe| recipe.presets = vec!["face=90x90,cover".parse().unwrap()],
            |recipe: &mut Recipe| recipe.metadata.clear(),
        ] {
            change(&mut world.settings.recipes.rules[1].recipe);
            let pipeline = world.pipeline();
            for (key, is_there) in [("avatars/ann", false), ("beach", true)] {
                let location = Location::new(IMAGES, key);
                let told = pipeline.is_up_to_date(&location).await.unwrap();
                assert_eq!(told, is_there, "{key}");
            }
            let event = world.write("avatars/ann", "png cat").await;
            pipeline.process(&event, None).await.unwrap();
            assert!(pipeline.is_up_to_date(&event.location).await.unwrap());
        }
    }
}

#[tokio::test]
async fn another_recipe_is_told_from_another_engine() {
    for mut world in [World::new(), World::new().with_manifests()] {
        let event = world.write("cat", "png cat").await;
        world.pipeline().process(&event, None).await.unwrap();
        let changed = async |world: &World| {
            let pipeline = world.pipeline().taking_any_engine();
            !pipeline.is_up_to_date(&event.location).await.unwrap()
        };
        assert!(!changed(&world).await, "nothing has changed");
        world.engine = Arc::new(crate::testing::StampEngine::new("2.0.0"));
        assert!(!changed(&world).await, "another engine is no other recipe");
        assert!(!world.is_up_to_date(&event.location).await);
        let before = world.settings.recipes.clone();
        for change in [
            |recipe: &mut Recipe| recipe.presets = vec!["small=80x80".parse().unwrap()],
            |recipe: &mut Recipe| recipe.naming = "{key}/x-{preset}.{ext}".parse().unwrap(),
            |recipe: &mut Recipe| recipe.cache_control = Some("no-store".to_owned()),
            |recipe: &mut Recipe| {
                recipe.metadata.insert("team".to_owned(), "web".to_owned());
            },
        ] {
            change(&mut world.settings.recipes.default);
            assert!(
                changed(&world).await,
                "{:?}",
                world.settings.recipes.default
            );
            world.pipeline().process(&event, None).await.unwrap();
            assert!(!changed(&world).await, "it was made again");
            world.settings.recipes = before.clone();
            world.pipeline().process(&event, None).await.unwrap();
        }
        let location = Location::new(THUMBNAILS, "cat/small.png");
        world.store.delete(&location).await.unwrap();
        assert!(changed(&world).await, "a thumbnail is missing");
    }
}

#[tokio::test]
async fn thumbnails_go_with_their_source_by_the_rule_of_it() {
    for world in [world(), world().with_manifests()] {
        for (key, _) in SOURCES {
            let event = world.write(key, "png cat").await;
            world.pipeline().process(&event, None).await.unwrap();
        }
        for (key, count) in SOURCES {
            let event = world.remove(key).await;
            let outcome = world.pipeline().process(&event, None).await.unwrap();
            assert_eq!(outcome.removed.len(), count, "{key}");
        }
        assert!(world.thumbnails().await.is_empty());
        assert!(world.manifests().await.is_empty());
    }
}

#[tokio::test]
async fn an_image_ends_with_the_recipes_that_it_began_with() {
    let world = world();
    let recipes = InForce::from(world.settings.recipes.clone());
    let event = world.write("beach", "png cat").await;
    let (others, in_force) = (
        Recipes::from(vec!["new=9x9".parse().unwrap()]),
        recipes.clone(),
    );
    let pipeline = world
        .meddled(deciding(move |call| {
            if call.verb == Verb::Get {
                in_force.put(others.clone());
            }
            Fault::None
        }))
        .by(recipes);
    pipeline.process(&event, None).await.unwrap();
    assert_eq!(world.thumbnails().await, world.expected().await);
}

/// A source that has everything that can be copied.
async fn laden(world: &World) -> ObjectEvent {
    let event = world.write("cat", "png cat").await;
    let pairs = |pairs: [(&str, &str); 3]| {
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    };
    let options = PutOptions {
        cache_control: Some("max-age=7".to_owned()),
        content_disposition: Some("attachment".to_owned()),
        content_language: Some("de".to_owned()),
        metadata: pairs([("author", "Ann"), ("camera", "X1"), ("engine", "a lie")]),
        tags: pairs([("project", "a b&c=d"), ("secret", "x"), ("team", "web")]),
        ..PutOptions::default()
    };
    let new = NewObject::new("png cat").with(options);
    world.store.put(&event.location, new).await.unwrap();
    event
}

#[tokio::test]
async fn thumbnails_have_what_is_named_of_their_source_and_nothing_else() {
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    for (headers, metadata, tags, expected) in [
        (
            names(&[]),
            names(&[]),
            names(&[]),
            ["no-cache", "", "", "", ""],
        ),
        (
            names(&["content-language"]),
            names(&["Author"]),
            names(&["project", "team"]),
            [
                "no-cache",
                "",
                "de",
                "author=Ann",
                "project=a b&c=d team=web",
            ],
        ),
        (
            names(&["*"]),
            names(&["*"]),
            names(&["*"]),
            [
                "max-age=7",
                "attachment",
                "de",
                "author=Ann camera=X1",
                "project=a b&c=d secret=x team=web",
            ],
        ),
    ] {
        let mut world = World::new().with_manifests();
        world.settings.skip_existing = true;
        let storage = Storage {
            acl: Some("public-read".to_owned()),
            class: Some("STANDARD_IA".to_owned()),
            kms_key: Some("arn:aws:kms:eu-west-1:000000000000:key/a".to_owned()),
        };
        let recipe = &mut world.settings.recipes.default;
        recipe.storage = storage.clone();
        recipe.copies = Copies {
            headers,
            metadata,
            tags,
        };
        let event = laden(&world).await;
        world.pipeline().process(&event, None).await.unwrap();
        let location = Location::new(THUMBNAILS, "cat/small.png");
        let found = world.store.options(&location).unwrap();
        let text = |text: Option<String>| text.unwrap_or_default();
        let pairs = |pairs: &Attributes| {
            let pairs = pairs
                .iter()
                .filter(|(name, _)| !OURS.contains(&name.as_str()));
            let pairs: Vec<String> = pairs
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            pairs.join(" ")
        };
        assert_ne!(found.metadata["engine"], "a lie");
        assert_eq!(found.storage, storage);
        let told = [
            text(found.cache_control),
            text(found.content_disposition),
            text(found.content_language),
            pairs(&found.metadata),
            pairs(&found.tags),
        ];
        assert_eq!(told, expected);
        let again = world.pipeline().process(&event, None).await.unwrap();
        assert_eq!(again.skipped, Some(Skipped::UpToDate));
        let manifest = world
            .store
            .options(&Location::new(THUMBNAILS, "cat/manifest.json"));
        let manifest = manifest.unwrap();
        assert_eq!(manifest.tags.len(), 0, "a manifest is no thumbnail");
        let as_thumbnails = (manifest.storage.acl, manifest.storage.kms_key);
        assert_eq!(as_thumbnails, (storage.acl, storage.kms_key));
    }
}

#[tokio::test]
async fn tags_are_asked_for_only_where_some_are_copied_and_no_image_goes_without_them() {
    let mut world = World::new();
    let event = laden(&world).await;
    let refused = || {
        deciding(|call| match call.verb {
            Verb::Tags => Fault::Refused,
            _ => Fault::None,
        })
    };
    world
        .meddled(refused())
        .process(&event, None)
        .await
        .unwrap();
    world.settings.recipes.default.copies.tags = vec!["team".to_owned()];
    let error = world
        .meddled(refused())
        .process(&event, None)
        .await
        .unwrap_err();
    assert_eq!(error.verdict().disposition, Disposition::Retry);
}

#[tokio::test]
async fn metadata_that_has_no_room_is_left_behind_with_a_warning() {
    let mut world = World::new();
    world.settings.recipes.default.copies.metadata = vec!["*".to_owned()];
    let event = laden(&world).await;
    let options = PutOptions {
        metadata: [("note".to_owned(), "x".repeat(1_100))].into(),
        ..PutOptions::default()
    };
    let new = NewObject::new("png cat").with(options);
    world.store.put(&event.location, new).await.unwrap();
    let outcome = world.pipeline().process(&event, None).await.unwrap();
    assert!(
        outcome.warnings[0].contains("it has 1104 bytes"),
        "{outcome:?}"
    );
}
