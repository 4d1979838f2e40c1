use super::*;

fn channel() -> Channel {
    Channel::begin(ChannelName::default(), reference(1), 5)
}

fn reference(number: u8) -> Reference {
    Reference {
        release: Digest::of(&[number]),
        engine: Digest::of(&[number, number]),
        name: "by-hand".to_owned(),
        version: format!("1.0.{number}"),
    }
}

#[test]
fn serials_only_go_up_and_a_roll_back_brings_back_the_one_before() {
    let first = channel();
    let second = first.promote(reference(2), 6).unwrap();
    assert_eq!((second.serial, &second.current), (2, &reference(2)));
    assert_eq!(second.promote(reference(2), 7), Err(NoChange::Live));
    let back = second.roll_back(8).unwrap();
    assert_eq!((back.serial, &back.current), (3, &reference(1)));
    assert_eq!(back.roll_back(9).unwrap().current, reference(2));
    assert_eq!(first.roll_back(9), Err(NoChange::NoPrevious));

    let trial = second.try_out(reference(3), 50, 9).unwrap();
    let wider = trial.try_out(reference(3), 500, 10).unwrap();
    let (trial, wider) = (trial.canary.unwrap(), wider);
    let canary = wider.canary.as_ref().unwrap();
    assert_eq!(canary.salt, trial.salt);
    assert_eq!(wider.promote(reference(3), 11).unwrap().canary, None);
    assert_eq!(wider.end_trial(11).unwrap().canary, None);
    assert_eq!(second.end_trial(11), Err(NoChange::NoCanary));
    for weight in [0, 1_001] {
        assert_eq!(
            second.try_out(reference(3), weight, 9),
            Err(NoChange::Weight)
        );
    }

    // The larger share contains the smaller, and both are about as large as said.
    let keys: Vec<String> = (0..4_000)
        .map(|number| format!("photo-{number}.jpg"))
        .collect();
    let few: Vec<&String> = keys.iter().filter(|key| trial.serves(key)).collect();
    assert!(few.iter().all(|key| canary.serves(key)));
    assert!((120..=280).contains(&few.len()), "{}", few.len());
}

#[test]
fn names_of_channels_cannot_lead_elsewhere() {
    for name in ["", "../stable", "a/b", "a.b", "1st", "ä", &"x".repeat(65)] {
        assert_eq!(name.parse::<ChannelName>(), Err(NotAChannelName), "{name}");
    }
    assert!("stable-2_b".parse::<ChannelName>().is_ok());
}
