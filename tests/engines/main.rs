//! Two engines that differ visibly: the one that comes with Thimble, and the
//! same with a watermark, as `make examples` builds it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod built;
mod farbfeld;
mod jxl;
mod placeholders;
mod port;
mod settings;
mod swapping;
mod watermark;
