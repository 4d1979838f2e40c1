//! The alarms of the stack, and the time that its queues keep messages.

use crate::stack::{self, Parameter};
use crate::{checkout, section};

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// The names of the alarms, without that of the stack.
fn alarms() -> Vec<String> {
    let code = checkout::read("deploy/alarms.js");
    let names = code
        .lines()
        .filter_map(|line| line.trim().strip_prefix("name: '")?.strip_suffix("',"));
    names.map(str::to_owned).collect()
}

/// Age of a dead letter, in days, at which its alarm is raised.
fn days_of_the_alarm() -> u64 {
    let code = checkout::read("deploy/alarms.js");
    let days = code.lines().find_map(|line| {
        let days = line.strip_prefix("const LETTER_DAYS = ")?;
        days.strip_suffix(';')?.parse::<u64>().ok()
    });
    days.expect("alarms.js has the days in a line")
}

/// Days for which a queue of the stack keeps a message.
fn retention(queue: &str) -> u64 {
    let resources = checkout::read("deploy/resources.yml");
    let seconds = resources
        .lines()
        .skip_while(|line| line.trim() != format!("{queue}:"))
        .find_map(|line| line.trim().strip_prefix("MessageRetentionPeriod: "))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    let seconds = seconds.expect("a queue of resources.yml has its time");
    assert_eq!(seconds % DAY, 0, "{queue}: not whole days");
    seconds / DAY
}

/// The default of a parameter of the stack that is a number.
fn number(parameter: &str) -> u64 {
    let parameters = stack::parameters();
    let number = parameters
        .iter()
        .find(|Parameter { name, .. }| name == parameter)
        .and_then(|Parameter { default, .. }| default.as_deref())
        .and_then(|default| default.parse::<u64>().ok());
    number.unwrap_or_else(|| panic!("{parameter} has no number for a default"))
}

#[test]
fn each_alarm_has_a_remedy_and_each_remedy_an_alarm() {
    let alarms = alarms();
    assert!(alarms.len() > 4, "{alarms:?}");
    let page = checkout::read("docs/operations.md");
    let rows = checkout::rows_below(&page, "| alarm | meaning | remedy |");
    let explained: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(explained, alarms);
}

#[test]
fn the_smallest_event_that_the_page_shows_is_one() {
    let page = checkout::read("docs/failures.md");
    let body = checkout::part(&page, "invoke thimble-prod-generate-thumbnails '", "'");
    let events = thimble::event::parse(body).expect("an event");
    let keys: Vec<String> = events
        .into_iter()
        .flatten()
        .map(|event| event.location.key)
        .collect();
    assert_eq!(keys, ["photo.jpg"]);
}

#[test]
fn the_times_of_the_queues_are_those_of_the_stack() {
    let (message, letter) = (retention("SourceQueue"), retention("DeadLetterQueue"));
    let (tries, pause) = (number("maxReceiveCount"), number("visibility"));
    let (minutes, days) = (number("alarmAge") / 60, days_of_the_alarm());
    let text = format!(
        "By default a message is tried {tries} times, {pause} seconds apart, and is a dead letter after \
         {} minutes.\n\n\
         | queue | SQS deletes a message after | alarm before | time that is left then |\n\
         |---|--:|---|--:|\n\
         | source queue | {message} days | `age`, after {minutes} minutes | {message} days |\n\
         | dead-letter queue | {letter} days | `dead-letter-age`, after {days} days | {} days |\n",
        tries * pause / 60,
        letter - days
    );
    section::holds("docs/failures.md", "lifetimes", &text);
}
