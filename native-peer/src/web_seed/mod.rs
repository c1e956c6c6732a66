//! Web seeds (BEP 19): servers that have a torrent's files. Each is a peer with every piece for the engine, which asks it,
//! measures it and bans it as any other; that peer is a task here, at the other end of a link within the program.
//!
//! ```text
//!   engine ◄── peer wire, in memory ──► seed: gathers requests ──► plan: neighbours together ──► fetch ──► HTTP, ranges
//!                                         ▲                                                        │
//!                                         └──── piece messages ◄── plan::Cutter ◄── answer: judged ┘
//! ```

mod answer;
mod fault;
mod fetch;
mod plan;
mod seed;
mod url;

use std::sync::Arc;

use metainfo::Info;
use peer_wire::PeerId;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::http::{Allowed, HttpClient, Reach, describe};
use crate::links::Accepted;
use crate::random;
use crate::swarm::SwarmEvent;
use seed::Seed;

/// Web seeds of one torrent that are asked; others that it names are not.
const SEEDS_MAX: usize = 16;

/// Which web seeds a swarm has.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// As the torrent names them.
    pub urls: Vec<String>,
    /// How near they may be.
    pub reach: Reach,
}

/// The web seeds of a swarm at work.
#[derive(Debug, Default)]
pub struct WebSeeds(Vec<(PeerId, AbortOnDropHandle<()>)>);

impl WebSeeds {
    /// Begins: each connects as a peer, and asks for nothing that the engine does not want.
    pub fn start(
        sources: &Sources,
        info: &Arc<Info>,
        accepted: &mpsc::Sender<Accepted>,
        events: &mpsc::Sender<SwarmEvent>,
    ) -> Self {
        if sources.urls.is_empty() {
            return Self::default();
        }
        let client = match HttpClient::new(Allowed::UpTo(sources.reach), seed::FETCHES_MAX) {
            Ok(client) => client,
            Err(error) => {
                let said = format!("No web seed is asked: {}.", describe(&error));
                let _ = events.try_send(SwarmEvent::WebSeed(said));
                return Self::default();
            }
        };
        let start = |url: &String| {
            let peer = PeerId::covey(random::bytes());
            let seed = Seed::new(peer, url, info.clone(), client.clone(), events.clone());
            let seed = seed.map_err(|said| events.try_send(SwarmEvent::WebSeed(said))).ok()?;
            Some((peer, AbortOnDropHandle::new(tokio::spawn(seed.run(accepted.clone())))))
        };
        Self(sources.urls.iter().filter_map(start).take(SEEDS_MAX).collect())
    }

    /// One that lied is not asked again.
    pub fn give_up(&mut self, peer: PeerId) {
        self.0.retain(|(id, _)| *id != peer);
    }

    /// There is nothing more to get.
    pub fn stop(&mut self) {
        self.0.clear();
    }
}
