//! What a conversation tells the program.

use std::collections::VecDeque;

use bytes::Bytes;
use wire_protocol::control::{AnnounceRefusal, DialRefusal, GoneReason, LinkGrant, Refusal, Reply, SwarmName};
use wire_protocol::ids::{GroupId, MemberKey, RequestId};

/// Events that may wait to be polled. A driver that drains after every input never gets near.
const EVENTS_MAX: usize = 8 * 1024;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversationEvent {
    /// Logged in. The groups and who is there follow.
    Online,
    /// What is known of the groups is complete from here on: who is not in [`crate::Conversation::groups`] has
    /// no such group.
    Synced,
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
    /// This person is called otherwise: see [`crate::Conversation::display_name`].
    DisplayNameChanged,
    /// A group's members, files or name changed, or the group is gone from
    /// [`crate::Conversation::groups`].
    GroupChanged(GroupId),
    /// A group is gone from [`crate::Conversation::groups`]. [`ConversationEvent::GroupChanged`] comes as well.
    GroupGone {
        group: GroupId,
        /// How it came to that.
        why: GoneReason,
    },
    /// An invite of a group was made or revoked: who shows them asks [`crate::ListInvites`] anew.
    InvitesChanged(GroupId),
    /// Somebody asks to join a group, or does not any more: admins who show them ask [`crate::ListRequests`] anew.
    RequestsChanged(GroupId),
    /// An admin has taken this member in, who had asked to join. The group is in [`crate::Conversation::groups`].
    JoinAccepted(GroupId),
    /// This member is not taken in.
    JoinRefused {
        group: GroupId,
        /// The group's.
        slug: String,
    },
    /// What this member proves itself with in a group is there, or is new: [`crate::Conversation::credentials`].
    CredentialsChanged(GroupId),
    /// An invite that asks first has named admins: of nobody else is the group's key taken. The program keeps them, in place
    /// of earlier ones, until it is told that there are none, and says at its next start whom it has kept:
    /// [`crate::Conversation::name_admins`].
    AdminsNamed {
        group: GroupId,
        /// Empty: there is nothing to keep any more.
        admins: Vec<MemberKey>,
    },
    /// How many are in the swarms of a group changed.
    CountsChanged(GroupId),
    /// Peers of a watched swarm joined, changed or left.
    SwarmChanged(SwarmName),
    /// Others do not see this peer in a swarm. What can pass ([`AnnounceRefusal::TooMany`],
    /// [`AnnounceRefusal::SwarmFull`]) is tried again by itself. Said once for each reason and connection.
    AnnounceRefused {
        /// Which swarm.
        swarm: SwarmName,
        /// Why.
        reason: AnnounceRefusal,
    },
    /// Answers [`crate::Conversation::fetch_info`]: the info dictionary's bytes. Their SHA-1 was *not*
    /// compared with the card's info-hash.
    Info {
        /// Whose.
        swarm: SwarmName,
        /// The bytes.
        info: Result<Bytes, Refusal>,
    },
    /// A relay link is ready: present the token at `/link` within its 30 s, at `relay` if that is there (it
    /// is an [`wire_protocol::control::Origin`]).
    LinkGranted(LinkGrant),
    /// A dial led to nothing.
    DialFailed {
        /// What [`crate::Conversation::dial`] returned.
        dial: u32,
        why: DialFailure,
    },
    /// Answers [`crate::Conversation::publish_torrent`].
    Published {
        /// Whose.
        swarm: SwarmName,
        /// Whether the tracker has the torrent on disk.
        outcome: Result<(), Refusal>,
    },
}

/// Why a dial led to nothing. Each can be tried again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DialFailure {
    /// The tracker said no, or this member asks for too much at once.
    #[error("{}", sentence(*.0))]
    Refused(DialRefusal),
    /// There is no connection to the tracker, or it was lost.
    #[error("there is no connection to the server just now")]
    Offline,
    /// The tracker kept silent.
    #[error("the server does not answer")]
    NoAnswer,
    /// The tracker granted a link that cannot be opened.
    #[error("the server gave a link that cannot be used")]
    BadGrant,
}

fn sentence(refusal: DialRefusal) -> &'static str {
    match refusal {
        DialRefusal::NoSuchPeer => "it has left the swarm",
        DialRefusal::AlreadyLinked => "there is a link to it already",
        DialRefusal::TooMany => "the server has too many links just now",
        DialRefusal::NotYours => "it is the other side's to dial",
        DialRefusal::NotAnnounced => "the server does not know yet that this peer is in the swarm",
    }
}

/// Why others do not see a peer, as the end of a sentence.
pub fn why_unseen(reason: AnnounceRefusal) -> &'static str {
    match reason {
        AnnounceRefusal::NoSuchFile => "the file is not in the group any more",
        AnnounceRefusal::TooMany => {
            "the server lets one connection take part in so many downloads only; it is tried again"
        }
        AnnounceRefusal::SwarmFull => "as many take part in this download as may; it is tried again",
        AnnounceRefusal::BadProgress => "the server takes this program's progress for nonsense",
    }
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
        use ConversationEvent::{
            CountsChanged, DisplayNameChanged, GroupChanged, InvitesChanged, LinkGranted, RequestsChanged, SwarmChanged,
        };
        let is_look_again = matches!(
            event,
            GroupChanged(_)
                | CountsChanged(_)
                | SwarmChanged(_)
                | ConversationEvent::CredentialsChanged(_)
                | DisplayNameChanged
                | InvitesChanged(_)
                | RequestsChanged(_)
        );
        if is_look_again && self.0.contains(&event) {
            return;
        }
        let is_soft = is_look_again || matches!(event, LinkGranted(_));
        if self.0.len() >= EVENTS_MAX && is_soft {
            return;
        }
        self.0.push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<ConversationEvent> {
        self.0.pop_front()
    }
}
