//! Decoding: from segment to segment, from scan to scan.

use super::channel::Channel;
use super::coefficients::Store;
use super::decoded::Decoded;
use super::error::{Error, Warning};
use super::frame::{self, Coding, Frame};
use super::header::{ColorModel, Header};
use super::huffman::{Dc, Progressive, Start};
use super::marker::{self, Segments};
use super::means::Means;
use super::progressive::{self, DcPart};
use super::scale::Scale;
use super::scan::{self, Scan};
use super::sequential;
use super::shared::SharedTables;
use super::tables::Tables;
use super::walk::{Walk, warn};
use super::window::Window;

/// Most scans that are decoded. Ten are usual, and the most that a sensible
/// script asks for is one for each bit of each component's frequency bands; a
/// hostile source has a scan every few bytes, and each may visit every block.
const MOST_SCANS: usize = 256;

/// Most MCUs that are visited, in all scans together. In pictures of 100 megapixels
/// that is still fifty scans.
const MOST_VISITS: usize = 80_000_000;

/// Resolution at which color differences are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chroma {
    /// At half of luma's resolution or better, as 4:2:0 stores it.
    Half,
    /// At luma's resolution, as far as the source has it.
    Full,
}

/// Decodes the picture at a scale. Damage costs parts of the picture, not all of it,
/// and becomes a warning; damage in what the scale has no use for may go unnoticed.
///
/// # Errors
///
/// If there is no picture: nothing of it can be decoded, or there is no memory for
/// it.
pub fn decode(header: &Header<'_>, scale: Scale, chroma: Chroma) -> Result<Decoded, Error> {
    decode_sharing(header, scale, chroma, &mut SharedTables::default())
}

/// The same for one of many small streams, which have tables in common.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_sharing(
    header: &Header<'_>,
    scale: Scale,
    chroma: Chroma,
    shared: &mut SharedTables,
) -> Result<Decoded, Error> {
    let (source, frame) = (header.source, &header.frame);
    let side = |index| component_side(frame, header.model, index, scale, chroma);
    let channels = frame.components.iter().enumerate();
    let channels = channels.map(|(index, part)| Channel::new(frame, *part, side(index)));
    let channels = channels.collect::<Result<_, _>>()?;
    let tables = Tables::new()?;
    let mut decoder = Decoder {
        source,
        frame,
        channels,
        tables,
        shared,
        warnings: vec![],
        scans: 0,
        visits: 0,
    };
    decoder.run()?;
    decoder.channels.iter_mut().try_for_each(Channel::finish)?;
    Ok(Decoded::new(
        header,
        scale,
        decoder.channels,
        decoder.warnings,
    ))
}

/// Bytes that are held for each pixel of the source while it is decoded at a scale:
/// samples, the coefficients of a progressive frame, and whole pixels if they are made.
#[must_use]
pub fn bytes_per_pixel(
    header: &Header<'_>,
    scale: Scale,
    chroma: Chroma,
    makes_pixels: bool,
) -> f64 {
    let frame = &header.frame;
    let blocks = frame.components.iter().enumerate().map(|(index, part)| {
        let side = component_side(frame, header.model, index, scale, chroma);
        let coefficients = match frame.coding {
            Coding::Sequential => 0,
            Coding::Progressive => Store::bytes_per_block(side),
        };
        let share = (part.horizontal * part.vertical) as f64;
        share * (side * side + coefficients) as f64
    });
    let shares = (frame.horizontal * frame.vertical) as f64;
    let planes = blocks.sum::<f64>() / (64.0 * shares);
    let pixels = (frame.components.len() * scale.side() * scale.side()) as f64 / 64.0;
    planes + if makes_pixels { pixels } else { 0.0 }
}

/// With how many samples a side a component's blocks are decoded: fewer than
/// luma's where the component is sampled more finely than wanted, more where it
/// is sampled more coarsely.
fn component_side(
    frame: &Frame,
    model: ColorModel,
    index: usize,
    scale: Scale,
    chroma: Chroma,
) -> usize {
    let component = &frame.components[index];
    let across = frame.horizontal.div_ceil(component.horizontal);
    let down = frame.vertical.div_ceil(component.vertical);
    let full = scale.side() * across.max(down);
    let halved = chroma == Chroma::Half && model == ColorModel::Ycbcr && index > 0;
    let wanted = if halved { full.div_ceil(2) } else { full };
    Scale::of_side(wanted.max(1)).side()
}

struct Decoder<'a> {
    source: &'a [u8],
    frame: &'a Frame,
    channels: Vec<Channel>,
    tables: Tables,
    shared: &'a mut SharedTables,
    warnings: Vec<Warning>,
    scans: usize,
    visits: usize,
}

impl Decoder<'_> {
    /// Decode every scan. Once there has been one, errors are but warnings.
    fn run(&mut self) -> Result<(), Error> {
        let result = self.segments();
        match result {
            Err(Error::Malformed(what) | Error::Unsupported(what)) if self.scans > 0 => {
                warn(&mut self.warnings, Warning::BrokenSegment(what));
            }
            Err(error) => return Err(error),
            Ok(()) if self.scans == 0 => return Err(Error::Malformed("has no scan")),
            Ok(()) => {}
        }
        Ok(())
    }

    fn segments(&mut self) -> Result<(), Error> {
        let mut segments = Segments::new(self.source);
        while let Some(segment) = segments.next() {
            match segment.marker {
                marker::DQT => self.tables.read_quantization(segment.payload)?,
                marker::DHT => self.tables.read_huffman(segment.payload)?,
                marker::DRI => self.tables.read_interval(segment.payload)?,
                marker::SOS if self.scans == MOST_SCANS => {
                    warn(&mut self.warnings, Warning::TooManyScans);
                    return Ok(());
                }
                marker::SOS => {
                    let scan = Scan::read(segment.payload, self.frame)?;
                    let (columns, rows) = scan.grid(self.frame);
                    self.visits += columns * rows;
                    if self.visits > MOST_VISITS && self.scans > 0 {
                        warn(&mut self.warnings, Warning::TooManyScans);
                        return Ok(());
                    }
                    let end = self.scan(&scan, segments.position())?;
                    self.scans += 1;
                    segments.seek(end);
                }
                marker::EOI => return Ok(()),
                // Another picture begins in this one, which ends without an end.
                other if self.scans > 0 && (other == marker::SOI || frame::is_frame(other)) => {
                    break;
                }
                _ => {}
            }
        }
        warn(&mut self.warnings, Warning::MissingEnd);
        Ok(())
    }

    /// Decode the scan whose data begins at a position, and say where it ends.
    fn scan(&mut self, scan: &Scan, position: usize) -> Result<usize, Error> {
        for (_, channel) in members(scan, &mut self.channels) {
            if channel.steps.is_none() {
                let number = channel.component.quantization;
                channel.steps = Some(self.tables.steps(number, channel.side)?);
            }
        }
        let mut window = Window::new(self.source, position);
        match self.frame.coding {
            Coding::Sequential => self.sequential(scan, &mut window)?,
            Coding::Progressive => self.progressive(scan, &mut window)?,
        }
        Ok(marker::find_scan_end(self.source, window.position()).unwrap_or(self.source.len()))
    }

    fn sequential(&mut self, scan: &Scan, window: &mut Window<'_>) -> Result<(), Error> {
        let tables = &self.tables;
        let sides = || {
            scan.parts
                .iter()
                .map(|part| self.channels[part.component].side)
        };
        let (skips, only_means) = (sides().any(|side| side < 8), sides().all(|side| side == 1));
        let dcs = used::<_, 4>(scan, |part| part.dc, |number| Dc::new(tables.dc(number)))?;
        let acs = used::<_, 4>(
            scan,
            |part| part.ac,
            |number| Ok(self.shared.ac(tables.ac(number), skips)),
        )?;
        let grid = scan.grid(self.frame);
        let walk = Walk::new(window, grid, tables.interval, &mut self.warnings);
        let (mut parts, mut means) = (vec![], Means::new());
        let starts = if only_means {
            let pair = |part: &scan::Part| 4 * part.dc + part.ac;
            let start = |pair| Ok(Start::new(tables.dc(pair / 4), tables.ac(pair % 4)));
            used::<_, 16>(scan, pair, start)?
        } else {
            [const { None }; 16]
        };
        for (part, channel) in members(scan, &mut self.channels) {
            let steps = channel
                .steps
                .ok_or(Error::Malformed("lacks a quantization table"))?;
            let (Some(dc), Some(ac)) = (&dcs[part.dc], &acs[part.ac]) else {
                continue;
            };
            match &starts[4 * part.dc + part.ac] {
                Some(start) => means.push(channel, &steps, scan, (dc, ac, start)),
                None => parts.push(sequential::Part::new(channel, steps, dc, ac, scan)),
            }
        }
        if only_means {
            means.decode(walk);
        } else {
            sequential::scan(&mut parts, walk);
        }
        Ok(())
    }

    fn progressive(&mut self, scan: &Scan, window: &mut Window<'_>) -> Result<(), Error> {
        let grid = scan.grid(self.frame);
        let walk = Walk::new(window, grid, self.tables.interval, &mut self.warnings);
        if scan.first == 0 {
            let mut parts = vec![];
            for (part, channel) in members(scan, &mut self.channels) {
                let table = Dc::new(self.tables.dc(part.dc))?;
                parts.push(DcPart::new(channel, table, scan));
            }
            progressive::dc(&mut parts, scan, walk);
        } else {
            let only = members(scan, &mut self.channels).next();
            // Where means are all that is taken, no scan needs what this one brings.
            let only = only.filter(|(_, channel)| channel.side > 1);
            if let Some((part, channel)) = only {
                let table = Progressive::new(self.tables.ac(part.ac));
                progressive::ac(channel, table, scan, walk);
            }
        }
        Ok(())
    }
}

/// Tables derived from those that a scan uses, of a number of them.
fn used<T, const COUNT: usize>(
    scan: &Scan,
    number: impl Fn(&scan::Part) -> usize,
    mut derive: impl FnMut(usize) -> Result<T, Error>,
) -> Result<[Option<T>; COUNT], Error> {
    let mut derived = [const { None }; COUNT];
    for number in scan.parts.iter().map(number) {
        if derived[number].is_none() {
            derived[number] = Some(derive(number)?);
        }
    }
    Ok(derived)
}

/// The components of a scan, each with what is decoded of it.
fn members<'a>(
    scan: &'a Scan,
    channels: &'a mut [Channel],
) -> impl Iterator<Item = (scan::Part, &'a mut Channel)> {
    let part = |index| {
        scan.parts
            .iter()
            .copied()
            .find(move |part| part.component == index)
    };
    channels
        .iter_mut()
        .enumerate()
        .filter_map(move |(index, channel)| Some((part(index)?, channel)))
}
