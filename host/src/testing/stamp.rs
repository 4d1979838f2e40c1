//! An engine without a sandbox, for sources that are short texts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::contract::{Dimensions, ImageInfo, Limits, Output, Spec, Thumbnail};
use crate::object::ETag;
use crate::ports::{
    Engine, EngineError, EngineFailure, EngineIdentity, Made, Placeholder, Request,
};

/// Time that a slow source takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time after its deadline at which a call ends: an engine may be late, and
/// whoever calls it has to live with that.
const LATE: Duration = Duration::from_secs(1);

/// An engine whose sources are texts: a word that says what happens, and
/// anything behind it.
///
/// | first word | what happens |
/// |---|---|
/// | `png`, `jpeg` | a thumbnail for each spec: a text made of the spec and the digest of the source |
/// | `malformed`, `huge` | that error |
/// | `trap`, `slow`, `short`, `panic` | a crash, the end of its time, one thumbnail too few, a defect of the host |
/// | any other | an unsupported format |
#[derive(Debug)]
pub struct StampEngine {
    identity: Arc<EngineIdentity>,
}

impl StampEngine {
    /// The engine of this version; each version makes other bytes.
    pub fn new(version: &str) -> Self {
        let identity = EngineIdentity {
            name: "stamp".to_owned(),
            version: version.to_owned(),
            digest: ETag::of(version.as_bytes()).as_str().to_owned(),
        };
        Self {
            identity: Arc::new(identity),
        }
    }

    /// The bytes of the thumbnail of `source` for `spec`.
    pub fn stamp(&self, spec: &Spec, source: &[u8]) -> Vec<u8> {
        let bounds = spec.bounds;
        let digest = ETag::of(source);
        format!("{bounds:?} of {digest} by {}", self.identity.version).into_bytes()
    }

    /// A placeholder, if it was asked for, is made of the digest of the source.
    fn made(&self, request: &Request, output: Output) -> Made {
        let digest = ETag::of(&request.source);
        let placeholder = Placeholder {
            thumbhash: digest.as_str().get(..21).map(Into::into),
            color: digest.as_str().get(..6).map(|digits| format!("#{digits}")),
        };
        Made {
            output,
            placeholder: if request.placeholder {
                placeholder
            } else {
                Placeholder::default()
            },
            engine: self.identity.clone(),
        }
    }

    fn output(&self, request: &Request, format: &str) -> Output {
        let thumbnail = |spec: &Spec| Thumbnail {
            data: self.stamp(spec, &request.source),
            media_type: match &spec.encoding.media_type {
                Some(media_type) => media_type.clone(),
                None => format!("image/{format}"),
            },
            dimensions: Dimensions {
                width: 1,
                height: 1,
            },
        };
        Output {
            source: ImageInfo {
                media_type: format!("image/{format}"),
                dimensions: Dimensions {
                    width: 1,
                    height: 1,
                },
                frames: 1,
            },
            thumbnails: request.specs.iter().map(thumbnail).collect(),
            warnings: Vec::new(),
        }
    }
}

impl Default for StampEngine {
    fn default() -> Self {
        Self::new("1.0.0")
    }
}

impl fmt::Display for StampEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.identity.fmt(f)
    }
}

#[async_trait]
impl Engine for StampEngine {
    fn identity(&self, _key: &str) -> Arc<EngineIdentity> {
        self.identity.clone()
    }

    /// AVIF is what it never makes.
    async fn try_specs(&self, specs: Arc<[Spec]>, _limits: Limits) -> Result<(), EngineError> {
        tokio::task::yield_now().await;
        let of = |spec: &Spec| spec.encoding.media_type.as_deref() == Some("image/avif");
        if specs.iter().any(of) {
            let failure = EngineFailure::InvalidSpec("no AVIF".to_owned());
            return Err(EngineError::new(failure, Some(self.identity.clone())));
        }
        Ok(())
    }

    #[expect(clippy::panic, reason = "the source asks for it")]
    async fn generate(&self, request: Request) -> Result<Made, EngineError> {
        tokio::task::yield_now().await;
        let text = String::from_utf8_lossy(&request.source).into_owned();
        let failure = match text.split(' ').next().unwrap_or_default() {
            format @ ("png" | "jpeg") => {
                let output = self.output(&request, format);
                return Ok(self.made(&request, output));
            }
            "short" => {
                let mut output = self.output(&request, "png");
                output.thumbnails.pop();
                return Ok(self.made(&request, output));
            }
            "malformed" => EngineFailure::MalformedSource("as it says".to_owned()),
            "huge" => EngineFailure::LimitExceeded("as it says".to_owned()),
            "trap" => EngineFailure::Trap("unreachable".to_owned()),
            "slow" => {
                let budget = request.deadline.map_or(PATIENCE, |deadline| {
                    PATIENCE.min(deadline.saturating_duration_since(Instant::now()) + LATE)
                });
                tokio::time::sleep(budget).await;
                EngineFailure::OutOfTime { budget }
            }
            "panic" => panic!("the source asked for it"),
            _ => EngineFailure::UnsupportedFormat("not a word we know".to_owned()),
        };
        Err(EngineError::new(failure, Some(self.identity.clone())))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::preset::Preset;
    use crate::testing::engine::{Subject, suite};

    #[tokio::test(start_paused = true)]
    async fn the_engine_of_texts_keeps_its_contract() {
        let specs = ["small=8x8", "large=16x16,png"].map(|preset| {
            let preset: Preset = preset.parse().unwrap();
            preset.spec().clone()
        });
        suite(&Subject {
            engine: &StampEngine::default(),
            good: Bytes::from_static(b"png cat"),
            specs: specs.into(),
            bad: vec![
                (Bytes::from_static(b"malformed"), "malformed-source"),
                (Bytes::from_static(b"huge"), "limit-exceeded"),
                (Bytes::from_static(b"trap"), "engine-trap"),
                (Bytes::from_static(b"text"), "unsupported-format"),
            ],
            endless: Some((Bytes::from_static(b"slow"), Duration::from_secs(2))),
        })
        .await;
    }
}
