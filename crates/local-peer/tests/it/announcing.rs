//! The tracker is told how far a peer is.

use local_peer::{Output, Progress};

use crate::world::{Has, PIECES, SECOND, World};

#[test]
fn a_peer_announces_itself_before_its_first_dial() {
    let mut world = World::new();
    let seeder = world.add(Has::All);
    world.settle();
    let leecher = world.add(Has::Nothing);
    let candidates = vec![world.candidate(seeder)].into();
    world.hear(leecher, local_peer::Input::Listed { source: local_peer::Source::Group, candidates });
    let (mut room, now) = (world.room(leecher), world.now);
    let peer = &mut world.nodes[leecher].peer;
    let outputs: Vec<Output> = std::iter::from_fn(|| peer.poll_output(&mut room, now)).collect();
    assert!(matches!(&outputs[..], [Output::Announce(_), Output::Dial { .. }]), "{outputs:?}");
}

#[test]
fn the_beginning_the_first_piece_and_the_end_are_announced_and_not_every_piece() {
    let mut world = World::new();
    world.add(Has::All);
    let leecher = world.add(Has::Nothing);
    world.list();
    assert!(world.is_complete(leecher));
    let have: Vec<u32> = world.nodes[leecher]
        .announced
        .iter()
        .map(|progress| match progress {
            Progress::Pieces { have, total: PIECES } => *have,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((have.first(), have.last()), (Some(&0), Some(&PIECES)));
    assert!(have.len() <= 4, "{have:?}");
    world.pass(SECOND * 60);
    assert_eq!(world.nodes[leecher].announced.len(), have.len(), "nothing new to tell");
}

#[test]
fn without_a_torrent_there_is_nothing_to_announce() {
    let mut world = World::new();
    let node = world.add(Has::NoTorrent);
    world.pass(SECOND * 60);
    assert_eq!(world.nodes[node].announced, []);
}
