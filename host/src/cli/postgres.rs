//! Queues in Postgres, for the commands that name one. A program built without the feature
//! `brokers` has none, and says so.

use std::sync::Arc;

use super::Failure;
use crate::doctor::Finding;
use crate::ports::Queue;

/// Number of times that a queue hands a message out, and the queue of its dead letters.
type Redrive = (u32, Arc<dyn Queue>);

/// The queue at `url`, called `name` if the URL names none.
#[cfg(feature = "brokers")]
pub(super) async fn queue(url: &str, name: &str) -> Result<Arc<dyn Queue>, Failure> {
    open(address(url, name)?).await
}

/// The same, with what its redrive policy names; `None` if it is a queue of letters.
#[cfg(feature = "brokers")]
pub(super) async fn work(
    url: &str,
    name: &str,
) -> Result<(Arc<dyn Queue>, Option<Redrive>), Failure> {
    let address = address(url, name)?;
    let redrive = match address.dead_letters() {
        Some((receives, letters)) => Some((receives, open(letters).await?)),
        None => None,
    };
    Ok((open(address).await?, redrive))
}

/// The same without a redrive policy, to look at what is in it.
#[cfg(feature = "brokers")]
pub(super) async fn letters(url: &str, name: &str) -> Result<Arc<dyn Queue>, Failure> {
    open(address(url, name)?.without_redrive()).await
}

/// Checks that there is such a queue or can be one, and makes none.
#[cfg(feature = "brokers")]
pub(super) async fn check(url: &str, name: &str) -> Result<(), Failure> {
    Ok(crate::postgres::Postgres::probe(address(url, name)?).await?)
}

/// The findings about the queue at `url`, called `name` if the URL names none.
#[cfg(feature = "brokers")]
pub(super) async fn examine(url: &str, name: &str) -> Vec<Finding> {
    match address(url, name) {
        Ok(address) => crate::doctor::database(&address).await,
        Err(failure) => {
            let mend = "name it as postgres://USER@HOST/DATABASE?queue=NAME";
            vec![Finding::told("queue", &failure.to_string(), mend)]
        }
    }
}

#[cfg(feature = "brokers")]
fn address(url: &str, name: &str) -> Result<crate::postgres::Address, Failure> {
    let password = std::env::var("PGPASSWORD").ok();
    let address = crate::postgres::Address::new(url, name, password);
    address.map_err(|error| Failure::Usage(error.to_string()))
}

#[cfg(feature = "brokers")]
async fn open(address: crate::postgres::Address) -> Result<Arc<dyn Queue>, Failure> {
    Ok(Arc::new(crate::postgres::Postgres::open(address).await?))
}

#[cfg(not(feature = "brokers"))]
pub(super) async fn queue(_: &str, _: &str) -> Result<Arc<dyn Queue>, Failure> {
    Err(absent())
}

#[cfg(not(feature = "brokers"))]
pub(super) async fn work(_: &str, _: &str) -> Result<(Arc<dyn Queue>, Option<Redrive>), Failure> {
    Err(absent())
}

#[cfg(not(feature = "brokers"))]
pub(super) async fn letters(_: &str, _: &str) -> Result<Arc<dyn Queue>, Failure> {
    Err(absent())
}

#[cfg(not(feature = "brokers"))]
pub(super) async fn check(_: &str, _: &str) -> Result<(), Failure> {
    Err(absent())
}

#[cfg(not(feature = "brokers"))]
pub(super) async fn examine(_: &str, _: &str) -> Vec<Finding> {
    vec![Finding::told("queue", &absent().to_string(), "")]
}

#[cfg(not(feature = "brokers"))]
fn absent() -> Failure {
    Failure::Usage(
        "this program was built without Postgres; build it with `make build`, or name a folder"
            .to_owned(),
    )
}
