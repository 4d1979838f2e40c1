//! News of what a host goes by.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::metric::Metric;

/// Looks for news, such as another configuration, before the work on a source.
#[async_trait]
pub trait News: Debug + Send + Sync {
    /// Look, if it is time to. Work goes on as before, whatever comes of it.
    async fn refresh(&self);

    /// Counts since this was last asked for.
    fn counts(&self) -> Vec<(Metric, u64)>;
}
