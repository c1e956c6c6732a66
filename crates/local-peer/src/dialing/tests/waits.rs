//! Who is tried again, and when.

use super::*;

#[test]
fn a_peer_that_fails_is_tried_again_later_and_later() {
    let mut side = Side::new(9, vec![relayed(1, 4)]);
    for bound in [1, 2, 4, 8, 16, 32, 60, 60].map(|seconds| seconds * SECOND) {
        let (key, _) = side.dial_one();
        side.end(key, FAILED);
        let at = side.dialing.poll_timeout(side.now).expect("it is tried again");
        assert!((bound / 2..=bound).contains(&(at.0 - side.now.0)), "{} of {bound}", at.0 - side.now.0);
        side.now = Timestamp(at.0 - 1);
        assert_eq!(side.dialed_ids(), []);
        side.now = at;
    }
    // A link that lived makes it a good peer again.
    let (key, _) = side.dial_one();
    side.now = side.now + GOOD_LINK;
    side.end(key, End::Closed { lived: GOOD_LINK, is_ready: true });
    assert!(side.dialing.poll_timeout(side.now).unwrap().since(side.now) <= RETRY_FIRST);
}

#[test]
fn a_link_that_dies_at_once_again_and_again_is_not_a_tight_loop() {
    for candidate in [relayed(1, 4), direct(1, 4), Candidate { relay: false, ..direct(1, 4) }] {
        for end in [FAILED, End::Closed { lived: Duration::ZERO, is_ready: true }] {
            let mut side = Side::new(9, vec![candidate.clone()]);
            let mut dials = 0;
            while side.now < Timestamp(600 * SECOND) {
                for (key, ..) in side.dial() {
                    dials += 1;
                    side.end(key, end);
                }
                if let Some(at) = side.dialing.poll_timeout(side.now) {
                    side.now = at;
                }
            }
            assert!((10..30).contains(&dials), "{dials} dials in ten minutes, {candidate:?}, {end:?}");
        }
    }
}

#[test]
fn who_parted_from_us_is_dialed_as_soon_as_something_is_wanted_again_but_not_in_a_tight_loop() {
    let mut side = Side::new(9, vec![relayed(1, 4)]);
    let parted = End::Closed { lived: Duration::from_secs(10), is_ready: true };
    for _ in 0..8 {
        let (key, _) = side.dial_one();
        side.end(key, parted);
        side.now = side.now + Duration::from_secs(61);
    }
    let (key, _) = side.dial_one();
    side.end(key, parted);
    side.now = side.now + Duration::from_millis(500);
    side.dialing.want_again(side.now);
    assert!(side.dial().is_empty(), "a second has not passed");
    side.now = side.now + Duration::from_millis(500);
    side.dial_one();

    let mut unreachable = Side::new(9, vec![relayed(1, 4)]);
    for _ in 0..8 {
        let (key, _) = unreachable.dial_one();
        unreachable.end(key, FAILED);
        unreachable.now = unreachable.now + Duration::from_secs(61);
    }
    let (key, _) = unreachable.dial_one();
    unreachable.end(key, FAILED);
    unreachable.now = unreachable.now + Duration::from_secs(5);
    unreachable.dialing.want_again(unreachable.now);
    assert!(unreachable.dial().is_empty(), "it was never there");
}

#[test]
fn an_address_that_led_nowhere_is_tried_again_after_a_while() {
    let mut side = Side::new(9, vec![direct(1, 4)]);
    let (key, _) = side.dial_one();
    side.end(key, End::Failed(LinkFailure::Unreachable));
    let (key, _) = side.dial_one();
    side.now = side.now + DIRECT_AGAIN;
    side.end(key, End::Closed { lived: DIRECT_AGAIN, is_ready: true });
    side.now = side.now + RETRY_FIRST;
    assert_eq!(side.dial_one().1, Path::Direct);
}

#[test]
fn an_address_where_somebody_else_answers_led_nowhere() {
    let mut side = Side::new(9, vec![direct(1, 4)]);
    let (key, _) = side.dial_one();
    side.links.set_phase(key, Phase::Open, side.now);
    side.end(key, End::Closed { lived: Duration::ZERO, is_ready: false });
    side.now = Timestamp(SECOND);
    assert_eq!(side.dial_one().1, Path::Relay);
}

#[test]
fn who_has_no_relay_is_dialed_directly_again_after_a_wait() {
    let mut side = Side::new(9, vec![Candidate { relay: false, ..direct(1, 4) }]);
    let (key, _) = side.dial_one();
    side.end(key, End::Failed(LinkFailure::Unreachable));
    assert_eq!(side.dial(), []);
    side.now = Timestamp(SECOND);
    assert_eq!(side.dial_one().1, Path::Direct);
}

#[test]
fn who_made_room_for_others_is_not_dialed_again_at_once() {
    let mut side = Side::new(9, vec![relayed(1, 4)]);
    let (key, _) = side.dial_one();
    side.end(key, End::Turnover);
    side.now = side.now + (TURNOVER_WAIT - Duration::from_micros(1));
    assert_eq!(side.dial(), []);
    side.now = side.now + Duration::from_micros(1);
    assert_eq!(side.dial().len(), 1);
}

#[test]
fn a_lost_server_is_nobodys_failure() {
    let mut side = Side::new(9, vec![relayed(1, 4)]);
    for _ in 0..10 {
        let (key, _) = side.dial_one();
        side.end(key, End::Failed(LinkFailure::Offline));
        side.now = side.now + RETRY_FIRST;
    }
}

#[test]
fn failures_of_many_who_come_and_go_are_forgotten_in_the_end() {
    let mut side = Side::new(255, Vec::new());
    for nth in 0..3 * MEMORY_MAX {
        let mut peer = relayed(1, 4);
        peer.peer.as_mut().unwrap().0[..8].copy_from_slice(&(nth as u64).to_be_bytes());
        side.list(vec![peer]);
        let (key, _) = side.dial_one();
        side.end(key, FAILED);
        assert!(side.dialing.memory.len() <= MEMORY_MAX);
    }
    side.now = side.now + RETRY_MAX;
    side.list(vec![relayed(1, 4)]);
    side.dial_one();
    assert_eq!(side.dialing.memory.len(), 0, "whoever is gone and waited is forgotten");
}

#[test]
fn leaving_the_list_and_coming_back_does_not_end_a_wait() {
    let mut side = Side::new(9, vec![relayed(1, 4)]);
    let (key, _) = side.dial_one();
    side.end(key, FAILED);
    side.list(Vec::new());
    assert_eq!(side.dial(), []);
    side.list(vec![relayed(1, 4)]);
    assert_eq!(side.dial(), []);
}

#[test]
fn an_impostor_is_not_met_again_over_the_relay_and_left_alone_for_minutes() {
    let mut side = Side::new(9, vec![direct(1, 4)]);
    let (key, _, path) = side.dial().remove(0);
    assert_eq!(path, Path::Direct);
    side.end(key, End::Failed(LinkFailure::Impostor));
    side.now = Timestamp(60 * SECOND);
    assert!(side.dial().is_empty());
    side.now = Timestamp(301 * SECOND);
    assert_eq!(side.dial().len(), 1);
}
