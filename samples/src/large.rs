//! Images as large as those that cost time, for benchmarks.

use std::path::Path;

use anyhow::Result;

use crate::camera::{Camera, Photo};
use crate::encode::{self, CAMERA, Jpeg};
use crate::save;
use crate::scenes::{beach::Beach, flower::Flower, mountains::Mountains};
use crate::screen::Screen;

/// A camera with little compression.
const FINE: Jpeg = Jpeg {
    quality: 93,
    progressive: false,
    full_color: false,
};

/// Writes the images that the benchmarks use into `folder`.
///
/// # Errors
///
/// If a file cannot be written; the message names it.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let lake = camera(4000, 3000, 3.0).photograph(&Mountains { seed: 3 }, 7);
    save(&folder.join("p12.jpg"), &CAMERA.photo(&lake, None)?)?;
    let progressive = Jpeg {
        progressive: true,
        ..CAMERA
    };
    save(&folder.join("p12p.jpg"), &progressive.photo(&lake, None)?)?;
    let full_color = Jpeg {
        full_color: true,
        ..CAMERA
    };
    save(&folder.join("p12_444.jpg"), &full_color.photo(&lake, None)?)?;
    drop(lake);

    let beach = |seed: u32, dusk: bool| Beach { seed, dusk };
    let dense = camera(4000, 3000, 4.0).photograph(&beach(11, false), 7);
    save(&folder.join("p12e.jpg"), &FINE.photo(&dense, None)?)?;
    drop(dense);

    let large = camera(6000, 4000, 2.5).photograph(&beach(12, true), 7);
    save(&folder.join("p24.jpg"), &FINE.photo(&large, None)?)?;
    drop(large);

    let small = camera(640, 427, 2.5).photograph(&Mountains { seed: 58 }, 7);
    save(&folder.join("small.jpg"), &FINE.photo(&small, None)?)?;
    save(&folder.join("shot.png"), &screenshot()?)?;
    save(&folder.join("alpha.png"), &cut_out()?)?;
    println!("8 images in {}", folder.display());
    Ok(())
}

fn camera(width: u32, height: u32, noise: f32) -> Camera {
    Camera {
        width,
        height,
        noise,
        blur: 0.2,
    }
}

/// A screen of high resolution with a photo on it.
fn screenshot() -> Result<Vec<u8>> {
    let mut screen = Screen::dashboard(2560, 1600, 2);
    let photo = camera(600, 400, 0.5).photograph(&Mountains { seed: 58 }, 7);
    screen.place(&photo, (1000, 1000));
    encode::rgb((screen.width, screen.height), &screen.rgb8())
}

/// A flower of which a soft disc is left, as shops show their goods.
fn cut_out() -> Result<Vec<u8>> {
    let flower = camera(1500, 2000, 1.0).photograph(&Flower { seed: 5 }, 7);
    encode::rgba((flower.width, flower.height), &with_soft_edge(&flower))
}

fn with_soft_edge(photo: &Photo) -> Vec<u8> {
    let (width, height) = (photo.width as f32, photo.height as f32);
    let samples = photo.rgb8();
    let pixels = samples.as_chunks::<3>().0.iter().enumerate();
    let rgba = pixels.flat_map(|(index, &[red, green, blue])| {
        let (x, y) = (index as u32 % photo.width, index as u32 / photo.width);
        let away = (x as f32 / width - 0.5).hypot((y as f32 / height - 0.42) * height / width);
        let alpha = ((0.48 - away) * 20.0).clamp(0.0, 1.0);
        [red, green, blue, (alpha * 255.0 + 0.5) as u8]
    });
    rgba.collect()
}
