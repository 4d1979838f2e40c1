//! JPEG XL, whose decoder computes in floating point: natively and in the sandbox.

use testkit::jxl::FILES;

use crate::built::{natively, plain};

#[test]
fn lossless_thumbnails_are_the_same_in_the_sandbox_and_lossy_ones_differ_by_a_step_at_most() {
    let pixels = |made: &[u8]| image::load_from_memory(made).unwrap().to_rgba8();
    for (name, source) in FILES {
        let made = plain().make(source, &["640x640,png"]).unwrap();
        let (made, wanted) = (
            &made.thumbnails[0].data,
            natively(source, (640, "image/png"), &[]),
        );
        let is_computed = ["lossy", "jpeg", "progressive", "turned"]
            .iter()
            .any(|word| name.contains(word));
        if !is_computed {
            assert!(*made == wanted, "{name}");
            continue;
        }
        let (made, wanted) = (pixels(made), pixels(&wanted));
        let samples = made.iter().zip(wanted.iter());
        let step = samples.map(|(a, b)| a.abs_diff(*b)).max();
        assert!(step <= Some(1), "{name}: {step:?}");
    }
}
