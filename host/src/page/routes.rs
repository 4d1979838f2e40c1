//! Requests, and what answers them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode};

use super::access::{LIFE, SESSION};
use super::letters::PAGE;
use super::pictures::{self, of_letters};
use super::reply::{self, Reply};
use super::views::{self, File, Frame, ICON, List, Row, SCRIPT, STYLE, Status};
use super::{Inner, lock, redriving, stream};
use crate::error::with_causes;
use crate::event::key::decode;
use crate::http::body;
use crate::letter::Choice;

/// Longest form, in bytes: a token, or the choice of letters.
const LONGEST: usize = 4 << 10;

/// Time for which whoever shows a wrong token waits, one after the other.
const WRONG: Duration = Duration::from_millis(250);

/// Words for those whose token is not looked at.
const TOO_MANY: &str = "too many wrong tokens were shown; try again later";

/// Pages of the list that are looked for, at most.
const PAGES: u64 = 1_000_000;

/// Fields of a form, or of the query of an address.
type Fields = BTreeMap<String, String>;

/// Answer a request.
pub(super) async fn respond(inner: Arc<Inner>, request: Request<Incoming>) -> Reply {
    if !inner.access.is_called(request.headers()) {
        let words =
            "the host has another name; call it by its address, as localhost, or by a --page-name";
        return reply::text(StatusCode::MISDIRECTED_REQUEST, words);
    }
    let is_get = [Method::GET, Method::HEAD].contains(request.method());
    match (
        request.uri().path(),
        is_get,
        request.method() == Method::POST,
    ) {
        ("/enter" | "/leave" | "/redrive", _, true) => post(&inner, request).await,
        ("/leave" | "/redrive", _, _) => reply::only("POST"),
        ("/enter", false, false) => reply::only("GET, HEAD, POST"),
        (_, true, _) => get(&inner, &request).await,
        _ => reply::only("GET, HEAD"),
    }
}

async fn get(inner: &Arc<Inner>, request: &Request<Incoming>) -> Reply {
    let path = request.uri().path();
    for File {
        path: known,
        media_type,
        text,
    } in [STYLE, SCRIPT, ICON]
    {
        if path == known {
            return reply::file(media_type, text);
        }
    }
    if path == "/enter" {
        return match inner.access.has_token() {
            true => reply::page(StatusCode::OK, views::enter(None)),
            false => reply::see_other("/"),
        };
    }
    if inner.guesses.is_crowded(&inner.access, request.headers()) {
        return reply::busy(TOO_MANY);
    }
    let may_look = inner.access.may_look(request.headers());
    // An answer that is the same for everybody does not say whether a token is right.
    let tells = !may_look || ["/", "/letters"].contains(&path);
    if tells && inner.access.is_guess(request.headers()) {
        wait(inner).await;
    }
    if !may_look {
        return reply::page(StatusCode::UNAUTHORIZED, views::enter(None));
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        [""] => status(inner, request).await,
        ["letters"] => letters(inner, request).await,
        ["events"] => stream::open(inner),
        ["picture", run, image, thumbnail] if *run == inner.run => {
            match (image.parse(), thumbnail.parse()) {
                (Ok(image), Ok(thumbnail)) => pictures::thumbnail(inner, image, thumbnail).await,
                _ => unknown(),
            }
        }
        ["source", run, number] if *run == inner.run => match number.parse() {
            Ok(number) => pictures::source(inner, number).await,
            Err(_) => unknown(),
        },
        _ => unknown(),
    }
}

fn unknown() -> Reply {
    reply::text(StatusCode::NOT_FOUND, "there is no such page; begin at /")
}

fn frame<'a>(
    inner: &'a Inner,
    request: &Request<Incoming>,
    here: &'static str,
    letters: Option<u64>,
) -> Frame<'a> {
    let is_known = inner.access.may_act(request.headers());
    Frame {
        place: &inner.parts.place,
        here,
        letters,
        is_known,
        may_enter: inner.access.has_token() && !is_known,
    }
}

async fn status(inner: &Inner, request: &Request<Incoming>) -> Reply {
    inner.refresh();
    let depths = inner.depths().await;
    let main = views::status(&mut Status {
        recent: &mut lock(&inner.recent),
        depths,
        has_letters: inner.parts.letters.is_some(),
        run: &inner.run,
    });
    let letters = depths.letters.map(|depth| depth.total());
    let frame = frame(inner, request, "/", letters);
    reply::page(StatusCode::OK, views::whole("Status", &frame, &main))
}

async fn letters(inner: &Inner, request: &Request<Incoming>) -> Reply {
    let query = fields(request.uri().query().unwrap_or_default());
    let page = query.get("page").and_then(|page| page.parse().ok());
    let page = page.unwrap_or(1).clamp(1, PAGES);
    let depths = inner.depths().await;
    let total = depths.letters.map(|depth| depth.total());
    let are_all_listed = inner
        .parts
        .letters
        .as_ref()
        .is_some_and(|letters| letters.are_all_listed());
    let rows = rows(inner, page).await;
    let list = List {
        rows,
        total,
        listed: match are_all_listed {
            true => total.unwrap_or_default(),
            false => lock(&inner.recent).letters.len() as u64,
        },
        are_all_listed,
        page,
        redrive: lock(&inner.redriving).state.clone(),
        may_act: inner.access.may_act(request.headers()),
        has_token: inner.access.has_token(),
        run: &inner.run,
    };
    let main = views::letters(&list);
    let frame = frame(inner, request, "/letters", total);
    reply::page(StatusCode::OK, views::whole("Dead letters", &frame, &main))
}

/// Letters on a page of the list.
async fn rows(inner: &Inner, page: u64) -> Option<Result<Vec<Row>, String>> {
    let letters = inner.parts.letters.as_ref()?;
    let skipped = usize::try_from(page - 1).unwrap_or(usize::MAX);
    let letters = letters
        .page(&inner.recent, skipped.saturating_mul(PAGE))
        .await;
    let letters = match letters {
        Ok(letters) => letters,
        Err(error) => return Some(Err(with_causes(&error))),
    };
    let pictures = of_letters(inner, &letters).await;
    let mut numbered = lock(&inner.numbered);
    let rows = letters
        .into_iter()
        .zip(pictures)
        .map(|(letter, picture)| Row {
            number: letter.source.as_ref().map(|source| numbered.number(source)),
            letter,
            picture,
        });
    Some(Ok(rows.collect()))
}

async fn post(inner: &Arc<Inner>, request: Request<Incoming>) -> Reply {
    if !inner.access.has_token() {
        let words = "this page is read only; start with --page-token-file to act from here";
        return reply::text(StatusCode::FORBIDDEN, words);
    }
    let headers = request.headers();
    if inner.guesses.is_crowded(&inner.access, headers) {
        return reply::busy(TOO_MANY);
    }
    if inner.access.is_guess(headers) {
        wait(inner).await;
    }
    if !inner.access.is_from_here(headers) {
        let words = "this was asked for by another page; begin at /";
        return reply::text(StatusCode::FORBIDDEN, words);
    }
    let (path, may_act) = (
        request.uri().path().to_owned(),
        inner.access.may_act(headers),
    );
    let form = match body(request, LONGEST).await {
        Ok(body) => fields(&String::from_utf8_lossy(&body)),
        Err(error) => return reply::text(StatusCode::BAD_REQUEST, error),
    };
    match path.as_str() {
        "/enter" => enter(inner, &form).await,
        "/leave" => reply::entered(SESSION, None, LIFE),
        _ if !may_act => reply::page(StatusCode::UNAUTHORIZED, views::enter(None)),
        _ => redrive(inner, &form),
    }
}

async fn enter(inner: &Inner, form: &Fields) -> Reply {
    let word = form.get("token").map_or("", |word| word.trim());
    if inner.guesses.are_too_many() {
        return reply::busy(TOO_MANY);
    }
    if let Some(session) = inner.access.session(word) {
        return reply::entered(SESSION, Some(&session), LIFE);
    }
    wait(inner).await;
    tracing::warn!("somebody has shown a wrong token to the status page");
    let page = views::enter(Some("This is not the token."));
    reply::page(StatusCode::UNAUTHORIZED, page)
}

/// The wait of whoever has shown a wrong token.
async fn wait(inner: &Inner) {
    inner.guesses.wait(WRONG).await;
}

fn redrive(inner: &Arc<Inner>, form: &Fields) -> Reply {
    if inner.parts.letters.is_none() {
        return reply::text(StatusCode::CONFLICT, "there is no queue of dead letters");
    }
    let choice = match form.get("letter") {
        Some(work) => match work.parse() {
            Ok(work) => Choice {
                work: Some(work),
                ..Choice::default()
            },
            Err(_) => {
                let words = "no letter has this name; load the page again";
                return reply::text(StatusCode::CONFLICT, words);
            }
        },
        None => Choice {
            error_kind: form.get("kind").filter(|kind| !kind.is_empty()).cloned(),
            ..Choice::default()
        },
    };
    if redriving::begin(inner, choice) {
        reply::see_other("/letters")
    } else {
        reply::text(
            StatusCode::CONFLICT,
            "a redrive goes on already; wait for its end",
        )
    }
}

/// The fields that a form has sent, or an address has.
fn fields(text: &str) -> Fields {
    let pairs = text.split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((decode(name).ok()?, decode(value).ok()?))
    });
    pairs.collect()
}
