//! TLS for the clients that choose no provider of cryptography themselves.

use rustls::crypto::ring;

/// Name ring as the provider of this process, which the SDK of AWS brings anyway. A second
/// call changes nothing.
pub fn choose_provider() {
    // Whoever was first chose it, and is as good.
    let _ = ring::default_provider().install_default();
}
