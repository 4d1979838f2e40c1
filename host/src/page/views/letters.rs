//! The page of the dead letters.

use std::collections::BTreeSet;

use super::super::letters::{Letter, PAGE};
use super::super::markup::{Markup, put};
use super::super::pictures::Picture;
use super::super::redriving::{Moved, State};
use super::words::{moment, number};

/// A letter of the list.
pub(in crate::page) struct Row {
    /// The letter.
    pub(in crate::page) letter: Letter,
    /// The number of its source, if it names one.
    pub(in crate::page) number: Option<u64>,
    /// The picture of its source.
    pub(in crate::page) picture: Picture,
}

/// Content of the page of the dead letters.
pub(in crate::page) struct List<'a> {
    /// Letters of this page of the list; `None` for a host without a queue for them.
    pub(in crate::page) rows: Option<Result<Vec<Row>, String>>,
    /// Number of letters in the queue, if it says.
    pub(in crate::page) total: Option<u64>,
    /// Number of letters that can be listed.
    pub(in crate::page) listed: u64,
    /// True if those are all there are.
    pub(in crate::page) are_all_listed: bool,
    /// The number of this page of the list; the first is 1.
    pub(in crate::page) page: u64,
    /// The redrive that was asked for last.
    pub(in crate::page) redrive: State,
    /// True for somebody who may redrive.
    pub(in crate::page) may_act: bool,
    /// True if somebody else may, who has shown the token.
    pub(in crate::page) has_token: bool,
    /// The part of the addresses of pictures that no other run of the program has.
    pub(in crate::page) run: &'a str,
}

/// The content of the page of the dead letters.
pub(in crate::page) fn letters(list: &List<'_>) -> Markup {
    let mut page = Markup::default();
    put!(page, "<h1>Dead letters</h1>\n");
    let rows = match &list.rows {
        None => {
            put!(
                page,
                "<p class=\"note\">This worker has no dead-letter queue of its own: with --dead-letters it sends what it \
                 rejects there, and lists it here.</p>\n"
            );
            return page;
        }
        Some(Err(reason)) => {
            put!(
                page,
                "<p class=\"wrong\">The letters cannot be read: {}</p>\n",
                reason
            );
            return page;
        }
        Some(Ok(rows)) => rows,
    };
    page.add(&actions(list, rows));
    put!(
        page,
        "<section aria-labelledby=\"letters-title\">\n<h2 id=\"letters-title\">Letters</h2>\n"
    );
    page.add(&summary(list));
    put!(
        page,
        "<ol id=\"letters\" class=\"cards\" start=\"{}\" data-list>\n",
        first(list.page)
    );
    for row in rows {
        page.add(&one(row, list));
    }
    put!(page, "</ol>\n");
    page.add(&pages(list));
    put!(page, "</section>\n");
    page
}

fn first(page: u64) -> u64 {
    page.saturating_sub(1).saturating_mul(PAGE as u64) + 1
}

fn last_page(list: &List<'_>) -> u64 {
    list.listed.div_ceil(PAGE as u64).max(1)
}

fn summary(list: &List<'_>) -> Markup {
    let mut page = Markup::default();
    put!(page, "<p id=\"summary\" class=\"note\" data-live>");
    match (list.total, list.are_all_listed) {
        (Some(0), _) => put!(page, "There are no dead letters."),
        (Some(total), true) => put!(
            page,
            "{} in the folder, the oldest first; page {} of {}.",
            number(total),
            number(list.page),
            number(last_page(list))
        ),
        (total, _) => {
            let total = total.map_or("An unknown number".to_owned(), number);
            put!(
                page,
                "{} in the queue. A queue shows its letters only by handing them out, so the list has the {} that were \
                 sent from here since the start, the newest first; thimble dlq list shows the others.",
                total,
                number(list.listed)
            );
        }
    }
    put!(page, "</p>\n");
    page
}

/// The redrive that goes on, or the button for one.
fn actions(list: &List<'_>, rows: &[Row]) -> Markup {
    let mut page = Markup::default();
    put!(
        page,
        "<section aria-labelledby=\"redrive-title\">\n<h2 id=\"redrive-title\">Redrive</h2>\n\
         <div id=\"redriving\" role=\"status\" data-live>"
    );
    match &list.redrive {
        State::Never => {}
        State::Running { seen, moved } => put!(
            page,
            "<p>A redrive goes on: {} looked at, {} sent back.</p>",
            number(*seen),
            number(*moved)
        ),
        State::Ended { at, result: Ok(of) } => {
            let Moved {
                moved,
                failed,
                left,
            } = *of;
            put!(
                page,
                "<p>The redrive of {} is over: {} sent back, {} failed, {} left.</p>",
                moment(*at),
                number(moved),
                number(failed),
                number(left)
            );
        }
        State::Ended {
            at,
            result: Err(reason),
        } => put!(
            page,
            "<p class=\"wrong\">The redrive of {} failed: {}</p>",
            moment(*at),
            reason
        ),
    }
    put!(page, "</div>\n<div id=\"redrive\" data-live>");
    let runs = matches!(list.redrive, State::Running { .. });
    if list.may_act && !runs && list.total == Some(0) {
        put!(
            page,
            "<p class=\"note\">There is nothing to send back.</p>\n"
        );
    } else if list.may_act && !runs {
        page.add(&form(rows));
    } else if !list.may_act && list.has_token {
        put!(
            page,
            "<p class=\"note\"><a href=\"/enter\">Show the token</a> to send letters back.</p>\n"
        );
    } else if !list.may_act {
        put!(
            page,
            "<p class=\"note\">This page is read only: start with --page-token-file to send letters back from here.</p>\n"
        );
    }
    put!(page, "</div>\n</section>\n");
    page
}

fn form(rows: &[Row]) -> Markup {
    let kinds = rows.iter().filter_map(|row| row.letter.kind.as_deref());
    let kinds: BTreeSet<&str> = kinds.collect();
    let mut page = Markup::default();
    put!(
        page,
        "<form method=\"post\" action=\"/redrive\" class=\"row\"><label for=\"kind\">Send back</label>\n\
         <select id=\"kind\" name=\"kind\"><option value=\"\">all letters</option>"
    );
    for kind in kinds {
        put!(
            page,
            "<option value=\"{}\">those of {}</option>",
            kind,
            kind
        );
    }
    put!(page, "</select>\n<button>Redrive</button></form>\n");
    page
}

fn one(row: &Row, list: &List<'_>) -> Markup {
    let letter = &row.letter;
    let mut page = Markup::default();
    let name = letter.source.as_ref().map(ToString::to_string);
    let name = name.unwrap_or_else(|| "a message that names no image".to_owned());
    put!(
        page,
        "<li id=\"letter-{}\"><div class=\"pictures\">",
        letter.id
    );
    picture(&mut page, row, &name, list.run);
    put!(
        page,
        "</div><div><h3>{}</h3><p class=\"wrong\"><b>{}</b>: {}</p><p class=\"note\">",
        name,
        letter.kind.as_deref().unwrap_or("unknown"),
        letter
            .reason
            .as_deref()
            .unwrap_or("no reason is given; search the log for its name")
    );
    if let Some(at) = letter.at {
        put!(page, "Sent {}", moment(at));
    }
    if let Some(engine) = &letter.engine {
        put!(
            page,
            ", engine <code>{}</code>",
            format_args!("{engine:.12}")
        );
    }
    if let Some(redrives) = &letter.redrives {
        put!(page, ", redrives: {}", redrives);
    }
    put!(page, "</p>");
    let runs = matches!(list.redrive, State::Running { .. });
    if list.may_act && !runs {
        put!(
            page,
            "<form method=\"post\" action=\"/redrive\"><input type=\"hidden\" name=\"letter\" value=\"{}\">\
             <button>Redrive this<span class=\"hidden\">: {}</span></button></form>",
            letter.work,
            name
        );
    }
    put!(page, "</div></li>\n");
    page
}

/// Show the picture, or say why it is not shown.
fn picture(page: &mut Markup, row: &Row, name: &str, run: &str) {
    let number = row.number.unwrap_or_default();
    match row.picture {
        Picture::Drawn => put!(
            page,
            "<img src=\"/source/{}/{}\" alt=\"{}, as far as this browser draws it\" loading=\"lazy\" \
             decoding=\"async\" width=\"160\" height=\"120\">",
            run,
            number,
            name
        ),
        Picture::OnRequest => put!(
            page,
            "<a class=\"none\" href=\"/source/{}/{}\">Draw it in this browser: it was too much for the engine\
             <span class=\"hidden\">, {}</span></a>",
            run,
            number,
            name
        ),
        Picture::No(reason) => put!(page, "<span class=\"none\">No picture: {}</span>", reason),
    }
}

fn pages(list: &List<'_>) -> Markup {
    let mut page = Markup::default();
    let last = last_page(list);
    put!(
        page,
        "<nav id=\"pages\" class=\"row\" aria-label=\"Pages of the list\" data-live>"
    );
    if last > 1 || list.page > 1 {
        let here = list.page.min(last + 1);
        for (target, name, show) in [
            (1, "First", here > 1),
            (here.saturating_sub(1), "Previous", here > 1),
            (here + 1, "Next", here < last),
            (last, "Last", here < last),
        ] {
            if show {
                put!(page, "<a href=\"/letters?page={}\">{}</a> ", target, name);
            }
        }
        put!(
            page,
            "<span>page {} of {}</span>",
            number(list.page),
            number(last)
        );
    }
    put!(page, "</nav>\n");
    page
}
