//! TLS for the clients that choose no provider of cryptography themselves, and the reasons why
//! none is spoken.

use rustls::crypto::ring;

#[cfg(feature = "brokers")]
mod trouble;

#[cfg(feature = "brokers")]
pub use trouble::Trouble;

/// Name ring as the provider of this process, which the SDK of AWS brings anyway. A second
/// call changes nothing.
pub fn choose_provider() {
    // Whoever was first chose it, and is as good.
    let _ = ring::default_provider().install_default();
}
