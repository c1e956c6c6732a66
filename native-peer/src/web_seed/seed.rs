//! One web seed as the engine's peer: it has everything, wants nothing, and serves what it is asked for as its server does.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use metainfo::Info;
use peer_wire::{Decoder, ExtensionHandshake, Handshake, Message, PeerId, Reserved};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::fault::Fault;
use super::fetch::{Fetched, Source};
use super::plan::{Plan, REQUESTS_MAX};
use super::url;
use crate::http::HttpClient;
use crate::links::{Accepted, Caller, FarEnd, link_within};
use crate::report::text;
use crate::swarm::SwarmEvent;

/// Requests to one server at a time.
pub const FETCHES_MAX: usize = 3;
/// The engine closed the link, which has no room or something better: it is asked again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// Others close a link at 120 s of silence.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(60);

/// One of a torrent's web seeds.
#[derive(Debug)]
pub struct Seed {
    /// Its id, over all of its links: bans hang on it.
    peer: PeerId,
    /// For people.
    name: String,
    info: Arc<Info>,
    source: Source,
    events: mpsc::Sender<SwarmEvent>,
    /// What was said last.
    said: String,
    /// One after the other.
    failures: u32,
}

impl Seed {
    /// # Errors
    /// Why it is not asked at all, for people.
    pub fn new(
        peer: PeerId,
        url: &str,
        info: Arc<Info>,
        client: HttpClient,
        events: mpsc::Sender<SwarmEvent>,
    ) -> Result<Self, String> {
        let host = url::host_of(url).unwrap_or_else(|| text::printable(url));
        let source = Source::new(url, info.clone(), client);
        let source = source.map_err(|why| format!("The web seed {host} is not asked: {why}."))?;
        Ok(Self { peer, name: format!("web seed {host}"), info, source, events, said: String::new(), failures: 0 })
    }

    /// Connects and serves, again and again, until it is of no use any more.
    pub async fn run(mut self, swarm: mpsc::Sender<Accepted>) {
        loop {
            let (ends, far) = link_within();
            let who = Caller::WebSeed { peer: self.peer, name: self.name.clone() };
            if swarm.send(Accepted { ends, who }).await.is_err() {
                return;
            }
            let wait = match self.serve(far).await {
                Ok(()) => AGAIN_AFTER,
                Err(fault) => {
                    let wait = fault.wait(self.failures);
                    self.failures = self.failures.saturating_add(1);
                    self.say(&fault, wait);
                    let Some(wait) = wait else { return };
                    wait
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Until the engine closes the link.
    async fn serve(&mut self, far: FarEnd) -> Result<(), Fault> {
        let FarEnd { mut receiver, sender } = far;
        let mut decoder = Decoder::new(self.info.layout().pieces());
        let mut is_greeted = false;
        let mut plan = Plan::new(*self.info.layout());
        let mut fetches = FuturesUnordered::new();
        let mut keepalive = tokio::time::interval(KEEPALIVE_EVERY);
        keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once.
        let mut out = self.hello();
        loop {
            if !out.is_empty() && sender.send(out.split().freeze()).await.is_err() {
                return Ok(());
            }
            while fetches.len() < FETCHES_MAX
                && let Some(run) = plan.next_run(!fetches.is_empty())
            {
                fetches.push(self.source.fetch(run, sender.clone()));
            }
            tokio::select! {
                chunk = receiver.recv() => {
                    let Some(chunk) = chunk else { return Ok(()) };
                    decoder.push(chunk);
                    // The engine's messages are sound.
                    if !is_greeted {
                        is_greeted = decoder.next_handshake().ok().flatten().is_some();
                    }
                    while let Some(message) = is_greeted.then(|| decoder.next_message().ok().flatten()).flatten() {
                        hear(&message, &mut plan, &mut out);
                    }
                }
                Some(Fetched { blocks, end }) = fetches.next(), if !fetches.is_empty() => {
                    if blocks > 0 {
                        self.failures = 0;
                    }
                    end?;
                }
                _ = keepalive.tick() => Message::KeepAlive.encode(&mut out),
            }
        }
    }

    /// What a peer says first that has everything and serves whoever asks.
    fn hello(&self) -> BytesMut {
        let reserved = Reserved { fast: true, extensions: true };
        let handshake = Handshake { reserved, info_hash: self.info.info_hash(), peer_id: self.peer };
        let extension = ExtensionHandshake {
            client: Some(self.name.clone()),
            request_queue_max: Some(REQUESTS_MAX as u32),
            upload_only: true,
            ..ExtensionHandshake::default()
        };
        let mut hello = BytesMut::from(&handshake.encode()[..]);
        Message::Extended { id: 0, payload: Bytes::from(extension.encode()) }.encode(&mut hello);
        Message::HaveAll.encode(&mut hello);
        Message::Unchoke.encode(&mut hello);
        hello
    }

    /// Once for each reason: it may be the same every ten minutes.
    fn say(&mut self, fault: &Fault, wait: Option<Duration>) {
        let name = &self.name;
        tracing::info!(name, %fault, ?wait, "a web seed gives nothing");
        let said = match wait {
            None => format!("The {name} is not asked any more: {fault}."),
            Some(wait) => {
                format!("The {name} gives nothing now: {fault}. It is asked again in {}.", text::elapsed(wait))
            }
        };
        let reason = fault.to_string();
        if reason != self.said {
            self.said = reason;
            // A terminal that stands still must not stop the transfer.
            let _ = self.events.try_send(SwarmEvent::WebSeed(said));
        }
    }
}

fn hear(message: &Message, plan: &mut Plan, out: &mut BytesMut) {
    match message {
        Message::Request(block) if !plan.ask(*block) => Message::Reject(*block).encode(out),
        // BEP 6: what is taken back is answered, too. What is on its way comes.
        Message::Cancel(block) if plan.cancel(block) => Message::Reject(*block).encode(out),
        _ => {}
    }
}
