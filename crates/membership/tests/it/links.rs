//! Whom to dial, and when again.

use std::collections::BTreeSet;

use membership::{LinkLimits, LinkPlanner};
use wire_protocol::control::{PeerName, Progress, SwarmPeer};
use wire_protocol::ids::MemberKey;

use crate::tracker::{name as id, peer};

const LIMITS: LinkLimits = LinkLimits { connecting_max: 6, links_max: 24 };

fn planner() -> LinkPlanner {
    LinkPlanner::new(LIMITS, 1)
}

#[test]
fn of_two_leechers_exactly_one_dials() {
    for (have_a, have_b) in [(0, 0), (1, 3), (3, 1)] {
        let (a, b) = (peer(1, have_a), peer(2, have_b));
        let a_dials = planner().plan(a.name, false, std::slice::from_ref(&b), 0);
        let b_dials = planner().plan(b.name, false, std::slice::from_ref(&a), 0);
        assert_eq!((a_dials, b_dials), (vec![], vec![a.name]));
    }
}

#[test]
fn a_seeder_never_dials() {
    let peers = [peer(1, 0), peer(2, 4), peer(3, 2)];
    assert_eq!(planner().plan(id(9), true, &peers, 0), []);
}

#[test]
fn a_leecher_dials_every_seeder_and_nobody_who_is_still_hashing_nor_itself() {
    let mut hashing = peer(1, 0);
    hashing.progress = Progress::Preparing(500);
    let mut unknown = peer(3, 0);
    unknown.progress = Progress::Pieces { have: 0, total: 0 };
    let peers = [hashing, peer(5, 4), peer(9, 4), peer(7, 1)];
    let dialed: BTreeSet<PeerName> = planner().plan(id(7), false, &peers, 0).into_iter().collect();
    assert_eq!(dialed, BTreeSet::from([id(5), id(9)]));
    planner().plan(id(7), false, &[unknown], 0);
}

#[test]
fn seeders_come_first_and_limits_hold() {
    let mut peers: Vec<SwarmPeer> = (1..=40).map(|number| peer(number, 1)).collect();
    peers.extend((100..103).map(|number| peer(number, 4)));
    let mut planner = planner();
    let mut open = 0;
    let first = planner.plan(id(200), false, &peers, 0);
    assert_eq!(first.len(), 6);
    assert!((100..103).all(|seeder| first[..3].contains(&id(seeder))));
    assert_eq!(planner.plan(id(200), false, &peers, 0), []);
    let mut dialing = first;
    while let Some(peer) = dialing.pop() {
        planner.on_open(peer);
        open += 1;
        dialing.extend(planner.plan(id(200), false, &peers, 0));
        assert!(dialing.len() <= 6 && open + dialing.len() <= 24);
    }
    assert_eq!(open, 24);
}

#[test]
fn others_links_count_and_make_dialing_needless() {
    let mut planner = planner();
    planner.on_open(id(1));
    assert_eq!(planner.plan(id(9), false, &[peer(1, 4)], 0), []);
    planner.on_open(id(1));
    planner.on_closed(id(1), 5);
    assert_eq!(planner.plan(id(9), false, &[peer(1, 4)], 1_000_000), [], "one of two links is still open");
    planner.on_closed(id(1), 1_000_000);
    assert_eq!(planner.plan(id(9), false, &[peer(1, 4)], 2_000_000), [id(1)]);
}

#[test]
fn a_peer_that_fails_is_tried_again_later_and_later() {
    let mut planner = planner();
    let peers = [peer(1, 4)];
    let mut now = 0;
    for bound in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
        assert_eq!(planner.plan(id(9), false, &peers, now), [id(1)]);
        planner.on_failed(id(1), now);
        let at = planner.poll_timeout().unwrap();
        assert!((bound / 2..=bound).contains(&(at - now)), "{} of {bound}", at - now);
        assert_eq!(planner.plan(id(9), false, &peers, at - 1), []);
        now = at;
    }
    // A link that lived makes it a good peer again.
    assert_eq!(planner.plan(id(9), false, &peers, now), [id(1)]);
    planner.on_open(id(1));
    planner.on_closed(id(1), now + 60_000);
    assert!(planner.poll_timeout().unwrap() - (now + 60_000) <= 1_000);
}

#[test]
fn a_link_that_dies_at_once_again_and_again_is_not_a_tight_loop() {
    let mut planner = planner();
    let peers = [peer(1, 4)];
    let (mut now, mut dials) = (0, 0);
    while now < 600_000 {
        for peer in planner.plan(id(9), false, &peers, now) {
            dials += 1;
            planner.on_open(peer);
            planner.on_closed(peer, now);
        }
        now = planner.poll_timeout().expect("it will be tried again");
    }
    assert!((10..30).contains(&dials), "{dials} dials in ten minutes");
}

#[test]
fn a_dial_that_nobody_ends_is_given_up() {
    let mut planner = planner();
    let peers = [peer(1, 4)];
    assert_eq!(planner.plan(id(9), false, &peers, 0), [id(1)]);
    let at = planner.poll_timeout().unwrap();
    assert_eq!(planner.plan(id(9), false, &peers, at), []);
    let again = planner.poll_timeout().unwrap();
    assert_eq!(planner.plan(id(9), false, &peers, again), [id(1)]);
}

#[test]
fn a_banned_member_is_not_dialed_whatever_its_peer_id() {
    let mut planner = planner();
    planner.ban_member(MemberKey([1; 32]));
    let mut other = peer(2, 4);
    other.name.member = MemberKey([1; 32]);
    assert_eq!(planner.plan(id(9), false, &[peer(1, 4), other, peer(3, 4)], 0), [id(3)]);
}

#[test]
fn same_seed_same_choices() {
    let peers: Vec<SwarmPeer> = (1..=40).map(|number| peer(number, 4)).collect();
    let plan = |seed| LinkPlanner::new(LIMITS, seed).plan(id(200), false, &peers, 0);
    assert_eq!(plan(1), plan(1));
    assert_ne!(plan(1), plan(2), "different peers spread over the seeders");
}

/// A peer id is whatever its peer says: the second used to be taken for the first, and was never dialed.
#[test]
fn peers_of_two_members_with_the_same_peer_id_are_two_peers() {
    let (first, mut second) = (peer(1, 4), peer(1, 4));
    second.name.member = MemberKey([2; 32]);
    let mut planner = planner();
    let dialed: BTreeSet<PeerName> =
        planner.plan(id(9), false, &[first.clone(), second.clone()], 0).into_iter().collect();
    assert_eq!(dialed, BTreeSet::from([first.name, second.name]));
    planner.on_failed(first.name, 0);
    planner.on_open(second.name);
    assert_eq!(planner.plan(id(9), false, &[first.clone(), second.clone()], 1_000), [first.name]);
    // Leechers: one of the two dials.
    let (mut a, mut b) = (first, second);
    (a.progress, b.progress) = (Progress::Pieces { have: 0, total: 4 }, Progress::Pieces { have: 0, total: 4 });
    let dials = |from: &SwarmPeer, to: &SwarmPeer| {
        LinkPlanner::new(LIMITS, 1).plan(from.name, false, std::slice::from_ref(to), 0)
    };
    assert_eq!((dials(&a, &b), dials(&b, &a)), (vec![], vec![a.name]));
}
