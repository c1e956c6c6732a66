//! Who dials whom, with real peers on both ends.

use std::collections::BTreeSet;

use crate::world::{Has, SECOND, World};

#[test]
fn a_swarm_links_every_pair_that_has_something_to_say_once_and_completes() {
    let mut world = World::new();
    let seeders = [world.add(Has::All), world.add(Has::All)];
    let leechers = [world.add(Has::Nothing), world.add(Has::Nothing), world.add(Has::Nothing)];
    world.list();
    world.pass(SECOND * 30);
    for leecher in leechers {
        assert!(world.is_complete(leecher));
    }
    for seeder in seeders {
        assert_eq!(world.nodes[seeder].dialed, [], "seeders have nothing to get");
    }
    // Of two leechers the one with the greater id dials.
    for (leecher, dials) in leechers.into_iter().zip([2, 3, 4]) {
        assert_eq!(world.nodes[leecher].dialed.len(), dials, "{:?}", world.nodes[leecher].dialed);
    }
}

#[test]
fn a_leecher_that_came_before_the_seeder_dials_it_when_it_is_listed() {
    let mut world = World::new();
    let leecher = world.add(Has::Nothing);
    world.list();
    world.pass(SECOND * 60);
    assert_eq!(world.linked(leecher), BTreeSet::new());
    world.add(Has::All);
    world.list();
    assert!(world.is_complete(leecher));
}

#[test]
fn a_link_that_is_lost_is_dialed_again_after_a_wait() {
    let mut world = World::new();
    // Two leechers: nothing completes, so nothing else ends their link.
    let other = world.add(Has::Nothing);
    let dialer = world.add(Has::Nothing);
    world.list();
    assert_eq!(world.linked(dialer), BTreeSet::from([other]));
    world.drop_links(dialer);
    world.settle();
    assert_eq!(world.linked(dialer), BTreeSet::new(), "not in the same moment");
    world.pass(SECOND);
    assert_eq!(world.linked(dialer), BTreeSet::from([other]));
    assert_eq!(world.nodes[dialer].dialed.len(), 2);
}

#[test]
fn a_complete_peer_stops_dialing() {
    let mut world = World::new();
    world.add(Has::All);
    let leecher = world.add(Has::Nothing);
    world.list();
    assert!(world.is_complete(leecher));
    let dials = world.nodes[leecher].dialed.len();
    let newcomer = world.add(Has::Nothing);
    world.list();
    world.pass(SECOND * 60);
    assert_eq!(world.nodes[leecher].dialed.len(), dials);
    assert!(world.is_complete(newcomer));
}
