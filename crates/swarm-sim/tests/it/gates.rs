//! What the engine must reach, at the sizes that take seconds. `swarm-sim --all` runs the full ones.

use swarm_sim::gates::{self, Gate, Scale};

fn assert_met(gates: Vec<Gate>) {
    let missed: Vec<&Gate> = gates.iter().filter(|gate| !gate.is_met).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Only gates whose claim contains `part`.
fn about(gates: Vec<Gate>, part: &str) -> Vec<Gate> {
    let chosen: Vec<Gate> = gates.into_iter().filter(|gate| gate.claim.contains(part)).collect();
    assert!(!chosen.is_empty(), "no claim about {part}");
    chosen
}

#[test]
fn a_flash_crowd_completes_near_the_lower_bound() {
    assert_met(gates::near_the_bound(Scale::Quick));
}

#[test]
fn rarest_first_beats_sequential_when_the_only_seeder_leaves() {
    assert_met(about(gates::rarest_first_wins(Scale::Quick), "sequential"));
}

#[test]
fn rarest_first_beats_random_when_the_only_seeder_leaves() {
    assert_met(about(gates::rarest_first_wins(Scale::Quick), "random"));
}

#[test]
fn peers_that_use_the_optimistic_slot_have_it_equally_long() {
    assert_met(about(gates::optimists_are_served_equally(Scale::Quick), "asking"));
}

#[test]
fn idle_peers_have_the_optimistic_slot_equally_long() {
    assert_met(about(gates::optimists_are_served_equally(Scale::Quick), "idle"));
}

#[test]
fn free_riders_finish_after_contributors() {
    assert_met(gates::free_riders_finish_last(Scale::Quick));
}

#[test]
fn asking_the_least_loaded_first_costs_nothing() {
    assert_met(about(gates::least_loaded_first_pays(Scale::Quick), "32 MiB"));
}

#[test]
fn asking_the_least_loaded_first_is_faster_for_a_small_file() {
    assert_met(about(gates::least_loaded_first_pays(Scale::Quick), "512 KiB"));
}

#[test]
fn equal_split_uses_every_seeder() {
    assert_met(gates::equal_split_uses_every_seeder(Scale::Quick));
}

#[test]
fn films_do_not_stall() {
    assert_met(gates::films_do_not_stall(Scale::Quick));
}

#[test]
fn a_corrupter_is_banned_before_its_third_bad_piece_and_nobody_else_is() {
    assert_met(gates::liars_are_banned_and_nobody_else(Scale::Quick));
}

#[test]
fn several_files_of_a_tab_share_its_room_and_all_come() {
    assert_met(gates::tabs_keep_to_their_room(Scale::Quick));
}

#[test]
fn misconduct_holds_nobody_up() {
    assert_met(gates::misconduct_holds_nobody_up(Scale::Quick));
}

#[test]
fn bridges_fetch_from_seeders_once_and_are_about_as_fast() {
    assert_met(gates::bridges_fetch_once(Scale::Quick));
}

#[test]
fn whatever_happens_to_a_bridge_or_its_seeders_all_complete_and_nobody_blames_it() {
    assert_met(gates::bridges_are_robust(Scale::Quick));
}
