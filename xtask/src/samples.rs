//! `cargo xtask samples`: images to try things with, made here and now.
//!
//! They look like what people upload: photos with the noise of a sensor, a
//! screenshot, a logo on nothing, prints, scans, animations, a broken file and
//! awkward names. Nothing is downloaded and nothing random differs between two
//! runs, so a picture in a report can be made again.

mod bench;
mod camera;
mod drawing;
mod encode;
mod light;
mod noise;
mod scenes;
mod screen;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use moxcms::ColorProfile;

use camera::{Camera, Photo, Scene};
use encode::{CAMERA, Jpeg};
use scenes::{aurora, balloons, beach, flower, mountains, poster};

/// One sample: its name below the folder, and what makes its bytes.
type Sample = (&'static str, fn() -> Result<Vec<u8>>);

/// The file that is broken, until [`repair`] mends it.
const BROKEN: &str = "uploads/cut-off.jpg";

const SAMPLES: [Sample; 13] = [
    ("mountains.jpg", mountains),
    ("2023/beach.jpg", || beach(false)),
    ("2024/beach.jpg", || beach(true)),
    ("phone/IMG_0042.jpg", phone),
    ("wide-gamut.jpg", wide_gamut),
    ("print/poster-cmyk.jpg", poster),
    ("scan-16bit.png", scan),
    ("screenshot.png", screenshot),
    ("logo.png", logo),
    ("bouncing.gif", bouncing),
    ("wheel.png", wheel),
    ("summer 2024/me + you (100%).jpg", friends),
    ("café/Zürich – 東京.png", cafe),
];

/// Writes every sample into `folder`, and the broken one as well.
///
/// # Errors
///
/// If a file cannot be written; the message names it.
pub(crate) fn write(folder: &Path) -> Result<()> {
    for (name, make) in SAMPLES {
        save(&folder.join(name), &make()?)?;
    }
    // An upload that broke off before the picture began.
    save(&folder.join(BROKEN), &repaired()?[..400])?;
    println!("{} images in {}", SAMPLES.len() + 1, folder.display());
    Ok(())
}

/// Writes large images, for benchmarks, into `folder`.
///
/// # Errors
///
/// If a file cannot be written; the message names it.
pub(crate) fn write_large(folder: &Path) -> Result<()> {
    bench::write(folder)
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

fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a sample has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
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
    let profile = ColorProfile::new_display_p3()
        .encode()
        .context("cannot write the profile")?;
    CAMERA.photo(
        &photo(&balloons::Balloons { seed: 21 }, 1500, 1000),
        Some(&profile),
    )
}

fn poster() -> Result<Vec<u8>> {
    let print = Camera {
        width: 864,
        height: 1200,
        noise: 0.3,
        blur: 0.0,
    };
    let print = print.photograph(&poster::Poster, 7);
    Jpeg {
        quality: 92,
        progressive: false,
        full_color: true,
    }
    .inks(&print)
}

fn scan() -> Result<Vec<u8>> {
    let night = Camera {
        width: 900,
        height: 600,
        noise: 0.2,
        blur: 0.0,
    };
    let night = night.photograph(&aurora::Aurora { seed: 31 }, 7);
    let samples: Vec<u8> = night
        .rgb16()
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect();
    encode::png(
        900,
        600,
        png::ColorType::Rgb,
        png::BitDepth::Sixteen,
        &samples,
    )
}

fn screenshot() -> Result<Vec<u8>> {
    let screen = screen::Screen::dashboard(1440, 900, 2);
    encode::png(
        screen.width,
        screen.height,
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        &screen.rgb8(),
    )
}

fn logo() -> Result<Vec<u8>> {
    encode::png(
        640,
        640,
        png::ColorType::Rgba,
        png::BitDepth::Eight,
        &drawing::logo(640),
    )
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
    encode::png(
        450,
        600,
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        &photo.rgb8(),
    )
}

fn repaired() -> Result<Vec<u8>> {
    CAMERA.photo(&photo(&mountains::Mountains { seed: 58 }, 960, 640), None)
}
