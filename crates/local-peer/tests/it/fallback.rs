//! One order of paths: a peer's own address, then the relay.

use std::collections::BTreeSet;

use local_peer::{Candidate, Config, Event, Input, LinkFailure, Path};

use crate::world::{Has, SECOND, TAB, World, address};

fn paths(world: &World, node: usize) -> Vec<Path> {
    world.nodes[node].dialed.iter().map(|(path, _)| *path).collect()
}

#[test]
fn a_reachable_peer_is_linked_directly() {
    let mut world = World::new();
    world.add(Has::All);
    let leecher = world.add(Has::Nothing);
    world.list();
    assert_eq!(paths(&world, leecher), [Path::Direct]);
    assert!(world.is_complete(leecher));
    assert!(world.snapshot(0).sent_direct > 0 && world.snapshot(0).sent_relay == 0);
}

#[test]
fn an_address_that_does_not_answer_costs_three_seconds_and_then_the_relay_is_used() {
    let mut world = World::new();
    let seeder = world.add_tab(Has::All);
    let leecher = world.add(Has::Nothing);
    world.settle();
    let behind_nat = Candidate { addresses: vec![address(seeder)], ..world.candidate(seeder) };
    world.list_to(leecher, vec![behind_nat]);
    assert_eq!(paths(&world, leecher), [Path::Direct]);
    world.pass(SECOND * 3);
    assert_eq!(paths(&world, leecher), [Path::Direct, Path::Relay]);
    assert!(world.is_complete(leecher));
    let event =
        |event: &Event| matches!(event, Event::NotReached { path: Path::Direct, why: LinkFailure::Unreachable, .. });
    assert!(world.nodes[leecher].events.iter().any(event));
    assert!(world.snapshot(seeder).sent_relay > 0 && world.snapshot(seeder).sent_direct == 0);
}

#[test]
fn at_an_address_where_somebody_else_answers_the_relay_is_used_next() {
    let mut world = World::new();
    let (seeder, other) = (world.add_tab(Has::All), world.add(Has::All));
    let leecher = world.add(Has::Nothing);
    world.settle();
    let moved = Candidate { addresses: vec![address(other)], ..world.candidate(seeder) };
    world.list_to(leecher, vec![moved]);
    assert!(!world.is_complete(leecher), "the other is not who it should be");
    world.pass(SECOND * 2);
    assert_eq!(paths(&world, leecher), [Path::Direct, Path::Relay]);
    assert!(world.is_complete(leecher));
}

#[test]
fn a_tab_never_dials_an_address() {
    let mut world = World::new();
    world.add(Has::All);
    let tab = world.add_tab(Has::Nothing);
    world.list();
    assert_eq!(paths(&world, tab), [Path::Relay]);
    assert!(world.is_complete(tab));
}

#[test]
fn without_a_tracker_addresses_are_dialed_and_the_relay_when_it_is_back() {
    let mut world = World::new();
    let (direct, tab) = (world.add(Has::All), world.add_tab(Has::All));
    let leecher = world.add(Has::Nothing);
    world.settle();
    world.nodes[direct].is_reachable = true;
    world.hear(leecher, Input::RelayAvailable(false));
    world.list_to(leecher, vec![world.candidate(tab)]);
    world.pass(SECOND * 120);
    assert_eq!(paths(&world, leecher), [], "no dial is wasted on a tracker that is not there");
    world.hear(leecher, Input::RelayAvailable(true));
    world.settle();
    assert_eq!(world.linked(leecher), BTreeSet::new(), "everything came over that link, and it is closed");
    assert!(world.is_complete(leecher));
}

#[test]
fn a_relay_that_is_silent_is_given_up_and_tried_again() {
    let mut world = World::new();
    world.add_tab(Has::All);
    let config = Config { limit: TAB, direct: false };
    let leecher = world.add_with(Has::Nothing, config, false);
    world.relay_answers = false;
    world.list();
    world.pass(SECOND * 29);
    assert_eq!(paths(&world, leecher).len(), 1);
    world.pass(SECOND * 3);
    assert_eq!(paths(&world, leecher).len(), 2);
    assert_eq!(world.snapshot(leecher).last_failure, Some(LinkFailure::TimedOut));
    world.relay_answers = true;
    world.pass(SECOND * 40);
    assert!(world.is_complete(leecher));
    assert_eq!(world.snapshot(leecher).last_failure, None);
}
