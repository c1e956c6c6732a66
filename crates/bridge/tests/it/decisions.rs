use bridge::{Bridge, CacheTooSmall, Input};
use local_peer::PeerId;
use peer_engine::PieceSet;

use crate::program::{PIECE_LEN, PIECES, Program, layout, seeder, set};

fn all() -> PieceSet {
    PieceSet::all(PIECES)
}

#[test]
fn what_the_seeders_have_together_is_offered_and_nothing_is_fetched_that_nobody_asked_for() {
    let mut program = Program::new(1, 6);
    program.handle(Input::Seeders(vec![seeder("a", set(&[0, 1, 2])), seeder("b", set(&[2, 5]))]));
    assert_eq!((program.offered.clone(), program.reaches), (set(&[0, 1, 2, 5]), 4));
    assert!(program.wanted.is_empty());
    let clients: Vec<&str> = program.behind.iter().map(|behind| &behind.client[..]).collect();
    assert_eq!(clients, ["Client a", "Client b"]);
}

#[test]
fn a_piece_is_fetched_once_for_all_who_wait_and_served_from_the_cache_after() {
    let mut program = Program::new(1, 6);
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    let waiting = [program.load(7), program.load(7)];
    assert_eq!(program.wanted, [7]);
    assert!(program.loaded.is_empty());
    program.fetch();
    let later = program.load(7);
    assert_eq!(program.take_loaded(), [waiting[0], waiting[1], later].map(|job| (job, Some(7))));
    assert_eq!((program.fetched.get(&7), program.fetched.len()), (Some(&1), 1));
    assert!(program.wanted.is_empty());
}

#[test]
fn the_least_recently_used_piece_leaves_the_cache_and_comes_again_when_it_is_asked_for() {
    let mut program = Program::new(1, 4);
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    for piece in [0, 2, 4, 6, 8] {
        program.load(piece);
        program.fetch();
    }
    assert_eq!(program.upstream_has, set(&[2, 4, 6, 8]));
    assert_eq!(program.offered, all(), "the seeder has it still");
    program.load(0);
    program.fetch();
    assert_eq!(program.fetched[&0], 2);
    assert_eq!(program.upstream_has, set(&[0, 4, 6, 8]));
    assert!(program.take_loaded().iter().all(|(_, byte)| byte.is_some()));
}

#[test]
fn no_more_is_fetched_at_a_time_than_half_of_the_cache_and_all_of_it_in_the_end() {
    let mut program = Program::new(1, 4);
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    let asked: Vec<u32> = (0..PIECES).step_by(2).collect();
    asked.iter().for_each(|piece| {
        program.load(*piece);
    });
    assert_eq!(program.wanted, asked[..2]);
    program.fetch();
    let served: Vec<u8> = program.take_loaded().into_iter().filter_map(|(_, byte)| byte).collect();
    assert_eq!(served, asked.iter().map(|piece| *piece as u8).collect::<Vec<_>>());
}

#[test]
fn ahead_of_a_reader_in_order_the_next_pieces_are_fetched() {
    let mut program = Program::new(1, 8);
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    for piece in 0..4 {
        program.load(piece);
        program.fetch();
    }
    program.load(4);
    assert_eq!(program.wanted, [4, 5, 6]);
    program.fetch();
    let at_once = program.load(5);
    assert!(program.take_loaded().contains(&(at_once, Some(5))));
}

#[test]
fn a_member_who_asks_for_everything_does_not_keep_another_waiting() {
    let mut program = Program::new(1, 4);
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    for piece in (0..PIECES).step_by(2) {
        program.load_by(1, piece);
    }
    let other = program.load_by(2, 1);
    assert_eq!(program.wanted, [0, 2], "what has begun goes on");
    program.fetch_one();
    assert_eq!(program.wanted, [1, 2]);
    program.fetch_one();
    assert!(program.take_loaded().iter().any(|(job, _)| *job == other), "it was the other's turn");
}

#[test]
fn what_one_member_may_have_fetched_in_an_hour_is_bounded_and_what_another_asks_for_is_not_held_up() {
    let mut program = Program::new(1, 12);
    program.bridge.limit_members(Some(5 * u64::from(PIECE_LEN) / 2));
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    for piece in [0, 2, 4, 6, 8] {
        program.load_by(1, piece);
    }
    program.fetch();
    assert_eq!(program.fetched.len(), 3, "the last one of them takes it above");
    let other = program.load_by(2, 6);
    program.fetch();
    let served = program.take_loaded();
    assert_eq!(served.len(), 5, "both who asked for piece 6 have it, at the cost of one");
    assert!(served.contains(&(other, Some(6))));
    program.load_by(1, 0);
    assert_eq!(program.take_loaded().len(), 1, "what is here costs nothing");
    let held_until = program.bridge.poll_timeout().expect("piece 8 waits");
    assert_eq!(held_until.0 / 1_000_000, 720, "half of a piece comes back in that time");
    program.now = held_until;
    program.wait(0);
    program.fetch();
    assert_eq!(program.take_loaded().len(), 1);
    assert_eq!(program.fetched[&8], 1);
}

#[test]
fn a_seeder_that_does_not_come_back_takes_its_pieces_with_it_and_whoever_waits_is_answered() {
    let mut program = Program::new(1, 6);
    program.handle(Input::Seeders(vec![seeder("a", all()), seeder("b", set(&[1]))]));
    program.load(0);
    program.fetch();
    program.handle(Input::Seeders(vec![seeder("b", set(&[1]))]));
    assert_eq!(program.offered, all(), "it closes what is idle, and comes back");
    let waiting = program.load(9);
    program.take_loaded();
    program.wait(19);
    assert_eq!(program.offered, all());
    program.wait(1);
    assert_eq!(program.offered, set(&[0, 1]), "what is in the cache stays");
    assert_eq!(program.take_loaded(), [(waiting, None)]);
    assert!(program.wanted.is_empty());
    assert_eq!(program.reaches, 2);
}

#[test]
fn what_only_the_cache_had_is_taken_back_when_it_leaves_the_cache() {
    let mut program = Program::new(1, 4);
    program.handle(Input::Seeders(vec![seeder("a", set(&[0])), seeder("b", set(&[2, 4, 6, 8]))]));
    program.load(0);
    program.fetch();
    program.handle(Input::Seeders(vec![seeder("b", set(&[2, 4, 6, 8]))]));
    program.wait(120);
    assert!(program.offered.contains(0));
    for piece in [2, 4, 6, 8] {
        program.load(piece);
        program.fetch();
    }
    assert_eq!(program.offered, set(&[2, 4, 6, 8]));
}

#[test]
fn a_seeder_that_lied_is_named_and_what_only_it_had_is_taken_back() {
    let mut program = Program::new(1, 6);
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    let liar = bridge::Seeder { is_banned: true, ..seeder("a", all()) };
    program.handle(Input::Seeders(vec![liar, seeder("b", set(&[3]))]));
    assert_eq!(program.offered, set(&[3]));
    assert!(program.behind.iter().any(|behind| behind.client == "Client a" && behind.is_banned));
}

#[test]
fn two_bridges_that_reach_everything_offer_each_piece_once_and_one_alone_offers_all() {
    let ids = [1, 2].map(|id| PeerId::covey([id; 12]));
    let mut bridges = [Program::new(1, 6), Program::new(2, 6)];
    for (bridge, other) in bridges.iter_mut().zip([ids[1], ids[0]]) {
        bridge.handle(Input::Seeders(vec![seeder("a", all())]));
        bridge.handle(Input::OtherBridges(vec![other]));
    }
    for piece in 0..PIECES {
        let offering = bridges.iter().filter(|bridge| bridge.offered.contains(piece)).count();
        assert_eq!(offering, 1, "piece {piece}");
    }
    assert!(bridges.iter().all(|bridge| bridge.reaches == PIECES), "together they are one seeder each");
    bridges[0].handle(Input::OtherBridges(Vec::new()));
    assert_eq!(bridges[0].offered, all());
    let [_, partial] = &mut bridges;
    partial.handle(Input::Seeders(vec![seeder("b", set(&[0, 1, 2]))]));
    partial.wait(121);
    assert_eq!(partial.offered, set(&[0, 1, 2]), "what it has of a part it offers all of");
}

#[test]
fn what_no_connected_seeder_has_does_not_keep_others_waiting() {
    let mut program = Program::new(1, 4);
    program.handle(Input::Seeders(vec![seeder("a", all()), seeder("b", set(&[1]))]));
    program.handle(Input::Seeders(vec![seeder("b", set(&[1]))]));
    for piece in [9, 7, 1] {
        program.load(piece);
    }
    assert!(program.wanted.contains(&1), "{:?}", program.wanted);
}

#[test]
fn a_piece_that_could_not_be_kept_is_fetched_anew_when_it_is_asked_for_again() {
    let mut program = Program::new(1, 4);
    program.handle(Input::Seeders(vec![seeder("a", all())]));
    program.keeps = false;
    program.load(3);
    program.fetch_one();
    assert_eq!(program.failed_loads, 1, "whoever waited is told, and asks elsewhere");
    assert!(program.wanted.is_empty() && program.upstream_has.is_empty());
    program.keeps = true;
    let again = program.load(3);
    program.fetch();
    assert_eq!(program.take_loaded(), [(again, Some(3))]);
}

#[test]
fn a_cache_of_fewer_than_four_pieces_is_refused() {
    let refused = Bridge::new(layout(), PeerId::covey([1; 12]), u64::from(3 * PIECE_LEN)).unwrap_err();
    assert_eq!(refused, CacheTooSmall { needed: u64::from(4 * PIECE_LEN) });
}
