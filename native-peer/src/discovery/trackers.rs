//! The task that announces one torrent: does what the announcer decides.

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use local_peer::Source;
use peer_wire::text::display_text;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracker_wire::{Announcer, AnnouncerConfig, Ask, RetryIn, Terms, Transferred};

use super::addresses::dialable;
use super::http::HttpTrackers;
use super::udp::UdpTrackers;
use super::{Config, Found};
use crate::random;

/// Characters of what a tracker said.
const SAID_CHARS_MAX: usize = 200;

/// One tracker, for people. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackerStatus {
    /// Scheme, host and port: the rest of the URL may be a secret.
    pub tracker: String,
    /// What it last said, or why it said nothing; empty: it has not been asked yet.
    pub said: String,
}

/// A tracker's answer, over HTTP or UDP.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) terms: Terms,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) seeders: Option<u32>,
    pub(super) leechers: Option<u32>,
    pub(super) warning: Option<String>,
}

/// Why there is none.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) reason: String,
    pub(super) retry: Option<RetryIn>,
}

impl Failed {
    pub(super) fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), retry: None }
    }
}

pub(super) struct Trackers {
    announcer: Announcer,
    urls: Vec<String>,
    began: Instant,
    clients: Clients,
    asks: JoinSet<(Ask, Result<Answer, Failed>)>,
    transferred: watch::Receiver<Transferred>,
    need: watch::Receiver<u64>,
    found: mpsc::Sender<Found>,
    statuses: watch::Sender<Vec<TrackerStatus>>,
    stop: CancellationToken,
}

impl Trackers {
    pub(super) fn new(
        config: Config,
        mut transferred: watch::Receiver<Transferred>,
        need: watch::Receiver<u64>,
        found: mpsc::Sender<Found>,
        stop: CancellationToken,
        udp_wait: Duration,
    ) -> (Self, watch::Receiver<Vec<TrackerStatus>>) {
        let Config { info_hash, peer_id, port, tiers, .. } = config;
        let (key, port, seed) = (u32::from_be_bytes(random::bytes()), port.unwrap_or_default(), random::seed());
        let config = AnnouncerConfig { info_hash, peer_id, key, port, tiers, seed };
        let announcer = Announcer::new(config, *transferred.borrow_and_update());
        let urls: Vec<String> = announcer.urls().map(str::to_owned).collect();
        let status = |url: &String| TrackerStatus { tracker: origin_of(url), said: String::new() };
        let (statuses, watched) = watch::channel(urls.iter().map(status).collect());
        let clients = Clients { http: None, udp: None, udp_wait };
        let (began, asks) = (Instant::now(), JoinSet::new());
        (Self { announcer, urls, began, clients, asks, transferred, need, found, statuses, stop }, watched)
    }

    /// Announces until it is stopped and has said so.
    pub(super) async fn run(mut self) {
        let mut is_followed = true;
        let mut is_stopping = false;
        loop {
            self.ask_all();
            if self.announcer.is_over() {
                return;
            }
            let wake = self.announcer.wake_at().map(|at| self.began + at);
            tokio::select! {
                Some(done) = self.asks.join_next(), if !self.asks.is_empty() => {
                    // None panics, and all that are aborted are no more awaited.
                    if let Ok((ask, result)) = done {
                        self.take(&ask, result).await;
                    }
                }
                () = tokio::time::sleep_until(wake.unwrap_or(self.began)), if wake.is_some() => {}
                changed = self.transferred.changed(), if is_followed => {
                    is_followed = changed.is_ok();
                    let now = self.now();
                    self.announcer.set_transferred(now, *self.transferred.borrow_and_update());
                }
                Ok(()) = self.need.changed() => {
                    let now = self.now();
                    self.announcer.need_peers(now);
                }
                () = self.stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    self.asks.shutdown().await;
                    self.announcer.stop();
                }
                else => return,
            }
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn ask_all(&mut self) {
        while let Some(ask) = self.announcer.poll(self.now()) {
            match self.clients.of(&ask.url) {
                Ok(client) => {
                    self.asks.spawn(async move {
                        let result = client.announce(&ask).await;
                        (ask, result)
                    });
                }
                Err(failed) => self.fail(&ask, &failed),
            }
        }
    }

    async fn take(&mut self, ask: &Ask, result: Result<Answer, Failed>) {
        match result {
            Ok(answer) => {
                self.say(ask, summary(&answer));
                self.announcer.answered(self.began.elapsed(), ask.id, answer.terms);
                let addresses = dialable(answer.addresses);
                if !addresses.is_empty() {
                    // Fails only at the end.
                    let _ = self.found.send(Found { source: Source::Tracker, addresses }).await;
                }
            }
            Err(failed) => self.fail(ask, &failed),
        }
    }

    fn fail(&mut self, ask: &Ask, failed: &Failed) {
        tracing::debug!(tracker = origin_of(&ask.url), reason = failed.reason, "a tracker gives no peers");
        self.say(ask, &failed.reason);
        self.announcer.failed(self.began.elapsed(), ask.id, failed.retry);
    }

    fn say(&self, ask: &Ask, said: impl Display) {
        let Some(number) = self.urls.iter().position(|url| *url == ask.url) else { return };
        let said = display_text(&said.to_string(), SAID_CHARS_MAX);
        self.statuses.send_modify(|statuses| statuses[number].said = said);
    }
}

/// Made when the first tracker of their kind is asked.
struct Clients {
    http: Option<HttpTrackers>,
    udp: Option<UdpTrackers>,
    udp_wait: Duration,
}

enum Client {
    Http(HttpTrackers),
    Udp(UdpTrackers),
}

impl Clients {
    fn of(&mut self, url: &str) -> Result<Client, Failed> {
        if url.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("udp:")) {
            if self.udp.is_none() {
                let made = UdpTrackers::new(self.udp_wait);
                self.udp = Some(made.map_err(|error| Failed::because(error.to_string()))?);
            }
            return self.udp.clone().map(Client::Udp).ok_or_else(|| Failed::because("no socket"));
        }
        if self.http.is_none() {
            self.http = Some(HttpTrackers::new()?);
        }
        self.http.clone().map(Client::Http).ok_or_else(|| Failed::because("no client"))
    }
}

impl Client {
    async fn announce(&self, ask: &Ask) -> Result<Answer, Failed> {
        match self {
            Self::Http(client) => client.announce(ask).await,
            Self::Udp(client) => client.announce(ask).await,
        }
    }
}

/// `12 peers, 3 seeders, 9 leechers`
fn summary(answer: &Answer) -> String {
    let mut parts = vec![counted(answer.addresses.len() as u64, "peer")];
    parts.extend(answer.seeders.map(|count| counted(count.into(), "seeder")));
    parts.extend(answer.leechers.map(|count| counted(count.into(), "leecher")));
    match &answer.warning {
        Some(warning) => format!("{}; warning: {warning}", parts.join(", ")),
        None => parts.join(", "),
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Without a user name, a path and a query.
fn origin_of(url: &str) -> String {
    let origin = reqwest::Url::parse(url).ok().and_then(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
    });
    display_text(&origin.unwrap_or_else(|| "a tracker without a host".to_owned()), SAID_CHARS_MAX)
}
