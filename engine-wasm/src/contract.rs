//! The vocabulary of engine and host, generated from `wit/`.
//!
//! The types are plain Rust: they build, and are tested, natively. Only
//! `component.rs`, which is compiled for WebAssembly alone, exports them.

#[expect(missing_docs, reason = "generated; the documentation is in wit/")]
pub(crate) mod bindings {
    wit_bindgen::generate!({
        world: "engine",
        path: "../wit",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::thimble::engine::thumbnailer::*;

impl Default for Limits {
    /// The limits of a host that was not told otherwise.
    fn default() -> Self {
        Self {
            max_pixels: 200_000_000,
            max_side: 100_000,
            max_frames: 1,
            max_profile: 4 << 20,
            max_output_side: 4_096,
        }
    }
}

impl Default for Spec {
    /// The whole image, scaled down, in its own format. The bounds are missing.
    fn default() -> Self {
        Self {
            bounds: Bounds {
                width: None,
                height: None,
            },
            fit: Fit::Inside,
            focus: Focus::Center,
            background: WHITE,
            enlarge: false,
            encoding: Encoding {
                media_type: None,
                quality: None,
            },
            settings: Vec::new(),
        }
    }
}

/// The background unless another is asked for.
pub const WHITE: Color = Color {
    red: 255,
    green: 255,
    blue: 255,
    alpha: 255,
};
