//! The pages: what is the same on each of them.

use super::markup::{Markup, put};

mod enter;
mod files;
mod letters;
mod status;
mod words;

pub(super) use enter::enter;
pub(super) use files::{File, ICON, SCRIPT, STYLE};
pub(super) use letters::{List, Row, letters};
pub(super) use status::{Status, status};

/// Surroundings of the content, on every page.
pub(super) struct Frame<'a> {
    /// The place that the host works for: a folder, or a queue.
    pub(super) place: &'a str,
    /// The address of the page itself, among those of the menu.
    pub(super) here: &'static str,
    /// Number of dead letters, if the host has a queue for them and it is known.
    pub(super) letters: Option<u64>,
    /// True for somebody who has shown the token.
    pub(super) is_known: bool,
    /// True for somebody who has not, where there is one.
    pub(super) may_enter: bool,
}

/// A whole page.
pub(super) fn whole(title: &str, frame: &Frame<'_>, main: &Markup) -> Markup {
    let mut page = head(title);
    put!(
        page,
        "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
         <header><p class=\"name\"><b>Thimble</b> <span class=\"place\">{}</span></p>\n",
        frame.place
    );
    page.add(&menu(frame));
    put!(
        page,
        "<p class=\"live\"><span id=\"live\" role=\"status\">As of {}; load the page again for news</span> \
         <button id=\"pause\" type=\"button\" hidden>Pause updates</button></p></header>\n\
         <main id=\"main\" tabindex=\"-1\">\n",
        words::clock(std::time::SystemTime::now())
    );
    page.add(main);
    put!(page, "</main>\n<footer>");
    if frame.is_known {
        put!(
            page,
            "<form method=\"post\" action=\"/leave\"><button>Forget the token in this browser</button></form>"
        );
    } else if frame.may_enter {
        put!(
            page,
            "<p><a href=\"/enter\">Show the token to redrive</a></p>"
        );
    }
    put!(
        page,
        "<p>thimble {}. All times are UTC.</p></footer>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    );
    page
}

fn head(title: &str) -> Markup {
    let mut page = Markup::default();
    put!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{} – Thimble</title>\n\
         <link rel=\"icon\" href=\"{}\">\n<link rel=\"stylesheet\" href=\"{}\">\n\
         <script src=\"{}\" defer></script>\n</head>\n",
        title,
        ICON.address(),
        STYLE.address(),
        SCRIPT.address()
    );
    page
}

fn menu(frame: &Frame<'_>) -> Markup {
    let mut menu = Markup::default();
    put!(menu, "<nav id=\"menu\" aria-label=\"Pages\" data-live><ul>");
    for (address, name) in [("/", "Status"), ("/letters", "Dead letters")] {
        put!(menu, "<li><a href=\"{}\"", address);
        if address == frame.here {
            put!(menu, " aria-current=\"page\"");
        }
        put!(menu, ">{}", name);
        let letters = frame.letters.filter(|_| address == "/letters");
        if let Some(count) = letters {
            put!(
                menu,
                " <span class=\"count\">{}</span>",
                words::number(count)
            );
        }
        put!(menu, "</a></li>");
    }
    put!(menu, "</ul></nav>\n");
    menu
}
