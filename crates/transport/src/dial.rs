//! Opening a connection to a server, with TLS where its address says so.

#[cfg(feature = "tls")]
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
#[cfg(feature = "tls")]
use tokio::time::timeout;
use wire_protocol::control::Origin;

use crate::Stream;
#[cfg(feature = "tls")]
use crate::get::ask;
use crate::trouble::Trouble;

/// For looking into what the other side speaks.
#[cfg(feature = "tls")]
const LOOK_TIMEOUT: Duration = Duration::from_secs(3);

/// Connects; takes as long as it takes.
///
/// # Errors
/// [`Trouble`].
pub async fn dial(to: &Origin) -> Result<Stream, Trouble> {
    let tcp = connect(to).await?;
    if !to.is_https() {
        return Ok(Stream::Plain(tcp));
    }
    secure(to, tcp).await
}

async fn connect(to: &Origin) -> Result<TcpStream, Trouble> {
    let host = to.host().trim_matches(['[', ']']);
    let found = lookup_host((host, to.port())).await;
    let found: Vec<_> = found.map_err(|error| Trouble::UnknownHost(error.to_string()))?.collect();
    let tcp = TcpStream::connect(&*found).await.map_err(|error| Trouble::of_connecting(&error))?;
    // Small control messages and requests must not wait for more.
    let _ = tcp.set_nodelay(true);
    Ok(tcp)
}

#[cfg(feature = "tls")]
async fn secure(to: &Origin, tcp: TcpStream) -> Result<Stream, Trouble> {
    let failed = match handshake(to, tcp).await {
        Ok(stream) => return Ok(stream),
        Err(error) => error,
    };
    match Trouble::of_tls(&failed) {
        Some(trouble) => Err(trouble),
        None if speaks_http(to).await => Err(Trouble::SpeaksNoTls),
        None => Err(Trouble::Closed),
    }
}

#[cfg(not(feature = "tls"))]
async fn secure(_: &Origin, _: TcpStream) -> Result<Stream, Trouble> {
    Err(Trouble::Tls("this program was built without it".to_owned()))
}

#[cfg(feature = "tls")]
async fn handshake(to: &Origin, tcp: TcpStream) -> std::io::Result<Stream> {
    use tokio_rustls::rustls::pki_types::ServerName;
    let name = ServerName::try_from(to.host().trim_matches(['[', ']']).to_owned()).map_err(std::io::Error::other)?;
    let tls = tokio_rustls::TlsConnector::from(crate::tls::config()).connect(name, tcp).await?;
    Ok(Stream::Secure(Box::new(tls.into())))
}

/// Whether the other side, to which HTTP means nothing, speaks TLS.
#[cfg(feature = "tls")]
pub(crate) async fn speaks_tls(to: &Origin) -> bool {
    let look = async {
        match handshake(to, connect(to).await.ok()?).await {
            Ok(_) => Some(true),
            Err(error) => Some(matches!(Trouble::of_tls(&error), Some(Trouble::Certificate(_) | Trouble::Tls(_)))),
        }
    };
    timeout(LOOK_TIMEOUT, look).await.ok().flatten().unwrap_or(false)
}

#[cfg(not(feature = "tls"))]
pub(crate) async fn speaks_tls(_: &Origin) -> bool {
    false
}

/// Whether the other side, which has hung up on TLS, answers to HTTP.
#[cfg(feature = "tls")]
async fn speaks_http(to: &Origin) -> bool {
    let look = async { ask(Stream::Plain(connect(to).await.ok()?), to, "/").await.ok() };
    timeout(LOOK_TIMEOUT, look).await.ok().flatten().is_some()
}
