//! Queues in Postgres, for the commands that name one. A program built without the feature
//! `brokers` has none, and says so.

use std::sync::Arc;

use super::Failure;
use crate::ports::Queue;

/// The queue at `url`, called `name` if the URL names none.
pub(super) async fn queue(url: &str, name: &str) -> Result<Arc<dyn Queue>, Failure> {
    open(url, name, true).await
}

/// The same without a redrive policy, to look at what is in it.
pub(super) async fn letters(url: &str, name: &str) -> Result<Arc<dyn Queue>, Failure> {
    open(url, name, false).await
}

#[cfg(feature = "brokers")]
async fn open(url: &str, name: &str, redrives: bool) -> Result<Arc<dyn Queue>, Failure> {
    use crate::postgres::{Address, Postgres};
    let password = std::env::var("PGPASSWORD").ok();
    let address = Address::new(url, name, password);
    let address = address.map_err(|error| Failure::Usage(error.to_string()))?;
    let address = match redrives {
        true => address,
        false => address.without_redrive(),
    };
    Ok(Arc::new(Postgres::open(address).await?))
}

#[cfg(not(feature = "brokers"))]
async fn open(_: &str, _: &str, _: bool) -> Result<Arc<dyn Queue>, Failure> {
    Err(Failure::Usage(
        "this program was built without Postgres; build it with `make build`, or name a folder"
            .to_owned(),
    ))
}
