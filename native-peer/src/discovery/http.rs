//! Asking trackers over HTTP.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use tokio::net::lookup_host;
use tokio::time::timeout;
use tracker_wire::http::{AnnounceQuery, AnnounceResponse, AnswerError, RESPONSE_LEN_MAX};
use tracker_wire::{Ask, Terms};

use super::families::ask_all;
use super::trackers::{Answer, Failed};

const TIMEOUT: Duration = Duration::from_secs(15);
/// For a torrent file, all of it.
const FILE_TIMEOUT: Duration = Duration::from_secs(60);
const REDIRECTS_MAX: usize = 5;
const USER_AGENT: &str = concat!("Covey native-peer/", env!("CARGO_PKG_VERSION"));
/// How the paths of trackers on this machine begin.
const LOOPBACK_PATH: &str = "/announce";

/// For a torrent file, whose address the person typed.
///
/// # Errors
/// A proxy that the environment names makes no sense.
pub fn file_client() -> reqwest::Result<Client> {
    let client = Client::builder().user_agent(USER_AGENT).timeout(FILE_TIMEOUT);
    with_tls(client.redirect(Policy::limited(REDIRECTS_MAX))).build()
}

/// Asks through the proxies that the environment names.
#[derive(Debug, Clone)]
pub(super) struct HttpTrackers {
    client: Client,
    /// Over IPv4 only, and over IPv6 only.
    of_family: [Client; 2],
}

impl HttpTrackers {
    /// # Errors
    /// A proxy that the environment names makes no sense.
    pub(super) fn new() -> Result<Self, Failed> {
        let redirects = || {
            Policy::custom(|attempt| {
                if attempt.previous().len() > REDIRECTS_MAX {
                    attempt.error("too many redirects")
                } else if is_allowed(attempt.url()) {
                    attempt.follow()
                } else {
                    attempt.error(NOT_A_TRACKER)
                }
            })
        };
        // An announce comes twice an hour: no connection is worth keeping.
        let from = |local: Option<IpAddr>| {
            let client = Client::builder().user_agent(USER_AGENT).timeout(TIMEOUT).redirect(redirects());
            let client = client.pool_max_idle_per_host(0).local_address(local);
            with_tls(client).build().map_err(|error| describe(&error))
        };
        let of_family = [from(Some(Ipv4Addr::UNSPECIFIED.into()))?, from(Some(Ipv6Addr::UNSPECIFIED.into()))?];
        Ok(Self { client: from(None)?, of_family })
    }

    /// Announces.
    ///
    /// # Errors
    /// What the tracker refused, or why there is no answer.
    pub(super) async fn announce(&self, ask: &Ask) -> Result<Answer, Failed> {
        let query = AnnounceQuery { tracker_id: ask.tracker_id.clone(), ..AnnounceQuery::new(ask.announce.clone()) };
        let url = Url::parse(&query.append_to(&ask.url)).map_err(|error| Failed::because(error.to_string()))?;
        if !is_allowed(&url) {
            return Err(Failed::because(NOT_A_TRACKER));
        }
        let clients =
            if has_both_families(&url).await { &self.of_family[..] } else { std::slice::from_ref(&self.client) };
        ask_all(clients.iter().map(|client| announce_by(client, url.clone()))).await
    }
}

async fn announce_by(client: &Client, url: Url) -> Result<Answer, Failed> {
    let (status, body) = get(client, url).await?;
    match AnnounceResponse::decode(&body) {
        Ok(response) => Ok(answer(response)),
        Err(AnswerError::Refused(failure)) => {
            Err(Failed { reason: format!("refused: {}", failure.reason), retry: failure.retry })
        }
        Err(_) if !status.is_success() => Err(Failed::because(format!("it answers {status}"))),
        Err(error) => Err(Failed::because(error.to_string())),
    }
}

/// Its name leads to addresses of both. What a proxy makes of it is the proxy's business.
async fn has_both_families(url: &Url) -> bool {
    const PROXIES: [&str; 6] = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
    let (Some(name), Some(port)) = (url.domain(), url.port_or_known_default()) else { return false };
    if PROXIES.iter().any(|name| std::env::var_os(name).is_some()) {
        return false;
    }
    let Ok(Ok(found)) = timeout(TIMEOUT, lookup_host((name, port))).await else { return false };
    let (v4, v6): (Vec<SocketAddr>, Vec<SocketAddr>) = found.partition(SocketAddr::is_ipv4);
    !v4.is_empty() && !v6.is_empty()
}

async fn get(client: &Client, url: Url) -> Result<(StatusCode, Vec<u8>), Failed> {
    let mut response = client.get(url).send().await.map_err(|error| describe(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| describe(&error))? {
        if body.len() + chunk.len() > RESPONSE_LEN_MAX {
            return Err(Failed::because("its answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((response.status(), body))
}

fn answer(response: AnnounceResponse) -> Answer {
    let AnnounceResponse { interval, min_interval, seeders, leechers, tracker_id, warning, peers } = response;
    Answer {
        terms: Terms { interval, min_interval, tracker_id },
        addresses: peers.iter().map(|peer| peer.address).collect(),
        seeders,
        leechers,
        warning,
    }
}

const NOT_A_TRACKER: &str = "a tracker on this machine must be at /announce";

/// A torrent's maker could name any page of a program that listens on this machine only.
fn is_allowed(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback() || ip.is_unspecified());
    !(is_loopback || host.eq_ignore_ascii_case("localhost")) || url.path().starts_with(LOOPBACK_PATH)
}

/// Without the URL, which may hold a passkey, but with the cause.
fn describe(error: &reqwest::Error) -> Failed {
    if error.is_timeout() {
        return Failed::because("it does not answer");
    }
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    Failed::because(causes.last().map_or_else(|| "it cannot be asked".to_owned(), ToString::to_string))
}

#[cfg(feature = "tls")]
fn with_tls(client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    client.tls_backend_preconfigured((*crate::tls::config()).clone())
}

#[cfg(not(feature = "tls"))]
fn with_tls(client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trackers_are_asked_on_this_machine() {
        for (url, allowed) in [
            ("http://127.0.0.1:80/announce?x", true),
            ("http://127.0.0.1/shutdown", false),
            ("http://[::1]/shutdown?/announce", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("http://localhost/x", false),
            ("http://0.0.0.0/x", false),
            ("http://tracker.example/x", true),
        ] {
            assert_eq!(is_allowed(&Url::parse(url).unwrap()), allowed, "{url}");
        }
    }
}
