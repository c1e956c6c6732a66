//! Asking trackers over HTTP.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use tracker_wire::http::{AnnounceQuery, AnnounceResponse, AnswerError, RESPONSE_LEN_MAX};
use tracker_wire::{Ask, Terms};

use super::trackers::{Answer, Failed};
use crate::http::{Allowed, HttpClient, HttpError, describe};

const TIMEOUT: Duration = Duration::from_secs(15);
/// An announce comes twice an hour: no connection is worth keeping.
const IDLE_MAX: usize = 0;

/// Asks through the proxies that the environment names.
#[derive(Debug, Clone)]
pub(super) struct HttpTrackers(HttpClient);

impl HttpTrackers {
    /// # Errors
    /// A proxy that the environment names makes no sense.
    pub(super) fn new() -> Result<Self, Failed> {
        HttpClient::new(Allowed::Trackers, IDLE_MAX).map(Self).map_err(|error| Failed::because(describe(&error)))
    }

    /// Announces.
    ///
    /// # Errors
    /// What the tracker refused, or why there is no answer.
    pub(super) async fn announce(&self, ask: &Ask) -> Result<Answer, Failed> {
        let query = AnnounceQuery { tracker_id: ask.tracker_id.clone(), ..AnnounceQuery::new(ask.announce.clone()) };
        let url = Url::parse(&query.append_to(&ask.url)).map_err(|error| Failed::because(error.to_string()))?;
        let asked = tokio::time::timeout(TIMEOUT, self.get(url)).await;
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

    async fn get(&self, url: Url) -> Result<(StatusCode, Vec<u8>), Failed> {
        let mut response = self.0.get(url, &HeaderMap::new()).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(HttpError::from)? {
            if body.len() + chunk.len() > RESPONSE_LEN_MAX {
                return Err(Failed::because("its answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((response.status(), body))
    }
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
