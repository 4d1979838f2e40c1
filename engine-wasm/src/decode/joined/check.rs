//! Pictures that a joined codec hands over, as the engine has them: checked, and in bytes.

use super::import::{self, Bytes};
use crate::color::{self, Samples};
use crate::decode::{Decoded, Header, Task, admit_profile};
use crate::format::Format;
use crate::orient::Orientation;
use crate::picture::{Model, Picture, Plane};

/// The most warnings of a codec that are passed on.
const MOST_WARNINGS: usize = 10;

/// Bytes as words.
pub(super) fn to_words(bytes: &[u8]) -> Bytes {
    let (whole, rest) = bytes.as_chunks::<4>();
    let mut words = Vec::with_capacity(whole.len() + 1);
    words.extend(whole.iter().map(|word| u32::from_le_bytes(*word)));
    if !rest.is_empty() {
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        words.push(u32::from_le_bytes(last));
    }
    Bytes {
        // No source is longer than a memory.
        length: bytes.len() as u32,
        words,
    }
}

/// Words as bytes.
fn of_words(bytes: &Bytes) -> Result<Vec<u8>, String> {
    let length = bytes.length as usize;
    if length.div_ceil(4) != bytes.words.len() {
        return Err(format!("{length} bytes in {} words", bytes.words.len()));
    }
    let mut samples = vec![0; bytes.words.len() * 4];
    let (chunks, _) = samples.as_chunks_mut::<4>();
    for (chunk, word) in chunks.iter_mut().zip(&bytes.words) {
        *chunk = word.to_le_bytes();
    }
    samples.truncate(length);
    Ok(samples)
}

/// A header. Its sides are held against the limits later, as those of any format.
pub(super) fn header(format: Format, header: &import::Header) -> Result<Header, String> {
    if !(1..=8).contains(&header.orientation) {
        return Err(format!("there is no orientation {}", header.orientation));
    }
    if header.frames == 0 {
        return Err("a picture has at least 1 frame".into());
    }
    Ok(Header {
        orientation: Orientation::from_number(header.orientation.into()),
        frames: header.frames,
        ..Header::new(format, header.width, header.height)
    })
}

/// A picture of the size that its header and its averages make, with all samples.
pub(super) fn picture(picture: import::Picture, task: &Task<'_>) -> Result<Decoded, String> {
    let (width, columns) = side(
        task.header.width,
        picture.columns_averaged,
        task.wanted.width,
    )?;
    let (height, rows) = side(
        task.header.height,
        picture.rows_averaged,
        task.wanted.height,
    )?;
    let sides = [(width, columns), (height, rows)];
    let (model, kinds) = planes_of(picture.model);
    if picture.planes.len() != kinds.len() {
        let (made, due) = (picture.planes.len(), kinds.len());
        return Err(format!("{made} planes, not {due}"));
    }
    let mut planes = Vec::with_capacity(kinds.len());
    for (bytes, (channels, halved)) in picture.planes.into_iter().zip(kinds) {
        planes.push(plane(&bytes, *channels, *halved, sides)?);
    }
    let mut warnings = picture.warnings;
    warnings.truncate(MOST_WARNINGS);
    let profile = profile(&picture.color, model, task, &mut warnings)?;
    Ok(Decoded {
        picture: Picture { model, planes },
        profile,
        warnings,
    })
}

/// Samples of a side, and the part of the side that they cover, in samples.
fn side(stored: u32, averaged: u32, wanted: u32) -> Result<(u32, f64), String> {
    if averaged == 0 {
        return Err("the average of no samples".into());
    }
    let samples = stored.div_ceil(averaged);
    if samples < wanted.min(stored) {
        return Err(format!("{samples} samples of {stored}, not {wanted}"));
    }
    Ok((samples, f64::from(stored) / f64::from(averaged)))
}

/// Channels of a plane, and its sides that have half of the samples.
type Kind = (usize, [bool; 2]);

fn planes_of(model: import::Model) -> (Model, &'static [Kind]) {
    const WHOLE: Kind = (1, [false, false]);
    const ACROSS: Kind = (1, [true, false]);
    const BOTH: Kind = (1, [true, true]);
    match model {
        import::Model::Gray => (Model::Gray, &[WHOLE]),
        import::Model::Rgb => (Model::Rgb, &[(3, [false, false])]),
        import::Model::Rgba => (Model::Rgba, &[(4, [false, false])]),
        import::Model::Ycbcr444 => (Model::Ycbcr, &[WHOLE, WHOLE, WHOLE]),
        import::Model::Ycbcr422 => (Model::Ycbcr, &[WHOLE, ACROSS, ACROSS]),
        import::Model::Ycbcr420 => (Model::Ycbcr, &[WHOLE, BOTH, BOTH]),
    }
}

fn plane(
    bytes: &Bytes,
    channels: usize,
    halved: [bool; 2],
    [across, down]: [(u32, f64); 2],
) -> Result<Plane, String> {
    let half = |(samples, extent): (u32, f64), halved: bool| {
        if halved {
            (samples.div_ceil(2) as usize, extent / 2.0)
        } else {
            (samples as usize, extent)
        }
    };
    let ((width, columns), (height, rows)) = (half(across, halved[0]), half(down, halved[1]));
    let due = width * height * channels;
    if bytes.length as usize != due {
        return Err(format!("a plane of {} bytes, not {due}", bytes.length));
    }
    Ok(Plane {
        channels,
        width,
        height,
        extent: (columns, rows),
        samples: of_words(bytes)?,
    })
}

/// The profile that colors wait for.
fn profile(
    color: &import::Color,
    model: Model,
    task: &Task<'_>,
    warnings: &mut Vec<String>,
) -> Result<Option<Vec<u8>>, String> {
    if model == Model::Ycbcr && *color != import::Color::Srgb {
        return Err("color differences with a color space, which only sRGB has".into());
    }
    let samples = if model == Model::Gray {
        Samples::Gray
    } else {
        Samples::Rgb
    };
    Ok(match color {
        import::Color::Srgb => None,
        import::Color::Icc(profile) => {
            admit_profile(Some(of_words(profile)?), task.limits, warnings)
        }
        import::Color::Described(points) => {
            color::of_code_points([points.primaries, points.transfer, 0, 1], samples)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Limits;
    use crate::decode::Wanted;

    const QOI: Format = Format::new("image/qoi", "image/qoi");

    /// A picture of 5x3, of which 3x2 are wanted.
    fn checked(made: import::Picture) -> Result<Decoded, String> {
        let header = Header::new(QOI, 5, 3);
        let wanted = Wanted {
            width: 3,
            height: 2,
            averaged_rows: 2,
            averaged_columns: 2,
            halved_chroma: false,
        };
        let task = Task {
            source: &[],
            header: &header,
            wanted,
            limits: &Limits::default(),
        };
        picture(made, &task)
    }

    fn bytes(length: usize) -> Bytes {
        to_words(&(0..length).map(|value| value as u8).collect::<Vec<u8>>())
    }

    fn made(model: import::Model, averaged: [u32; 2], lengths: &[usize]) -> import::Picture {
        let [columns_averaged, rows_averaged] = averaged;
        import::Picture {
            columns_averaged,
            rows_averaged,
            model,
            planes: lengths.iter().map(|length| bytes(*length)).collect(),
            color: import::Color::Srgb,
            warnings: vec![],
        }
    }

    #[test]
    fn words_are_bytes_and_bytes_are_words() {
        for length in 0..9 {
            let words = bytes(length);
            assert_eq!(words.length as usize, length);
            let expected: Vec<u8> = (0..length).map(|value| value as u8).collect();
            assert_eq!(of_words(&words), Ok(expected));
        }
        assert_eq!(bytes(5).words, [0x0302_0100, 4]);
    }

    #[test]
    fn planes_have_the_sides_that_follow_from_the_header() {
        use import::Model::{Gray, Rgb, Rgba, Ycbcr420, Ycbcr422, Ycbcr444};
        for (model, averaged, lengths, extents) in [
            (Gray, [1, 1], &[15][..], &[(5.0, 3.0)][..]),
            (Rgb, [1, 1], &[45], &[(5.0, 3.0)]),
            (Rgba, [1, 1], &[60], &[(5.0, 3.0)]),
            (Rgb, [2, 2], &[18], &[(2.5, 1.5)]),
            (Ycbcr444, [1, 1], &[15, 15, 15], &[(5.0, 3.0); 3]),
            (
                Ycbcr422,
                [1, 1],
                &[15, 9, 9],
                &[(5.0, 3.0), (2.5, 3.0), (2.5, 3.0)],
            ),
            (
                Ycbcr420,
                [1, 1],
                &[15, 6, 6],
                &[(5.0, 3.0), (2.5, 1.5), (2.5, 1.5)],
            ),
            (
                Ycbcr420,
                [2, 2],
                &[6, 2, 2],
                &[(2.5, 1.5), (1.25, 0.75), (1.25, 0.75)],
            ),
        ] {
            let decoded = checked(made(model, averaged, lengths)).unwrap();
            let planes = decoded.picture.planes;
            assert!(
                planes
                    .iter()
                    .map(|plane| plane.extent)
                    .eq(extents.iter().copied())
            );
            for plane in planes {
                assert_eq!(
                    plane.samples.len(),
                    plane.width * plane.height * plane.channels
                );
                assert_eq!(plane.covered(), (plane.width, plane.height));
            }
        }
    }

    #[test]
    fn whatever_does_not_fit_together_is_a_lie() {
        use import::Model::{Rgb, Ycbcr420};
        for (picture, lie) in [
            (made(Rgb, [1, 1], &[44]), "a plane of 44 bytes, not 45"),
            (made(Rgb, [1, 1], &[]), "0 planes, not 1"),
            (made(Rgb, [1, 1], &[45, 45, 45]), "3 planes, not 1"),
            (
                made(Ycbcr420, [1, 1], &[15, 6, 5]),
                "a plane of 5 bytes, not 6",
            ),
            (made(Rgb, [0, 1], &[45]), "the average of no samples"),
            (made(Rgb, [1, u32::MAX], &[15]), "1 samples of 3, not 2"),
            (made(Rgb, [3, 1], &[18]), "2 samples of 5, not 3"),
        ] {
            assert_eq!(checked(picture).unwrap_err(), lie);
        }
        let mut short = made(Rgb, [1, 1], &[45]);
        short.planes[0].words.pop();
        assert_eq!(checked(short).unwrap_err(), "45 bytes in 11 words");
        let mut colored = made(Ycbcr420, [1, 1], &[15, 6, 6]);
        colored.color = import::Color::Icc(bytes(100));
        assert!(checked(colored).unwrap_err().contains("only sRGB"));
    }

    #[test]
    fn profiles_are_within_the_limits_and_warnings_are_few() {
        let mut colored = made(import::Model::Rgb, [1, 1], &[45]);
        colored.color = import::Color::Icc(bytes(5 << 20));
        colored.warnings = vec!["again".into(); 1000];
        let decoded = checked(colored).unwrap();
        assert_eq!(decoded.profile, None);
        assert_eq!(decoded.warnings.len(), MOST_WARNINGS + 1);
        assert!(decoded.warnings[MOST_WARNINGS].contains("profile"));
    }

    #[test]
    fn headers_have_an_orientation_and_a_frame() {
        let of = |orientation, frames| {
            let stored = import::Header {
                width: 5,
                height: 3,
                orientation,
                frames,
            };
            header(QOI, &stored)
        };
        assert_eq!(of(6, 1).unwrap().upright(), (3, 5));
        assert_eq!(of(0, 1).unwrap_err(), "there is no orientation 0");
        assert_eq!(of(9, 1).unwrap_err(), "there is no orientation 9");
        assert_eq!(of(1, 0).unwrap_err(), "a picture has at least 1 frame");
    }
}
