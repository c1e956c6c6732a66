//! What a conversation tells the program.

use std::collections::VecDeque;

use bytes::Bytes;
use wire_protocol::control::{DialRefusal, LinkGrant, Refusal, Reply};
use wire_protocol::ids::{FileId, GroupId, PeerId, RequestId};

/// Events that may wait to be polled. A driver that drains after every input never gets near.
const EVENTS_MAX: usize = 8 * 1024;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversationEvent {
    /// Logged in. The groups and swarms follow.
    Online,
    /// The connection is gone, or an attempt failed; what is known stays, and may be out of date.
    Offline {
        /// Why.
        reason: OfflineReason,
        /// When the next attempt is due, milliseconds of the driver's epoch.
        retry_at_ms: u64,
    },
    /// The tracker will not have this member or this program. No further attempts.
    Refused(Refusal),
    /// Answers a request.
    Reply {
        /// The request.
        id: RequestId,
        /// What came of it.
        outcome: Result<Reply, Refusal>,
    },
    /// A group's members, files or name changed, or the group is gone from
    /// [`crate::Conversation::groups`].
    GroupChanged(GroupId),
    /// Peers of a swarm joined or changed, or the list was replaced.
    SwarmChanged {
        /// The group.
        group: GroupId,
        /// The file card.
        file: FileId,
    },
    /// A peer left a swarm.
    SwarmLeft {
        /// The group.
        group: GroupId,
        /// The file card.
        file: FileId,
        /// Who.
        peer: PeerId,
    },
    /// Answers [`crate::Conversation::fetch_info`]: the info dictionary's bytes. Their SHA-1 was *not*
    /// compared with the card's info-hash.
    Info {
        /// The group.
        group: GroupId,
        /// The file card.
        file: FileId,
        /// The bytes.
        info: Result<Bytes, Refusal>,
    },
    /// A relay link is ready: present the token at `/link` within its 30 s.
    LinkGranted(LinkGrant),
    /// A dial led to nothing. Also when the connection was lost or the tracker kept silent, then as
    /// [`DialRefusal::TooMany`]: try again later.
    DialRefused {
        /// What [`crate::Conversation::dial`] returned.
        dial: u32,
        /// Why.
        reason: DialRefusal,
    },
    /// Answers [`crate::Conversation::publish_torrent`].
    Published {
        /// The file card.
        file: FileId,
        /// Whether the tracker has the torrent on disk.
        outcome: Result<(), Refusal>,
    },
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfflineReason {
    /// Network or tracker: the WebSocket did not open.
    #[error("the server cannot be reached")]
    Unreachable,
    /// Network or tracker: the WebSocket closed.
    #[error("the connection to the server was lost")]
    Lost,
    /// Network or tracker: silence.
    #[error("the server does not answer")]
    TimedOut,
    /// Tracker: it said that it restarts.
    #[error("the server is restarting")]
    Restarting,
    /// Tracker: it refused for now.
    #[error("{0}")]
    Refused(Refusal),
    /// Tracker: a message that makes no sense.
    #[error("the server said something that makes no sense: {0}")]
    Protocol(String),
}

/// Events that wait to be polled. An event that says "look again" waits once only.
#[derive(Debug, Default)]
pub(crate) struct Events(VecDeque<ConversationEvent>);

impl Events {
    pub(crate) fn push(&mut self, event: ConversationEvent) {
        use ConversationEvent::{GroupChanged, LinkGranted, SwarmChanged, SwarmLeft};
        let is_look_again = matches!(event, GroupChanged(_) | SwarmChanged { .. });
        if is_look_again && self.0.contains(&event) {
            return;
        }
        let is_soft = is_look_again || matches!(event, SwarmLeft { .. } | LinkGranted(_));
        if self.0.len() >= EVENTS_MAX && is_soft {
            return;
        }
        self.0.push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<ConversationEvent> {
        self.0.pop_front()
    }
}
