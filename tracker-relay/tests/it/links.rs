//! Dials, tokens, and the pipe between two peers.

use ed25519_dalek::SigningKey;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tracker_relay::limits::LINKS_WAITING_PER_MEMBER;
use tracker_relay::{clock, random};
use wire_protocol::control::{Dial, DialRefusal, LinkGrant, MemberToTracker, PeerName, SwarmName, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, LinkId};
use wire_protocol::link::{LinkSide, LinkToken, PAIRED};

use crate::harness::{Client, Member, Server, next_binary, open_link, peer_id};

const AUTH: [u8; 32] = [7; 32];

/// Two members in one swarm.
pub struct Swarm {
    pub dialer: Member,
    pub acceptor: Member,
    pub group: GroupId,
    pub slug: String,
    pub file: FileId,
    pub to: PeerName,
}

impl Swarm {
    pub async fn new(server: &Server) -> Self {
        let mut acceptor = Member::new(server).await;
        let (group, slug) = acceptor.create_group(AUTH).await;
        let file = acceptor.add_file(group, "movie.mp4").await;
        let to = acceptor.peer(peer_id());
        acceptor.announce(group, file, to.peer, 100).await;
        acceptor.settle().await;
        let dialer = newcomer(server, group, &slug, file).await;
        Self { dialer, acceptor, group, slug, file, to }
    }

    /// Somebody else dials from here on; returns who did so far.
    pub async fn change_dialer(&mut self, server: &Server) -> Member {
        let newcomer = newcomer(server, self.group, &self.slug, self.file).await;
        std::mem::replace(&mut self.dialer, newcomer)
    }

    pub async fn dial(&mut self, dial: u32) -> Result<(LinkGrant, LinkGrant), DialRefusal> {
        let swarm = SwarmName { group: self.group, file: self.file };
        let message = MemberToTracker::Dial(Dial { dial, swarm, to: self.to });
        self.dialer.send(&message).await;
        let outcome = self.dialer.find(|message| match message {
            TrackerToMember::LinkGrant(grant) => Some(Ok(grant.clone())),
            TrackerToMember::DialRefused { dial: refused, reason } if *refused == dial => Some(Err(*reason)),
            _ => None,
        });
        let asked = outcome.await?;
        let accepted = self.acceptor.find(|message| match message {
            TrackerToMember::LinkGrant(grant) => Some(grant.clone()),
            _ => None,
        });
        Ok((asked, accepted.await))
    }

    /// Both ends of an open link.
    pub async fn link(&mut self) -> (Client, Client) {
        let (asked, accepted) = self.dial(1).await.unwrap();
        let address = self.dialer.address();
        let mut dialer = open_link(address, asked.token).await;
        let mut acceptor = open_link(address, accepted.token).await;
        assert_eq!(next_binary(&mut dialer).await.unwrap(), PAIRED);
        assert_eq!(next_binary(&mut acceptor).await.unwrap(), PAIRED);
        (dialer, acceptor)
    }
}

async fn newcomer(server: &Server, group: GroupId, slug: &str, file: FileId) -> Member {
    let mut newcomer = Member::new(server).await;
    newcomer.join(slug, AUTH).await;
    newcomer.announce(group, file, peer_id(), 0).await;
    newcomer.settle().await;
    newcomer
}

#[tokio::test]
async fn both_sides_hear_of_each_other_and_of_the_same_link() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (asked, accepted) = swarm.dial(77).await.unwrap();
    assert_eq!((asked.dial, accepted.dial), (Some(77), None));
    assert_eq!(asked.link, accepted.link);
    assert_eq!(asked.peer.name, swarm.to);
    assert_eq!(accepted.peer.name.member, swarm.dialer.key);
    assert_eq!((accepted.swarm.group, accepted.swarm.file), (swarm.group, swarm.file));
}

#[tokio::test]
async fn bytes_pass_both_ways_unchanged_and_in_order() {
    let server = Server::start();
    let (dialer, acceptor) = Swarm::new(&server).await.link().await;
    let there: Vec<u8> = (0..3_000_001_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let back: Vec<u8> = there.iter().rev().map(|byte| !byte).collect();
    let (mut to_acceptor, mut from_acceptor) = dialer.split();
    let (mut to_dialer, mut from_dialer) = acceptor.split();
    // Messages of every size, so that boundaries fall anywhere.
    let send = async |sink: &mut futures_util::stream::SplitSink<Client, Message>, mut bytes: &[u8]| {
        let mut len = 1;
        while !bytes.is_empty() {
            let (message, rest) = bytes.split_at(len.min(bytes.len()));
            sink.send(Message::binary(message.to_vec())).await.unwrap();
            bytes = rest;
            len = len * 3 % 500_009;
        }
    };
    let receive = async |stream: &mut futures_util::stream::SplitStream<Client>, len: usize| {
        let mut bytes = Vec::new();
        while bytes.len() < len {
            match stream.next().await.unwrap().unwrap() {
                Message::Binary(part) => bytes.extend_from_slice(&part),
                other => panic!("{other:?}"),
            }
        }
        bytes
    };
    let ((), (), got_there, got_back) = tokio::join!(
        send(&mut to_acceptor, &there),
        send(&mut to_dialer, &back),
        receive(&mut from_dialer, there.len()),
        receive(&mut from_acceptor, back.len()),
    );
    assert!(got_there == there);
    assert!(got_back == back);
    assert_eq!(server.metric("tr_link_bytes_total"), (there.len() + back.len()) as f64);
}

#[tokio::test]
async fn what_was_sent_before_a_goodbye_arrives() {
    let server = Server::start();
    let (mut dialer, mut acceptor) = Swarm::new(&server).await.link().await;
    let sent = vec![5; 900_000];
    dialer.send(Message::binary(sent.clone())).await.unwrap();
    dialer.close(None).await.unwrap();
    assert!(next_binary(&mut acceptor).await.unwrap() == sent);
    assert!(next_binary(&mut acceptor).await.is_none());
    server.metric_becomes("tr_link_closes_total{reason=\"closed\"}", 1.0).await;
    server.metric_becomes("tr_connections{kind=\"link\"}", 0.0).await;
}

#[tokio::test]
async fn a_side_that_breaks_off_ends_the_other_and_the_pair_may_dial_again() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (dialer, mut acceptor) = swarm.link().await;
    assert_eq!(swarm.dial(2).await.unwrap_err(), DialRefusal::AlreadyLinked);
    drop(dialer);
    assert!(next_binary(&mut acceptor).await.is_none());
    server.metric_becomes("tr_links_active", 0.0).await;
    swarm.link().await;
}

#[tokio::test]
async fn a_token_is_good_for_one_socket() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (asked, accepted) = swarm.dial(1).await.unwrap();
    let mut first = open_link(server.address, asked.token.clone()).await;
    // Wait until the first is in, or the second could be it.
    server.metric_becomes("tr_links_waiting", 1.0).await;
    let mut thief = open_link(server.address, asked.token).await;
    assert!(next_binary(&mut thief).await.is_none());
    let mut acceptor = open_link(server.address, accepted.token.clone()).await;
    assert_eq!(next_binary(&mut first).await.unwrap(), PAIRED);
    assert_eq!(next_binary(&mut acceptor).await.unwrap(), PAIRED);
    let mut late_thief = open_link(server.address, accepted.token).await;
    assert!(next_binary(&mut late_thief).await.is_none());
    assert_eq!(server.metric("tr_links_total{result=\"used_token\"}"), 2.0);
    first.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(next_binary(&mut acceptor).await.unwrap(), [1][..]);
}

#[tokio::test]
async fn forged_expired_and_nonsensical_tokens_are_refused() {
    let server = Server::start();
    let swarm = Swarm::new(&server).await;
    let token = LinkToken {
        key_id: 1,
        relay: 0,
        link: LinkId(random::bytes()),
        side: LinkSide::Dialer,
        member: swarm.dialer.key,
        expires_at_ms: clock::now_ms() + 20_000,
    };
    let forged = token.seal(&SigningKey::from_bytes(&random::bytes()));
    let own_key = std::fs::read(server.folder().join("server.key")).unwrap();
    let own_key = SigningKey::from_bytes(&own_key.try_into().unwrap());
    let expired = LinkToken { expires_at_ms: clock::now_ms() - 1, ..token }.seal(&own_key);
    let tokens = [forged, expired, vec![], vec![1; 400], vec![1; 100_000]];
    for token in &tokens {
        let mut client =
            crate::harness::open(server.address, "/link", Some(wire_protocol::link::SUBPROTOCOL), None).await.unwrap();
        // The server may close before all of a long one is out.
        let _ = client.send(Message::binary(token.clone())).await;
        assert!(next_binary(&mut client).await.is_none());
    }
    assert_eq!(server.metric("tr_links_total{result=\"bad_token\"}"), tokens.len() as f64);
}

#[tokio::test]
async fn nothing_may_be_sent_before_the_link_is_paired() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (asked, _) = swarm.dial(1).await.unwrap();
    let mut client = open_link(server.address, asked.token).await;
    client.send(Message::binary(vec![1])).await.unwrap();
    assert!(next_binary(&mut client).await.is_none());
    server.metric_becomes("tr_links_waiting", 0.0).await;
}

#[tokio::test]
async fn text_and_giant_messages_end_a_link() {
    let server = Server::start();
    for message in [Message::text("hello"), Message::binary(vec![0; 1024 * 1024 + 1])] {
        let (mut dialer, mut acceptor) = Swarm::new(&server).await.link().await;
        let _ = dialer.send(message).await;
        assert!(next_binary(&mut acceptor).await.is_none());
    }
    server.metric_becomes("tr_link_closes_total{reason=\"bad_message\"}", 2.0).await;
}

#[tokio::test]
async fn who_cannot_be_dialed_is_told_apart() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let to = std::mem::replace(&mut swarm.to, swarm.acceptor.peer(peer_id()));
    assert_eq!(swarm.dial(1).await.unwrap_err(), DialRefusal::NoSuchPeer);
    swarm.to = PeerName { member: swarm.dialer.key, ..to };
    assert_eq!(swarm.dial(1).await.unwrap_err(), DialRefusal::NoSuchPeer);
    swarm.to = to;
    swarm.dialer.send(&MemberToTracker::Withdraw(SwarmName { group: swarm.group, file: swarm.file })).await;
    assert_eq!(swarm.dial(2).await.unwrap_err(), DialRefusal::NotAnnounced);
}

impl Swarm {
    /// A peer that has so many of 100 pieces.
    async fn enter(&self, member: &mut Member, have: u32) -> PeerName {
        let name = member.peer(peer_id());
        member.announce(self.group, self.file, name.peer, have).await;
        member.settle().await;
        name
    }
}

async fn dial(member: &mut Member, swarm: SwarmName, to: PeerName) -> Result<LinkGrant, DialRefusal> {
    member.send(&MemberToTracker::Dial(Dial { dial: 9, swarm, to })).await;
    member
        .find(|message| match message {
            TrackerToMember::LinkGrant(grant) if grant.dial.is_some() => Some(Ok(grant.clone())),
            TrackerToMember::DialRefused { reason, .. } => Some(Err(*reason)),
            _ => None,
        })
        .await
}

/// It bound honest programs only.
#[tokio::test]
async fn the_tracker_holds_everybody_to_the_rule_of_who_dials() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let name = SwarmName { group: swarm.group, file: swarm.file };
    let mut other = newcomer(&server, swarm.group, &swarm.slug, swarm.file).await;
    let mut dialer = swarm.change_dialer(&server).await;
    let (a, b) = (swarm.enter(&mut dialer, 1).await, swarm.enter(&mut other, 2).await);
    // Of two leechers the greater id dials.
    let (mut greater, mut smaller) =
        if a.peer > b.peer { ((dialer, a), (other, b)) } else { ((other, b), (dialer, a)) };
    assert_eq!(dial(&mut smaller.0, name, greater.1).await, Err(DialRefusal::NotYours));
    assert!(dial(&mut greater.0, name, smaller.1).await.is_ok());
    // Seeders never do.
    assert_eq!(dial(&mut swarm.acceptor, name, smaller.1).await, Err(DialRefusal::NotYours));
    assert!(dial(&mut smaller.0, name, swarm.to).await.is_ok());
    assert_eq!(server.metric("tr_dials_total{result=\"not_yours\"}"), 2.0);
}

/// Twenty-four devices of one person could take all places of a tab.
#[tokio::test]
async fn one_member_has_two_links_to_one_peer_of_somebody_elses() {
    let server = Server::start();
    let swarm = Swarm::new(&server).await;
    let name = SwarmName { group: swarm.group, file: swarm.file };
    let mut devices = Vec::new();
    for _ in 0..3 {
        let mut device = swarm.dialer.again(&server).await;
        device.snapshot().await;
        swarm.enter(&mut device, 0).await;
        devices.push(device);
    }
    assert!(dial(&mut devices[0], name, swarm.to).await.is_ok());
    assert!(dial(&mut devices[1], name, swarm.to).await.is_ok());
    assert_eq!(dial(&mut devices[2], name, swarm.to).await, Err(DialRefusal::TooMany));
    assert_eq!(server.metric("tr_refused_total{limit=\"links_to_peer\"}"), 1.0);
    // Others still get theirs.
    let mut other = newcomer(&server, swarm.group, &swarm.slug, swarm.file).await;
    assert!(dial(&mut other, name, swarm.to).await.is_ok());
}

#[tokio::test]
async fn a_relay_without_memory_for_links_grants_none_and_says_so() {
    let server = Server::start_with(&["--link-memory", "0"]);
    let mut swarm = Swarm::new(&server).await;
    assert_eq!(swarm.dial(1).await.unwrap_err(), DialRefusal::TooMany);
    assert_eq!(server.metric("tr_refused_total{limit=\"links\"}"), 1.0);
}

/// 128 sessions of free keys could take all places for those who wait.
#[tokio::test]
async fn sockets_of_one_member_that_wait_for_others_are_bounded() {
    const SESSIONS: usize = 5;
    const EACH: usize = 32;
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let mut files = vec![];
    for _ in 0..SESSIONS * EACH / 2 {
        files.push(swarm.acceptor.add_file(swarm.group, "x").await);
    }
    let to = swarm.to;
    for &file in &files {
        swarm.acceptor.announce(swarm.group, file, to.peer, 100).await;
    }
    swarm.acceptor.settle_after(std::time::Duration::from_secs(1)).await;
    let (mut devices, mut waiting) = (Vec::new(), Vec::new());
    for session in 0..SESSIONS {
        let mut device = swarm.dialer.again(&server).await;
        device.snapshot().await;
        // Each file is dialed from two sessions.
        for i in 0..EACH {
            let file = files[(session * EACH / 2 + i) % files.len()];
            device.announce(swarm.group, file, peer_id(), 0).await;
            let grant = dial(&mut device, SwarmName { group: swarm.group, file }, to).await.unwrap();
            waiting.push(open_link(server.address, grant.token).await);
        }
        devices.push(device);
    }
    let limit = "tr_refused_total{limit=\"links_waiting_of_member\"}";
    server.metric_becomes(limit, (SESSIONS * EACH - LINKS_WAITING_PER_MEMBER) as f64).await;
    // Others still meet.
    swarm.acceptor.settle().await;
    swarm.acceptor.forget_inbox();
    swarm.change_dialer(&server).await;
    swarm.link().await;
}
