//! What a session asks of its task.

use std::sync::Arc;

use bytes::Bytes;
use membership::{Conversation, Group};
use peer_engine::LinkKey;
use tokio::sync::{mpsc, oneshot, watch};
use wire_protocol::control::{Announce, PeerName, Refusal, Reply, SwarmName, SwarmPeer};
use wire_protocol::ids::{GroupId, InfoHash, RequestId};

use super::{GroupState, SwarmNews};

pub type GroupsAnswer = oneshot::Sender<Result<Vec<(GroupId, Arc<Group>)>, Refusal>>;

/// Puts a question together: only the conversation knows the keys that may be in it.
pub struct Pose(pub Box<dyn FnOnce(&mut Conversation) -> RequestId + Send>);

impl std::fmt::Debug for Pose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pose(..)")
    }
}

/// What a [`super::Session`] asks of the task.
#[derive(Debug)]
pub enum Command {
    Ask {
        pose: Pose,
        answer: oneshot::Sender<Result<Reply, Refusal>>,
    },
    Publish {
        swarm: SwarmName,
        info_hash: InfoHash,
        info: Bytes,
        pieces: u32,
        answer: oneshot::Sender<Result<(), Refusal>>,
    },
    FetchInfo {
        swarm: SwarmName,
        answer: oneshot::Sender<Result<Bytes, Refusal>>,
    },
    Dial {
        swarm: SwarmName,
        to: PeerName,
        link: LinkKey,
    },
    Announce(Announce),
    Withdraw {
        swarm: SwarmName,
        answer: oneshot::Sender<()>,
    },
    Groups {
        answer: GroupsAnswer,
    },
    WatchGroup {
        group: GroupId,
        answer: oneshot::Sender<watch::Receiver<GroupState>>,
    },
    WatchSwarm {
        swarm: SwarmName,
        news: mpsc::Sender<SwarmNews>,
        answer: oneshot::Sender<watch::Receiver<Arc<[SwarmPeer]>>>,
    },
}
