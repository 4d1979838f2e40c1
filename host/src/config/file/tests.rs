use super::*;
use crate::object::Location;
use crate::preset::Preset;
use crate::recipe::Recipes;

/// The surroundings of a stack: a bucket of sources, and one of thumbnails.
fn given() -> Given {
    Given {
        bucket: Some("thumbs".to_owned()),
        unset_cache_control: Some("public".to_owned()),
        own: Some("images".to_owned()),
        manifests: Some(false),
        ..Given::default()
    }
}

fn told(text: &str) -> Vec<String> {
    let (_, mistakes) = File::parse("t", text).recipes(&given());
    mistakes.iter().map(ToString::to_string).collect()
}

fn good(text: &str, given: &Given) -> Recipes {
    let (recipes, mistakes) = File::parse("t", text).recipes(given);
    assert_eq!(mistakes, [], "{text}");
    recipes
}

/// The presets of a source, its bucket of thumbnails, and their names.
fn asked(recipes: &Recipes, at: &str) -> Option<(String, String, String)> {
    let (bucket, key) = at.split_once('/').unwrap();
    let recipe = recipes.of(&Location::new(bucket, key))?;
    let presets: Vec<&str> = recipe.presets.iter().map(Preset::name).collect();
    let naming = recipe.naming.to_string();
    Some((presets.join(" "), recipe.bucket.clone(), naming))
}

const FILE: &str = r#"
[presets]
face = "96x96,cover,webp"
wide = "1280x"
tiny = "32x32,thumbhash"

[default]
presets = ["wide", "tiny"]
cache-control = "max-age=60"

[[rule]]
name = "avatars"
prefix = "avatars/"
media-type = ["image/png", "image/jpeg"]
presets = "face"
thumbnail-name = "faces/{key}/{preset}.{ext}"
thumbnails-bucket = "faces"
metadata = { team = "web" }

[[rule]]
suffix = [".txt", ".pdf"]
presets = []

[[rule]]
bucket = "images"
prefix = ["a/", "b/"]
presets = ["face", "big=2000x"]
"#;

#[test]
fn the_first_rule_that_takes_a_source_decides() {
    let recipes = good(FILE, &given());
    let name = "{key}/{preset}.{ext}";
    for (at, expected) in [
        ("images/beach.jpg", Some(("wide tiny", "thumbs", name))),
        (
            "images/avatars/ann.PNG",
            Some(("face", "faces", "faces/{key}/{preset}.{ext}")),
        ),
        (
            "images/avatars/ann.gif",
            Some(("wide tiny", "thumbs", name)),
        ),
        ("images/avatars/list.TXT", None),
        ("images/b/x", Some(("face big", "thumbs", name))),
    ] {
        let expected = expected.map(|(presets, bucket, name)| {
            (presets.to_owned(), bucket.to_owned(), name.to_owned())
        });
        assert_eq!(asked(&recipes, at), expected, "{at}");
    }
    let avatars = recipes
        .of(&Location::new("images", "avatars/a.png"))
        .unwrap();
    assert_eq!(avatars.cache_control.as_deref(), Some("max-age=60"));
    assert_eq!(
        avatars.metadata,
        [("team".to_owned(), "web".to_owned())].into()
    );
    let manifests = avatars.manifests.as_ref().unwrap();
    assert_eq!(manifests.name.to_string(), "faces/{key}/manifest.json");
    assert_eq!(recipes.sets().len(), 3);
    assert_eq!(recipes.buckets(), ["faces", "thumbs"]);
}

#[test]
fn what_no_file_says_is_as_without_a_file() {
    for text in ["", "# nothing\n", "[presets]\n[default]\n"] {
        let recipes = good(text, &given());
        let presets = &recipes.default.presets;
        match text.contains("[presets]") {
            true => assert!(presets.is_empty(), "a table without a preset has none"),
            false => assert_eq!(*presets, Preset::defaults()),
        }
        assert_eq!(recipes.default.cache_control.as_deref(), Some("public"));
    }
    let all = good("[presets]\na='1x'\nb='2x'\n", &given());
    assert_eq!(all.default.presets.len(), 2, "every preset of the file");
}

#[test]
fn what_variables_say_holds_for_every_source() {
    let over = Given {
        presets: Some(vec!["x=9x9".parse().unwrap()]),
        cache_control: Some("no-store".to_owned()),
        naming: Some("t/{key}/{preset}.{ext}".parse().unwrap()),
        ..given()
    };
    let recipes = good(FILE, &over);
    let name = "t/{key}/{preset}.{ext}";
    for (at, bucket) in [("images/avatars/a.png", "faces"), ("images/b", "thumbs")] {
        let expected = ("x".to_owned(), bucket.to_owned(), name.to_owned());
        assert_eq!(asked(&recipes, at), Some(expected));
    }
    assert_eq!(asked(&recipes, "images/list.txt"), None, "no source is one");
    assert!(
        recipes
            .all()
            .all(|it| it.cache_control.as_deref() == Some("no-store"))
    );
}

/// Files with mistakes, and what is told of them: all at once, in their order.
const BAD: &[(&str, &[&str])] = &[
    // Of TOML itself.
    (
        "rule = \n[presets\n",
        &[
            "t:1:1: rules are written as",
            "t:1:8: string values must be quoted",
            "t:2:9: unclosed table",
        ],
    ),
    // Keys.
    (
        "[preset]\nx='1x'\n[defaults]\n[[rules]]\n",
        &[
            "t:1:2: there is no key `preset`; did you mean `presets`?",
            "t:3:2: there is no key `defaults`; did you mean `default`?",
            "t:4:3: there is no key `rules`; did you mean `rule`?",
        ],
    ),
    (
        "presets = 3\ndefault = []\nrule = 'x'\nprefix = 'a/'\nnonsense = 1\n",
        &[
            "t:1:1: presets is a table, [presets], and not an integer",
            "t:2:1: default is a table, [default], and not an array",
            "t:3:1: rules are written as [[rule]], and not as a text",
            "t:4:1: `prefix` belongs into [default] or into a [[rule]]",
            "t:5:1: there is no key `nonsense`; a file has [presets], [default] and [[rule]]",
        ],
    ),
    (
        "[default]\nprefix = 'a/'\ncache-controlz = 'x'\n[[rule]]\nprefx = 'a/'\n",
        &[
            "t:2:1: `prefix` belongs into a [[rule]]; the default is for what no rule takes",
            "t:3:1: there is no key `cache-controlz`; did you mean `cache-control`?",
            "t:4:1: a rule needs bucket, prefix, suffix or media-type",
            "t:5:1: there is no key `prefx`; did you mean `prefix`?",
        ],
    ),
    // Types.
    (
        "[default]\npresets = 5\ncache-control = ['a']\nmetadata = 'x'\n[[rule]]\nprefix = [1, 'a/', {}]\n",
        &[
            "t:2:11: presets is a text or a list of texts, and not an integer",
            "t:3:17: cache-control is a text, and not an array",
            "t:4:12: metadata is a table of texts, and not a text",
            "t:6:11: prefix is a text or a list of texts, and not a list with an integer",
            "t:6:20: prefix is a text or a list of texts, and not a list with a table",
        ],
    ),
    // Presets.
    (
        "[presets]\nsmall = '200x200,covr'\n'a b' = '1x'\nside = '0x'\nn = 1\n",
        &[
            "t:2:18: preset `small`: `covr`: no fit, focus or format is called that; did you mean `cover`?",
            "t:3:1: preset `a b`: a name is 1 to 64 letters",
            "t:4:9: preset `side`: a side is a number of pixels from 1 to 65535",
            "t:5:5: `n` is a text, and not an integer",
        ],
    ),
    (
        "[presets]\nsmall = '1x'\n[default]\npresets = ['smxl', 'big', 'x=9x9,bad']\n[[rule]]\nprefix='a/'\npresets = ['small', 'small', 'small=3x']\n",
        &[
            "t:4:12: no preset is called `smxl`; did you mean `small`?",
            "t:4:20: no preset is called `big`; write it in [presets]",
            "t:4:34: preset `x=9x9,bad`: `bad`: no fit, focus or format is called that",
            "t:7:21: two presets are called `small`, and so would be their thumbnails",
            "t:7:30: two presets are called `small`, and so would be their thumbnails",
        ],
    ),
    ("[presets]\na='1x'\na='2x'\n", &["t:3:1: duplicate key"]),
    // Values.
    (
        "[default]\nthumbnail-name = '{key}'\nmanifest-name = '{key}/m'\nthumbnails-bucket = 'a/b'\ncache-control = 'a\tb'\nmetadata = { 'A' = 'x', preset = 'x', a = 'ü' }\n",
        &[
            "t:2:18: thumbnail-name: it needs {key} and {preset}, each once",
            "t:3:17: manifest-name: it needs .json at its end",
            "t:4:21: `a/b` is the name of no bucket",
            "t:5:17: a header is made of visible characters of ASCII and blanks",
            "t:6:14: a name of metadata is made of small letters, digits and dashes",
            "t:6:25: `preset` says by what a thumbnail was made; choose another name",
            "t:6:43: metadata is made of visible characters of ASCII and blanks",
        ],
    ),
    (
        "[[rule]]\nbucket = ['x!', 'abc', 'abc']\nprefix = []\nsuffix = ''\nmedia-type = ['image/pgn', 'text/html']\n",
        &[
            "t:2:11: `x!` is the name of no bucket",
            "t:2:24: `abc` stands in the list already",
            "t:3:1: prefix is an empty list, which no source can meet",
            "t:4:10: an empty suffix is no condition; leave it out",
            "t:5:15: `image/pgn` is no media type of sources; did you mean `image/png`?",
            "t:5:28: `text/html` is no media type of sources; there are image/jpeg,",
        ],
    ),
    (
        "[[rule]]\nname = 'a'\nprefix = 'a/'\n[[rule]]\nname = 'a'\nprefix = 'b/'\n",
        &["t:5:8: two rules are called `a`"],
    ),
    (
        "[default]\ncopy-headers = ['cache-contxl', 'set-cookie']\ncopy-metadata = ['engine', 'a', 'a', '']\nacl = 'public'\nstorage-class = 'standard_ia'\nkms-key = 'alias/mine'\n",
        &[
            "t:2:17: `cache-contxl` is no header that is copied; did you mean `cache-control`?",
            "t:2:33: `set-cookie` is no header that is copied; there are cache-control,",
            "t:3:18: `engine` says by what a thumbnail was made, and cannot be copied",
            "t:3:33: `a` stands in the list already",
            "t:3:38: an empty name in copy-metadata; leave it out",
            "t:4:7: acl cannot be `public`; it is one of private, public-read,",
            "t:5:17: storage-class cannot be `standard_ia`; it is one of STANDARD,",
            "t:6:11: kms-key is the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID",
        ],
    ),
    // Rules that can meet nothing.
    (
        "[[rule]]\nname='all a'\nprefix = 'a/'\n[[rule]]\nprefix = 'b/'\n[[rule]]\nprefix = ['a/b/', 'b/c']\nsuffix = '.jpg'\n[[rule]]\nprefix = 'c/'\n",
        &["t:6:1: it can meet no source, because rule 1 (all a) or rule 2 takes all that it would"],
    ),
    (
        "[[rule]]\nsuffix='.jpg'\nmedia-type='image/png'\n",
        &[
            "t:3:1: it can meet no source, because no key that ends in one of its suffixes is of one",
        ],
    ),
    (
        "[default]\nthumbnail-name='t/{key}/{preset}.{ext}'\nthumbnails-bucket='images'\n[[rule]]\nprefix='t/in/'\n",
        &[
            "t:5:1: it can meet no source, because thumbnails are written where it looks for sources",
        ],
    ),
    // Thumbnails that would become sources.
    (
        "[default]\nthumbnails-bucket='images'\n",
        &[
            "t:1:2: it can meet no source, because thumbnails are written where it looks for sources",
        ],
    ),
    (
        "[[rule]]\nprefix='in/'\nthumbnails-bucket='images'\nthumbnail-name='in/t/{key}/{preset}.{ext}'\n",
        &[
            "t:4:1: thumbnails would be written among sources and become sources themselves: in/t/{key}",
        ],
    ),
    (
        "[default]\nthumbnails-bucket='images'\nthumbnail-name='t-{key}/{preset}.{ext}'\n",
        &[
            "t:3:1: thumbnails would be written among sources and become sources themselves: t-{key}",
        ],
    ),
    // Names that meet.
    (
        "[[rule]]\nbucket=['one','two']\n",
        &[
            "t:1:1: thumbnails of two sources could have one name",
            "t:2:1: sources of the buckets one, two could meet under one name; write a rule for each",
        ],
    ),
    (
        "[[rule]]\nprefix='a/'\nthumbnail-name='a/{preset}/{key}.{ext}'\n",
        &[
            "t:3:1: thumbnails of two sources could have one name, because {key}/{preset}.{ext} and a/",
        ],
    ),
    // Places.
    (
        "[[rule]]\nprefix='a/'\nmanifest-name='x/{key}.json'\nthumbnail-name='a/{key}/{preset}.{ext}'\nthumbnails-bucket='other'\n",
        &[
            "t:3:1: the manifest of a source would be called x/{key}.json: it needs to begin like the",
        ],
    ),
];

#[test]
fn every_mistake_is_told_with_its_place() {
    let mut wrong = Vec::new();
    for (text, expected) in BAD {
        let told = told(text);
        let is_so = told.len() == expected.len()
            && told
                .iter()
                .zip(*expected)
                .all(|(told, expected)| told.starts_with(expected));
        if !is_so {
            wrong.push(format!("{text}\n{}", told.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_file_without_a_bucket_for_thumbnails_says_where_one_is_missing() {
    let nowhere = Given {
        bucket: None,
        ..given()
    };
    let text = "[[rule]]\nprefix='a/'\n[[rule]]\nprefix='b/'\nthumbnails-bucket='bbb'\n";
    let file = File::parse("t", text);
    let (_, mistakes) = file.recipes(&nowhere);
    let places: Vec<_> = mistakes.iter().map(|mistake| mistake.place).collect();
    assert_eq!(places, [Some((1, 1))]);
    let named = format!("[default]\nthumbnails-bucket='aaa'\n{text}");
    good(&named, &nowhere);
}

#[test]
fn a_file_that_is_no_file_of_a_person_is_refused_without_reading_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("thimble.toml");
    for (bytes, expected) in [
        (
            vec![b'#'; 10_000_000],
            "it has 10000000 bytes, and at most 1048576 are read",
        ),
        (vec![b'a', 0xff, b'b'], "it is no text in UTF-8"),
    ] {
        fs::write(&path, bytes).unwrap();
        let mistake = File::read(&path).unwrap_err().to_string();
        assert!(mistake.contains(expected), "{mistake}");
    }
    fs::remove_file(&path).unwrap();
    let mistake = File::read(&path).unwrap_err().to_string();
    assert!(
        mistake.contains("thimble.toml: it cannot be read: "),
        "{mistake}"
    );
}

#[test]
fn a_hostile_file_is_read_in_bounded_time_and_memory() {
    let deep = format!("x = {}", "[".repeat(200_000));
    let rules = "[[rule]]\nprefix='a/'\n".repeat(1_001);
    let wide: Vec<String> = (0..400).map(|number| format!("'p{number}/'")).collect();
    let wide = wide.join(",");
    let wide = format!("[[rule]]\nprefix=[{wide}]\nsuffix=[{wide}]\n");
    for (text, expected) in [
        (deep, "recursion"),
        (rules, "there are 1001 rules, and at most 1000 are read"),
        (wide, "too many to compare"),
    ] {
        let told = told(&text);
        assert!(told.iter().any(|line| line.contains(expected)), "{told:?}");
    }
}
