//! One torrent, bridged into one group: a swarm at each end, and the joint between them.

use std::io;
use std::sync::Arc;

use bridge::{Bridge, Seeder};
use metainfo::Info;
use peer_engine::PieceSet;
use peer_wire::PeerId;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::SwarmName;

use super::joint::Joint;
use super::shelf::Shelf;
use crate::cli::{BridgeTerms, CacheWish};
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::text;
use crate::storage::{Store, deputy};
use crate::swarm::{Announced, BridgeEnd, InGroup, OrdinaryClients, Outside, Presence, Swarm, SwarmConfig, SwarmState};
use crate::web_seed;

/// What is bridged.
#[derive(Debug)]
pub struct Task {
    pub info: Arc<Info>,
    /// The swarm in the group.
    pub swarm: SwarmName,
    /// Where its seeders are found.
    pub outside: Outside,
    /// The upstream peer's id, which trackers know.
    pub upstream_id: PeerId,
    pub cache: CacheWish,
}

/// A bridge at work; it ends when it is dropped.
#[derive(Debug)]
pub struct Span {
    pub upstream: Swarm,
    pub downstream: Swarm,
    /// Who is connected upstream, and who lied.
    pub seeders: watch::Receiver<Vec<Seeder>>,
    /// Ends when the bridge cannot go on.
    pub joint: AbortOnDropHandle<io::Result<()>>,
}

impl Span {
    /// Starts both ends.
    ///
    /// # Errors
    /// A cache that is too small or has no room, or the session is over.
    pub async fn start(online: &Online, terms: &BridgeTerms, task: Task) -> Outcome<Self> {
        let layout = *task.info.layout();
        let presence = Presence { bridge: true, ..Presence::new(task.swarm, online.listen(), false) };
        let mut bridge = Bridge::new(layout, presence.local, task.cache.bytes).map_err(|error| {
            let needed = text::size(error.needed);
            Failure::usage(
                format!(
                    "--cache is too small for this torrent, whose pieces have {}",
                    text::binary_size(layout.nominal_piece_len())
                ),
                format!("It has to hold four of them: give it --cache {needed} or more."),
            )
        })?;
        bridge.limit_members(terms.per_member);
        let shelf = match &task.cache.folder {
            None => Shelf::in_memory(bridge.slots()),
            Some(folder) => Shelf::on_disk(folder, layout.nominal_piece_len())
                .map_err(|error| Failure::own_folder("--cache-folder DIR", "make the cache in", folder, &error))?,
        };
        let (upstream_store, upstream) = deputy();
        let (downstream_store, downstream) = deputy();
        let (seeders_told, seeders) = watch::channel(Vec::new());
        let (others_told, others) = watch::channel(Vec::new());
        let nothing = PieceSet::none(layout.pieces());
        let common = |store, end| SwarmConfig {
            info: task.info.clone(),
            have: nothing.clone(),
            wanted: Some(nothing.clone()),
            content: Store::Deputy(store),
            local: task.upstream_id,
            group: None,
            outside: None,
            tuning: terms.tuning,
            ordinary: OrdinaryClients::Nobody,
            direct: true,
            bridge: Some(end),
            web_seeds: web_seed::Sources::default(),
        };
        // Before the downstream swarm watches: the later of two feeds hears of links.
        let feed = online.session.watch_swarm(task.swarm).await?;
        let announced = Announced::new(feed.peers, terms.allows_private);
        let up = SwarmConfig {
            outside: Some(task.outside.with_announced(announced)),
            ordinary: OrdinaryClients::Anybody,
            ..common(upstream_store, BridgeEnd::Upstream(seeders_told))
        };
        let down = SwarmConfig {
            local: presence.local,
            group: Some(InGroup { session: online.session.clone(), presence }),
            direct: online.listener.is_some(),
            ..common(downstream_store, BridgeEnd::Downstream(others_told))
        };
        let joint = Joint { bridge, shelf, upstream, downstream, seeders: seeders.clone(), others };
        let joint = AbortOnDropHandle::new(tokio::spawn(joint.run()));
        let listener = online.listener.as_ref();
        let upstream = Swarm::start(up, listener, &online.places).await?;
        let downstream = Swarm::start(down, listener, &online.places).await?;
        Ok(Self { upstream, downstream, seeders, joint })
    }

    /// Ends politely: what was fetched, and what was served.
    pub async fn stop(self) -> (SwarmState, SwarmState) {
        tokio::join!(self.upstream.stop(), self.downstream.stop())
    }
}
