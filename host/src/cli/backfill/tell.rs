//! Estimate, progress and summary of a backfill, in words and as JSON.

use std::io;

use serde_json::{Value, json};

use super::super::voice::Voice;
use crate::backfill::{Ended, Estimate, Report, Survey};
use crate::error::with_causes;
use crate::text::plural;

/// Messages between two lines about progress.
const STRIDE: u64 = 1_000;

pub(super) fn estimate(estimate: &Estimate, survey: &Survey, voice: &Voice) -> io::Result<()> {
    if voice.is_json() {
        let mut line = json!({ "estimate": estimate });
        line["estimate"]["leftOut"] = json!({
            "thumbnails": survey.thumbnails,
            "excluded": survey.excluded,
            "emptyOrTooLarge": survey.unfit,
        });
        return voice.say_json(&line);
    }
    if !voice.speaks() {
        return Ok(());
    }
    voice.say(format_args!(
        "{}, {}",
        plural(survey.objects, "image"),
        bytes(survey.bytes)
    ))?;
    for (count, noun, why) in [
        (survey.thumbnails, "thumbnail", ""),
        (survey.excluded, "object", ", excluded by the configuration"),
        (survey.unfit, "object", ", empty or too large"),
    ] {
        if count > 0 {
            let what = plural(count, noun);
            voice.say(format_args!("left out: {what}{why}"))?;
        }
    }
    if estimate.messages == 0 {
        return Ok(());
    }
    voice.say(format_args!(
        "at most {} and {}, for about ${:.4}:",
        plural(estimate.messages, "message"),
        plural(estimate.thumbnails, "thumbnail"),
        estimate.dollars
    ))?;
    for item in &estimate.items {
        voice.say(format_args!(
            "  {:>12} x ${:<13} = ${:<10.4} {}",
            item.count,
            decimal(item.price),
            item.dollars(),
            item.what
        ))?;
    }
    voice.say("  prices of US East (N. Virginia), 2026, without free tiers, storage or logs")
}

/// Progress, for programs.
pub(super) fn progress(report: &Report, told: &mut u64, voice: &Voice) -> io::Result<()> {
    if !voice.is_json() || report.sent < *told + STRIDE {
        return Ok(());
    }
    *told = report.sent;
    voice.say_json(&json!({ "progress": counts(report) }))
}

/// The end, and the command that continues if it is not finished.
pub(super) fn summary(
    report: &Report,
    command: Option<&str>,
    dry_run: bool,
    voice: &Voice,
) -> io::Result<()> {
    if voice.is_json() {
        let mut line = counts(report);
        line["ended"] = report.ended.as_str().into();
        line["dryRun"] = dry_run.into();
        line["goOn"] = command.into();
        if let Ended::Failed(error) = &report.ended {
            line["reason"] = with_causes(error).into();
        }
        return voice.say_json(&json!({ "summary": line }));
    }
    if voice.speaks() {
        voice.say(words(report, dry_run))?;
    }
    if let Ended::Failed(error) = &report.ended {
        voice.note(format_args!("thimble: {}", with_causes(error)))?;
    }
    let Some(command) = command else {
        return Ok(());
    };
    let line = format!("not finished; continue with:\n  {command}");
    if voice.speaks() {
        voice.say(line)
    } else {
        voice.note(line)
    }
}

fn words(report: &Report, dry_run: bool) -> String {
    let verb = if dry_run { "would be sent" } else { "sent" };
    let mut text = format!("{} {verb}", plural(report.sent, "message"));
    if report.up_to_date > 0 {
        text.push_str(&format!(", {} up to date", report.up_to_date));
    }
    text
}

fn counts(report: &Report) -> Value {
    json!({
        "sent": report.sent,
        "unsent": report.unsent,
        "upToDate": report.up_to_date,
        "skipped": report.skipped,
        "after": report.after,
    })
}

/// A price without an exponent.
fn decimal(price: f64) -> String {
    format!("{price:.10}").trim_end_matches('0').to_owned()
}

fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["bytes", "KB", "MB", "GB"] {
        if value < 1_000.0 {
            return format!("{value:.3}")
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned()
                + " "
                + unit;
        }
        value /= 1_000.0;
    }
    format!("{value:.3} TB")
}
