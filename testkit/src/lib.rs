//! Parts that the tests of several crates share.
//!
//! | module | parts |
//! |---|---|
//! | [`sources`] | small source images of every format |
//! | [`avif`] | AVIF files of every kind, which are in the repository |
//! | [`jxl`] | JPEG XL files of every kind, which are in the repository |
//! | [`raw`] | camera raw files, as far as their previews go |
//! | [`psd`] | Photoshop files, part by part |
//! | [`pixels`] | pictures that are painted and looked at pixel by pixel |
//! | [`likeness`] | PSNR, SSIM and CIEDE2000 between two pictures |
//! | [`http`] | a server that answers as a test wants |
//! | [`component`] | engines written by hand, sound or hostile in one respect |
//! | [`built`] | where `make engine examples` puts its components |
//! | [`Numbers`] | pseudorandom numbers that are the same in every run |
//! | [`passes`] | the passes of an interlaced PNG |
//! | [`blessed`] | golden files |
//!
//! It knows neither engine nor host, so that the tests of both may depend on it;
//! what is shipped does not.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

pub mod avif;
mod bless;
pub mod built;
pub mod component;
mod files;
pub mod http;
mod interlacing;
pub mod jxl;
pub mod likeness;
mod numbers;
pub mod pixels;
#[path = "../../crates/thimble-psd/samples/psd.rs"]
pub mod psd;
pub mod raw;
pub mod sources;

pub use bless::blessed;
pub use interlacing::passes;
pub use numbers::Numbers;
