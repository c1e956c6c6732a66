//! The two sides' messages; what they carry is in the file of its topic.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::files::InfoPart;
use super::groups::{GoneReason, GroupEvent, GroupSnapshot};
use super::keys::Sealed;
use super::links::{Dial, DialRefusal, LinkGrant};
use super::login::{Hello, Login, Welcome};
use super::refusal::Refusal;
use super::request::{Reply, Request};
use super::swarms::{Announce, AnnounceRefused, SwarmCounts, SwarmName, SwarmPeers};
use crate::ids::{GroupId, MemberKey, RequestId};

/// What a member sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberToTracker {
    /// Answers `Hello`; the first message.
    Login(Login),
    /// A durable change or a question. Answered by `Reply` with the same id.
    Request {
        /// Made by the client. A request that is sent again (after a reconnect) keeps its id and has one effect.
        id: RequestId,
        /// What is asked.
        request: Request,
    },
    /// One part of an info dictionary, to be followed by `Request::PublishTorrent`. Parts come in
    /// order from offset 0; they live in the connection and are gone with it.
    InfoPart(InfoPart),
    /// Puts this connection into a file's swarm, or tells how far it is, and watches the swarm. Soft state.
    /// At most one every few seconds unless completeness changes. Answered only when refused, by
    /// `AnnounceRefused`.
    Announce(Announce),
    /// Leaves a file's swarm. Watching goes on.
    Withdraw(SwarmName),
    /// From now on hears of the peers of a swarm: all of them first, then who joins, changes or leaves.
    /// Soft state.
    Watch(SwarmName),
    /// Ends watching, unless this connection is in the swarm.
    Unwatch(SwarmName),
    /// Asks for a relay link to a peer of the same swarm. Answered by `LinkGrant` or `DialRefused`.
    Dial(Dial),
    /// Is the tracker still there? Answered by `Pong`. After login only.
    Ping,
}

/// What the tracker sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrackerToMember {
    /// The first message on every connection.
    Hello(Hello),
    /// Login accepted. Snapshots or missed events of all the member's groups follow, with the counts of
    /// their swarms, then `Synced`.
    Welcome(Welcome),
    /// Every group that the member was in at login has been sent: what is known is complete from here on.
    Synced,
    /// Login or protocol refused; the connection closes.
    Goodbye(Refusal),
    /// Answers a `Request`.
    Reply {
        /// The request's id.
        id: RequestId,
        /// What came of it.
        outcome: Result<Reply, Refusal>,
    },
    /// The whole state of a group: after joining, and when a resume point is unknown or too old.
    Snapshot(GroupSnapshot),
    /// One change in a group.
    Event(GroupEvent),
    /// The member has a resume point of a group that they are not in (any more), and the events up to
    /// their leaving are too many or not kept: forget the group.
    GroupGone {
        /// Which one.
        group: GroupId,
        /// How it came to that.
        why: GoneReason,
    },
    /// How many are in the swarms of a group. What waits for a slow reader is replaced by the latest.
    SwarmCounts(SwarmCounts),
    /// Peers of a watched swarm: joined, changed or left. What waits for a slow reader is replaced by
    /// the latest.
    SwarmPeers(SwarmPeers),
    /// An `Announce` was not taken: this connection is not in the swarm.
    AnnounceRefused(AnnounceRefused),
    /// A relay link is ready to be opened, within the token's 30 s.
    LinkGrant(LinkGrant),
    /// A `Dial` led to nothing.
    DialRefused {
        /// The member's own number.
        dial: u32,
        /// Why.
        reason: DialRefusal,
    },
    /// The tracker is about to restart; reconnect after this many milliseconds.
    Restarting {
        /// Milliseconds.
        after_ms: u32,
    },
    /// Answers `Ping`.
    Pong,
    /// Proves to other members that this one is in the group (`ticket::Ticket`). After the snapshot or the missed events
    /// of a group, in time before it expires, and when role or epoch change.
    Ticket {
        group: GroupId,
        /// Signed by the tracker's key.
        ticket: Vec<u8>,
    },
    /// The group's key for this member. Where `Ticket` comes, if the tracker has it, and when it changes; the same may come
    /// twice.
    Key {
        group: GroupId,
        /// The key's; the group's epoch.
        epoch: u32,
        /// Who sealed it.
        from: MemberKey,
        sealed: Sealed,
    },
    /// These members have no key of the group's epoch; whoever has it answers with `GiveKeys`. To members who have it.
    KeysWanted {
        group: GroupId,
        /// The group's.
        epoch: u32,
        /// Some of them, if they are many.
        members: Vec<MemberKey>,
    },
    /// An admin said no to this member's request to join, or the group was closed.
    JoinRefused {
        group: GroupId,
        /// The group's.
        slug: String,
    },
    /// Where ordinary clients in a swarm announced from, all of it each time; at most `LIST_LEN_MAX`. To who is in the swarm and
    /// offers to take plain connections, or to be a bridge: from elsewhere it need take none. What waits for a slow reader is
    /// replaced by the latest.
    SwarmAddresses {
        /// Which swarm.
        swarm: SwarmName,
        /// In no particular order, each once. Empty: there are none (any more).
        addresses: Vec<IpAddr>,
    },
}
