//! Asking trackers over HTTP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use tokio::net::lookup_host;
use tokio::time::timeout;
use tracker_wire::http::{AnnounceQuery, AnnounceResponse, AnswerError, RESPONSE_LEN_MAX};
use tracker_wire::{Ask, Terms};

use super::families::ask_all;
use super::trackers::{Answer, Failed};
use crate::http::{Allowed, HttpClient, HttpError, describe};

const TIMEOUT: Duration = Duration::from_secs(15);
/// An announce comes twice an hour: no connection is worth keeping.
const IDLE_MAX: usize = 0;

/// Asks through the proxies that the environment names.
#[derive(Debug, Clone)]
pub(super) struct HttpTrackers {
    client: HttpClient,
    /// Over IPv4 only, and over IPv6 only.
    of_family: [HttpClient; 2],
}

impl HttpTrackers {
    /// # Errors
    /// A proxy that the environment names makes no sense.
    pub(super) fn new() -> Result<Self, Failed> {
        let from = |local: Option<IpAddr>| {
            let client = HttpClient::from_address(local, Allowed::Trackers, IDLE_MAX);
            client.map_err(|error| Failed::because(describe(&error)))
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
        self.client.check(&url)?;
        let clients =
            if has_both_families(&url).await { &self.of_family[..] } else { std::slice::from_ref(&self.client) };
        ask_all(clients.iter().map(|client| announce_by(client, url.clone()))).await
    }
}

async fn announce_by(client: &HttpClient, url: Url) -> Result<Answer, Failed> {
    let asked = timeout(TIMEOUT, get(client, url)).await;
    let (status, body) = asked.map_err(|_| Failed::because("it does not answer"))??;
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

async fn get(client: &HttpClient, url: Url) -> Result<(StatusCode, Vec<u8>), Failed> {
    let mut response = client.get(url, &HeaderMap::new()).await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(HttpError::from)? {
        if body.len() + chunk.len() > RESPONSE_LEN_MAX {
            return Err(Failed::because("its answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((response.status(), body))
}

impl From<HttpError> for Failed {
    fn from(error: HttpError) -> Self {
        Self::because(error.to_string())
    }
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
