//! TLS that this server speaks itself: its certificate and key, read anew when their files change.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tracing::{info, warn};

use crate::config::TlsFiles;

/// How often the files are looked at. Renewing a certificate begins weeks before the old one ends.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A certificate with its chain is some kilobytes.
const FILE_LEN_MAX: u64 = 1024 * 1024;

/// A certificate and its key, as they are now.
pub struct Certificate {
    files: TlsFiles,
    current: RwLock<Arc<CertifiedKey>>,
}

/// What the two files hold.
#[derive(PartialEq, Eq)]
struct Pem {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// Never the key.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.files.certificate.display())
    }
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// One of them cannot be read or used, or they do not belong together; says which, and what to do.
    pub fn load(files: TlsFiles) -> anyhow::Result<Self> {
        let current = RwLock::new(Arc::new(certified(&files, &read(&files)?)?));
        Ok(Self { files, current })
    }

    /// What makes TLS of a connection.
    pub fn acceptor(self: &Arc<Self>) -> TlsAcceptor {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the versions that rustls has")
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// Whether it is for this host: a name, or an address, an IPv6 one in brackets.
    pub fn is_for(&self, host: &str) -> bool {
        let current = self.current();
        let Ok(name) = ServerName::try_from(host.trim_matches(['[', ']'])) else { return false };
        let parsed = current.cert.first().and_then(|first| ParsedCertificate::try_from(first).ok());
        parsed.is_some_and(|parsed| rustls::client::verify_server_name(&parsed, &name).is_ok())
    }

    /// Takes what the files hold whenever that changes, for ever. What cannot be used is said once, and the certificate before
    /// stays in use.
    pub async fn follow_files(self: Arc<Self>) {
        let mut seen = read_aside(&self.files).await.ok();
        // What was read at the start may be older than this.
        self.take(seen.as_ref());
        let mut is_failing = false;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match read_aside(&self.files).await {
                Ok(pem) if seen.as_ref() == Some(&pem) => is_failing = false,
                Ok(pem) => {
                    is_failing = false;
                    self.take(Some(&pem));
                    seen = Some(pem);
                }
                // Somebody may be replacing them just now.
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        warn!("{error:#}; the certificate that was read before stays in use");
                    }
                }
            }
        }
    }

    fn take(&self, pem: Option<&Pem>) {
        let Some(pem) = pem else { return };
        match certified(&self.files, pem) {
            Ok(next) if next.cert == self.current().cert => {}
            Ok(next) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
                info!("the certificate {} was read anew", self.files.certificate.display());
            }
            Err(error) => warn!("{error:#}; the certificate that was read before stays in use"),
        }
    }

    fn current(&self) -> Arc<CertifiedKey> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

async fn read_aside(files: &TlsFiles) -> anyhow::Result<Pem> {
    let files = files.clone();
    tokio::task::spawn_blocking(move || read(&files)).await?
}

fn read(TlsFiles { certificate, key }: &TlsFiles) -> anyhow::Result<Pem> {
    Ok(Pem { certificate: read_file("--tls-cert", certificate)?, key: read_file("--tls-key", key)? })
}

fn read_file(option: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(FILE_LEN_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "the user that this server runs as may not read it".to_owned(),
            _ => error.to_string(),
        };
        anyhow::anyhow!("{option} {}: {why}", path.display())
    })
}

fn certified(files: &TlsFiles, pem: &Pem) -> anyhow::Result<CertifiedKey> {
    let chain = chain(&pem.certificate).with_context(|| format!("--tls-cert {}", files.certificate.display()))?;
    let key = private_key(&pem.key).with_context(|| format!("--tls-key {}", files.key.display()))?;
    let (certificate, key_file) = (files.certificate.display(), files.key.display());
    CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            anyhow::anyhow!("--tls-key {key_file} is not the key of the certificate in --tls-cert {certificate}")
        }
        error => anyhow::anyhow!("--tls-cert {certificate} with --tls-key {key_file} cannot be used: {error}"),
    })
}

fn chain(pem: &[u8]) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().context("it is damaged")?;
    if chain.is_empty() && has_key(pem) {
        bail!("it holds a key and no certificate: are --tls-cert and --tls-key swapped?");
    }
    ensure!(!chain.is_empty(), "it holds no certificate as PEM, which begins with -----BEGIN CERTIFICATE-----");
    ParsedCertificate::try_from(&chain[0])
        .map_err(|error| anyhow::anyhow!("its first certificate is damaged: {error}"))?;
    Ok(chain)
}

fn private_key(pem: &[u8]) -> anyhow::Result<PrivateKeyDer<'static>> {
    let text = String::from_utf8_lossy(pem);
    if text.contains("ENCRYPTED") {
        bail!(
            "the key needs a password, which nobody is there to type: openssl pkey -in FILE -out FILE-WITHOUT writes one without"
        );
    }
    if !has_key(pem) && text.contains("BEGIN CERTIFICATE") {
        bail!("it holds a certificate and no key: are --tls-cert and --tls-key swapped?");
    }
    ensure!(has_key(pem), "it holds no key as PEM, which begins with -----BEGIN PRIVATE KEY-----");
    PrivateKeyDer::from_pem_slice(pem).context("it is damaged")
}

fn has_key(pem: &[u8]) -> bool {
    String::from_utf8_lossy(pem).contains("PRIVATE KEY-----")
}
