//! TLS as a client: which certificates are believed.

use std::sync::{Arc, LazyLock};

pub use tokio_rustls::rustls;

use rustls::{ClientConfig, RootCertStore};

/// Read once, when it is first needed.
static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| Arc::new(make()));

/// Believes what the system does, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name; where there is nothing of that, what Mozilla
/// does.
pub fn config() -> Arc<ClientConfig> {
    CONFIG.clone()
}

/// For whoever asks for no provider of cryptography in particular.
pub fn install_provider() {
    // Fails only if one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn make() -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has the versions that rustls has")
        .with_root_certificates(roots())
        .with_no_client_auth()
}

fn roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "certificates that are to be believed cannot be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}
