//! The samples: images that look like what people upload.
//!
//! There are photos with the noise of a sensor, a screenshot, a logo on nothing,
//! prints, scans, animations, a broken file and awkward names. Nothing is
//! downloaded and nothing random differs between two runs, so a picture in a
//! report can be made again.

use std::path::Path;

use anyhow::Result;

use crate::camera::{Camera, Photo, Scene};
use crate::encode::{self, CAMERA, Jpeg};
use crate::scenes::{aurora, balloons, beach, flower, mountains, poster};
use crate::screen::Screen;
use crate::{drawing, save};

/// The profile of Display P3 as moxcms writes it, but of a day that stays the same.
const DISPLAY_P3: &[u8] = include_bytes!("display-p3.icc");

/// One sample.
pub(crate) struct Sample {
    /// Path below the folder of samples.
    pub name: &'static str,
    /// Caption of its thumbnail.
    pub shows: &'static str,
    make: fn() -> Result<Vec<u8>>,
}

/// Every sample, in the order of the contact sheet. One of them, [`BROKEN`], is
/// cut off until [`repair`] mends it.
pub(crate) const SAMPLES: [Sample; 16] = [
    sample("mountains.jpg", "a photo", mountains),
    sample(
        "phone/IMG_0042.jpg",
        "taken upright, stored sideways",
        phone,
    ),
    sample(
        "wide-gamut.jpg",
        "Display P3, converted to sRGB",
        wide_gamut,
    ),
    sample(
        "print/poster-cmyk.jpg",
        "inks: CMYK, converted to sRGB",
        poster,
    ),
    sample("2023/beach.jpg", "one name ...", || beach(false)),
    sample("2024/beach.jpg", "... in two folders", || beach(true)),
    sample("scan-16bit.png", "16 bits a channel", scan),
    sample("screenshot.png", "hard edges and small text", screenshot),
    sample("logo.png", "transparency, kept", logo),
    sample("bouncing.gif", "animated: the first frame", bouncing),
    sample("wheel.png", "animated PNG, transparent", wheel),
    sample(
        "summer 2024/me + you (100%).jpg",
        "progressive, an awkward name",
        friends,
    ),
    sample("café/Zürich – 東京.png", "a name beyond ASCII", cafe),
    sample(
        "really-a-png.jpg",
        "known by its content, not its name",
        misnamed,
    ),
    sample("uploads/half.jpg", "the half that arrived", half),
    sample(BROKEN, "cut off at first, then repaired", repaired),
];

/// An upload that broke off before the picture began.
const BROKEN: &str = "uploads/cut-off.jpg";

const fn sample(name: &'static str, shows: &'static str, make: fn() -> Result<Vec<u8>>) -> Sample {
    Sample { name, shows, make }
}

/// Writes every sample into `folder`, the broken one as it arrived.
///
/// # Errors
///
/// If a file cannot be written; the message names it.
pub(crate) fn write(folder: &Path) -> Result<()> {
    for sample in &SAMPLES {
        let mut bytes = (sample.make)()?;
        if sample.name == BROKEN {
            bytes.truncate(400);
        }
        save(&folder.join(sample.name), &bytes)?;
    }
    println!("{} images in {}", SAMPLES.len(), folder.display());
    Ok(())
}

/// Overwrites the broken sample with the whole file.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn repair(folder: &Path) -> Result<()> {
    let path = folder.join(BROKEN);
    save(&path, &repaired()?)?;
    println!("repaired {}", path.display());
    Ok(())
}

fn photo(scene: &dyn Scene, width: u32, height: u32) -> Photo {
    Camera {
        width,
        height,
        noise: 1.0,
        blur: 0.12,
    }
    .photograph(scene, 7)
}

/// A camera whose lens blurs nothing.
fn sharp(width: u32, height: u32, noise: f32) -> Camera {
    Camera {
        width,
        height,
        noise,
        blur: 0.0,
    }
}

fn mountains() -> Result<Vec<u8>> {
    CAMERA.photo(&photo(&mountains::Mountains { seed: 3 }, 1600, 1200), None)
}

fn beach(dusk: bool) -> Result<Vec<u8>> {
    CAMERA.photo(&photo(&beach::Beach { seed: 11, dusk }, 1280, 853), None)
}

fn phone() -> Result<Vec<u8>> {
    CAMERA.sideways(&photo(&flower::Flower { seed: 5 }, 1080, 1440))
}

fn wide_gamut() -> Result<Vec<u8>> {
    CAMERA.photo(
        &photo(&balloons::Balloons { seed: 21 }, 1500, 1000),
        Some(DISPLAY_P3),
    )
}

fn poster() -> Result<Vec<u8>> {
    let print = sharp(864, 1200, 0.3).photograph(&poster::Poster, 7);
    Jpeg {
        quality: 92,
        progressive: false,
        full_color: true,
    }
    .inks(&print)
}

fn scan() -> Result<Vec<u8>> {
    let night = sharp(900, 600, 0.2).photograph(&aurora::Aurora { seed: 31 }, 7);
    encode::rgb16((900, 600), &night.rgb16())
}

fn screenshot() -> Result<Vec<u8>> {
    let screen = Screen::dashboard(1440, 900, 2);
    encode::rgb((screen.width, screen.height), &screen.rgb8())
}

fn logo() -> Result<Vec<u8>> {
    encode::rgba((640, 640), &drawing::logo(640))
}

fn bouncing() -> Result<Vec<u8>> {
    encode::gif(240, 240, &drawing::bouncing_ball(240, 12))
}

fn wheel() -> Result<Vec<u8>> {
    encode::apng(200, 200, &drawing::turning_wheel(200, 12))
}

fn friends() -> Result<Vec<u8>> {
    let jpeg = Jpeg {
        quality: 85,
        progressive: true,
        full_color: false,
    };
    jpeg.photo(&photo(&balloons::Balloons { seed: 77 }, 1200, 800), None)
}

fn cafe() -> Result<Vec<u8>> {
    let photo = photo(&flower::Flower { seed: 40 }, 450, 600);
    encode::rgb((450, 600), &photo.rgb8())
}

fn misnamed() -> Result<Vec<u8>> {
    let dusk = beach::Beach {
        seed: 90,
        dusk: true,
    };
    encode::rgb((480, 360), &photo(&dusk, 480, 360).rgb8())
}

fn half() -> Result<Vec<u8>> {
    let beach = beach::Beach {
        seed: 64,
        dusk: false,
    };
    let mut file = CAMERA.photo(&photo(&beach, 960, 720), None)?;
    file.truncate(file.len() * 6 / 10);
    Ok(file)
}

fn repaired() -> Result<Vec<u8>> {
    CAMERA.photo(&photo(&mountains::Mountains { seed: 58 }, 960, 640), None)
}

#[cfg(test)]
mod tests {
    use moxcms::ColorProfile;

    use super::DISPLAY_P3;

    #[test]
    fn the_wide_gamut_is_that_of_display_p3() {
        let found = ColorProfile::new_from_slice(DISPLAY_P3).unwrap();
        let wanted = ColorProfile::new_display_p3();
        for (found, wanted) in [
            (found.red_colorant, wanted.red_colorant),
            (found.green_colorant, wanted.green_colorant),
            (found.blue_colorant, wanted.blue_colorant),
        ] {
            let distance = [found.x - wanted.x, found.y - wanted.y, found.z - wanted.z];
            assert!(
                distance.iter().all(|each| each.abs() < 1e-4),
                "{distance:?}"
            );
        }
    }
}
