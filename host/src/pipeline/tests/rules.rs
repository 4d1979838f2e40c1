//! Sources that get different thumbnails by their names.

use super::*;
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
            assert!(
                world
                    .pipeline()
                    .is_up_to_date(&event.location)
                    .await
                    .unwrap()
            );
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
        assert!(
            !world
                .pipeline()
                .is_up_to_date(&event.location)
                .await
                .unwrap()
        );
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
