use std::collections::BTreeSet;
use std::net::SocketAddr;

use peer_engine::{Direction, LinkKey};

use super::*;
use crate::Identity;
use crate::candidate::Source;
use crate::links::Phase;

mod waits;

const LIMIT: Room = Room { connecting: 6, links: 24 };
const SECOND: u64 = 1_000_000;

fn id(number: u8) -> PeerId {
    PeerId([number; 20])
}

/// A peer with `have` of 4 pieces that the relay can connect to.
fn relayed(number: u8, have: u32) -> Candidate {
    Candidate {
        peer: Some(id(number)),
        identity: Some(Identity([number; 32])),
        progress: Progress::Pieces { have, total: 4 },
        relay: true,
        ..Candidate::default()
    }
}

fn address(number: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, number], 6881))
}

fn direct(number: u8, have: u32) -> Candidate {
    Candidate { addresses: vec![address(number)], ..relayed(number, have) }
}

/// One peer's dialing, links and lists.
struct Side {
    wants: bool,
    is_complete: bool,
    local: PeerId,
    dialing: Dialing,
    candidates: Candidates,
    links: Links,
    now: Timestamp,
}

impl Side {
    fn new(local: u8, candidates: Vec<Candidate>) -> Self {
        let mut side = Self {
            local: id(local),
            wants: true,
            is_complete: false,
            dialing: Dialing::new(true, 1),
            candidates: Candidates::default(),
            links: Links::default(),
            now: Timestamp(0),
        };
        side.list(candidates);
        side
    }

    fn list(&mut self, candidates: Vec<Candidate>) {
        self.candidates.set(Source::Group, candidates.into());
        self.dialing.on_change();
    }

    /// Dials all that it may.
    fn dial(&mut self) -> Vec<(LinkKey, Candidate, Path)> {
        let mut dialed = Vec::new();
        loop {
            let view = View {
                local: self.local,
                wants: self.wants,
                is_complete: self.is_complete,
                candidates: &self.candidates,
                links: &self.links,
                limit: LIMIT,
                now: self.now,
            };
            let room = LIMIT.left([self.links.occupies()]);
            let Some((candidate, path)) = self.dialing.next(view, room, |_| false) else {
                return dialed;
            };
            let key = self.links.add(candidate.clone(), path, Direction::Dialed, Phase::Dialing, self.now);
            dialed.push((key, candidate, path));
        }
    }

    fn dialed_ids(&mut self) -> Vec<PeerId> {
        self.dial().into_iter().filter_map(|(_, candidate, _)| candidate.peer).collect()
    }

    fn end(&mut self, key: LinkKey, end: End) {
        let link = self.links.remove(key).expect("a link of this test");
        let is_still_linked = self.links.linked().any(|linked| Some(linked) == link.candidate.key());
        let is_dialed = link.direction == Direction::Dialed;
        let ended = Ended { candidate: &link.candidate, path: link.path, is_dialed, is_still_linked, end };
        self.dialing.on_end(&ended, self.now);
    }

    /// The only one to dial.
    fn dial_one(&mut self) -> (LinkKey, Path) {
        match &self.dial()[..] {
            [(key, _, path)] => (*key, *path),
            other => panic!("{other:?}"),
        }
    }
}

const FAILED: End = End::Failed(LinkFailure::NotPaired);

#[test]
fn of_two_leechers_exactly_one_dials() {
    for (have_a, have_b) in [(0, 0), (1, 3), (3, 1)] {
        let a_dials = Side::new(1, vec![relayed(2, have_b)]).dialed_ids();
        let b_dials = Side::new(2, vec![relayed(1, have_a)]).dialed_ids();
        assert_eq!((a_dials, b_dials), (vec![], vec![id(1)]));
    }
}

#[test]
fn a_leecher_dials_every_seeder_and_nobody_who_is_still_hashing_nor_itself() {
    let hashing = Candidate { progress: Progress::Preparing(500), ..relayed(1, 0) };
    let nothing = Candidate { progress: Progress::Pieces { have: 0, total: 0 }, ..relayed(8, 0) };
    let mut side = Side::new(7, vec![hashing, relayed(5, 4), relayed(9, 4), relayed(7, 1), nothing]);
    assert_eq!(BTreeSet::from_iter(side.dialed_ids()), BTreeSet::from([id(5), id(9)]));
}

#[test]
fn a_bare_address_is_dialed_directly_and_after_all_who_are_known() {
    let bare = Candidate { addresses: vec![address(1)], relay: true, ..Candidate::default() };
    let mut side = Side::new(9, vec![bare, relayed(1, 0)]);
    let dialed: Vec<_> = side.dial().into_iter().map(|(_, candidate, path)| (candidate.peer, path)).collect();
    assert_eq!(dialed, [(Some(id(1)), Path::Relay), (None, Path::Direct)]);
}

#[test]
fn seeders_come_first_and_half_of_the_links_are_left_to_those_who_dial_us() {
    let mut peers: Vec<Candidate> = (1..=40).map(|number| relayed(number, 1)).collect();
    peers.extend((100..103).map(|number| relayed(number, 4)));
    let mut side = Side::new(200, peers);
    let mut dialing = side.dial();
    assert_eq!(dialing.len(), LIMIT.connecting);
    assert!(dialing[..3].iter().all(|(_, candidate, _)| candidate.progress.is_complete()));
    while let Some((key, ..)) = dialing.pop() {
        side.links.set_phase(key, Phase::Open, side.now);
        dialing.extend(side.dial());
        assert!(dialing.len() <= LIMIT.connecting);
    }
    assert_eq!(side.links.occupies().links, LIMIT.links / 2);
}

#[test]
fn a_swarm_without_links_dials_into_the_places_kept_for_others() {
    let mut side = Side::new(200, (1..=40).map(|number| relayed(number, 1)).collect());
    // Other swarms of the program have taken all places but five.
    let mut dialed = 0;
    loop {
        let (links, candidates) = (&side.links, &side.candidates);
        let view =
            View { local: side.local, wants: true, is_complete: false, candidates, links, limit: LIMIT, now: side.now };
        let room = Room { connecting: 6, links: 5 - dialed };
        let Some((candidate, path)) = side.dialing.next(view, room, |_| false) else {
            break;
        };
        dialed += 1;
        side.links.add(candidate, path, Direction::Dialed, Phase::Dialing, side.now);
    }
    assert_eq!(dialed, LINKS_FEW);
}

#[test]
fn others_links_count_and_make_dialing_needless() {
    let mut side = Side::new(9, vec![relayed(1, 4)]);
    let open = |side: &mut Side| {
        let key = side.links.add(relayed(1, 4), Path::Relay, Direction::Accepted, Phase::Open, side.now);
        side.dialing.on_change();
        key
    };
    let links = [open(&mut side), open(&mut side)];
    assert_eq!(side.dialed_ids(), []);
    let closed = End::Closed { lived: GOOD_LINK, is_ready: true };
    side.end(links[0], closed);
    side.now = Timestamp(1_000 * SECOND);
    assert_eq!(side.dialed_ids(), [], "one of two links is still open");
    side.end(links[1], closed);
    side.now = Timestamp(2_000 * SECOND);
    assert_eq!(side.dialed_ids(), [id(1)]);
}

#[test]
fn its_own_address_is_tried_first_and_then_the_relay_at_once() {
    let mut side = Side::new(9, vec![direct(1, 4)]);
    let (key, path) = side.dial_one();
    assert_eq!(path, Path::Direct);
    side.end(key, End::Failed(LinkFailure::Unreachable));
    let (key, path) = side.dial_one();
    assert_eq!(path, Path::Relay, "without a wait");
    side.end(key, FAILED);
    assert_eq!(side.dial(), [], "now it waits");
    side.now = Timestamp(2 * SECOND);
    assert_eq!(side.dial_one().1, Path::Relay, "the address is remembered");
}

#[test]
fn a_program_without_tcp_uses_the_relay_alone() {
    let mut side = Side::new(9, vec![direct(1, 4), Candidate { relay: false, ..direct(2, 4) }]);
    side.dialing = Dialing::new(false, 1);
    assert_eq!(side.dial_one().1, Path::Relay);
}

#[test]
fn while_the_relay_cannot_be_asked_only_addresses_are_dialed() {
    let mut side = Side::new(9, vec![direct(1, 4), relayed(2, 4)]);
    side.dialing.set_relay(false);
    let (key, path) = side.dial_one();
    assert_eq!(path, Path::Direct);
    side.end(key, End::Failed(LinkFailure::Unreachable));
    assert_eq!(side.dial(), []);
    side.dialing.set_relay(true);
    assert_eq!(side.dial().len(), 2);
}

#[test]
fn whoever_has_everything_dials_strangers_only() {
    let stranger = Candidate::stranger("203.0.113.9:6881".parse().unwrap());
    let mut side = Side::new(9, vec![relayed(1, 0), stranger.clone()]);
    (side.wants, side.is_complete) = (false, true);
    let dialed: Vec<Candidate> = side.dial().into_iter().map(|(_, candidate, _)| candidate).collect();
    assert_eq!(dialed, [stranger]);
    (side.wants, side.is_complete) = (true, false);
    side.dialing.on_change();
    assert_eq!(side.dialed_ids(), [id(1)]);
}

#[test]
fn a_machine_that_many_addresses_lead_to_is_dialed_sixty_times_a_minute_and_then_the_others_follow() {
    let ports = (2_000..2_100).map(|port| Candidate::stranger(SocketAddr::from(([203, 0, 113, 9], port))));
    let mut side = Side::new(9, ports.collect());
    let mut dialed = 0;
    let mut dial = |side: &mut Side, until: u64| {
        while side.now.0 < until * SECOND {
            for (link, _, _) in side.dial() {
                side.end(link, End::Useless);
                dialed += 1;
            }
            side.now = Timestamp(side.now.0 + SECOND);
        }
        dialed
    };
    assert_eq!(dial(&mut side, 60), 60);
    assert_eq!(dial(&mut side, 80), 100);
}

#[test]
fn whoever_has_all_that_it_wants_and_not_everything_still_dials_those_who_wait_for_its_dial() {
    let mut side = Side::new(9, vec![relayed(1, 0), relayed(2, 4), relayed(10, 1)]);
    side.wants = false;
    assert_eq!(side.dialed_ids(), [id(1)], "the seeder has nothing for it, and the greater id dials itself");
}

#[test]
fn a_banned_candidate_is_not_dialed_whatever_its_peer_id() {
    let mut side = Side::new(9, vec![relayed(1, 4), relayed(2, 4)]);
    let (candidates, links) = (&side.candidates, &side.links);
    let view =
        View { local: side.local, wants: true, is_complete: false, candidates, links, limit: LIMIT, now: side.now };
    let is_banned = |candidate: &Candidate| candidate.identity == Some(Identity([1; 32]));
    let (candidate, _) = side.dialing.next(view, LIMIT, is_banned).expect("the other");
    assert_eq!(candidate.peer, Some(id(2)));
    assert_eq!(side.dialing.next(view, LIMIT, is_banned), None);
}

#[test]
fn same_seed_same_choices() {
    let peers: Vec<Candidate> = (1..=40).map(|number| relayed(number, 4)).collect();
    let dialed = |seed| {
        let mut side = Side::new(200, peers.clone());
        side.dialing = Dialing::new(true, seed);
        side.dialed_ids()
    };
    assert_eq!(dialed(1), dialed(1));
    assert_ne!(dialed(1), dialed(2), "different peers spread over the seeders");
}
