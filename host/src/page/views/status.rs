//! The first page: what goes on, the last images, and the engine.

use std::time::Instant;

use super::super::depths::Depths;
use super::super::markup::{Markup, put};
use super::super::pictures::is_drawn;
use super::super::rate::Count;
use super::super::recent::{Failed, IMAGES, Image, Recent, Swap, Thumbnails};
use super::words::{clock, counted, moment, number, size, span, things};

/// Thumbnails that are drawn of one image.
const DRAWN: usize = 4;

/// Content of the first page.
pub(in crate::page) struct Status<'a> {
    /// Memory of what was done last.
    pub(in crate::page) recent: &'a mut Recent,
    /// Depths of the queues.
    pub(in crate::page) depths: Depths,
    /// True if there is a queue for dead letters.
    pub(in crate::page) has_letters: bool,
    /// The part of the addresses of pictures that no other run of the program has.
    pub(in crate::page) run: &'a str,
}

/// The content of the first page.
pub(in crate::page) fn status(status: &mut Status<'_>) -> Markup {
    let mut page = Markup::default();
    put!(page, "<h1 class=\"hidden\">Status</h1>\n");
    page.add(&now(status));
    page.add(&throughput(status.recent));
    page.add(&engine(status.recent));
    page.add(&images(status));
    page
}

/// The numbers that matter.
fn now(status: &mut Status<'_>) -> Markup {
    let recent = &mut *status.recent;
    let last_minute: u64 = recent.seconds.until(Instant::now()).map(|of| of.made).sum();
    let depth = |count: Option<u64>| count.map_or("not known".to_owned(), number);
    let work = status.depths.work;
    let mut page = Markup::default();
    put!(
        page,
        "<section id=\"now\" aria-labelledby=\"now-title\" data-live>\n<h2 id=\"now-title\">Now</h2>\n<dl class=\"numbers\">\n"
    );
    let mut card = |name: &str, value: String, what: String| {
        put!(
            page,
            "<div><dt>{}</dt><dd><b>{}</b> <span>{}</span></dd></div>\n",
            name,
            value,
            what
        );
    };
    let messages = |count: Option<u64>| things(count.unwrap_or_default(), "message");
    for (name, count) in [
        ("Waiting", work.map(|depth| depth.visible)),
        ("In hand", work.map(|depth| depth.in_flight)),
    ] {
        card(name, depth(count), messages(count));
    }
    let images = things(last_minute, "image");
    card("Last minute", number(last_minute), images);
    let thumbnails = counted(recent.counts.thumbnails, "thumbnail");
    let since = format!(
        "{}, {thumbnails} since {}",
        things(recent.counts.made, "image"),
        moment(recent.begun)
    );
    card("Done", number(recent.counts.made), since);
    if status.has_letters {
        let letters = status.depths.letters.map(|depth| depth.total());
        let here = format!("{} from here", number(recent.counts.lost));
        card("Dead letters", depth(letters), here);
    }
    put!(page, "</dl>\n</section>\n");
    page
}

/// Images in each of the last minutes, as bars.
fn throughput(recent: &mut Recent) -> Markup {
    let counts: Vec<Count> = recent.minutes.until(Instant::now()).collect();
    let most = counts.iter().map(|of| of.made + of.failed).max();
    let most = most.unwrap_or_default();
    let made: u64 = counts.iter().map(|of| of.made).sum();
    let failed: u64 = counts.iter().map(|of| of.failed).sum();
    let minutes = match counts.len() {
        1 => "minute".to_owned(),
        several => counted(several as u64, "minute"),
    };
    let mut page = Markup::default();
    put!(
        page,
        "<section id=\"throughput\" aria-labelledby=\"throughput-title\" data-live>\n\
         <h2 id=\"throughput-title\">Throughput</h2>\n<figure>\n\
         <svg viewBox=\"0 0 600 80\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\n\
         <line x1=\"0\" y1=\"79.5\" x2=\"600\" y2=\"79.5\"></line>\n"
    );
    let height = |count: u64| (count as f64 * 76.0 / most.max(1) as f64).max(1.5);
    for (age, of) in counts.iter().rev().enumerate() {
        let x = 600.0 - 10.0 * (age as f64 + 1.0) + 1.0;
        let mut top = 79.0;
        for (count, class) in [(of.made, "made"), (of.failed, "failed")] {
            if count > 0 {
                top -= height(count);
                put!(
                    page,
                    "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"8\" height=\"{}\"></rect>\n",
                    class,
                    x,
                    format_args!("{top:.1}"),
                    format_args!("{:.1}", height(count))
                );
            }
        }
    }
    put!(
        page,
        "</svg>\n<figcaption><span class=\"key made\"></span>{} and <span class=\"key failed\"></span>{} \
         in the last {}; {} in the busiest one.</figcaption>\n</figure>\n</section>\n",
        counted(made, "image"),
        counted(failed, "dead letter"),
        minutes,
        number(most)
    );
    page
}

/// The engine that is live, and those before it.
fn engine(recent: &Recent) -> Markup {
    let mut page = Markup::default();
    put!(
        page,
        "<section id=\"engine\" aria-labelledby=\"engine-title\" data-live>\n<h2 id=\"engine-title\">Engine</h2>\n"
    );
    let mut swaps = recent.swaps.iter();
    if let Some(Swap { engine, at }) = swaps.next() {
        put!(
            page,
            "<p><b>{} {}</b> is live since {}.<br><code>{}</code></p>\n",
            engine.name,
            engine.version,
            moment(*at),
            engine.digest
        );
    }
    if recent.swaps.len() > 1 {
        put!(
            page,
            "<details><summary>Swaps: {}</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Swaps of engines\"><table>\n\
             <thead><tr><th scope=\"col\">Live since</th><th scope=\"col\">Engine</th><th scope=\"col\">Digest</th></tr></thead>\n<tbody>\n",
            recent.swaps.len() - 1
        );
        for Swap { engine, at } in &recent.swaps {
            put!(
                page,
                "<tr><td>{}</td><td>{} {}</td><td><code>{}</code></td></tr>\n",
                moment(*at),
                engine.name,
                engine.version,
                format_args!("{:.12}", engine.digest)
            );
        }
        put!(page, "</tbody></table></div></details>\n");
    }
    put!(page, "</section>\n");
    page
}

/// The last images, the newest first.
fn images(status: &Status<'_>) -> Markup {
    let images = &status.recent.images;
    let mut page = Markup::default();
    put!(
        page,
        "<section aria-labelledby=\"images-title\">\n<h2 id=\"images-title\">The last images</h2>\n"
    );
    put!(page, "<p id=\"images-note\" class=\"note\" data-live>");
    if images.is_empty() {
        put!(
            page,
            "No image was worked on since {}.",
            moment(status.recent.begun)
        );
    } else {
        put!(
            page,
            "{}, the newest first; {} at most are kept.",
            counted(images.len() as u64, "image"),
            IMAGES
        );
    }
    put!(page, "</p>\n<ol id=\"images\" class=\"cards\" data-list>\n");
    for image in images {
        put!(page, "<li id=\"image-{}\">", image.number);
        match &image.result {
            Ok(thumbnails) => made(&mut page, image, thumbnails, status.run),
            Err(failed) => missed(&mut page, image, failed),
        }
        put!(page, "</li>\n");
    }
    put!(page, "</ol>\n</section>\n");
    page
}

fn made(page: &mut Markup, image: &Image, thumbnails: &Thumbnails, run: &str) {
    put!(page, "<div class=\"pictures\">");
    let keys = thumbnails.keys.iter().enumerate();
    let mut drawn = 0;
    for (index, key) in keys.filter(|(_, key)| is_drawn(key)).take(DRAWN) {
        drawn += 1;
        let name = key.rsplit('/').next().unwrap_or(key);
        put!(
            page,
            "<img src=\"/picture/{}/{}/{}\" alt=\"{}\" title=\"{}\" loading=\"lazy\" decoding=\"async\" width=\"96\" height=\"96\">",
            run,
            image.number,
            index,
            name,
            name
        );
    }
    if drawn == 0 {
        put!(
            page,
            "<span class=\"none\">no thumbnail that browsers draw</span>"
        );
    }
    put!(page, "</div><div>");
    title(page, image);
    let (read, written) = thumbnails.bytes;
    let stages = thumbnails.stages;
    let count = thumbnails.count as u64;
    put!(
        page,
        "<p>{} in {}: {} to read, {} for the engine, {} to write</p>\
         <p class=\"note\">{}, {} made of {}",
        counted(count, "thumbnail"),
        span(image.took),
        span(stages.get),
        span(stages.generate),
        span(stages.put),
        clock(image.at),
        size(written),
        size(read)
    );
    if let Some(engine) = &thumbnails.engine {
        put!(page, ", by {} {}", engine.name, engine.version);
    }
    put!(page, "</p>");
    for warning in &thumbnails.warnings {
        put!(page, "<p class=\"warning\">Warning: {}</p>", warning);
    }
    put!(page, "</div>");
}

fn missed(page: &mut Markup, image: &Image, failed: &Failed) {
    put!(
        page,
        "<div class=\"pictures\"><span class=\"none\">no thumbnail</span></div><div>"
    );
    title(page, image);
    let fate = if failed.is_dead {
        "dead letter"
    } else {
        "is tried again"
    };
    put!(
        page,
        "<p class=\"wrong\"><b>{}</b>, {}: {}</p><p class=\"note\">{}, after {}</p></div>",
        failed.kind,
        fate,
        failed.reason,
        clock(image.at),
        span(image.took)
    );
}

fn title(page: &mut Markup, image: &Image) {
    put!(page, "<h3>{}</h3>", image.source);
}
