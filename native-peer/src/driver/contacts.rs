//! Whom to be linked with: dials that the planner wants, relay links that others asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use membership::{LinkLimits, LinkPlanner};
use peer_engine::Direction;
use tokio::task::JoinSet;
use wire_protocol::control::{LinkGrant, PeerName, SwarmPeer};
use wire_protocol::ids::MemberKey;

use crate::links::{Dialer, Opened, Pipe, open_granted};
use crate::random;
use crate::report::Path;

/// Dials under way, and links in all.
const LIMITS: LinkLimits = LinkLimits { connecting_max: 16, links_max: 128 };
/// Links with those that others opened; above it their grants are ignored.
pub const LINKS_MAX: usize = 256;
/// Relay links that are being opened because others asked.
const GRANTS_OPENING_MAX: usize = 32;

/// What an attempt came to.
#[derive(Debug)]
pub struct Attempt {
    /// Whom we dialed; `None`: they asked.
    pub dialed: Option<PeerName>,
    /// The pipe, or why there is none.
    pub result: Result<Opened, String>,
}

/// Attempts under way, and who is not to be tried (again).
#[derive(Debug)]
pub struct Contacts {
    planner: LinkPlanner,
    dialer: Dialer,
    attempts: JoinSet<Attempt>,
    /// TCP is of use at all.
    direct: bool,
    /// Peers whose address led elsewhere: over the relay from now on.
    direct_failed: BTreeSet<PeerName>,
    banned: BTreeSet<MemberKey>,
}

impl Contacts {
    pub fn new(dialer: Dialer, direct: bool) -> Self {
        Self {
            planner: LinkPlanner::new(LIMITS, random::seed()),
            dialer,
            attempts: JoinSet::new(),
            direct,
            direct_failed: BTreeSet::new(),
            banned: BTreeSet::new(),
        }
    }

    /// Begins the dials that are due.
    pub fn plan(&mut self, local: PeerName, we_are_complete: bool, peers: &Arc<[SwarmPeer]>, now_ms: u64) {
        for id in self.planner.plan(local, we_are_complete, peers, now_ms) {
            let Some(peer) = peers.iter().find(|peer| peer.name == id).cloned() else {
                continue;
            };
            let direct = self.direct && !self.direct_failed.contains(&id);
            let dial = self.dialer.clone().dial(peer, direct);
            self.attempts.spawn(async move {
                Attempt { dialed: Some(id), result: Box::pin(dial).await.map_err(|failure| failure.to_string()) }
            });
        }
    }

    /// Opens a link that another peer asked for.
    pub fn accept(&mut self, grant: LinkGrant, links: usize) {
        let is_too_many = links >= LINKS_MAX || self.attempts.len() >= GRANTS_OPENING_MAX + LIMITS.connecting_max;
        if is_too_many || self.is_banned(grant.peer.name.member) {
            tracing::debug!(peer = %grant.peer.name.peer, is_too_many, "a link is not accepted");
            return;
        }
        let url = self.dialer.session.server().link(grant.relay.as_deref());
        self.attempts.spawn(async move {
            let result = match Box::pin(open_granted(&url, grant.token)).await {
                Ok(socket) => Ok(Opened {
                    pipe: Pipe::Relay(Box::new(socket)),
                    path: Path::Relay,
                    direction: Direction::Accepted,
                    peer: grant.peer,
                }),
                Err(error) => Err(error.to_string()),
            };
            Attempt { dialed: None, result }
        });
    }

    /// Waits for an attempt's end; forever if there is none.
    pub async fn next_attempt(&mut self) -> Attempt {
        loop {
            match self.attempts.join_next().await {
                Some(Ok(attempt)) => return attempt,
                Some(Err(error)) => tracing::error!(%error, "an attempt to connect failed"),
                None => std::future::pending().await,
            }
        }
    }

    pub fn on_failed(&mut self, peer: PeerName, now_ms: u64) {
        self.planner.on_failed(peer, now_ms);
    }

    pub fn on_open(&mut self, peer: PeerName) {
        self.planner.on_open(peer);
    }

    pub fn on_closed(&mut self, peer: PeerName, now_ms: u64) {
        self.planner.on_closed(peer, now_ms);
    }

    /// TCP to this peer leads nowhere good.
    pub fn on_direct_failed(&mut self, peer: PeerName) {
        self.direct_failed.insert(peer);
    }

    pub fn ban(&mut self, member: MemberKey) {
        self.banned.insert(member);
        self.planner.ban_member(member);
    }

    pub fn is_banned(&self, member: MemberKey) -> bool {
        self.banned.contains(&member)
    }

    /// When to plan again, milliseconds.
    pub fn poll_timeout(&self) -> Option<u64> {
        self.planner.poll_timeout()
    }
}
