//! A screenshot: flat areas, hard edges and small text.

use crate::camera::Photo;
use crate::noise::{fractal, random};

/// The glyphs of the only font, lower case alone: a character, the row that it
/// begins in, and its rows.
const FONT: &str = include_str!("font.txt");

/// Texts of the side bar, and of the page.
const FOLDERS: [&str; 8] = [
    "inbox",
    "holidays",
    "2023",
    "2024",
    "scans",
    "logos",
    "shared with me",
    "bin",
];
const LINES: [&str; 7] = [
    "thumbnails made today: 12,480",
    "waiting in the queue: 3",
    "dead letters: 1  (see reason)",
    "engine 0.1.0  channel: stable",
    "slowest image: 41 ms (24 mp)",
    "largest image: 92 mp (tiff)",
    "time to first byte: 8 ms",
];

/// Pixels of a screen, painted from back to front.
pub(crate) struct Screen {
    pub width: u32,
    pub height: u32,
    pixels: Vec<[u8; 3]>,
}

impl Screen {
    /// A window with a side bar, a chart and text.
    pub(crate) fn dashboard(width: u32, height: u32, seed: u32) -> Self {
        let mut screen = Self::filled(width, height, 0xf4f6f9);
        let (bar, head) = (width / 5, 44);
        screen.fill((0, 0), (width, head), 0x2b3442);
        for (index, color) in [0xff5f57, 0xfebc2e, 0x28c840].into_iter().enumerate() {
            screen.dot((24 + 24 * index as i32, 22), 7, color);
        }
        screen.text((110, 13), "thimble - dashboard", 2, 0xe8ecf2);
        screen.side_bar(bar, head);
        screen.chart(
            (bar + 32, head + 32),
            (width - bar - 64, height / 2 - 60),
            seed,
        );
        screen.page((bar + 32, height / 2 + 36), seed);
        screen
    }

    /// Shows a photo, its upper left corner at a place on the screen.
    pub(crate) fn place(&mut self, photo: &Photo, at: (u32, u32)) {
        let samples = photo.rgb8();
        let rows = samples
            .as_chunks::<3>()
            .0
            .chunks_exact(photo.width as usize);
        for (y, row) in rows.enumerate() {
            let left = ((at.1 as usize + y) * self.width as usize) + at.0 as usize;
            if let Some(place) = self.pixels.get_mut(left..left + row.len()) {
                place.copy_from_slice(row);
            }
        }
    }

    /// Three samples of 8 bits for each pixel.
    pub(crate) fn rgb8(&self) -> Vec<u8> {
        self.pixels.concat()
    }

    fn filled(width: u32, height: u32, color: u32) -> Self {
        Self {
            width,
            height,
            pixels: vec![rgb(color); (width * height) as usize],
        }
    }

    fn side_bar(&mut self, width: u32, top: u32) {
        self.fill((0, top), (width, self.height), 0xe3e8ef);
        self.fill((8, top + 84), (width - 16, 30), 0x3d7bd9);
        for (index, name) in FOLDERS.into_iter().enumerate() {
            let y = top + 24 + 34 * index as u32;
            let color = if index == 2 { 0xffffff } else { 0x3a4658 };
            self.dot(
                (24, y as i32 + 9),
                5,
                if index == 2 { 0xffffff } else { 0x93a1b5 },
            );
            self.text((40, y), name, 2, color);
        }
    }

    fn chart(&mut self, at: (u32, u32), size: (u32, u32), seed: u32) {
        self.card(at, size);
        self.text((at.0 + 20, at.1 + 16), "images per minute", 2, 0x3a4658);
        let bars = size.0.saturating_sub(40) / 18;
        for index in 0..bars {
            let value = fractal(index as f32 * 0.21, 0.5, 4, seed) * 1.5 - 0.3;
            let tall = ((size.1 - 80) as f32 * value.clamp(0.05, 1.0)) as u32;
            let color = if random(index as i32, 7, seed) > 0.93 {
                0xe2574c
            } else {
                0x3d7bd9
            };
            self.fill(
                (at.0 + 20 + index * 18, at.1 + size.1 - 20 - tall),
                (12, tall),
                color,
            );
        }
    }

    fn page(&mut self, at: (u32, u32), seed: u32) {
        let wide = self.width - at.0 - 32;
        self.card(at, (wide, self.height.saturating_sub(at.1 + 28)));
        for (index, line) in LINES.into_iter().enumerate() {
            let y = at.1 + 22 + 36 * index as u32;
            if y + 24 > self.height - 40 {
                break;
            }
            self.text((at.0 + 20, y), line, 2, 0x27303d);
            let share = (f64::from(wide / 3) * f64::from(random(3, index as i32, seed))) as u32;
            self.fill(
                (at.0 + wide - wide / 3 - 20, y + 4),
                (wide / 3, 8),
                0xdde3eb,
            );
            self.fill((at.0 + wide - wide / 3 - 20, y + 4), (share, 8), 0x2aa876);
        }
    }

    fn card(&mut self, at: (u32, u32), size: (u32, u32)) {
        self.fill((at.0 - 1, at.1 - 1), (size.0 + 2, size.1 + 2), 0xd0d7e1);
        self.fill(at, size, 0xffffff);
    }

    fn fill(&mut self, at: (u32, u32), size: (u32, u32), color: u32) {
        for y in at.1..(at.1 + size.1).min(self.height) {
            for x in at.0..(at.0 + size.0).min(self.width) {
                self.pixels[(y * self.width + x) as usize] = rgb(color);
            }
        }
    }

    fn dot(&mut self, middle: (i32, i32), radius: i32, color: u32) {
        for dy in -radius..=radius {
            let half = f64::from(radius * radius - dy * dy).sqrt() as i32;
            let (left, top) = (middle.0 - half, middle.1 + dy);
            self.fill(
                (left.max(0) as u32, top.max(0) as u32),
                (2 * half as u32 + 1, 1),
                color,
            );
        }
    }

    fn text(&mut self, at: (u32, u32), text: &str, size: u32, color: u32) {
        let mut left = at.0;
        for character in text.chars() {
            let Some((top, rows)) = glyph(character) else {
                left += 3 * size;
                continue;
            };
            let wide = rows.first().map_or(0, |row| row.len() as u32);
            for (y, row) in rows.iter().enumerate() {
                for (x, _) in row.bytes().enumerate().filter(|(_, dot)| *dot == b'#') {
                    let place = (left + x as u32 * size, at.1 + (top + y as u32) * size);
                    self.fill(place, (size, size), color);
                }
            }
            left += (wide + 1) * size;
        }
    }
}

/// The row that a glyph begins in, and its rows; nothing for a blank.
fn glyph(character: char) -> Option<(u32, Vec<&'static str>)> {
    let line = FONT.lines().find(|line| line.starts_with(character))?;
    let mut words = line.split(' ').skip(1);
    let top = words.next()?.parse().ok()?;
    Some((top, words.collect()))
}

fn rgb(color: u32) -> [u8; 3] {
    [16, 8, 0].map(|shift| (color >> shift) as u8)
}
