//! A program with brokers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::Failure;
use super::super::place::NatsPlace;
use crate::doctor::{self, Finding, Streams, WorkerSettings};
use crate::nats::{Access, Connection, NatsQueue, Reception, RedrivePolicy, Servers, StreamName};
use crate::ports::Queue;

/// Connections to brokers, each made once it is needed.
#[derive(Default)]
pub(in crate::cli) struct Brokers {
    nats: BTreeMap<Servers, Connection>,
}

impl Brokers {
    /// Make the stream at `place`, unless there is one.
    pub(in crate::cli) async fn make(&mut self, place: &NatsPlace) -> Result<(), Failure> {
        let connection = self.nats(place).await?;
        Ok(NatsQueue::make(&connection, &name(place)).await?)
    }

    /// Check that there is such a stream or can be one, and make none.
    pub(in crate::cli) async fn check(&mut self, place: &NatsPlace) -> Result<(), Failure> {
        let connection = self.nats(place).await?;
        Ok(NatsQueue::check(&connection, &name(place)).await?)
    }

    /// The queue at `place`, to send to.
    pub(in crate::cli) async fn sender(
        &mut self,
        place: &NatsPlace,
    ) -> Result<Arc<dyn Queue>, Failure> {
        let connection = self.nats(place).await?;
        let queue = NatsQueue::sender(&connection, &name(place)).await?;
        Ok(Arc::new(queue))
    }

    /// The queue at `place`, to receive from. With `redrive` a message that was handed out
    /// as often as that says goes to the queue of it.
    pub(in crate::cli) async fn receiver(
        &mut self,
        place: &NatsPlace,
        visibility: Duration,
        redrive: Option<(u32, Arc<dyn Queue>)>,
    ) -> Result<Arc<dyn Queue>, Failure> {
        let redrive = redrive.map(|(max_receive_count, dead_letters)| RedrivePolicy {
            max_receive_count,
            dead_letters,
        });
        let reception = Reception {
            visibility,
            redrive,
        };
        let connection = self.nats(place).await?;
        let queue = NatsQueue::receiver(&connection, &name(place), reception).await?;
        Ok(Arc::new(queue))
    }

    /// The findings about the stream at `place`, and about that of its dead letters, if it is
    /// at the same servers.
    pub(in crate::cli) async fn examine(
        place: &NatsPlace,
        letters: Option<&NatsPlace>,
        settings: &WorkerSettings,
    ) -> Vec<Finding> {
        let access = match access() {
            Ok(access) => access,
            Err(failure) => {
                return vec![Finding::told("credentials", &failure.to_string(), "")];
            }
        };
        let (servers, work, letters) = (servers(place), name(place), letters.map(name));
        let asked = Streams {
            servers: &servers,
            work: &work,
            letters: letters.as_ref(),
        };
        doctor::streams(&access, asked, settings).await
    }

    async fn nats(&mut self, place: &NatsPlace) -> Result<Connection, Failure> {
        let servers = servers(place);
        if let Some(connection) = self.nats.get(&servers) {
            return Ok(connection.clone());
        }
        let connection = Connection::open(&servers, &access()?).await?;
        self.nats.insert(servers, connection.clone());
        Ok(connection)
    }
}

/// Credentials of the environment.
fn access() -> Result<Access, Failure> {
    let access = Access::read(|name| std::env::var(name).ok());
    access.map_err(|error| Failure::Usage(error.to_string()))
}

fn servers(place: &NatsPlace) -> Servers {
    Servers {
        addresses: place.servers.clone(),
        tls: place.tls,
    }
}

fn name(place: &NatsPlace) -> StreamName {
    StreamName {
        stream: place.stream.clone(),
        subject: place.subject.clone(),
    }
}
