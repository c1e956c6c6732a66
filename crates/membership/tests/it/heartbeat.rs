//! A connection that is cut without a word: after a sleep, or a NAT that forgot it.

use membership::{ConversationEvent, OfflineReason};
use wire_protocol::control::{MemberToTracker, Request, TrackerToMember};

use crate::tracker::{Talk, announce, snapshot};

const PING: [MemberToTracker; 1] = [MemberToTracker::Ping];

fn is_lost(talk: &mut Talk) -> bool {
    if !talk.member.should_disconnect() {
        return false;
    }
    assert_eq!(talk.sent(), [], "nothing is said on a lost connection");
    talk.cut();
    let events = talk.events();
    assert!(matches!(&events[..], [ConversationEvent::Offline { reason: OfflineReason::TimedOut, .. }]), "{events:?}");
    true
}

#[test]
fn an_idle_tracker_that_answers_is_pinged_every_45_seconds_and_kept() {
    let mut talk = Talk::online();
    for _ in 0..100 {
        talk.pass_in_silence(44_999);
        assert_eq!(talk.sent(), []);
        talk.pass_in_silence(1);
        assert_eq!(talk.sent(), PING);
        talk.pass_in_silence(14_999);
        assert_eq!(talk.sent(), []);
        talk.tell(TrackerToMember::Pong);
    }
    assert!(talk.member.is_online());
    assert_eq!(talk.events(), [], "nobody is told of it");
}

#[test]
fn a_tracker_that_does_not_answer_a_ping_is_left_and_come_back_to() {
    let mut talk = Talk::online();
    talk.pass_in_silence(59_999);
    assert_eq!(talk.sent(), PING);
    assert!(talk.member.is_online());
    talk.pass_in_silence(1);
    assert!(is_lost(&mut talk));
    let lost_at = talk.now;
    talk.connect();
    assert!(talk.now - lost_at <= 500, "it had been a good connection");
    talk.pass_in_silence(44_999);
    assert_eq!(talk.sent(), [], "a new connection, a new silence");
}

#[test]
fn whatever_comes_is_as_good_as_a_pong() {
    let mut talk = Talk::online();
    talk.pass_in_silence(30_000);
    talk.tell(snapshot(1));
    talk.pass_in_silence(44_999);
    assert_eq!(talk.sent(), []);
    talk.pass_in_silence(1);
    assert_eq!(talk.sent(), PING);
    talk.tell(snapshot(2));
    talk.pass_in_silence(44_999);
    assert!(talk.member.is_online());
    assert_eq!(talk.sent(), []);
}

#[test]
fn a_tracker_that_owes_a_reply_is_pinged_sooner() {
    let mut talk = Talk::online();
    talk.pass_in_silence(10_000);
    talk.member.request(Request::SetDisplayName { name: "x".to_owned() });
    talk.sent();
    talk.pass_in_silence(14_999);
    assert_eq!(talk.sent(), []);
    talk.pass_in_silence(1);
    assert_eq!(talk.sent(), PING);
    talk.pass_in_silence(15_000);
    assert!(is_lost(&mut talk));
}

#[test]
fn after_a_sleep_the_tracker_is_asked_at_once() {
    let hour = 3_600_000;
    // Asleep in silence, while a ping was on its way, and while a reply was owed.
    let before: [fn(&mut Talk); 3] = [
        |talk| talk.pass_in_silence(20_000),
        |talk| {
            talk.pass_in_silence(45_000);
            assert_eq!(talk.sent(), PING);
        },
        |talk| {
            talk.member.request(Request::SetDisplayName { name: "x".to_owned() });
            talk.sent();
            talk.pass_in_silence(1);
        },
    ];
    for fall_asleep in before {
        for is_there in [true, false] {
            let mut talk = Talk::online();
            fall_asleep(&mut talk);
            talk.now += hour;
            talk.member.handle_timeout(talk.now);
            assert!(talk.member.is_online(), "its answer may be on its way");
            assert_eq!(talk.sent(), PING);
            talk.pass_in_silence(14_999);
            assert!(talk.member.is_online());
            if is_there {
                talk.tell(TrackerToMember::Pong);
            }
            talk.pass_in_silence(1);
            assert_eq!(is_lost(&mut talk), !is_there);
        }
    }
}

#[test]
fn a_driver_whose_timers_are_always_late_notices_too() {
    let mut talk = Talk::online();
    for _ in 0..3 {
        assert!(talk.member.is_online());
        talk.now += 60_000;
        talk.member.handle_timeout(talk.now);
        talk.member.poll_message();
    }
    assert!(is_lost(&mut talk));
}

#[test]
fn a_ping_goes_out_before_what_waits() {
    let mut talk = Talk::online();
    talk.pass_in_silence(44_999);
    talk.member.announce(announce(1));
    talk.pass_in_silence(1);
    assert!(matches!(&talk.sent()[..], [MemberToTracker::Ping, MemberToTracker::Announce(_)]));
    // A socket without room takes neither; the silence counts all the same.
    let mut talk = Talk::online();
    talk.pass_in_silence(60_000);
    assert!(is_lost(&mut talk));
}

#[test]
fn nobody_pings_before_login() {
    let mut talk = Talk::new();
    talk.wait_until_it_connects();
    talk.log_in();
    talk.pass_in_silence(19_999);
    assert_eq!(talk.sent(), []);
}
