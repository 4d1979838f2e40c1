//! The arithmetic of plans: whatever is asked for, of whatever source, a plan
//! stays within the source and the limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_engine::contract::{Bounds, Dimensions};
use thimble_engine::plan::Plan;
use thimble_fuzz::{CHOICES, spec};

fuzz_target!(|input: ([u8; CHOICES], [u32; 4], u16)| {
    let (choices, [width, height, across, down], most) = input;
    let (source, most) = (Dimensions { width, height }, u32::from(most));
    if width == 0 || height == 0 {
        return;
    }
    let mut spec = spec(&choices);
    if choices[15] % 2 == 1 {
        spec.bounds = Bounds {
            width: Some(across),
            height: Some(down),
        };
    }
    let Ok(plan) = Plan::new(&spec, source, most) else {
        return;
    };
    let canvas = plan.canvas();
    assert!((1..=most).contains(&canvas.width), "{canvas:?}");
    assert!((1..=most).contains(&canvas.height), "{canvas:?}");
    let region = plan.region();
    let within = |start: f64, length: f64, whole: u32| {
        start >= 0.0 && length > 0.0 && start + length <= f64::from(whole) + 1e-3
    };
    assert!(within(region.left, region.width, width), "{region:?}");
    assert!(within(region.top, region.height, height), "{region:?}");
});
