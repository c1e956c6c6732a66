//! Whether a peer may go.

use std::collections::BTreeSet;

use local_peer::{FullCopies, Input};
use peer_engine::Command;

use crate::world::{Has, NodeKey, World};

/// Everybody is of the group, and listed.
fn meet(world: &mut World) {
    let people: BTreeSet<_> = world.nodes.iter().map(|node| node.identity).collect();
    for node in 0..world.nodes.len() {
        world.hear(node, Input::People(people.clone()));
    }
    world.list();
    world.settle();
}

fn without(world: &World, node: NodeKey) -> Option<FullCopies> {
    world.snapshot(node).full_copies_without_us
}

#[test]
fn a_download_makes_the_sharer_dispensable_and_is_no_copy_for_itself() {
    let mut world = World::new();
    let sharer = world.add(Has::All);
    meet(&mut world);
    assert_eq!(without(&world, sharer), Some(FullCopies(0)));
    let tab = world.add_tab(Has::Nothing);
    meet(&mut world);
    meet(&mut world);
    assert!(world.nodes[tab].peer.is_complete());
    assert_eq!((without(&world, sharer), without(&world, tab)), (Some(FullCopies(1)), Some(FullCopies(1))));
}

#[test]
fn while_the_tracker_is_not_heard_and_outside_of_groups_nothing_is_promised() {
    let mut world = World::new();
    world.add(Has::All);
    let tab = world.add_tab(Has::All);
    world.list();
    assert_eq!(without(&world, tab), None, "it is in no group");
    meet(&mut world);
    assert_eq!(without(&world, tab), Some(FullCopies(1)));
    world.hear(tab, Input::RelayAvailable(false));
    assert_eq!(without(&world, tab), None);
}

#[test]
fn a_liars_copy_is_none() {
    let mut world = World::new();
    let liar = world.add(Has::All);
    let tab = world.add_tab(Has::All);
    meet(&mut world);
    let identity = world.nodes[liar].identity;
    world.hear(tab, Input::Command(Command::Ban(identity)));
    assert_eq!(without(&world, tab), Some(FullCopies(0)));
}
