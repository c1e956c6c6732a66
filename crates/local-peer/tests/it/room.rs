//! What all swarms of a program share.

use local_peer::{
    Candidate, Config, Identity, Input, LocalPeer, Output, Path, PeerId, Progress, Refused, Room, Source, Timestamp,
};
use peer_engine::PieceSet;

use crate::world::{Has, PIECES, SECOND, TAB, World, info};

const CONFIG: Config = Config { limit: TAB, direct: false };

fn seeder(swarm: usize, nth: usize) -> Candidate {
    let number = (100 + 50 * swarm + nth) as u8;
    Candidate {
        peer: Some(PeerId([number; 20])),
        identity: Some(Identity([number; 32])),
        progress: Progress::Pieces { have: PIECES, total: PIECES },
        relay: true,
        ..Candidate::default()
    }
}

/// A tab that fetches three files, each from many seeders.
struct Tab {
    swarms: Vec<LocalPeer>,
    now: Timestamp,
    /// Links that are granted, to be paired.
    pairing: Vec<(usize, peer_engine::LinkKey)>,
}

impl Tab {
    fn new(files: usize) -> Self {
        let swarms = (0..files).map(|nth| {
            let mut peer = LocalPeer::new(CONFIG, PeerId([nth as u8 + 1; 20]), nth as u64, Timestamp(0));
            peer.begin(peer_engine::Config::for_memory("tab"), info(), PieceSet::none(PIECES), Timestamp(0));
            let candidates = (0..30).map(|number| seeder(nth, number)).collect();
            peer.handle(Input::Listed { source: Source::Group, candidates }, Timestamp(0));
            peer
        });
        Self { swarms: swarms.collect(), now: Timestamp(0), pairing: Vec::new() }
    }

    fn used(&self) -> Room {
        let used = self.swarms.iter().map(LocalPeer::occupies);
        used.fold(Room::default(), |sum, used| Room {
            connecting: sum.connecting + used.connecting,
            links: sum.links + used.links,
        })
    }

    fn room(&self) -> Room {
        TAB.left(self.swarms.iter().map(LocalPeer::occupies))
    }

    /// One drain over all swarms.
    fn drain(&mut self) {
        let mut room = self.room();
        for (nth, swarm) in self.swarms.iter_mut().enumerate() {
            while let Some(output) = swarm.poll_output(&mut room, self.now) {
                match output {
                    Output::Dial { link, .. } => {
                        swarm.handle(Input::Granted { link }, self.now);
                    }
                    Output::Pair { link } => self.pairing.push((nth, link)),
                    _ => {}
                }
            }
        }
    }

    /// The oldest pairing comes about.
    fn pair_one(&mut self) -> bool {
        if self.pairing.is_empty() {
            return false;
        }
        let (nth, link) = self.pairing.remove(0);
        self.swarms[nth].handle(Input::Paired { link }, self.now);
        self.swarms[nth].handle(Input::Secured { link, who: None }, self.now);
        true
    }
}

#[test]
fn three_files_of_a_tab_connect_six_at_a_time_together() {
    let mut tab = Tab::new(3);
    tab.drain();
    assert_eq!(tab.used().connecting, TAB.connecting);
    let mut most = Room::default();
    while tab.pair_one() {
        tab.drain();
        most.connecting = most.connecting.max(tab.used().connecting);
        most.links = most.links.max(tab.used().links);
    }
    assert!(most.connecting <= TAB.connecting && most.links <= TAB.links, "{most:?}");
    for swarm in &tab.swarms {
        assert!(swarm.occupies().links >= 4, "none of the files is left without links: {:?}", swarm.occupies());
    }
}

#[test]
fn what_one_swarm_gives_back_another_can_use() {
    let mut tab = Tab::new(1);
    tab.drain();
    assert_eq!(tab.used().connecting, 6);
    tab.swarms.push(Tab::new(2).swarms.remove(1));
    tab.drain();
    assert_eq!(tab.swarms[1].occupies(), Room::default(), "all six places are taken");
    tab.pair_one();
    tab.drain();
    assert_eq!(tab.used().connecting, 6);
    tab.swarms[0].handle(Input::Leave, tab.now);
    tab.drain();
    tab.now = tab.now + SECOND * 5;
    tab.swarms[0].handle(Input::Tick, tab.now);
    tab.drain();
    assert_eq!(tab.swarms[0].occupies(), Room::default());
    assert_eq!(tab.swarms[1].occupies().connecting, 6);
}

#[test]
fn grants_of_others_wait_for_a_place_among_those_connecting() {
    let mut tab = Tab::new(1);
    tab.drain();
    let mut room = tab.room();
    assert_eq!(room.connecting, 0);
    let asking = Candidate { progress: Progress::default(), ..seeder(0, 40) };
    let link = tab.swarms[0].accept(asking, Path::Relay, &mut room, tab.now).unwrap();
    tab.drain();
    assert!(!tab.pairing.contains(&(0, link)), "no socket is opened yet");
    tab.pair_one();
    tab.drain();
    assert_eq!(tab.pairing.last(), Some(&(0, link)), "those who asked come before further dials");
    assert_eq!(tab.used().connecting, 6);
}

#[test]
fn a_grant_that_waited_too_long_is_given_up() {
    let mut tab = Tab::new(1);
    tab.drain();
    let mut room = tab.room();
    let before = tab.used().links;
    tab.swarms[0].accept(seeder(0, 40), Path::Relay, &mut room, tab.now).unwrap();
    assert_eq!(tab.used().links, before + 1);
    tab.now = tab.now + SECOND * 10;
    tab.swarms[0].handle(Input::Tick, tab.now);
    assert_eq!(tab.used().links, before);
}

#[test]
fn accepted_links_are_counted_and_the_rest_is_refused() {
    let mut tab = Tab::new(1);
    tab.swarms[0].handle(Input::Listed { source: Source::Group, candidates: [].into() }, tab.now);
    let mut room = tab.room();
    let accepted = (0..40).filter(|nth| tab.swarms[0].accept(seeder(0, *nth), Path::Relay, &mut room, tab.now).is_ok());
    assert_eq!(accepted.count(), TAB.links);
    let refused = tab.swarms[0].accept(seeder(0, 41), Path::Relay, &mut room, tab.now);
    assert_eq!(refused, Err(Refused::NoRoom));
    tab.drain();
    assert_eq!(tab.used(), TAB);
}

#[test]
fn the_last_places_are_not_for_one_person_with_many_peers() {
    let mut tab = Tab::new(1);
    let mut room = tab.room();
    let mut accept = |nth: usize, identity: u8| {
        let from = Candidate { identity: Some(Identity([identity; 32])), ..seeder(0, nth) };
        tab.swarms[0].accept(from, Path::Relay, &mut room, tab.now)
    };
    let same = (0..40).map(|nth| accept(nth, 1)).take_while(Result::is_ok).count();
    assert_eq!(same, TAB.links - TAB.links / 4);
    assert_eq!(accept(50, 1), Err(Refused::Reserved));
    assert!(accept(51, 2).is_ok());
}

#[test]
fn one_peer_gets_two_links_at_most() {
    let mut world = World::new();
    let (other, node) = (world.add(Has::Nothing), world.add(Has::Nothing));
    for _ in 0..2 {
        assert!(world.accept(node, other, Path::Relay).is_some());
    }
    assert!(world.accept(node, other, Path::Direct).is_none());
    assert_eq!(world.nodes[node].refused, [Refused::Linked]);
}

#[test]
fn forty_tabs_keep_within_their_room_and_all_complete() {
    let mut world = World::new();
    world.add_tab(Has::All);
    let tabs: Vec<usize> = (0..40).map(|_| world.add_tab(Has::Nothing)).collect();
    world.list();
    for _ in 0..60 {
        world.pass(SECOND * 5);
        world.list();
    }
    for tab in tabs {
        assert!(world.is_complete(tab), "tab {tab}: {:?}", world.snapshot(tab).waiting);
        let most = world.nodes[tab].most;
        assert!(most.connecting <= TAB.connecting && most.links <= TAB.links, "tab {tab}: {most:?}");
    }
}
