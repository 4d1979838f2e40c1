//! A place for thumbnails, tried with an object that is written, read and removed.

use std::time::{Duration, SystemTime};

use super::clock::judged;
use super::store::Kind;
use super::{Account, Finding, PATIENCE};
use crate::object::{ETag, Location};
use crate::ports::{
    Condition, GetOptions, NewObject, ObjectStore, PutOptions, Storage, StoreError, StoreProblem,
};
use crate::text::{printable, with_causes};

/// Content of the object.
const BODY: &str = "written by `thimble doctor`, which removes it again\n";

/// Time to remove the object.
const REMOVAL: Duration = Duration::from_secs(10);

/// A place to try.
pub struct Probe {
    /// The kind of store.
    pub kind: Kind,
    /// The object, which nobody else has.
    pub at: Location,
    /// Storage that thumbnails are written with.
    pub storage: Storage,
    /// True if something needs writes under conditions.
    pub needs_conditions: bool,
}

/// The findings about the place, whose object is removed whatever happens.
pub async fn probe(
    objects: &dyn ObjectStore,
    account: Option<&dyn Account>,
    probe: &Probe,
) -> Vec<Finding> {
    let mut findings = super::bounded("write", PATIENCE, tried(objects, account, probe)).await;
    // One that was never written is as good as removed, but for who may not write at all.
    let is_written = |found: &Finding| found.check == "write" && !found.is_wrong();
    if !findings.iter().any(is_written) {
        let _ = tokio::time::timeout(REMOVAL, objects.delete(&probe.at)).await;
        return findings;
    }
    let removed = tokio::time::timeout(REMOVAL, objects.delete(&probe.at)).await;
    if !matches!(removed, Ok(Ok(()))) {
        findings.push(Finding::wrong(
            "remove",
            format!(
                "the object that was written as a test is still there: {}",
                probe.at
            ),
            "remove it yourself, or allow this host to remove objects; --no-write tries without",
        ));
    }
    findings
}

async fn tried(
    objects: &dyn ObjectStore,
    account: Option<&dyn Account>,
    probe: &Probe,
) -> Vec<Finding> {
    let Probe { at, storage, .. } = probe;
    let shown = printable(&at.bucket);
    let new = NewObject::new(BODY).with(PutOptions {
        content_type: Some("text/plain".to_owned()),
        storage: storage.clone(),
        ..PutOptions::default()
    });
    if let Err(error) = objects.put(at, new).await {
        return vec![unwritten(probe, &error)];
    }
    let mut findings = vec![Finding::ok("write", format!("{shown} can be written to"))];
    if probe.kind.is_cloud() {
        findings.push(written_at(objects, probe).await);
    }
    findings.push(checksums(objects, account, probe).await);
    findings.push(conditions(objects, probe).await);
    findings
}

/// A finding about the clock of a store, which tells when it has written what it just did.
async fn written_at(objects: &dyn ObjectStore, probe: &Probe) -> Finding {
    let Ok(info) = objects.head(&probe.at).await else {
        return Finding::not_tried("clock", "the store does not tell when it has written");
    };
    let seconds = |from: SystemTime, to: SystemTime| {
        let between = to.duration_since(from).ok()?;
        i64::try_from(between.as_secs()).ok()
    };
    let now = SystemTime::now();
    let ahead = info.modified.and_then(|there| {
        let behind = || seconds(there, now).map(|behind| -behind);
        seconds(now, there).or_else(behind)
    });
    match ahead {
        Some(ahead) => judged(
            ahead,
            "the store, which refuses requests from 15 minutes on",
        ),
        None => Finding::not_tried("clock", "the store does not tell when it has written"),
    }
}

/// A finding about a store that does not take an object.
fn unwritten(probe: &Probe, error: &StoreError) -> Finding {
    if let Some(found) = probe.kind.of_all(error) {
        return found;
    }
    let shown = &*printable(&probe.at.bucket);
    let said = with_causes(error);
    let what = format!("{shown} cannot be written to: {said}");
    let lower = said.to_lowercase();
    // A store that does not know a header of a checksum names it, or finds it not
    // implemented.
    let is_checksum = ["checksum", "trailer", "aws-chunked"]
        .iter()
        .any(|word| lower.contains(word));
    let (check, remedy) = match &error.problem {
        _ if is_checksum => (
            "checksums",
            "set AWS_REQUEST_CHECKSUM_CALCULATION=when_required, or take a newer version of the \
             store",
        ),
        StoreProblem::KeyDenied => (
            "kms",
            "allow this host kms:GenerateDataKey and kms:Decrypt on the key of the thumbnails",
        ),
        StoreProblem::Denied => {
            return Finding::wrong("write", what, probe.kind.to_write(shown));
        }
        StoreProblem::FileDenied => {
            return Finding::wrong("write", what, Kind::Folder.to_write(shown));
        }
        StoreProblem::MissingBucket => {
            let remedy = format!(
                "create the {}, or name another in THUMBNAILS_BUCKET",
                probe.kind.bucket()
            );
            return Finding::wrong("thumbnails", what, remedy);
        }
        StoreProblem::Full => ("disk", "make room in the store"),
        _ => (
            "write",
            "look up what the store said: a host that cannot write makes dead letters",
        ),
    };
    Finding::wrong(check, what, remedy)
}

/// A finding about the bytes that come back, and the checksums that the store checks.
async fn checksums(
    objects: &dyn ObjectStore,
    account: Option<&dyn Account>,
    probe: &Probe,
) -> Finding {
    let check = "checksums";
    let at = &probe.at;
    let options = GetOptions {
        max_bytes: Some(BODY.len() as u64),
        if_none_match: None,
    };
    match objects.get(at, &options).await {
        Ok(object) if object.body == BODY => {}
        Ok(_) => {
            return Finding::wrong(
                check,
                "an object comes back with other bytes than it was written with",
                "look for a proxy that changes bodies; if the store keeps the signature of chunks \
                 in them, set AWS_REQUEST_CHECKSUM_CALCULATION=when_required",
            );
        }
        Err(StoreError {
            problem: StoreProblem::Unsupported(what),
            ..
        }) => {
            return Finding::wrong(
                check,
                format!("the store lacks {what}"),
                "take a store that tells an ETag: a replaced source is known by it",
            );
        }
        Err(error) if error.problem == StoreProblem::Denied && probe.kind.is_cloud() => {
            let shown = printable(&at.bucket);
            return Finding::wrong(
                "read",
                format!(
                    "thumbnails of {shown} cannot be read: {}",
                    with_causes(&error)
                ),
                probe.kind.to_read(&shown),
            );
        }
        Err(error) => {
            let what = format!(
                "no object comes back, so nothing is known: {}",
                with_causes(&error)
            );
            return Finding::not_tried(check, what);
        }
    }
    match account {
        None => Finding::ok(check, "an object comes back as it was written"),
        Some(account) => match account.refuses_wrong_checksum(at).await {
            Ok(true) => Finding::ok(
                check,
                "the store refuses bytes that are not those of their checksum",
            ),
            Ok(false) => Finding::ok(
                check,
                "an object comes back as it was written; the store does not check checksums, so \
                 TLS alone guards uploads",
            ),
            Err(trouble) => Finding::not_tried(check, format!("{trouble}")),
        },
    }
}

/// A finding about writes under conditions. The object is there.
async fn conditions(objects: &dyn ObjectStore, probe: &Probe) -> Finding {
    let check = "conditional-writes";
    for (condition, header) in [
        (Condition::IfAbsent, "If-None-Match"),
        (Condition::IfMatch(ETag::new("of-no-object")), "If-Match"),
    ] {
        let new = NewObject::new(BODY).with(PutOptions {
            condition: Some(condition),
            storage: probe.storage.clone(),
            ..PutOptions::default()
        });
        let what = match objects.put(&probe.at, new).await {
            Err(error) if error.problem == StoreProblem::ConditionFailed => continue,
            Err(error) => with_causes(&error),
            Ok(_) => format!("the store ignores the header {header}"),
        };
        if probe.needs_conditions {
            return Finding::wrong(
                check,
                format!("{what}: of two who promote an engine both would win"),
                "keep the engine store in a store that heeds If-Match and If-None-Match",
            );
        }
        return Finding::ok(
            check,
            format!("{what}; only an engine store would need it, and none is configured"),
        );
    }
    Finding::ok(check, "a write whose condition does not hold is refused")
}
