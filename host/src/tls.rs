//! TLS for the clients that choose no provider of cryptography themselves, and the reasons why
//! none is spoken.

#[cfg(feature = "brokers")]
mod beneath;
mod trouble;

pub use trouble::Trouble;

/// Name ring as the provider of this process, which the SDK of AWS brings anyway. A second
/// call changes nothing.
#[cfg(any(feature = "brokers", feature = "clouds", feature = "monitors"))]
pub fn choose_provider() {
    // Whoever was first chose it, and is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
