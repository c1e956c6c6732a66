//! HTTP as a client: what trackers, torrent files and web seeds are asked with. It goes through the proxies that the environment
//! names, which resolve names themselves.

mod allowed;
mod reach;

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response, Url};

use allowed::Resolver;
pub use allowed::{Allowed, NotAllowed};
pub use reach::Reach;

/// For a connection, of what a request may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// For a torrent file, all of it.
const FILE_TIMEOUT: Duration = Duration::from_secs(60);
const REDIRECTS_MAX: usize = 5;
/// A connection that nobody uses is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("Covey native-peer/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// A torrent's maker wants us to ask whom they may not.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The server's.
    #[error("too many redirects")]
    TooManyRedirects,
    /// The server's.
    #[error("it redirects to what is no address over HTTP")]
    BadRedirect,
    /// The network's, or the server's.
    #[error("{}", describe(.0))]
    Failed(#[from] reqwest::Error),
}

impl HttpError {
    /// It is of no use to ask again.
    pub fn is_final(&self) -> bool {
        match self {
            Self::NotAllowed(_) | Self::TooManyRedirects | Self::BadRedirect => true,
            Self::Failed(error) => causes(error).any(|cause| cause.is::<NotAllowed>()),
        }
    }
}

/// Asks nobody but whom a torrent may have us ask, wherever it is redirected.
#[derive(Debug, Clone)]
pub struct HttpClient {
    allowed: Allowed,
    /// One for each reach, since names are resolved in it.
    clients: Vec<(Reach, Client)>,
}

impl HttpClient {
    /// `idle_max`: connections to one host that are kept for the next request.
    ///
    /// # Errors
    /// A proxy that the environment names makes no sense.
    pub fn new(allowed: Allowed, idle_max: usize) -> reqwest::Result<Self> {
        Self::from_address(None, allowed, idle_max)
    }

    /// The same, with connections from `local` only, and to addresses of its family.
    ///
    /// # Errors
    /// As above.
    pub fn from_address(local: Option<IpAddr>, allowed: Allowed, idle_max: usize) -> reqwest::Result<Self> {
        let make = |reach| {
            let client = Client::builder()
                .user_agent(USER_AGENT)
                .connect_timeout(CONNECT_TIMEOUT)
                .redirect(Policy::none())
                .local_address(local)
                .pool_max_idle_per_host(idle_max)
                .pool_idle_timeout(IDLE_TIMEOUT)
                .dns_resolver(Resolver::new(allowed, reach));
            with_tls(client).build().map(|client| (reach, client))
        };
        Ok(Self { allowed, clients: allowed.reaches().into_iter().map(make).collect::<reqwest::Result<_>>()? })
    }

    /// # Errors
    /// It is not to be asked.
    pub fn check(&self, url: &Url) -> Result<(), HttpError> {
        Ok(self.allowed.check(url)?)
    }

    /// The answer's head; follows redirects. Takes as long as it takes.
    ///
    /// # Errors
    /// [`HttpError`].
    pub async fn get(&self, mut url: Url, headers: &HeaderMap) -> Result<Response, HttpError> {
        for _ in 0..=REDIRECTS_MAX {
            self.check(&url)?;
            let reach = self.allowed.reach(&url);
            let (_, client) = self.clients.iter().find(|(of, _)| *of == reach).expect("there is one for each reach");
            let response = client.get(url.clone()).headers(headers.clone()).send().await?;
            let location = response.headers().get(LOCATION).filter(|_| is_redirect(&response));
            match location {
                None => return Ok(response),
                Some(location) => {
                    url = location.to_str().ok().and_then(|to| next(&url, to)).ok_or(HttpError::BadRedirect)?
                }
            }
        }
        Err(HttpError::TooManyRedirects)
    }
}

fn is_redirect(response: &Response) -> bool {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn next(from: &Url, to: &str) -> Option<Url> {
    from.join(to).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// For a torrent file, whose address the person typed.
///
/// # Errors
/// A proxy that the environment names makes no sense.
pub fn file_client() -> reqwest::Result<Client> {
    let client = Client::builder().user_agent(USER_AGENT).timeout(FILE_TIMEOUT);
    with_tls(client.redirect(Policy::limited(REDIRECTS_MAX))).build()
}

/// Without the URL, which may hold a passkey, but with the cause.
pub fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer".to_owned();
    }
    causes(error).last().map_or_else(|| "it cannot be asked".to_owned(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

#[cfg(feature = "tls")]
fn with_tls(client: ClientBuilder) -> ClientBuilder {
    client.tls_backend_preconfigured((*transport::tls::config()).clone())
}

#[cfg(not(feature = "tls"))]
fn with_tls(client: ClientBuilder) -> ClientBuilder {
    client
}
