//! Any engine against a corpus of images: through the component, every image in
//! a fresh instance.
//!
//! Images that a second decoder agrees about have to come out as it sees them.
//! All others have to end in a thumbnail or in an error of the contract: no
//! trap, no hang, no memory beyond what is allowed. Exceptions stand in
//! `corpus-exceptions.txt` with a reason each; one that is no longer needed
//! fails the test just as a new failure does.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, fs, thread};

use testkit::likeness::Likeness;
use tests::corpus::{self, Corpus, Entry};
use tests::sandbox::{Allowance, Answer, Death, Sandbox};
use thimble::contract::{Error, Limits, Output};

/// Formats that an engine decodes. It refuses all others as unsupported.
const DECODED: [&str; 9] = [
    "bmp", "gif", "ico", "jpeg", "png", "pnm", "tga", "tiff", "webp",
];

/// Of the valid images, at most one in a hundred may be an exception.
const EXCEPTIONS_PER_HUNDRED: usize = 1;

/// The thumbnail that is compared.
const SPEC: &str = "256x256,png";

const ALLOWANCE: Allowance = Allowance {
    memory: 256 << 20,
    time: Duration::from_secs(5),
};

#[test]
fn images_come_out_as_a_second_decoder_sees_them() {
    let Some(corpus) = corpus() else { return };
    let exceptions = Exceptions::read();
    let verdicts = judge(&corpus, "valid", |entry, answer| {
        judge_valid(&corpus, entry, answer)
    });
    let mut decoded = 0;
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::<&str, [usize; 3]>::new();
    for (entry, verdict) in &verdicts {
        let format = entry.class().1;
        let excused = exceptions.reasons.contains_key(&entry.file);
        let count = counts.entry(format).or_default();
        decoded += usize::from(DECODED.contains(&format));
        match (verdict, excused) {
            (Ok(()), false) => count[0] += 1,
            (Err(_), true) => count[1] += 1,
            (Ok(()), true) => {
                count[0] += 1;
                wrong.push(format!("{}: is no longer an exception", entry.file));
            }
            (Err(reason), false) => {
                count[2] += 1;
                wrong.push(format!("{}: {reason}", entry.file));
            }
        }
    }
    for (format, [good, excused, bad]) in counts {
        report(&format!(
            "valid {format}: {good} as expected, {excused} exceptions, {bad} failures"
        ));
    }
    let files: BTreeSet<&String> = verdicts.iter().map(|(entry, _)| &entry.file).collect();
    let strangers = exceptions
        .reasons
        .keys()
        .filter(|file| !files.contains(file));
    wrong
        .extend(strangers.map(|file| format!("{file}: an exception for a file that is not there")));
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        verdicts.len(),
        wrong.join("\n")
    );
    assert!(
        exceptions.reasons.len() * 100 <= decoded * EXCEPTIONS_PER_HUNDRED,
        "{} exceptions for {decoded} images",
        exceptions.reasons.len()
    );
}

#[test]
fn no_image_traps_hangs_or_takes_more_memory_than_allowed() {
    let Some(corpus) = corpus() else { return };
    let mut deaths = Vec::new();
    for class in ["malformed", "disputed"] {
        let verdicts = judge(&corpus, class, |_, answer| {
            answer.as_ref().map(kind).map_err(|d| *d)
        });
        let mut counts = BTreeMap::<(&str, &str), usize>::new();
        for (entry, verdict) in &verdicts {
            match verdict {
                Ok(kind) => *counts.entry((entry.class().1, kind)).or_default() += 1,
                Err(death) => deaths.push(format!("{}: {death}", entry.file)),
            }
        }
        for ((format, kind), count) in counts {
            report(&format!("{class} {format}: {count} {kind}"));
        }
    }
    assert!(deaths.is_empty(), "{}", deaths.join("\n"));
}

fn kind(answer: &Answer) -> &'static str {
    match answer {
        Ok(_) => "thumbnails",
        Err(Error::UnsupportedFormat(_)) => "of an unsupported format",
        Err(Error::MalformedSource(_)) => "malformed",
        Err(Error::LimitExceeded(_)) => "over the limits",
        Err(Error::InvalidSpec(_)) => "with an invalid spec",
        Err(Error::Other(_)) => "other errors",
    }
}

fn judge_valid(
    corpus: &Corpus,
    entry: &Entry,
    answer: &Result<Answer, Death>,
) -> Result<(), String> {
    let format = entry.class().1;
    match answer {
        Err(death) => Err(death.to_string()),
        Ok(Err(Error::UnsupportedFormat(_))) if !DECODED.contains(&format) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Ok(Ok(_)) if !DECODED.contains(&format) => Err("decoded, which is news".into()),
        Ok(Ok(output)) => {
            let expected = corpus.expected(entry).map_err(|error| error.to_string())?;
            let bar = if entry.has_profile || format == "tiff" {
                CONVERTED
            } else {
                PLAIN
            };
            compare(output, &expected, bar)
        }
    }
}

/// Least likeness to the expected thumbnail.
const PLAIN: Likeness = Likeness {
    psnr: 40.0,
    ssim: 0.995,
    difference: 0.6,
};

/// The same if colors were converted, or the format leaves much to the reader:
/// this is as near as two good decoders come to each other.
const CONVERTED: Likeness = Likeness {
    psnr: 37.0,
    ssim: 0.975,
    difference: 1.6,
};

fn compare(output: &Output, expected: &[u8], bar: Likeness) -> Result<(), String> {
    let [thumbnail] = output.thumbnails.as_slice() else {
        return Err(format!(
            "{} thumbnails for one spec",
            output.thumbnails.len()
        ));
    };
    let read = |png: &[u8]| {
        image::load_from_memory_with_format(png, image::ImageFormat::Png)
            .map(|picture| picture.to_rgba8())
            .map_err(|error| error.to_string())
    };
    let (expected, made) = (read(expected)?, read(&thumbnail.data)?);
    let Some(likeness) = Likeness::of(&expected, &made) else {
        let (expected, made) = (expected.dimensions(), made.dimensions());
        return Err(format!("{made:?} pixels instead of {expected:?}"));
    };
    let Likeness {
        psnr,
        ssim,
        difference,
    } = likeness;
    if psnr >= bar.psnr && ssim >= bar.ssim && difference <= bar.difference {
        return Ok(());
    }
    Err(format!(
        "PSNR {psnr:.2}, SSIM {ssim:.5}, difference of color {difference:.3}"
    ))
}

/// Makes a thumbnail of every image of a class, on all processors, and judges it.
fn judge<V: Send>(
    corpus: &Corpus,
    class: &str,
    verdict: impl Fn(&Entry, &Result<Answer, Death>) -> V + Sync,
) -> Vec<(Entry, V)> {
    let sandbox = Sandbox::open(&testkit::built::engine()).unwrap();
    let entries: Vec<&Entry> = corpus
        .entries
        .iter()
        .filter(|entry| entry.class().0 == class)
        .collect();
    assert!(
        !entries.is_empty(),
        "the corpus has no image that is {class}"
    );
    let (next, verdicts) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
            let source = corpus::as_the_second_decoder_reads(corpus.source(entry).unwrap());
            let answer =
                sandbox.generate(&source, &[tests::spec(SPEC)], Limits::default(), ALLOWANCE);
            let judged = ((*entry).clone(), verdict(entry, &answer));
            verdicts.lock().unwrap().insert(entry.file.clone(), judged);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    verdicts.into_inner().unwrap().into_values().collect()
}

fn corpus() -> Option<Corpus> {
    let corpus = Corpus::open(env!("CARGO_TARGET_TMPDIR").as_ref()).unwrap();
    if corpus.is_none() {
        report("not run: THIMBLE_CORPUS does not name the folder of a corpus");
    }
    corpus
}

/// Says something even if the test passes: the harness keeps what the printing
/// macros say to itself.
fn report(line: &str) {
    let line = format!("conformance: {line}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Lines of a file, relative to the corpus, and a reason.
struct Exceptions {
    reasons: BTreeMap<String, String>,
}

impl Exceptions {
    fn read() -> Exceptions {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus-exceptions.txt");
        let text = fs::read_to_string(path).unwrap();
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let reasons = lines.map(|line| match line.split_once(' ') {
            Some((file, reason)) if !reason.trim().is_empty() => {
                (file.into(), reason.trim().into())
            }
            _ => panic!("an exception needs a reason: {line}"),
        });
        Exceptions {
            reasons: reasons.collect(),
        }
    }
}
