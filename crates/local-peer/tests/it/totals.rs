//! Who gave what, over all links of a person.

use local_peer::{Event, Given};

use crate::world::{Has, PIECE_LEN, PIECES, SECOND, World};

const FILE: u64 = PIECES as u64 * PIECE_LEN as u64;

#[test]
fn a_finished_download_names_who_gave_it_after_the_link_is_gone() {
    let mut world = World::new();
    let seeder = world.add(Has::All);
    let leecher = world.add(Has::Nothing);
    world.list();
    assert!(world.linked(leecher).is_empty(), "both have everything");
    let peers = world.snapshot(leecher).peers;
    let shown: Vec<_> = peers.iter().map(|peer| (peer.link, &peer.who.name[..], peer.given)).collect();
    assert_eq!(shown, [(None, "member 0", Given { downloaded: FILE, uploaded: 0 })]);
    assert_eq!(world.snapshot(seeder).served, 1);
    assert_eq!(world.snapshot(leecher).served, 0);
    let left = world.nodes[leecher].events.iter().find_map(|event| match event {
        Event::PeerLeft { who, totals, .. } => Some((who.name.clone(), totals.downloaded)),
        _ => None,
    });
    assert_eq!(left, Some(("member 0".to_owned(), FILE)));
}

#[test]
fn what_came_over_a_lost_link_still_counts_when_the_peer_is_back() {
    let mut world = World::new();
    let other = world.add(Has::Nothing);
    let seeder = world.add(Has::All);
    world.lists.insert(other, vec![seeder]);
    world.list();
    // The seeder's only leecher has all of it; a second run of the same person asks again.
    assert_eq!(world.snapshot(seeder).served, 1);
    let second = world.add(Has::Nothing);
    world.nodes[second].identity = world.nodes[other].identity;
    world.lists.insert(second, vec![seeder]);
    world.list();
    assert_eq!(world.snapshot(seeder).served, 1, "one person, two peers");
    let peers = world.snapshot(seeder).peers;
    assert_eq!(peers.len(), 1);
    assert_eq!(peers[0].given.uploaded, 2 * FILE);
}

#[test]
fn who_lied_is_not_shown_among_those_who_gave() {
    let mut world = World::new();
    let liar = world.add(Has::All);
    world.nodes[liar].lies = true;
    let leecher = world.add(Has::Nothing);
    world.list();
    world.pass(SECOND);
    assert_eq!(world.snapshot(leecher).peers, []);
}

#[test]
fn everyone_who_joined_leaves_with_totals() {
    let mut world = World::new();
    world.add(Has::All);
    (0..3).for_each(|_| {
        world.add(Has::Nothing);
    });
    world.list();
    world.pass(SECOND * 30);
    for node in &world.nodes {
        let joined = node.events.iter().filter(|event| matches!(event, Event::PeerJoined { .. })).count();
        let left = node.events.iter().filter(|event| matches!(event, Event::PeerLeft { .. })).count();
        assert!(joined > 0);
        assert_eq!(joined, left, "{:?}", node.events);
    }
}
