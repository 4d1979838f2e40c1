//! Elements of a file, counted before `usvg` copies those that are used again.
//!
//! What takes time here grows with a product of two numbers that a file is free to choose:
//! shapes by those that refer to them, letters of a text by themselves, rules of style by
//! elements. Each product has a bound. References by rules of style are not seen: what those
//! make of a drawing ends at the limits of the sandbox.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node, NodeId};
use simplecss::StyleSheet;

use crate::Error;

/// The most nodes of a file, and the most elements with those that are used again.
pub(crate) const MOST: u32 = 200_000;

/// The most elements with those that are used again or referred to.
const MOST_REFERRED: u64 = 2_000_000;

/// The most elements within each other.
const DEEPEST: u32 = 200;

/// The most letters of a text, each as many times as there are letters in that text.
const MOST_LETTERS: u64 = 400_000_000;

/// The most rules of style, each as many times as there are elements, or texts of style; and
/// the most declarations, each as many times as there are selectors in lists.
const MOST_RULES: u64 = 8_000_000;

/// The most ways in which selectors can be tried on elements: one that looks for ancestors is
/// tried on all of them, for each of its parts.
const MOST_WAYS: f64 = 400e6;

/// Sums of a node and all below it.
#[derive(Clone, Copy, Default)]
struct Below {
    /// Elements, each as many times as it is used.
    elements: u64,
    /// The same, and as many times as it is referred to.
    referred: u64,
    /// Squares of the letters of texts.
    letters: u64,
    /// The most elements within each other.
    depth: u32,
}

/// Refuses a document with too many elements, or too many within each other.
pub(crate) fn check(document: &Document<'_>) -> Result<(), Error> {
    let mut census = Census {
        named: document
            .descendants()
            .filter_map(|node| node.attribute("id").map(|id| (id, node)))
            .collect(),
        counted: HashMap::new(),
    };
    let all = census.count(document.root_element(), 0)?;
    if all.elements > u64::from(MOST) || all.referred > MOST_REFERRED {
        return Err(too_many());
    }
    if all.letters > MOST_LETTERS {
        return Err(Error::LimitExceeded("a text of too many letters".into()));
    }
    check_rules(document, &all)
}

/// Refuses rules of style that take long to be tried on all elements.
fn check_rules(document: &Document<'_>, all: &Below) -> Result<(), Error> {
    let refused = || {
        let reason = "too many rules of style for its elements";
        Err(Error::LimitExceeded(reason.into()))
    };
    let styles = document
        .descendants()
        .filter(|node| node.tag_name().name() == "style");
    let texts: Vec<&str> = styles
        .flat_map(|style| style.descendants().filter_map(|node| node.text()))
        .collect();
    let count = |letters: &[char]| {
        let counts = texts
            .iter()
            .map(|text| text.matches(letters).count() as u64);
        counts.sum::<u64>()
    };
    let rules = count(&[',', '{']);
    // Rules are tried on elements, copied for each selector of a list, and sorted for each text.
    let products = [
        rules.saturating_mul(all.elements),
        count(&[',']).saturating_mul(count(&[':'])),
        rules.saturating_mul(texts.len() as u64),
    ];
    if products.iter().any(|product| *product > MOST_RULES) {
        return refused();
    }
    let mut sheet = StyleSheet::new();
    texts.iter().for_each(|text| sheet.parse_more(text));
    let rules = sheet.rules.iter();
    let ways = rules.map(|rule| ways(&rule.selector.to_string(), all.depth));
    if ways.sum::<f64>() * all.elements as f64 > MOST_WAYS {
        return refused();
    }
    Ok(())
}

/// Ways to find an ancestor for each part of a selector that may be any, none if there is no
/// such part.
fn ways(selector: &str, depth: u32) -> f64 {
    let parts: Vec<&str> = selector.split_whitespace().collect();
    let is_sign = |part: &str| matches!(part, ">" | "+" | "~");
    let any = parts
        .windows(2)
        .filter(|pair| !pair.iter().any(|part| is_sign(part)));
    let any = any.count().min(depth as usize);
    if any == 0 {
        return 0.0;
    }
    (0..any).fold(1.0, |ways, at| {
        ways * (f64::from(depth) - at as f64) / (at as f64 + 1.0)
    })
}

pub(crate) fn too_many() -> Error {
    Error::LimitExceeded(format!(
        "more than {MOST} elements, with those that are used again"
    ))
}

/// Counts so far.
struct Census<'a, 'i> {
    named: HashMap<&'a str, Node<'a, 'i>>,
    counted: HashMap<NodeId, Below>,
}

impl<'a, 'i> Census<'a, 'i> {
    /// Sums of a node and all below it. One that is used within itself counts nothing there, as it is not
    /// drawn.
    fn count(&mut self, node: Node<'a, 'i>, depth: u32) -> Result<Below, Error> {
        if let Some(below) = self.counted.get(&node.id()) {
            return Ok(*below);
        }
        let too_deep = || {
            let reason = format!("more than {DEEPEST} elements within each other");
            Err(Error::LimitExceeded(reason))
        };
        if depth > DEEPEST {
            return too_deep();
        }
        self.counted.insert(node.id(), Below::default());
        let mut below = Below {
            letters: letters(node).saturating_pow(2),
            ..Below::default()
        };
        let children = node.children().filter(Node::is_element);
        for next in children.chain(self.used(node)) {
            let next = self.count(next, depth + 1)?;
            below.elements = below.elements.saturating_add(next.elements);
            below.referred = below.referred.saturating_add(next.referred);
            below.letters = below.letters.saturating_add(next.letters);
            below.depth = below.depth.max(next.depth);
        }
        for (next, times) in self.referred(node) {
            let next = self.count(next, depth + 1)?;
            let all = next.referred.saturating_mul(times);
            below.referred = below.referred.saturating_add(all);
            below.depth = below.depth.max(next.depth);
        }
        below.elements = below.elements.saturating_add(1);
        below.referred = below.referred.saturating_add(1);
        below.depth += 1;
        if depth + below.depth > DEEPEST {
            return too_deep();
        }
        self.counted.insert(node.id(), below);
        Ok(below)
    }

    /// The element that one is a copy of.
    fn used(&self, node: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
        if node.tag_name().name() != "use" {
            return None;
        }
        let link = node
            .attributes()
            .find(|attribute| attribute.name() == "href")?;
        self.named
            .get(link.value().trim().strip_prefix('#')?)
            .copied()
    }

    /// Elements that one is painted, cut or marked with, and how many times it is: a marker is
    /// on every corner.
    fn referred(&self, node: Node<'a, 'i>) -> Vec<(Node<'a, 'i>, u64)> {
        let corners = |name: &str| {
            let path = node
                .attribute("d")
                .or(node.attribute("points"))
                .unwrap_or_default();
            let is_marker = name.trim_start().starts_with("marker");
            if is_marker {
                path.len() as u64 / 2 + 1
            } else {
                1
            }
        };
        let mut found = Vec::new();
        for attribute in node.attributes() {
            // A gradient, a pattern or a step of a filter that is made of another.
            let link = attribute.value().trim().strip_prefix('#');
            let is_link = attribute.name() == "href" && node.tag_name().name() != "use";
            let linked = link.filter(|_| is_link).and_then(|id| self.named.get(id));
            found.extend(linked.map(|node| (*node, 1)));
            for part in attribute.value().split(';') {
                let Some((before, behind)) = part.split_once("url(") else {
                    continue;
                };
                let id = behind
                    .trim_start_matches([' ', '"', '\''])
                    .strip_prefix('#');
                let id = id.and_then(|id| id.split([')', '"', '\'']).next());
                let name = if before.contains(':') {
                    before
                } else {
                    attribute.name()
                };
                let referred = id.and_then(|id| self.named.get(id));
                found.extend(referred.map(|node| (*node, corners(name))));
            }
        }
        found
    }
}

/// Letters of a text, with those of its parts.
fn letters(node: Node<'_, '_>) -> u64 {
    if node.tag_name().name() != "text" {
        return 0;
    }
    let parts = node.descendants().filter(Node::is_text);
    parts
        .filter_map(|part| part.text())
        .map(|text| text.len() as u64)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_has_as_many_ways_as_there_are_choices_of_ancestors() {
        for (selector, depth, expected) in [
            ("rect", 20, 0.0),
            ("g > a + rect", 20, 0.0),
            ("g rect", 20, 20.0),
            ("g g rect", 20, 190.0),
            ("svg > g g rect", 4, 6.0),
            ("a b c d e", 3, 1.0),
        ] {
            assert!(
                (ways(selector, depth) - expected).abs() < 1e-6,
                "{selector}"
            );
        }
    }

    fn checked(style: &str, depth: usize) -> Result<(), Error> {
        let (open, close) = ("<g class='a'>".repeat(depth), "</g>".repeat(depth));
        let text = format!("<svg><style>{style}</style>{open}<rect/>{close}</svg>");
        check(&Document::parse(&text).unwrap())
    }

    #[test]
    fn selectors_that_can_be_tried_in_too_many_ways_are_refused() {
        let long = format!(".none {} rect {{ fill: blue }}", ".a ".repeat(60));
        let hidden = "[b='/*'] .a [a=','] .a [a='{'] .a .a .a .a .a [c='*/'] rect { fill: blue }";
        assert!(checked(".a .a .a rect { fill: blue }", 20).is_ok());
        for style in [long.as_str(), hidden] {
            assert!(
                matches!(checked(style, 150), Err(Error::LimitExceeded(_))),
                "{style}"
            );
        }
    }
}
