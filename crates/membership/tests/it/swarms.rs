//! Announcing, peers of a swarm, dialing them.

use membership::{ConversationEvent, DialFailure};
use wire_protocol::control::{
    AnnounceRefusal, AnnounceRefused, Dial, DialRefusal, LinkGrant, Listen, MemberToTracker, PeerName, Progress,
    SwarmCount, SwarmCounts, TrackerToMember,
};
use wire_protocol::ids::{FileId, LinkId, MemberKey};

use crate::tracker::{FILE, GROUP, HISTORY, SWARM, Talk, announce, left, me, name, peer, snapshot, swarm, welcome};

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
        relay: None,
        swarm: SWARM,
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
    talk.member.withdraw(SWARM);
    assert_eq!(talk.sent(), [MemberToTracker::Withdraw(SWARM), MemberToTracker::Unwatch(SWARM)]);
    talk.member.withdraw(SWARM);
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent(), []);
}

#[test]
fn a_tracker_that_forgot_an_announce_hears_it_again() {
    let mut talk = Talk::online();
    talk.member.announce(announce(1));
    let dial = talk.member.dial(SWARM, name(1));
    talk.sent();
    talk.tell(TrackerToMember::DialRefused { dial, reason: DialRefusal::NotAnnounced });
    talk.pass(3_000);
    assert_eq!(sent_announces(&mut talk), [pieces(1)]);
    talk.pass(30_000);
    assert_eq!(sent_announces(&mut talk), []);
}

fn watching() -> Talk {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    assert!(talk.member.watch(SWARM));
    assert_eq!(talk.sent(), [MemberToTracker::Watch(SWARM)]);
    talk.events();
    talk
}

fn peers(talk: &Talk) -> Vec<(PeerName, Progress)> {
    talk.member.groups()[&GROUP].swarm(FILE).iter().map(|peer| (peer.name, peer.progress)).collect()
}

const CHANGED: ConversationEvent = ConversationEvent::SwarmChanged(SWARM);

#[test]
fn peers_join_change_and_leave() {
    let mut talk = watching();
    talk.tell(swarm(true, vec![peer(1, 4), peer(2, 0)]));
    talk.tell(swarm(false, vec![peer(2, 3), peer(3, 1)]));
    assert_eq!(peers(&talk), [(name(1), pieces(4)), (name(2), pieces(3)), (name(3), pieces(1))]);
    assert_eq!(talk.events(), [CHANGED]);
    talk.tell(left(vec![name(1), name(9)]));
    assert_eq!(peers(&talk), [(name(2), pieces(3)), (name(3), pieces(1))]);
    assert_eq!(talk.events(), [CHANGED]);
    talk.tell(swarm(true, vec![peer(7, 9)]));
    assert_eq!(peers(&talk), [(name(7), pieces(4))], "replaced, and more than all is all");
}

#[test]
fn peers_of_the_last_connection_stay_until_the_next() {
    let mut talk = watching();
    talk.tell(swarm(true, vec![peer(1, 4), peer(2, 0)]));
    talk.cut();
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE).len(), 2);
    talk.wait_until_it_connects();
    talk.log_in();
    talk.events();
    talk.tell(welcome(HISTORY, "Lively Otter"));
    talk.tell(swarm(true, vec![peer(2, 1)]));
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE).len(), 1);
    assert_eq!(talk.events(), [ConversationEvent::Online, CHANGED], "one look, after the new list came");
}

/// Anybody could announce anybody's peer id, and one of the two was lost.
#[test]
fn peers_of_two_members_with_the_same_peer_id_are_two_peers() {
    let mut talk = watching();
    let mut other = peer(1, 0);
    other.name.member = MemberKey([2; 32]);
    let (first, second) = (name(1), other.name);
    talk.tell(swarm(true, vec![peer(1, 4), other]));
    assert_eq!(peers(&talk), [(first, pieces(4)), (second, pieces(0))]);
    talk.tell(left(vec![second]));
    assert_eq!(peers(&talk), [(first, pieces(4))]);
}

#[test]
fn this_peer_on_its_last_connection_is_not_a_peer_and_somebody_elses_with_its_id_is() {
    let mut talk = watching();
    talk.member.announce(announce(1));
    let (mut own, mut copy) = (peer(1, 1), peer(2, 1));
    own.name = PeerName { member: me(), peer: announce(1).peer };
    copy.name.peer = announce(1).peer;
    talk.tell(swarm(true, vec![own, copy.clone()]));
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE), [copy]);
}

#[test]
fn watching_is_said_again_after_a_reconnect_until_it_ends() {
    let mut talk = watching();
    assert!(talk.member.watch(SWARM));
    assert_eq!(talk.sent(), [], "said already");
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent(), [MemberToTracker::Watch(SWARM)]);
    talk.tell(swarm(true, vec![peer(1, 4)]));
    talk.member.unwatch(SWARM);
    talk.member.unwatch(SWARM);
    assert_eq!(talk.sent(), [MemberToTracker::Unwatch(SWARM)]);
    talk.tell(swarm(false, vec![peer(2, 4)]));
    assert_eq!(peers(&talk), [], "what was on its way would never be forgotten");
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent(), []);
}

#[test]
fn whoever_changes_their_mind_about_watching_ends_with_the_last_word() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.member.watch(SWARM);
    talk.member.unwatch(SWARM);
    assert_eq!(talk.sent(), [MemberToTracker::Unwatch(SWARM)]);
    talk.member.watch(SWARM);
    talk.member.unwatch(SWARM);
    talk.member.watch(SWARM);
    assert_eq!(talk.sent(), [MemberToTracker::Watch(SWARM)]);
}

#[test]
fn an_announce_watches_and_what_is_watched_besides_stays_watched_after_it() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.member.announce(announce(1));
    talk.sent();
    talk.tell(swarm(true, vec![peer(1, 4)]));
    assert_eq!(peers(&talk).len(), 1);
    talk.member.watch(SWARM);
    talk.member.withdraw(SWARM);
    assert_eq!(talk.sent(), [MemberToTracker::Watch(SWARM), MemberToTracker::Withdraw(SWARM)]);
    assert_eq!(peers(&talk).len(), 1);
    talk.member.announce(announce(1));
    talk.member.unwatch(SWARM);
    assert_eq!(sent_announces(&mut talk), [pieces(1)]);
    assert_eq!(peers(&talk).len(), 1, "who is in the swarm goes on hearing");
    talk.member.withdraw(SWARM);
    assert_eq!(talk.sent(), [MemberToTracker::Withdraw(SWARM), MemberToTracker::Unwatch(SWARM)]);
    assert_eq!(peers(&talk), []);
}

#[test]
fn it_is_known_from_where_ordinary_clients_come_until_this_peer_leaves() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.events();
    let tell = |talk: &mut Talk, addresses: &[[u8; 4]]| {
        let addresses = addresses.iter().map(|ip| (*ip).into()).collect();
        talk.tell(TrackerToMember::SwarmAddresses { swarm: SWARM, addresses });
    };
    let known = |talk: &Talk| talk.member.groups()[&GROUP].announced_from(FILE).to_vec();
    tell(&mut talk, &[[192, 0, 2, 9]]);
    assert_eq!((known(&talk).len(), talk.events()), (0, vec![]), "not in the swarm");
    talk.member.announce(announce(1));
    tell(&mut talk, &[[192, 0, 2, 1], [192, 0, 2, 2]]);
    assert_eq!(talk.events(), [ConversationEvent::SwarmChanged(SWARM)]);
    assert_eq!(known(&talk).len(), 2);
    tell(&mut talk, &[[192, 0, 2, 2]]);
    assert_eq!(known(&talk), [std::net::IpAddr::from([192, 0, 2, 2])]);
    talk.member.withdraw(SWARM);
    tell(&mut talk, &[]);
    assert_eq!(known(&talk).len(), 0);
}

#[test]
fn counts_are_known_without_watching() {
    let mut talk = Talk::online();
    talk.tell(snapshot(1));
    talk.events();
    let count = |file, seeders| SwarmCount { file, seeders, leechers: 1, preparing: 0 };
    let tell = |talk: &mut Talk, all, counts| {
        talk.tell(TrackerToMember::SwarmCounts(SwarmCounts { group: GROUP, all, counts }));
    };
    let other = FileId([9; 16]);
    tell(&mut talk, true, vec![count(FILE, 2), count(other, 1)]);
    tell(&mut talk, false, vec![count(FILE, 3)]);
    assert_eq!(talk.events(), [ConversationEvent::CountsChanged(GROUP)]);
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((group.count(FILE), group.count(other)), (count(FILE, 3), count(other, 1)));
    tell(&mut talk, true, vec![count(other, 5)]);
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((group.count(FILE).seeders, group.count(FILE).leechers), (0, 0), "not there is empty");
    assert_eq!(group.count(other).seeders, 5);
}

/// A refused announce used to be silent for the rest of the run: a seeder whom nobody sees.
#[test]
fn a_refused_announce_is_told_and_tried_again_until_it_is_taken() {
    let refused = |reason| TrackerToMember::AnnounceRefused(AnnounceRefused { swarm: SWARM, reason });
    let told = |reason| ConversationEvent::AnnounceRefused { swarm: SWARM, reason };
    for reason in [AnnounceRefusal::TooMany, AnnounceRefusal::SwarmFull] {
        let mut talk = Talk::online();
        talk.tell(snapshot(1));
        talk.events();
        talk.member.announce(announce(4));
        assert_eq!(sent_announces(&mut talk), [pieces(4)]);
        for round in 0..5 {
            talk.tell(refused(reason));
            assert_eq!(talk.events(), if round == 0 { vec![told(reason)] } else { vec![] }, "told once");
            assert_eq!(sent_announces(&mut talk), []);
            talk.pass(2_999);
            assert_eq!(sent_announces(&mut talk), [], "not more often than any");
            talk.pass(1);
            assert_eq!(sent_announces(&mut talk), [pieces(4)]);
        }
        talk.pass(60_000);
        assert_eq!(sent_announces(&mut talk), [], "taken");
    }
    for reason in [AnnounceRefusal::NoSuchFile, AnnounceRefusal::BadProgress] {
        let mut talk = Talk::online();
        talk.member.announce(announce(4));
        talk.sent();
        talk.tell(refused(reason));
        assert_eq!(talk.events(), [told(reason)]);
        talk.pass(60_000);
        assert_eq!(sent_announces(&mut talk), [], "waiting does not mend it");
        talk.cut();
        talk.connect();
        assert_eq!(sent_announces(&mut talk), [pieces(4)], "a new connection may");
    }
    let mut talk = Talk::online();
    talk.tell(refused(AnnounceRefusal::TooMany));
    assert_eq!(talk.events(), [], "nobody announced that");
}

#[test]
fn a_dial_ends_in_a_grant_or_a_refusal() {
    let mut talk = Talk::online();
    let to = name(1);
    let first = talk.member.dial(SWARM, to);
    let second = talk.member.dial(SWARM, to);
    assert_ne!(first, second);
    let expected = |dial| MemberToTracker::Dial(Dial { dial, swarm: SWARM, to });
    assert_eq!(talk.sent(), [expected(first), expected(second)]);
    talk.tell(grant(Some(first)));
    talk.tell(TrackerToMember::DialRefused { dial: second, reason: DialRefusal::AlreadyLinked });
    assert!(matches!(&talk.events()[..], [
        ConversationEvent::LinkGranted(grant),
        ConversationEvent::DialFailed { why: DialFailure::Refused(DialRefusal::AlreadyLinked), .. },
    ] if grant.dial == Some(first)));
    talk.tell(grant(Some(first)));
    talk.tell(TrackerToMember::DialRefused { dial: second, reason: DialRefusal::AlreadyLinked });
    assert_eq!(talk.events(), [], "answered already");
    talk.tell(grant(None));
    assert!(matches!(&talk.events()[..], [ConversationEvent::LinkGranted(_)]), "somebody dialed this peer");
}

/// "Too many links" used to stand for four different things.
#[test]
fn a_dial_never_hangs_and_says_why_it_failed() {
    let failed = |dial, why| ConversationEvent::DialFailed { dial, why };
    let to = name(1);
    let mut talk = Talk::new();
    let offline = talk.member.dial(SWARM, to);
    assert_eq!(talk.events(), [failed(offline, DialFailure::Offline)]);
    talk.connect();
    assert_eq!(talk.sent(), [], "not dialed later");
    let unanswered = talk.member.dial(SWARM, to);
    talk.sent();
    talk.pass(30_000);
    assert_eq!(talk.events(), [failed(unanswered, DialFailure::NoAnswer)]);
    let cut = talk.member.dial(SWARM, to);
    talk.cut();
    assert_eq!(talk.events()[0], failed(cut, DialFailure::Offline));
    talk.connect();
    let many: Vec<u32> = (0..65).map(|_| talk.member.dial(SWARM, to)).collect();
    assert_eq!(talk.events(), [failed(many[64], DialFailure::Refused(DialRefusal::TooMany))]);
}

#[test]
fn a_grant_that_cannot_be_used_is_a_failed_dial() {
    let damages: [fn(&mut LinkGrant); 3] = [
        |grant| grant.token = vec![0; 513],
        |grant| grant.token = vec![],
        |grant| grant.relay = Some("https://relay.example/elsewhere".to_owned()),
    ];
    for damage in damages {
        let mut talk = Talk::online();
        let dial = talk.member.dial(SWARM, name(1));
        let TrackerToMember::LinkGrant(mut bad) = grant(Some(dial)) else { unreachable!() };
        damage(&mut bad);
        talk.tell(TrackerToMember::LinkGrant(bad));
        assert_eq!(talk.events(), [ConversationEvent::DialFailed { dial, why: DialFailure::BadGrant }]);
    }
}

#[test]
fn each_failure_of_a_dial_has_a_sentence_of_its_own() {
    let refused = |reason| DialFailure::Refused(reason).to_string();
    assert_eq!(refused(DialRefusal::NoSuchPeer), "it has left the swarm");
    assert_eq!(refused(DialRefusal::AlreadyLinked), "there is a link to it already");
    assert_eq!(refused(DialRefusal::TooMany), "the server has too many links just now");
    assert_eq!(refused(DialRefusal::NotAnnounced), "the server does not know yet that this peer is in the swarm");
    assert_eq!(DialFailure::Offline.to_string(), "there is no connection to the server just now");
    assert_eq!(DialFailure::NoAnswer.to_string(), "the server does not answer");
    assert_eq!(DialFailure::BadGrant.to_string(), "the server gave a link that cannot be used");
}
