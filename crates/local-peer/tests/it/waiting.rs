//! Why nothing comes.

use local_peer::{LinkFailure, Waiting};

use crate::world::{Has, PIECES, SECOND, World};

fn waiting(world: &World, node: usize) -> Option<Waiting> {
    let snapshot = world.snapshot(node);
    assert_eq!(snapshot.waiting, world.nodes[node].peer.waiting(world.now));
    snapshot.waiting
}

#[test]
fn nobody_is_online() {
    let mut world = World::new();
    let leecher = world.add(Has::Nothing);
    world.list();
    assert_eq!(waiting(&world, leecher), Some(Waiting::NobodyOnline));
}

#[test]
fn who_had_it_and_left_is_named() {
    let mut world = World::new();
    let seeder = world.add_tab(Has::All);
    let leecher = world.add_tab(Has::Nothing);
    world.relay_answers = false;
    world.list();
    assert_eq!(world.snapshot(leecher).seeders, 1);
    assert_eq!(world.snapshot(leecher).gone_seeders, [] as [String; 0]);
    world.list_to(leecher, Vec::new());
    assert_eq!(world.snapshot(leecher).gone_seeders, [format!("member {seeder}")]);
    assert_eq!(world.snapshot(leecher).seeders, 0);
}

#[test]
fn it_connects_first_and_then_nobody_was_reached() {
    let mut world = World::new();
    world.add_tab(Has::All);
    let leecher = world.add_tab(Has::Nothing);
    world.relay_answers = false;
    world.list();
    assert_eq!(waiting(&world, leecher), Some(Waiting::Connecting { online: 1 }));
    world.pass(SECOND * 31);
    let last = Some(LinkFailure::TimedOut);
    assert_eq!(waiting(&world, leecher), Some(Waiting::NotReached { online: 1, last }));
}

#[test]
fn nobody_has_what_is_missing() {
    let mut world = World::new();
    let a = world.add(Has::Nothing);
    let b = world.add(Has::Nothing);
    world.list();
    assert_eq!(waiting(&world, a), None, "it has only just begun");
    world.pass(SECOND * 3);
    for node in [a, b] {
        assert_eq!(waiting(&world, node), Some(Waiting::NobodyHas { pieces: PIECES }));
    }
}

#[test]
fn they_are_connected_and_do_not_send() {
    let mut world = World::new();
    let seeder = world.add(Has::All);
    world.nodes[seeder].disk_is_silent = true;
    let leecher = world.add(Has::Nothing);
    world.list();
    world.pass(SECOND * 4);
    assert_eq!(waiting(&world, leecher), Some(Waiting::NotSending { connected: 1 }));
}

#[test]
fn this_machine_cannot_keep_it() {
    let mut world = World::new();
    world.add(Has::All);
    let leecher = world.add(Has::Nothing);
    world.nodes[leecher].disk_is_broken = true;
    world.list();
    assert_eq!(waiting(&world, leecher), Some(Waiting::Storage));
    assert!(world.snapshot(leecher).storage_failure.is_some());
}

#[test]
fn nothing_is_waited_for_when_everything_is_here() {
    let mut world = World::new();
    let seeder = world.add(Has::All);
    let leecher = world.add(Has::Nothing);
    world.list();
    world.pass(SECOND * 60);
    assert_eq!((waiting(&world, seeder), waiting(&world, leecher)), (None, None));
}

#[test]
fn the_torrent_is_not_known_yet() {
    let mut world = World::new();
    let other = world.add(Has::Nothing);
    let node = world.add(Has::NoTorrent);
    world.settle();
    world.list_to(node, vec![world.candidate(other)]);
    world.pass(SECOND * 3);
    assert_eq!(waiting(&world, node), Some(Waiting::Torrent));
}
