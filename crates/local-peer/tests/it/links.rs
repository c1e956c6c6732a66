//! How a link comes and goes.

use bytes::Bytes;
use local_peer::{CloseReason, Event, Input, LinkFailure, Path, Refused, UNREAD_MAX};
use peer_engine::{LinkKey, PieceSet};

use crate::world::{Has, PIECES, SECOND, World};

#[test]
fn a_link_that_opened_before_the_torrent_was_known_is_handed_on_with_what_it_brought() {
    let mut world = World::new();
    world.add(Has::All);
    let node = world.add(Has::NoTorrent);
    world.settle();
    world.list_to(node, vec![world.candidate(0)]);
    assert_eq!(world.wires(node).len(), 1, "it is linked");
    // Ours is the first handshake of a link that we dialed, so nothing came yet; give it an accepted one too.
    let leecher = world.add(Has::Nothing);
    world.settle();
    world.list_to(leecher, vec![world.candidate(node)]);
    assert!(world.linked(leecher).contains(&node), "its handshake waits there");
    world.begin(node, PieceSet::none(PIECES));
    world.settle();
    world.list();
    world.pass(SECOND * 10);
    assert!(world.is_complete(node));
    let joined = |event: &&Event| matches!(event, Event::PeerJoined { .. });
    assert_eq!(world.nodes[node].events.iter().filter(joined).count(), 2, "both links served");
}

#[test]
fn too_much_before_the_torrent_is_known_closes_the_link() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::NoTorrent));
    let link = world.accept(node, other, Path::Direct).unwrap();
    world.hear(node, Input::Secured { link, who: None });
    world.hear(node, Input::Received { link, bytes: Bytes::from(vec![0; UNREAD_MAX]) });
    world.settle();
    assert_eq!(world.nodes[node].closed, []);
    world.hear(node, Input::Received { link, bytes: Bytes::from_static(b"x") });
    world.settle();
    assert_eq!(world.nodes[node].closed, [(link, CloseReason::TooMuch)]);
}

#[test]
fn bytes_before_a_link_is_secured_go_nowhere() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::Nothing));
    let link = world.accept(node, other, Path::Direct).unwrap();
    world.hear(node, Input::Received { link, bytes: Bytes::from_static(b"GET / HTTP/1.1") });
    world.settle();
    assert_eq!(world.nodes[node].closed, [], "the engine has not seen them");
}

#[test]
fn a_link_that_nobody_secures_is_given_up() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::Nothing));
    let link = world.accept(node, other, Path::Direct).unwrap();
    world.pass(SECOND * 9);
    assert_eq!(world.nodes[node].closed, []);
    world.pass(SECOND);
    assert_eq!(world.nodes[node].closed, [(link, CloseReason::Failed(LinkFailure::NotSecured))]);
    assert_eq!(world.nodes[node].peer.occupies().links, 0);
}

#[test]
fn a_partner_that_does_not_come_to_the_relay_is_given_up_and_dialed_again() {
    let mut world = World::new();
    let other = world.add_tab(Has::Nothing);
    let node = world.add_tab(Has::Nothing);
    world.settle();
    // The other's program is gone; the tracker does not know it yet.
    world.hear(other, Input::Leave);
    world.list();
    assert_eq!(world.nodes[other].refused, [Refused::Leaving]);
    world.pass(SECOND * 31);
    let failed = CloseReason::Failed(LinkFailure::NotPaired);
    assert_eq!(world.nodes[node].closed.iter().filter(|(_, why)| *why == failed).count(), 1);
    world.pass(SECOND * 2);
    assert_eq!(world.nodes[node].dialed.len(), 2);
}

#[test]
fn leaving_closes_every_link_and_begins_none() {
    let mut world = World::new();
    let other = world.add(Has::Nothing);
    let node = world.add(Has::Nothing);
    world.list();
    assert_eq!(world.wires(node).len(), 1);
    world.hear(node, Input::Leave);
    world.settle();
    assert_eq!(world.wires(node).len(), 0);
    assert_eq!(world.accept(node, other, Path::Direct), None);
    let dials = world.nodes[node].dialed.len();
    world.list();
    world.pass(SECOND * 600);
    assert_eq!(world.nodes[node].dialed.len(), dials);
    assert_eq!(world.nodes[node].peer.poll_timeout(world.now), None);
}

#[test]
fn whoever_is_not_of_the_group_any_more_is_served_no_longer_and_the_others_are() {
    let mut world = World::new();
    let (gone, stays) = (world.add(Has::Nothing), world.add(Has::Nothing));
    let node = world.add(Has::Nothing);
    world.list();
    assert_eq!(world.linked(node).len(), 2);
    let [gone_person, stays_person] = [gone, stays].map(|node| world.candidate(node).identity.unwrap());
    world.hear(node, Input::People([gone_person, stays_person].into()));
    world.settle();
    assert_eq!(world.linked(node).len(), 2);
    for _ in 0..2 {
        world.hear(node, Input::People([stays_person].into()));
        world.settle();
        assert!(world.linked(node).contains(&stays) && !world.linked(node).contains(&gone));
    }
}

#[test]
fn a_closing_link_keeps_its_place_until_its_socket_is_gone_or_five_seconds_are_over() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::NoTorrent));
    let links: Vec<LinkKey> = (0..2).map(|_| world.accept(node, other, Path::Direct).unwrap()).collect();
    world.hear(node, Input::Leave);
    assert_eq!(world.nodes[node].peer.occupies().links, 2);
    world.hear(node, Input::Closed { link: links[0] });
    assert_eq!(world.nodes[node].peer.occupies().links, 1);
    world.now = world.now + SECOND * 5;
    world.hear(node, Input::Tick);
    assert_eq!(world.nodes[node].peer.occupies().links, 0);
}

#[test]
fn of_two_links_to_one_peer_one_stays() {
    let mut world = World::new();
    let other = world.add(Has::Nothing);
    let node = world.add(Has::Nothing);
    world.settle();
    // Both dial at once: each knows the other by an address of which it cannot know the id.
    for (from, to) in [(node, other), (other, node)] {
        let bare = local_peer::Candidate { peer: None, identity: None, ..world.candidate(to) };
        world.hear(from, Input::Listed { source: local_peer::Source::Dht, candidates: [bare].into() });
    }
    world.settle();
    assert_eq!((world.wires(node).len(), world.wires(other).len()), (1, 1));
}
