//! One ban list, asked before any socket is opened.

use local_peer::{Candidate, CloseReason, Event, Input, Path, PeerId, Refused, Waiting};
use peer_engine::{Command, PieceSet};

use crate::world::{Has, PIECES, SECOND, World};

/// A leecher that has banned a seeder that lied, and the liar.
fn with_a_liar(add: fn(&mut World, Has) -> usize) -> (World, usize, usize) {
    let mut world = World::new();
    let liar = add(&mut world, Has::All);
    world.nodes[liar].lies = true;
    let leecher = add(&mut world, Has::Nothing);
    world.list();
    world.pass(SECOND);
    let banned = world.nodes[leecher].events.iter().find_map(|event| match event {
        Event::PeerBanned { who, .. } => Some(who.name.clone()),
        _ => None,
    });
    assert_eq!(banned.as_deref(), Some("member 0"));
    (world, liar, leecher)
}

#[test]
fn a_liar_is_banned_by_name_and_not_dialed_again() {
    let (mut world, _, leecher) = with_a_liar(World::add);
    let dials = world.nodes[leecher].dialed.len();
    world.list();
    world.pass(SECOND * 600);
    assert_eq!(world.nodes[leecher].dialed.len(), dials);
}

/// A liar who is listed on used to be waited for as somebody who is not reached yet.
#[test]
fn whoever_has_only_a_liar_waits_for_nobody_and_knows_who_lied() {
    let (mut world, _, leecher) = with_a_liar(World::add);
    world.list();
    world.pass(SECOND * 5);
    let snapshot = world.snapshot(leecher);
    assert_eq!((snapshot.waiting, snapshot.sent_bad), (Some(Waiting::NobodyOnline), vec!["member 0".to_owned()]));
    world.list_to(leecher, Vec::new());
    assert_eq!(world.snapshot(leecher).sent_bad, ["member 0"], "it is known when they are gone, too");
}

#[test]
fn a_banned_member_is_not_dialed_under_a_new_peer_id() {
    let (mut world, liar, leecher) = with_a_liar(World::add);
    let dials = world.nodes[leecher].dialed.len();
    let renamed = Candidate { peer: Some(PeerId([0; 20])), ..world.candidate(liar) };
    world.list_to(leecher, vec![renamed]);
    world.pass(SECOND * 600);
    assert_eq!(world.nodes[leecher].dialed.len(), dials);
}

#[test]
fn a_banned_members_grant_is_refused_before_a_socket_is_opened() {
    for add in [World::add, World::add_tab] {
        let (mut world, liar, leecher) = with_a_liar(add);
        let sockets = world.nodes[leecher].sockets;
        for path in [Path::Relay, Path::Direct] {
            assert_eq!(world.accept(leecher, liar, path), None);
        }
        world.settle();
        assert_eq!(world.nodes[leecher].refused, [Refused::Banned; 2]);
        assert_eq!(world.nodes[leecher].sockets, sockets);
    }
}

#[test]
fn a_link_on_its_way_is_given_up_when_its_member_is_banned() {
    let mut world = World::new();
    let (removed, node) = (world.add_tab(Has::Nothing), world.add_tab(Has::Nothing));
    world.accept(node, removed, Path::Relay).unwrap();
    world.settle();
    assert_eq!(world.nodes[node].peer.occupies().links, 1);
    let identity = world.nodes[removed].identity;
    world.hear(node, Input::Command(Command::Ban(identity)));
    world.settle();
    assert!(matches!(world.nodes[node].closed[..], [(_, CloseReason::Banned)]));
    assert_eq!(world.nodes[node].peer.occupies().links, 0);
}

#[test]
fn an_open_link_is_closed_when_its_member_is_banned() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::Nothing));
    world.list();
    assert_eq!(world.wires(node).len(), 1);
    let identity = world.nodes[other].identity;
    world.hear(node, Input::Command(Command::Ban(identity)));
    world.settle();
    assert_eq!(world.wires(node).len(), 0);
    world.list();
    world.pass(SECOND * 120);
    assert_eq!(world.wires(node).len(), 0);
}

#[test]
fn a_ban_before_the_torrent_is_known_counts_then_and_afterwards() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::NoTorrent));
    let identity = world.nodes[other].identity;
    world.hear(node, Input::Command(Command::Ban(identity)));
    assert_eq!(world.accept(node, other, Path::Direct), None);
    world.begin(node, PieceSet::none(PIECES));
    assert_eq!(world.accept(node, other, Path::Direct), None);
    assert_eq!(world.nodes[node].refused, [Refused::Banned; 2]);
}

#[test]
fn who_proves_to_be_banned_while_securing_gets_no_link() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::Nothing));
    let identity = world.nodes[other].identity;
    world.hear(node, Input::Command(Command::Ban(identity)));
    let (mut room, now) = (world.room(node), world.now);
    let link = world.nodes[node].peer.accept(Candidate::default(), Path::Direct, &mut room, now).unwrap();
    let who = Some(Box::new(world.candidate(other)));
    world.hear(node, Input::Secured { link, who });
    world.settle();
    assert_eq!(world.nodes[node].closed, [(link, CloseReason::Banned)]);
}
