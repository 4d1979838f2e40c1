use super::*;
use crate::naming::Naming;
use crate::preset::Preset;
use crate::testing::environment::variables;

fn read(set: &[(&str, &str)]) -> Result<Config, Mistakes> {
    Config::read(variables(set))
}

#[test]
fn a_bucket_is_all_that_has_to_be_configured() {
    let config = read(&[("THUMBNAILS_BUCKET", "thumbnails"), ("PRESETS", "  ")]).unwrap();
    assert_eq!(config.settings.recipes.default.presets, Preset::defaults());
    assert_eq!(config.settings.recipes.default.naming, Naming::default());
    let DeadLetterPolicy {
        at_once,
        max_receive_count,
    } = config.dead_letter.policy;
    assert_eq!((at_once, max_receive_count), (false, None));
}

#[test]
fn every_mistake_is_told_at_once() {
    let mistakes = read(&[
        ("PRESETS", "small=10x10 small=20x20 large=0x"),
        ("THUMBNAIL_NAME", "{key}"),
        ("MAX_SIDE", "0"),
        ("MAX_PIXELS", "a lot"),
        ("SKIP_EXISTING", "true"),
        ("AWS_REQUEST_PAYER", "me"),
        ("PERMANENT_FAILURES", "dead-letter"),
    ])
    .unwrap_err();
    let variables: Vec<&str> = mistakes.0.iter().filter_map(Mistake::variable).collect();
    assert_eq!(
        variables,
        [
            "THUMBNAILS_BUCKET",
            "THUMBNAIL_NAME",
            "PRESETS",
            "PRESETS",
            "MAX_SIDE",
            "MAX_PIXELS",
            "SKIP_EXISTING",
            "AWS_REQUEST_PAYER",
            "DEAD_LETTER_QUEUE_URL",
        ]
    );
    let text = mistakes.to_string();
    assert!(text.contains("MAX_SIDE: a whole number from 1 to 4294967295 is expected, not: 0"));
    assert_eq!(text.lines().count(), 9);
}

#[test]
fn nobody_is_told_to_set_what_is_set() {
    for nonsense in [";", ",", "0", "x", "{key}", "\u{1b}[2J\n"] {
        let mut set: Vec<(&str, &str)> = VARIABLES
            .iter()
            .map(|variable| (variable.name, nonsense))
            .collect();
        set.push(("SOURCE_BUCKET", nonsense));
        let Err(mistakes) = read(&set) else {
            continue;
        };
        for mistake in mistakes.0 {
            let text = mistake.to_string();
            assert!(text.contains(" is expected, not: "), "{text}");
            assert!(!text.contains("set it"), "{text}");
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
    let told = |name, value| {
        let mistakes = read(&[("THUMBNAILS_BUCKET", "one"), (name, value)]);
        mistakes.unwrap_err().to_string()
    };
    let told = (
        told("PRESETS", ";"),
        told("THUMBNAIL_NAME", "{key}-{preset}.{ext}"),
    );
    assert!(
        told.0
            .contains("PRESETS: a preset, such as small=200x200, is expected, not: ;")
    );
    assert!(
        told.1.ends_with("is expected, not: {key}-{preset}.{ext}"),
        "{}",
        told.1
    );
    let keys = [("THUMBNAILS_BUCKET", "one"), ("ENGINE_KEYS", ", ,")];
    assert!(read(&keys).is_err(), "no key is no list of keys");
}

#[tokio::test]
async fn a_variable_says_more_than_the_file_unless_it_has_its_default() {
    let file = File::parse(
        "t",
        "[default]\npresets='a=1x'\ncache-control='max-age=1'\nthumbnail-name='t/{key}/{preset}'\n",
    );
    let read = |set: &[(&str, &str)]| {
        let set: std::collections::BTreeMap<_, _> = set.iter().copied().collect();
        let lookup = |name: &str| set.get(name).map(|value| (*value).to_owned());
        Config::with(lookup, Some((&file, Place::of("t"), Version::default())))
            .unwrap()
            .settings
            .recipes
            .default
    };
    let bucket = ("THUMBNAILS_BUCKET", "one");
    let of_file = read(&[bucket]);
    let presets = Preset::defaults()
        .map(|preset| preset.to_string())
        .join(" ");
    let defaults = [
        bucket,
        ("PRESETS", &*presets),
        ("CACHE_CONTROL", CACHE_CONTROL),
        ("THUMBNAIL_NAME", crate::naming::TEMPLATE),
    ];
    assert_eq!(read(&defaults), of_file, "as a template sets them");
    let others = read(&[
        bucket,
        ("PRESETS", "b=2x"),
        ("CACHE_CONTROL", "no-store"),
        ("THUMBNAIL_NAME", "{key}/x/{preset}"),
    ]);
    assert_eq!(others.presets[0].name(), "b");
    assert_eq!(others.cache_control.as_deref(), Some("no-store"));
    assert_eq!(others.naming.to_string(), "{key}/x/{preset}");
    let set = [
        bucket,
        ("THIMBLE_CONFIG", "/no/such/file"),
        ("MAX_SIDE", "x"),
    ];
    let told = Config::load(variables(&set), None, None)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        told.starts_with("THIMBLE_CONFIG: a configuration file (/no/such/file: it cannot be read"),
        "{told}"
    );
    assert!(told.contains("MAX_SIDE"), "{told}");
}

#[test]
fn thumbnails_beside_their_sources_need_a_folder_of_their_own() {
    let shared = [("THUMBNAILS_BUCKET", "one"), ("SOURCE_BUCKET", "one")];
    assert!(read(&shared).is_err());
    let name = ("THUMBNAIL_NAME", "thumbnails/{key}/{preset}.{ext}");
    assert!(read(&[shared[0], shared[1], name]).is_ok());
}

#[test]
fn a_manifest_lies_beside_thumbnails_unless_it_could_be_taken_for_something_else() {
    let manifests = |set: &[(&str, &str)]| {
        let set = [&[("THUMBNAILS_BUCKET", "one")], set].concat();
        read(&set).map(|config| {
            config
                .settings
                .recipes
                .default
                .manifests
                .map(|it| it.name.to_string())
        })
    };
    assert_eq!(manifests(&[]), Ok(None));
    let (on, name) = (("MANIFESTS", "yes"), "MANIFEST_NAME");
    let beside = |key: &str| Ok(Some(key.to_owned()));
    assert_eq!(manifests(&[on]), beside("{key}/manifest.json"));
    let folder = ("THUMBNAIL_NAME", "thumbnails/{key}/{preset}.{ext}");
    assert_eq!(
        manifests(&[on, folder]),
        beside("thumbnails/{key}/manifest.json")
    );
    assert_eq!(
        manifests(&[on, (name, "m/{key}.json")]),
        beside("m/{key}.json")
    );
    for (set, told) in [
        (
            vec![on, (name, "{key}/manifest")],
            "MANIFEST_NAME: the name of a manifest (it needs .json",
        ),
        (
            vec![on, folder, (name, "{key}/manifest.json")],
            "with thumbnails/, or a manifest could become a source",
        ),
        (
            vec![on, ("THUMBNAIL_NAME", "{preset}/{key}")],
            "thumbnails are called {preset}/{key}",
        ),
        (
            vec![on, ("PRESETS", "manifest=9x9,image/json")],
            "the preset manifest=9x9,image/json writes",
        ),
        // A mistake is told before it matters.
        (
            vec![(name, "nowhere")],
            "MANIFEST_NAME: the name of a manifest (it needs {key}",
        ),
    ] {
        let mistakes = manifests(&set).unwrap_err().to_string();
        assert!(mistakes.contains(told), "{mistakes}");
    }
}

#[test]
fn results_have_one_receiver_that_can_be_believed() {
    let results = |set: &[(&str, &str)]| {
        let set = [&[("THUMBNAILS_BUCKET", "one")], set].concat();
        read(&set).map(|config| config.results)
    };
    let on = ("MANIFESTS", "yes");
    let queue = (
        "RESULTS_QUEUE_URL",
        "https://sqs.eu-west-1.amazonaws.com/1/results",
    );
    let topic = (
        "RESULTS_TOPIC_ARN",
        "arn:aws:sns:eu-west-1:123456789012:results",
    );
    let webhook = ("RESULTS_WEBHOOK_URL", "https://example.com/hook");
    let secret = ("RESULTS_WEBHOOK_SECRET", "0123456789abcdef0123456789");
    assert_eq!(results(&[]), Ok(None));
    assert_eq!(
        results(&[on, queue]),
        Ok(Some(Target::Queue(queue.1.to_owned())))
    );
    assert_eq!(
        results(&[on, topic]),
        Ok(Some(Target::Topic(topic.1.parse().unwrap())))
    );
    let expected = Target::Webhook {
        url: webhook.1.parse().unwrap(),
        secret: secret.1.parse().unwrap(),
    };
    assert_eq!(results(&[on, webhook, secret]), Ok(Some(expected)));
    for (set, told) in [
        (
            vec![queue],
            "MANIFESTS: set it, because results are manifests",
        ),
        (
            vec![("MANIFESTS", "no"), queue],
            "MANIFESTS: yes, because results are manifests, is expected, not: no",
        ),
        (vec![on, webhook], "RESULTS_WEBHOOK_SECRET: set it"),
        (
            vec![on, webhook, secret, queue],
            "RESULTS_QUEUE_URL: nothing",
        ),
        (
            vec![on, topic, queue],
            "RESULTS_QUEUE_URL: nothing, because RESULTS_TOPIC_ARN is set",
        ),
        (
            vec![on, webhook, secret, topic],
            "RESULTS_TOPIC_ARN: nothing, because RESULTS_WEBHOOK_URL is set",
        ),
        (vec![topic], "MANIFESTS: set it"),
        (
            vec![on, ("RESULTS_TOPIC_ARN", "results")],
            "the ARN of a topic (it is written arn:aws:sns:REGION:ACCOUNT:NAME",
        ),
        (
            vec![on, webhook, ("RESULTS_WEBHOOK_SECRET", "a word")],
            "a secret has 24 bytes at least",
        ),
        (
            vec![
                on,
                secret,
                ("RESULTS_WEBHOOK_URL", "https://169.254.169.254/"),
            ],
            "it leads to the network of the machine itself",
        ),
    ] {
        let mistakes = results(&set).unwrap_err().to_string();
        assert!(mistakes.contains(told), "{mistakes}");
        assert!(!mistakes.contains("a word"), "{mistakes}");
    }
}

#[test]
fn every_variable_that_is_read_is_documented_and_every_documented_one_is_read() {
    let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let ask = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        let needed = [
            "THUMBNAILS_BUCKET",
            "SOURCE_QUEUE_URL",
            "DEAD_LETTER_QUEUE_URL",
        ];
        needed.contains(&name).then(|| "thumbnails".to_owned())
    };
    Config::read(ask).unwrap();
    Queues::read(ask).unwrap();
    let documented = VARIABLES
        .iter()
        .map(|variable| variable.name.to_owned())
        .collect();
    assert_eq!(asked.into_inner(), documented);
}
