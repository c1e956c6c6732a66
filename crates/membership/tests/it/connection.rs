//! Connecting, logging in, being refused, coming back.

use membership::{ConversationEvent, OfflineReason};
use wire_protocol::control::{MemberToTracker, Refusal, RefusalCode, Request, TrackerToMember};

use crate::tracker::{HISTORY, ORIGIN, Talk, announce, me, snapshot, welcome};

fn offline(events: &[ConversationEvent]) -> (&OfflineReason, u64) {
    match events {
        [.., ConversationEvent::Offline { reason, retry_at_ms }] => (reason, *retry_at_ms),
        _ => panic!("not offline: {events:?}"),
    }
}

fn goodbye(code: RefusalCode) -> TrackerToMember {
    TrackerToMember::Goodbye(Refusal { code, message: "No.".to_owned() })
}

#[test]
fn logs_in_as_itself_for_the_origin_that_was_dialed() {
    let mut talk = Talk::new();
    talk.wait_until_it_connects();
    let login = talk.log_in();
    assert_eq!(login.member, me());
    assert_eq!(login.origin, ORIGIN);
    assert_eq!(login.display_name, "Lively Otter");
    assert_eq!(login.resume, []);
    assert!(!talk.member.is_online());
    talk.tell(welcome(HISTORY, "Lively Otter"));
    assert!(talk.member.is_online() && !talk.member.is_synced());
    assert_eq!(talk.events(), [ConversationEvent::Online]);
    talk.tell(TrackerToMember::Synced);
    assert!(talk.member.is_synced());
    assert_eq!(talk.events(), [ConversationEvent::Synced]);
    talk.cut();
    assert!(!talk.member.is_synced());
    assert_eq!(talk.member.last_online_ms(), Some(talk.now));
}

#[test]
fn comes_back_soon_then_more_and_more_slowly() {
    let mut talk = Talk::new();
    let mut waits = Vec::new();
    for bound in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
        talk.wait_until_it_connects();
        talk.cut();
        let events = talk.events();
        let (reason, retry_at) = offline(&events);
        assert_eq!(*reason, OfflineReason::Unreachable);
        let wait = retry_at - talk.now;
        assert!(wait > 0 && wait <= bound, "waits {wait} of {bound}");
        assert!(!talk.member.should_connect(retry_at - 1));
        waits.push(wait);
    }
    assert!(waits.iter().any(|wait| *wait > 8_000));
    // A connection that lived makes the next wait short again.
    talk.connect();
    talk.pass(60_000);
    talk.cut();
    let events = talk.events();
    let (reason, retry_at) = offline(&events);
    assert_eq!(*reason, OfflineReason::Lost);
    assert!(retry_at - talk.now <= 500);
}

#[test]
fn two_members_do_not_come_back_at_the_same_moment() {
    let retry_at = |seed| {
        let mut talk = Talk::with_seed(seed);
        talk.wait_until_it_connects();
        talk.cut();
        let events = talk.events();
        offline(&events).1
    };
    assert_eq!(retry_at(1), retry_at(1));
    assert_ne!(retry_at(1), retry_at(2));
}

#[test]
fn a_person_who_asks_does_not_wait() {
    let mut talk = Talk::new();
    talk.wait_until_it_connects();
    talk.cut();
    talk.member.retry_now(talk.now);
    assert!(talk.member.should_connect(talk.now));
}

#[test]
fn a_restart_is_waited_for() {
    let mut talk = Talk::online();
    talk.tell(TrackerToMember::Restarting { after_ms: 5_000 });
    assert!(!talk.member.should_disconnect(), "the tracker closes when it is ready to");
    talk.cut();
    let events = talk.events();
    let (reason, retry_at) = offline(&events);
    assert_eq!(*reason, OfflineReason::Restarting);
    assert!((5_000..=6_000).contains(&(retry_at - talk.now)));
    talk.connect();
    talk.cut();
    let events = talk.events();
    assert!(offline(&events).1 - talk.now <= 1_000, "the restart is over");
}

#[test]
fn a_tracker_cannot_send_a_member_away_for_long() {
    let mut talk = Talk::online();
    talk.tell(TrackerToMember::Restarting { after_ms: u32::MAX });
    talk.cut();
    let events = talk.events();
    assert!(offline(&events).1 - talk.now <= 61_000);
}

#[test]
fn a_refusal_that_waiting_does_not_mend_is_the_end() {
    for code in [RefusalCode::UnknownVersion, RefusalCode::NotAllowed] {
        let mut talk = Talk::new();
        talk.wait_until_it_connects();
        talk.log_in();
        talk.tell(goodbye(code));
        assert!(talk.member.should_disconnect());
        talk.cut();
        assert!(matches!(&talk.events()[..], [ConversationEvent::Refused(refusal)] if refusal.code == code));
        assert!(!talk.member.should_disconnect());
        assert_eq!(talk.member.poll_timeout(), None);
        assert!(!talk.member.should_connect(talk.now + 1_000_000));
    }
}

#[test]
fn a_refusal_for_now_is_tried_again() {
    let mut talk = Talk::new();
    talk.wait_until_it_connects();
    talk.log_in();
    talk.tell(goodbye(RefusalCode::ServerError));
    assert!(talk.member.should_disconnect());
    talk.cut();
    let events = talk.events();
    assert!(matches!(offline(&events).0, OfflineReason::Refused(refusal) if refusal.code == RefusalCode::ServerError));
    talk.connect();
    assert!(talk.member.is_online());
}

/// It used to end the conversation: whoever runs the server mistyped its address, mended it, and every tab that
/// had been open stayed shut out.
#[test]
fn a_login_that_is_refused_is_tried_again_slowly() {
    let mut talk = Talk::new();
    talk.wait_until_it_connects();
    talk.log_in();
    talk.tell(goodbye(RefusalCode::BadLogin));
    assert!(talk.member.should_disconnect());
    talk.cut();
    let events = talk.events();
    let (reason, retry_at) = offline(&events);
    assert!(matches!(reason, OfflineReason::Refused(refusal) if refusal.code == RefusalCode::BadLogin));
    assert!((3_750..=30_000).contains(&(retry_at - talk.now)), "in {}", retry_at - talk.now);
    talk.connect();
    assert!(talk.member.is_online());
}

#[test]
fn an_attempt_that_hangs_is_given_up_at_every_stage() {
    let stages: [fn(&mut Talk); 3] = [
        |_| {},
        |talk| talk.member.handle_connected(talk.now),
        |talk| {
            talk.log_in();
        },
    ];
    for stage in stages {
        let mut talk = Talk::new();
        talk.wait_until_it_connects();
        stage(&mut talk);
        talk.pass(19_000);
        assert!(!talk.member.should_disconnect());
        talk.pass(1_000);
        assert!(talk.member.should_disconnect());
        talk.cut();
        let events = talk.events();
        assert_eq!(*offline(&events).0, OfflineReason::TimedOut);
    }
}

#[test]
fn a_tracker_that_owes_a_reply_and_keeps_silent_is_left() {
    let mut talk = Talk::online();
    talk.member.request(Request::SetDisplayName { name: "x".to_owned() });
    talk.sent();
    talk.pass_in_silence(29_000);
    talk.tell(snapshot(1));
    talk.pass_in_silence(29_000);
    assert!(talk.member.is_online(), "it says something");
    talk.pass_in_silence(1_000);
    assert!(talk.member.should_disconnect());
    talk.cut();
    let events = talk.events();
    assert_eq!(*offline(&events).0, OfflineReason::TimedOut);
}

#[test]
fn nonsense_closes_the_connection_and_does_not_end_the_conversation() {
    let cases: [fn(&mut Talk); 4] = [
        |talk| talk.member.handle_message(b"\x02\xff\xff", talk.now),
        |talk| talk.member.handle_message(b"", talk.now),
        |talk| talk.member.handle_message(&[2; 100_000], talk.now),
        |talk| talk.tell(welcome(HISTORY, "Lively Otter")),
    ];
    for nonsense in cases {
        let mut talk = Talk::online();
        nonsense(&mut talk);
        assert!(talk.member.should_disconnect() && !talk.member.is_online());
        talk.tell(snapshot(1));
        assert!(talk.member.groups().is_empty(), "a connection that is closing is not listened to");
        talk.cut();
        let events = talk.events();
        assert!(matches!(offline(&events).0, OfflineReason::Protocol(_)));
        talk.connect();
    }
    let mut talk = Talk::new();
    talk.wait_until_it_connects();
    talk.member.handle_connected(talk.now);
    talk.tell(welcome(HISTORY, "Lively Otter"));
    assert!(talk.member.should_disconnect(), "nobody logged in");
}

#[test]
fn inputs_that_race_with_a_close_do_nothing() {
    let mut talk = Talk::new();
    talk.cut();
    talk.tell(snapshot(1));
    talk.member.handle_timeout(talk.now);
    assert_eq!(talk.events(), []);
    talk.wait_until_it_connects();
    talk.cut();
    talk.cut();
    talk.tell(snapshot(1));
    assert_eq!(talk.events().len(), 1);
    assert!(talk.member.groups().is_empty());
}

#[test]
fn time_that_goes_back_is_not_believed() {
    let mut talk = Talk::online();
    talk.member.handle_timeout(0);
    talk.member.announce(announce(1));
    talk.sent();
    talk.member.handle_timeout(0);
    talk.member.announce(announce(2));
    assert_eq!(talk.sent(), []);
    talk.pass(3_000);
    assert!(matches!(&talk.sent()[..], [MemberToTracker::Announce(_)]));
}
