//! Streams of the server that `THIMBLE_TEST_NATS` names.

/// Two streams that no other run has: one for work, and the one for its dead letters.
pub(crate) struct Nats {
    pub(crate) queue: String,
    pub(crate) letters: String,
}

impl Nats {
    /// `None` says that there is no server.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let Ok(server) = std::env::var("THIMBLE_TEST_NATS") else {
            eprintln!("not tested over NATS: THIMBLE_TEST_NATS is not set");
            return None;
        };
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let queue = format!("{server}/thimble-{name}-{}", now.unwrap().as_nanos());
        let letters = format!("{queue}-dead-letters");
        Some(Self { queue, letters })
    }
}
