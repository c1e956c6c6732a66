//! One value for every golden vector, and at least one of every variant.

mod requests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wire_protocol::control::*;
use wire_protocol::ids::*;
use wire_protocol::link::{LinkSide, LinkToken};
use wire_protocol::ticket::{TICKET_LIFETIME_MS_MAX, Ticket};

use requests::{request_name, requests};

const GROUP: GroupId = GroupId([0x11; 16]);
const FILE: FileId = FileId([0x22; 16]);
const ADMIN: MemberKey = MemberKey([0x44; 32]);
const OTHER: MemberKey = MemberKey([0x55; 32]);
const AUTH: [u8; 32] = [0x66; 32];
const HISTORY: HistoryId = HistoryId([0xdd; 16]);
const SWARM: SwarmName = SwarmName { group: GROUP, file: FILE };
const INVITE: InviteId = InviteId([0xee; 16]);
const REQUEST: RequestId = RequestId([0x77; 16]);
const NOW_MS: u64 = 1_700_000_000_000;

fn peer_id() -> PeerId {
    PeerId::covey([0x33; 12])
}

fn sealed() -> Sealed {
    Sealed(vec![0xc0; 60])
}

// ---------------------------------------------------------------- member to tracker

pub fn hello() -> Hello {
    Hello { server_key: [0x88; 32], key_id: 1, nonce: [0x99; 32], time_ms: NOW_MS }
}

pub fn login() -> Login {
    Login {
        member: ADMIN,
        signature: Signature([0x51; 32], [0x52; 32]),
        origin: "https://share.example".to_owned(),
        display_name: "Lively Otter".to_owned(),
        client: "native-peer 0.1.0".to_owned(),
        resume: vec![ResumePoint { group: GROUP, history: HISTORY, seq: 300 }],
    }
}

fn announce(progress: Progress, listen: Option<Listen>) -> Announce {
    let offers = Offers { plain: false, bridge: listen.is_some() };
    Announce { swarm: SWARM, peer: peer_id(), progress, listen, offers }
}

pub fn from_member() -> Vec<MemberToTracker> {
    let local =
        vec![IpAddr::V4(Ipv4Addr::new(192, 168, 1, 20)), IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1))];
    let pieces = Progress::Pieces { have: 1_500, total: 2_888 };
    let mut messages = vec![
        MemberToTracker::Login(login()),
        MemberToTracker::InfoPart(InfoPart { file: FILE, offset: 0, bytes: b"d6:length".to_vec() }),
        MemberToTracker::Announce(announce(Progress::Preparing(425), None)),
        MemberToTracker::Announce(announce(pieces, Some(Listen { port: 6881, local }))),
        MemberToTracker::Withdraw(SWARM),
        MemberToTracker::Watch(SWARM),
        MemberToTracker::Unwatch(SWARM),
        MemberToTracker::Dial(Dial { dial: 7, swarm: SWARM, to: peer_name() }),
        MemberToTracker::Ping,
    ];
    messages.extend(requests().into_iter().map(|request| MemberToTracker::Request { id: REQUEST, request }));
    messages
}

pub fn from_member_name(message: &MemberToTracker) -> &'static str {
    match message {
        MemberToTracker::Login(_) => "login",
        MemberToTracker::Request { request, .. } => request_name(request),
        MemberToTracker::InfoPart(_) => "info-part",
        MemberToTracker::Announce(Announce { progress: Progress::Preparing(_), .. }) => "announce/preparing",
        MemberToTracker::Announce(Announce { progress: Progress::Pieces { .. }, .. }) => "announce/pieces",
        MemberToTracker::Withdraw(_) => "withdraw",
        MemberToTracker::Watch(_) => "watch",
        MemberToTracker::Unwatch(_) => "unwatch",
        MemberToTracker::Dial(_) => "dial",
        MemberToTracker::Ping => "ping",
    }
}

// ---------------------------------------------------------------- tracker to member

fn card(torrent: Option<Torrent>) -> FileCard {
    FileCard {
        file: FILE,
        name: "movie.mp4".to_owned(),
        size: 757_071_872,
        added_by: ADMIN,
        added_at_ms: NOW_MS,
        torrent,
    }
}

fn torrent() -> Torrent {
    Torrent { info_hash: InfoHash([0xaa; 20]), info_len: 57_860, pieces: 2_888 }
}

fn fox() -> Member {
    Member { key: OTHER, display_name: "Calm Fox".to_owned(), role: Role::Member }
}

fn peer_name() -> PeerName {
    PeerName { member: OTHER, peer: peer_id() }
}

fn swarm_peer() -> SwarmPeer {
    SwarmPeer {
        name: peer_name(),
        client: "native-peer 0.1.0".to_owned(),
        progress: Progress::Pieces { have: 2_888, total: 2_888 },
        tcp: vec![
            SocketAddr::from(([192, 0, 2, 7], 6881)),
            SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7], 6881)),
        ],
        offers: Offers { plain: true, bridge: false },
        source: Source::Session,
    }
}

fn replies() -> Vec<Result<Reply, Refusal>> {
    let preview = InvitePreview {
        group: GROUP,
        name: "Holiday".to_owned(),
        invited_by: "Lively Otter".to_owned(),
        needs_accept: false,
        members_online: 2,
        files: vec![PreviewFile { card: card(Some(torrent())), seeders: 2, leechers: 1 }],
    };
    vec![
        Ok(Reply::Done),
        Ok(Reply::GroupCreated { slug: "lively-otter".to_owned() }),
        Ok(Reply::Preview(preview)),
        Ok(Reply::Joined { group: GROUP, key: Some(InviteKey { epoch: 1, sealed: sealed() }) }),
        Ok(Reply::InfoPart(ReadPart { info_len: 57_860, offset: 0, bytes: b"d6:length".to_vec() })),
        Ok(Reply::Asked { group: GROUP, key: Some(InviteKey { epoch: 1, sealed: sealed() }) }),
        Ok(Reply::InviteCreated { expires_at_ms: NOW_MS }),
        Ok(Reply::Invites(vec![InviteCard {
            invite: INVITE,
            created_by: ADMIN,
            created_at_ms: NOW_MS,
            expires_at_ms: NOW_MS + 604_800_000,
            uses_left: Some(9),
            needs_accept: true,
            epoch: Some(1),
        }])),
        Ok(Reply::JoinRequests(vec![JoinRequest {
            member: OTHER,
            display_name: "Calm Fox".to_owned(),
            message: "It is me".to_owned(),
            invited_by: Some(ADMIN),
            was_removed: false,
            asked_at_ms: NOW_MS,
        }])),
        Ok(Reply::MyRequests(vec![MyRequest {
            group: GROUP,
            slug: "lively-otter".to_owned(),
            message: "It is me".to_owned(),
            asked_at_ms: NOW_MS,
            is_refused: true,
        }])),
        Ok(Reply::Passkey { passkey: Passkey([0xee; 16]) }),
        Err(Refusal { code: RefusalCode::BadInvite, message: "Ask for a new link.".to_owned() }),
    ]
}

fn reply_name(outcome: &Result<Reply, Refusal>) -> &'static str {
    match outcome {
        Ok(Reply::Done) => "reply/done",
        Ok(Reply::GroupCreated { .. }) => "reply/group-created",
        Ok(Reply::Preview(_)) => "reply/preview",
        Ok(Reply::Joined { .. }) => "reply/joined",
        Ok(Reply::InfoPart(_)) => "reply/info-part",
        Ok(Reply::Asked { .. }) => "reply/asked",
        Ok(Reply::InviteCreated { .. }) => "reply/invite-created",
        Ok(Reply::Invites(_)) => "reply/invites",
        Ok(Reply::JoinRequests(_)) => "reply/join-requests",
        Ok(Reply::MyRequests(_)) => "reply/my-requests",
        Ok(Reply::Passkey { .. }) => "reply/passkey",
        Err(_) => "reply/refused",
    }
}

fn changes() -> Vec<GroupChange> {
    vec![
        GroupChange::Created { name: "Holiday".to_owned() },
        GroupChange::Member(fox()),
        GroupChange::MemberLeft(OTHER),
        GroupChange::File(card(Some(torrent()))),
        GroupChange::FileRemoved(FILE),
        GroupChange::InvitesChanged,
        GroupChange::MemberRemoved { member: OTHER, epoch: 2 },
        GroupChange::RequestsChanged,
        GroupChange::Closed,
    ]
}

fn change_name(change: &GroupChange) -> &'static str {
    match change {
        GroupChange::Created { .. } => "event/created",
        GroupChange::Member(_) => "event/member",
        GroupChange::MemberLeft(_) => "event/member-left",
        GroupChange::File(_) => "event/file",
        GroupChange::FileRemoved(_) => "event/file-removed",
        GroupChange::InvitesChanged => "event/invites-changed",
        GroupChange::MemberRemoved { .. } => "event/member-removed",
        GroupChange::RequestsChanged => "event/requests-changed",
        GroupChange::Closed => "event/closed",
    }
}

fn snapshot() -> GroupSnapshot {
    GroupSnapshot {
        group: GROUP,
        slug: "lively-otter".to_owned(),
        name: "Holiday".to_owned(),
        seq: 4,
        epoch: 1,
        created_at_ms: NOW_MS,
        members: vec![Member { key: ADMIN, display_name: "Lively Otter".to_owned(), role: Role::Admin }, fox()],
        files: vec![card(None)],
    }
}

fn welcome() -> Welcome {
    Welcome { server: "tracker-relay 0.1.0".to_owned(), history: HISTORY, display_name: "Lively Otter".to_owned() }
}

fn swarm_counts() -> SwarmCounts {
    let count = SwarmCount { file: FILE, seeders: 2, leechers: 1, preparing: 0 };
    SwarmCounts { group: GROUP, all: true, counts: vec![count] }
}

pub fn from_tracker() -> Vec<TrackerToMember> {
    let grant = LinkGrant {
        dial: Some(7),
        link: LinkId([0xbb; 16]),
        token: vec![0xcc; 130],
        relay: Some("https://relay.example".to_owned()),
        swarm: SWARM,
        peer: swarm_peer(),
    };
    let mut messages = vec![
        TrackerToMember::Hello(hello()),
        TrackerToMember::Welcome(welcome()),
        TrackerToMember::Synced,
        TrackerToMember::Goodbye(Refusal { code: RefusalCode::BadLogin, message: "Wrong host.".to_owned() }),
        TrackerToMember::Snapshot(snapshot()),
        TrackerToMember::SwarmCounts(swarm_counts()),
        TrackerToMember::SwarmPeers(SwarmPeers {
            swarm: SWARM,
            all: true,
            peers: vec![swarm_peer()],
            left: vec![peer_name()],
        }),
        TrackerToMember::AnnounceRefused(AnnounceRefused { swarm: SWARM, reason: AnnounceRefusal::NoSuchFile }),
        TrackerToMember::LinkGrant(grant),
        TrackerToMember::DialRefused { dial: 7, reason: DialRefusal::NoSuchPeer },
        TrackerToMember::Restarting { after_ms: 5_000 },
        TrackerToMember::Pong,
        TrackerToMember::GroupGone { group: GROUP, why: GoneReason::Removed },
        TrackerToMember::Ticket { group: GROUP, ticket: vec![0xcc; 140] },
        TrackerToMember::Key { group: GROUP, epoch: 1, from: ADMIN, sealed: sealed() },
        TrackerToMember::KeysWanted { group: GROUP, epoch: 1, members: vec![OTHER] },
        TrackerToMember::JoinRefused { group: GROUP, slug: "lively-otter".to_owned() },
        TrackerToMember::SwarmAddresses {
            swarm: SWARM,
            addresses: vec![[192, 0, 2, 7].into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 7].into()],
        },
    ];
    messages.extend(replies().into_iter().map(|outcome| TrackerToMember::Reply { id: REQUEST, outcome }));
    messages.extend(changes().into_iter().zip(1..).map(|(change, seq)| {
        TrackerToMember::Event(GroupEvent { group: GROUP, seq, at_ms: NOW_MS, actor: ADMIN, change })
    }));
    messages
}

pub fn from_tracker_name(message: &TrackerToMember) -> &'static str {
    match message {
        TrackerToMember::Hello(_) => "hello",
        TrackerToMember::Welcome(_) => "welcome",
        TrackerToMember::Synced => "synced",
        TrackerToMember::Goodbye(_) => "goodbye",
        TrackerToMember::Reply { outcome, .. } => reply_name(outcome),
        TrackerToMember::Snapshot(_) => "snapshot",
        TrackerToMember::Event(event) => change_name(&event.change),
        TrackerToMember::SwarmCounts(_) => "swarm-counts",
        TrackerToMember::SwarmPeers(_) => "swarm-peers",
        TrackerToMember::AnnounceRefused(_) => "announce-refused",
        TrackerToMember::LinkGrant(_) => "link-grant",
        TrackerToMember::DialRefused { .. } => "dial-refused",
        TrackerToMember::Restarting { .. } => "restarting",
        TrackerToMember::Pong => "pong",
        TrackerToMember::GroupGone { .. } => "group-gone",
        TrackerToMember::Ticket { .. } => "ticket-for",
        TrackerToMember::Key { .. } => "key",
        TrackerToMember::KeysWanted { .. } => "keys-wanted",
        TrackerToMember::JoinRefused { .. } => "join-refused",
        TrackerToMember::SwarmAddresses { .. } => "swarm-addresses",
    }
}

// ---------------------------------------------------------------- relay links

pub fn link_token() -> LinkToken {
    LinkToken {
        key_id: 1,
        relay: 0,
        link: LinkId([0xbb; 16]),
        side: LinkSide::Dialer,
        member: ADMIN,
        expires_at_ms: NOW_MS + 30_000,
    }
}

// ---------------------------------------------------------------- tickets

pub fn ticket() -> Ticket {
    Ticket {
        key_id: 1,
        group: GROUP,
        subject: ADMIN,
        role: Role::Admin,
        epoch: 3,
        issued_ms: NOW_MS,
        expires_ms: NOW_MS + TICKET_LIFETIME_MS_MAX,
    }
}
