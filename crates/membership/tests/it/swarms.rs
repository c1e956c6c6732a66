//! Announcing, peers of a swarm, dialling them.

use membership::ConversationEvent;
use wire_protocol::control::{DialRefusal, LinkGrant, Listen, MemberToTracker, Progress, TrackerToMember};
use wire_protocol::ids::{LinkId, PeerId};

use crate::tracker::{FILE, GROUP, Talk, announce, peer, snapshot, swarm};

fn sent_announces(talk: &mut Talk) -> Vec<Progress> {
    let announces = talk.sent().into_iter().filter_map(|message| match message {
        MemberToTracker::Announce(announce) => Some(announce.progress),
        _ => None,
    });
    announces.collect()
}

fn pieces(have: u32) -> Progress {
    Progress::Pieces { have, total: 4 }
}

fn grant(dial: Option<u32>) -> TrackerToMember {
    TrackerToMember::LinkGrant(LinkGrant {
        dial,
        link: LinkId([6; 16]),
        token: vec![1; 200],
        group: GROUP,
        file: FILE,
        peer: peer(1, 4),
    })
}

#[test]
fn progress_is_announced_at_most_every_three_seconds_and_the_latest_wins() {
    let mut talk = Talk::online();
    talk.member.announce(announce(0));
    assert_eq!(sent_announces(&mut talk), [pieces(0)]);
    talk.pass(100);
    talk.member.announce(announce(1));
    talk.member.announce(announce(2));
    assert_eq!(sent_announces(&mut talk), []);
    talk.pass(2_899);
    assert_eq!(sent_announces(&mut talk), []);
    talk.pass(1);
    assert_eq!(sent_announces(&mut talk), [pieces(2)]);
    talk.pass(10_000);
    assert_eq!(sent_announces(&mut talk), [], "nothing new is not announced");
}

#[test]
fn a_pause_before_an_announce_does_not_count_against_the_next() {
    let mut talk = Talk::online();
    talk.pass(500_000);
    talk.now += 100_000;
    talk.member.announce(announce(0));
    assert_eq!(sent_announces(&mut talk), [pieces(0)]);
    assert!(talk.member.poll_timeout().is_some_and(|at| at <= talk.now), "asks for the time at once");
    talk.pass(0);
    talk.member.announce(announce(1));
    talk.pass(2_999);
    assert_eq!(sent_announces(&mut talk), []);
    talk.pass(1);
    assert_eq!(sent_announces(&mut talk), [pieces(1)]);
}

#[test]
fn becoming_a_seeder_is_announced_at_once() {
    let mut talk = Talk::online();
    let mut preparing = announce(0);
    preparing.progress = Progress::Preparing(10);
    talk.member.announce(preparing);
    talk.member.announce(announce(3));
    assert_eq!(sent_announces(&mut talk), [pieces(3)], "the latest");
    talk.member.announce(announce(4));
    assert_eq!(sent_announces(&mut talk), [pieces(4)]);
    let mut listening = announce(4);
    listening.listen = Some(Listen { port: 6881, local: vec![] });
    talk.member.announce(listening);
    assert_eq!(sent_announces(&mut talk).len(), 1, "others can reach it now");
}

#[test]
fn announces_are_said_again_after_a_reconnect_and_withdrawals_are_not() {
    let mut talk = Talk::new();
    talk.member.announce(announce(1));
    talk.connect();
    assert_eq!(sent_announces(&mut talk), [pieces(1)]);
    talk.cut();
    talk.member.announce(announce(2));
    talk.connect();
    assert_eq!(sent_announces(&mut talk), [pieces(2)]);
    talk.member.withdraw(GROUP, FILE);
    assert_eq!(talk.sent(), [MemberToTracker::Withdraw { group: GROUP, file: FILE }]);
    talk.member.withdraw(GROUP, FILE);
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent(), []);
}

#[test]
fn a_tracker_that_forgot_an_announce_hears_it_again() {
    let mut talk = Talk::online();
    talk.member.announce(announce(1));
    let dial = talk.member.dial(GROUP, FILE, peer(1, 4).peer);
    talk.sent();
    talk.tell(TrackerToMember::DialRefused { dial, reason: DialRefusal::NotAnnounced });
    talk.pass(3_000);
    assert_eq!(sent_announces(&mut talk), [pieces(1)]);
    talk.pass(30_000);
    assert_eq!(sent_announces(&mut talk), []);
}

#[test]
fn peers_join_change_and_leave() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.events();
    let peers = |talk: &Talk| -> Vec<(PeerId, Progress)> {
        let swarm = talk.member.groups()[&GROUP].swarm(FILE);
        swarm.iter().map(|peer| (peer.peer, peer.progress)).collect()
    };
    let id = |number| peer(number, 0).peer;
    talk.tell(swarm(true, vec![peer(1, 4), peer(2, 0)]));
    talk.tell(swarm(false, vec![peer(2, 3), peer(3, 1)]));
    assert_eq!(peers(&talk), [(id(1), pieces(4)), (id(2), pieces(3)), (id(3), pieces(1))]);
    assert_eq!(talk.events(), [ConversationEvent::SwarmChanged { group: GROUP, file: FILE }]);
    let left = |peer| TrackerToMember::SwarmLeft { group: GROUP, file: FILE, peer };
    talk.tell(left(id(1)));
    talk.tell(left(id(1)));
    assert_eq!(talk.events(), [ConversationEvent::SwarmLeft { group: GROUP, file: FILE, peer: id(1) }]);
    talk.tell(swarm(true, vec![peer(7, 9)]));
    assert_eq!(peers(&talk), [(id(7), pieces(4))], "replaced, and more than all is all");
}

#[test]
fn peers_of_the_last_connection_stay_until_the_next() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.tell(swarm(true, vec![peer(1, 4), peer(2, 0)]));
    talk.cut();
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE).len(), 2);
    talk.wait_until_it_connects();
    talk.log_in();
    talk.events();
    talk.tell(TrackerToMember::Welcome { server: String::new() });
    talk.tell(swarm(true, vec![peer(2, 1)]));
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE).len(), 1);
    let changed = ConversationEvent::SwarmChanged { group: GROUP, file: FILE };
    assert_eq!(talk.events(), [ConversationEvent::Online, changed], "one look, after the new list came");
}

#[test]
fn this_peer_on_its_last_connection_is_not_a_peer() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.member.announce(announce(1));
    let mut own = peer(1, 1);
    own.peer = announce(1).peer;
    talk.tell(swarm(true, vec![own, peer(2, 1)]));
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE), [peer(2, 1)]);
}

#[test]
fn a_dial_ends_in_a_grant_or_a_refusal() {
    let mut talk = Talk::online();
    let to = peer(1, 4).peer;
    let first = talk.member.dial(GROUP, FILE, to);
    let second = talk.member.dial(GROUP, FILE, to);
    assert_ne!(first, second);
    let expected = |dial| MemberToTracker::Dial { dial, group: GROUP, file: FILE, to };
    assert_eq!(talk.sent(), [expected(first), expected(second)]);
    talk.tell(grant(Some(first)));
    talk.tell(TrackerToMember::DialRefused { dial: second, reason: DialRefusal::AlreadyLinked });
    assert!(matches!(&talk.events()[..], [
        ConversationEvent::LinkGranted(grant),
        ConversationEvent::DialRefused { reason: DialRefusal::AlreadyLinked, .. },
    ] if grant.dial == Some(first)));
    talk.tell(grant(Some(first)));
    talk.tell(TrackerToMember::DialRefused { dial: second, reason: DialRefusal::AlreadyLinked });
    assert_eq!(talk.events(), [], "answered already");
    talk.tell(grant(None));
    assert!(matches!(&talk.events()[..], [ConversationEvent::LinkGranted(_)]), "somebody dialled this peer");
}

#[test]
fn a_dial_never_hangs() {
    let refused = |dial| ConversationEvent::DialRefused { dial, reason: DialRefusal::TooMany };
    let to = peer(1, 4).peer;
    let mut talk = Talk::new();
    let offline = talk.member.dial(GROUP, FILE, to);
    assert_eq!(talk.events(), [refused(offline)]);
    talk.connect();
    assert_eq!(talk.sent(), [], "not dialled later");
    let unanswered = talk.member.dial(GROUP, FILE, to);
    talk.sent();
    talk.pass(30_000);
    assert_eq!(talk.events(), [refused(unanswered)]);
    let cut = talk.member.dial(GROUP, FILE, to);
    talk.cut();
    assert_eq!(talk.events()[0], refused(cut));
    talk.connect();
    let many: Vec<u32> = (0..65).map(|_| talk.member.dial(GROUP, FILE, to)).collect();
    assert_eq!(talk.events(), [refused(many[64])]);
}

#[test]
fn a_grant_without_a_usable_token_is_a_refused_dial() {
    let mut talk = Talk::online();
    let dial = talk.member.dial(GROUP, FILE, peer(1, 4).peer);
    let TrackerToMember::LinkGrant(mut bad) = grant(Some(dial)) else { unreachable!() };
    bad.token = vec![0; 513];
    talk.tell(TrackerToMember::LinkGrant(bad));
    assert!(matches!(&talk.events()[..], [ConversationEvent::DialRefused { .. }]));
}
