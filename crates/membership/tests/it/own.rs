//! What the tracker says to this member alone: tickets, keys, and answers to requests to join.

use bytes::Bytes;
use membership::{ConversationEvent, Join, JoinOutcome, MyRequests, SealedKey, answer};
use wire_protocol::control::{
    GroupChange, JoinRequest, MyRequest, Reply, Request, Role, SEALED_LEN_MAX, Sealed, TrackerToMember,
};
use wire_protocol::ids::MemberKey;

use crate::tracker::{GROUP, Talk, event, me, person, snapshot, tracker_key};

const FOX: MemberKey = MemberKey([4; 32]);

fn ticket(byte: u8) -> TrackerToMember {
    TrackerToMember::Ticket { group: GROUP, ticket: vec![byte; 100] }
}

fn key(epoch: u32, len: usize) -> TrackerToMember {
    TrackerToMember::Key { group: GROUP, epoch, from: FOX, sealed: Sealed(vec![1; len]) }
}

#[test]
fn tickets_and_keys_are_kept_until_the_epoch_changes() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.events();
    talk.tell(ticket(1));
    talk.tell(key(0, 60));
    let sealed = SealedKey { epoch: 0, from: FOX, sealed: Sealed(vec![1; 60]) };
    assert_eq!(talk.events(), [ConversationEvent::CredentialsChanged(GROUP)]);
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((&group.ticket, &group.key), (&Some(Bytes::from(vec![1; 100])), &Some(sealed)));

    talk.tell(snapshot(4));
    assert!(talk.member.groups()[&GROUP].ticket.is_some(), "a snapshot of the same epoch takes nothing away");
    talk.tell(event(5, GroupChange::MemberRemoved { member: FOX, epoch: 1 }));
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((group.epoch, &group.ticket, &group.key, group.role(FOX)), (1, &None, &None, None));
    talk.tell(key(0, 60));
    assert_eq!(talk.member.groups()[&GROUP].key, None, "of the epoch before");
    talk.tell(key(1, 60));
    assert!(talk.member.groups()[&GROUP].key.is_some());
}

#[test]
fn what_is_too_long_or_of_no_known_group_is_dropped() {
    let mut talk = Talk::online();
    talk.tell(ticket(1));
    talk.tell(key(0, 60));
    talk.tell(snapshot(4));
    talk.events();
    talk.tell(key(0, SEALED_LEN_MAX + 1));
    talk.tell(TrackerToMember::Ticket { group: GROUP, ticket: vec![1; 1000] });
    talk.tell(TrackerToMember::Ticket { group: GROUP, ticket: vec![] });
    talk.tell(TrackerToMember::KeysWanted { group: GROUP, epoch: 7, members: vec![FOX] });
    assert_eq!(talk.events(), []);
    assert_eq!((&talk.member.groups()[&GROUP].ticket, &talk.member.groups()[&GROUP].key), (&None, &None));
}

#[test]
fn a_changed_role_is_seen() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    assert_eq!(talk.member.groups()[&GROUP].role(me()), Some(Role::Member));
    let admin = wire_protocol::control::Member { role: Role::Admin, ..person("Lively Otter", me()) };
    talk.tell(event(5, GroupChange::Member(admin)));
    assert_eq!(talk.member.groups()[&GROUP].role(me()), Some(Role::Admin));
}

#[test]
fn the_trackers_time_is_known_from_its_hello() {
    let mut talk = Talk::new();
    assert_eq!((talk.member.tracker_key(), talk.member.tracker_time_ms(talk.now)), (None, None));
    talk.connect();
    assert_eq!(talk.member.tracker_key(), Some(tracker_key()));
    assert_eq!(talk.member.tracker_time_ms(talk.now + 500), Some(501), "its hello said 1");
}

fn ask(talk: &mut Talk) {
    let request = Request::JoinGroup { slug: "a-b".to_owned(), auth: [1; 32], message: String::new() };
    let id = talk.member.request(request);
    talk.sent();
    talk.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::Asked { group: GROUP, key: None }) });
    let outcome = match &talk.events()[..] {
        [ConversationEvent::Reply { outcome, .. }] => outcome.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(answer::<Join>(outcome), Ok(JoinOutcome::Asked { group: GROUP }));
}

#[test]
fn whoever_asked_hears_the_answer_also_after_a_reconnect() {
    for is_cut in [false, true] {
        let mut talk = Talk::online();
        ask(&mut talk);
        if is_cut {
            talk.cut();
            talk.connect();
        }
        talk.tell(snapshot(4));
        let events = [ConversationEvent::GroupChanged(GROUP), ConversationEvent::JoinAccepted(GROUP)];
        assert_eq!(talk.events(), events);
        talk.tell(snapshot(5));
        assert_eq!(talk.events(), [ConversationEvent::GroupChanged(GROUP)], "once");
    }
    let mut talk = Talk::online();
    ask(&mut talk);
    talk.tell(TrackerToMember::JoinRefused { group: GROUP, slug: "a-b".to_owned() });
    assert_eq!(talk.events(), [ConversationEvent::JoinRefused { group: GROUP, slug: "a-b".to_owned() }]);
    talk.tell(snapshot(4));
    assert_eq!(talk.events(), [ConversationEvent::GroupChanged(GROUP)], "they came in otherwise");
}

#[test]
fn what_was_asked_on_another_day_is_waited_for_once_it_is_listed() {
    let mut talk = Talk::online();
    let id = talk.member.request(Request::MyRequests);
    talk.sent();
    let mine = MyRequest {
        group: GROUP,
        slug: "a-b".to_owned(),
        message: "hi\u{202e}".to_owned(),
        asked_at_ms: 1,
        is_refused: false,
    };
    talk.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::MyRequests(vec![mine])) });
    match &talk.events()[..] {
        [ConversationEvent::Reply { outcome, .. }] => {
            assert_eq!(answer::<MyRequests>(outcome.clone()).unwrap()[0].message, "hi", "fit to be shown");
        }
        other => panic!("{other:?}"),
    }
    talk.tell(snapshot(4));
    assert!(talk.events().contains(&ConversationEvent::JoinAccepted(GROUP)));
}

#[test]
fn what_strangers_say_when_they_ask_is_fit_to_be_shown() {
    let mut talk = Talk::online();
    let id = talk.member.request(Request::ListRequests { group: GROUP });
    talk.sent();
    let stranger = JoinRequest {
        member: FOX,
        display_name: "n\u{7}".repeat(1000),
        message: "m\n".repeat(1000),
        invited_by: None,
        was_removed: true,
        asked_at_ms: 1,
    };
    talk.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::JoinRequests(vec![stranger])) });
    match &talk.events()[..] {
        [ConversationEvent::Reply { outcome: Ok(Reply::JoinRequests(requests)), .. }] => {
            assert_eq!(requests[0].display_name, "n".repeat(40));
            assert!(requests[0].message.chars().count() <= 160 && !requests[0].message.contains('\n'));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn invites_and_requests_that_change_are_told_without_more() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.events();
    talk.tell(event(5, GroupChange::RequestsChanged));
    talk.tell(event(6, GroupChange::InvitesChanged));
    talk.tell(event(7, GroupChange::RequestsChanged));
    assert_eq!(talk.events(), [ConversationEvent::RequestsChanged(GROUP), ConversationEvent::InvitesChanged(GROUP)]);
    assert_eq!(talk.member.groups()[&GROUP].seq, 7);
}
