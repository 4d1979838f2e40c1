//! Components that are meant to hurt the one who compiles them. Each is refused
//! by name, before a compiler sees it, or given up, and nobody has to wait.
//!
//! | module | bombs |
//! |---|---|
//! | `made` | the components |
//! | `program` | given to `thimble engine`, under a limit of memory |
//! | `follower` | named by the channel that a host follows |

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use thimble::wasm::{Artifact, LoadError, Measure};

#[cfg(target_os = "linux")]
mod follower;
mod made;
#[cfg(unix)]
mod program;

#[test]
fn what_would_hurt_a_compiler_is_refused_by_name() {
    for bomb in made::all() {
        let refused = Artifact::new(bomb.bytes).extent().unwrap_err();
        let LoadError::TooMuch(excess) = &refused else {
            panic!("{}: {refused:?}", bomb.name);
        };
        assert_eq!(excess.measure, bomb.excess, "{}: {refused}", bomb.name);
    }
}

#[test]
fn an_engine_of_three_times_ours_is_within_the_limits() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/engine.wasm");
    let engine = Artifact::read(path.as_ref()).unwrap_or_else(|error| {
        panic!("run `make engine` first: {error}");
    });
    let extent = engine.extent().unwrap();
    assert!(extent.of(Measure::Functions) > 500, "{extent}");
    for measure in Measure::ALL {
        let ours = extent.of(measure);
        assert!(3 * ours <= measure.limit(), "{ours} {measure}");
    }
}

#[test]
fn the_limits_themselves_are_allowed() {
    for function in [made::plain(60_000), made::locals(1_900, 500)] {
        let component = made::functions(50, &function);
        let extent = Artifact::new(component).extent().unwrap();
        assert_eq!(extent.of(Measure::Functions), 50);
    }
    let extent = Artifact::new(made::chain(9, "")).extent().unwrap();
    // Two for the first, and one more than twice as many for each of the others.
    assert_eq!(extent.of(Measure::Instances), 3 * (1 << 9) - 1);
}

#[test]
fn a_refusal_says_its_reason_once() {
    let refused = Artifact::new(made::chain(24, "")).extent().unwrap_err();
    let told = with_causes(&refused);
    assert_eq!(told.matches("are allowed").count(), 1, "{told}");
}

/// An error with its causes, as programs print it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
