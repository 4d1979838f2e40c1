//! The tables that segments between scans define (ITU-T T.81, B.2.4).

use super::error::Error;
use super::huffman::Specification;
use super::inverse::Steps;
use super::scale::slots;
use super::standard;

/// Tables that have been defined so far.
#[derive(Debug)]
pub(super) struct Tables {
    /// Quantization steps in zigzag order.
    quantization: [Option<[u16; 64]>; 4],
    /// Huffman tables for DC coefficients, then those for AC coefficients. Until
    /// the source defines any they are those of T.81, annex K, which is what
    /// frames of motion JPEG leave out.
    dc: [Specification; 4],
    ac: [Specification; 4],
    /// MCUs between restart markers; 0 without them.
    pub(super) interval: usize,
}

impl Tables {
    pub(super) fn new() -> Result<Self, Error> {
        let [dc0, dc1] = [standard::dc_luma()?, standard::dc_chroma()?];
        let [ac0, ac1] = [standard::ac_luma()?, standard::ac_chroma()?];
        Ok(Tables {
            quantization: [None; 4],
            dc: [dc0, dc1.clone(), dc1.clone(), dc1],
            ac: [ac0, ac1.clone(), ac1.clone(), ac1],
            interval: 0,
        })
    }

    /// A Huffman table for DC coefficients.
    pub(super) fn dc(&self, number: usize) -> &Specification {
        &self.dc[number & 3]
    }

    /// A Huffman table for AC coefficients.
    pub(super) fn ac(&self, number: usize) -> &Specification {
        &self.ac[number & 3]
    }

    /// A quantization table in the order of an inverse transform's coefficients.
    pub(super) fn steps(&self, number: usize, side: usize) -> Result<Steps, Error> {
        let missing = Error::Malformed("lacks a quantization table");
        let table = self
            .quantization
            .get(number)
            .copied()
            .flatten()
            .ok_or(missing)?;
        let mut steps = [0; 64];
        for (slot, step) in slots(side).into_iter().zip(table) {
            if let Some(place) = steps.get_mut(usize::from(slot)) {
                *place = step.min(i16::MAX as u16) as i16;
            }
        }
        Ok(steps)
    }

    /// Read a DQT segment (T.81, B.2.4.1).
    pub(super) fn read_quantization(&mut self, payload: &[u8]) -> Result<(), Error> {
        let mut rest = payload;
        while let [selector, values @ ..] = rest {
            let length = if selector >> 4 == 0 { 64 } else { 128 };
            let Some((values, behind)) = values.split_at_checked(length) else {
                return Err(Error::Malformed("quantization table is too short"));
            };
            let mut table = [0; 64];
            for (k, step) in table.iter_mut().enumerate() {
                *step = match length {
                    64 => values[k].into(),
                    _ => u16::from_be_bytes([values[2 * k], values[2 * k + 1]]),
                };
            }
            let Some(place) = self.quantization.get_mut(usize::from(selector & 15)) else {
                return Err(Error::Malformed("defines a fifth quantization table"));
            };
            *place = Some(table);
            rest = behind;
        }
        Ok(())
    }

    /// Read a DHT segment (T.81, B.2.4.2).
    pub(super) fn read_huffman(&mut self, payload: &[u8]) -> Result<(), Error> {
        let short = Error::Malformed("Huffman table is too short");
        let mut rest = payload;
        while let [selector, table @ ..] = rest {
            let (counts, behind) = table.split_first_chunk::<16>().ok_or(short)?;
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let (values, behind) = behind.split_at_checked(total).ok_or(short)?;
            let tables = if selector >> 4 == 0 {
                &mut self.dc
            } else {
                &mut self.ac
            };
            let Some(place) = tables.get_mut(usize::from(selector & 15)) else {
                return Err(Error::Malformed("defines a fifth Huffman table"));
            };
            *place = Specification::new(counts, values)?;
            rest = behind;
        }
        Ok(())
    }

    /// Read a DRI segment (T.81, B.2.4.4).
    pub(super) fn read_interval(&mut self, payload: &[u8]) -> Result<(), Error> {
        let [high, low, ..] = payload else {
            return Err(Error::Malformed("restart interval is too short"));
        };
        self.interval = u16::from_be_bytes([*high, *low]).into();
        Ok(())
    }
}
