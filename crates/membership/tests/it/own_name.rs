//! What this person is called: the tracker knows, and only the person changes it.

use membership::ConversationEvent;
use wire_protocol::control::{GroupChange, Refusal, RefusalCode, Reply, Request, TrackerToMember};

use crate::tracker::{HISTORY, Talk, event, me, person, snapshot, welcome};

const CHANGED: ConversationEvent = ConversationEvent::DisplayNameChanged;

/// Connects to a tracker that knows this person by a name.
fn connect_as(talk: &mut Talk, name: &str) -> Vec<ConversationEvent> {
    talk.wait_until_it_connects();
    talk.log_in();
    talk.tell(welcome(HISTORY, name));
    talk.tell(TrackerToMember::Synced);
    talk.events()
}

/// Two devices with different names used to rename their person at every reconnect.
#[test]
fn a_device_takes_the_name_that_the_person_has_here_and_renames_nobody() {
    let mut talk = Talk::new();
    assert_eq!(talk.member.display_name(), "Lively Otter");
    let events = connect_as(&mut talk, "Calm\u{202E} Fox");
    assert_eq!(events, [ConversationEvent::Online, CHANGED, ConversationEvent::Synced]);
    assert_eq!(talk.member.display_name(), "Calm Fox");
    assert_eq!(talk.sent(), []);
    talk.cut();
    talk.wait_until_it_connects();
    assert_eq!(talk.log_in().display_name, "Calm Fox");
}

#[test]
fn a_rename_on_another_device_is_told() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.events();
    talk.tell(event(5, GroupChange::Member(person("Ada", me()))));
    assert_eq!(talk.member.display_name(), "Ada");
    assert!(talk.events().contains(&CHANGED));
    talk.cut();
    // An event from before the last rename, told while catching up, is older than the welcome.
    talk.wait_until_it_connects();
    talk.log_in();
    talk.tell(welcome(HISTORY, "Zoë"));
    talk.tell(event(6, GroupChange::Member(person("Eve", me()))));
    assert_eq!(talk.member.display_name(), "Zoë");
}

#[test]
fn a_rename_is_asked_for_now_and_shown_until_the_answer() {
    let mut talk = Talk::online();
    let id = talk.member.set_display_name("  Ada\u{202E}\n");
    assert_eq!(talk.sent_requests(), [(id, Request::SetDisplayName { name: "Ada".to_owned() })]);
    assert_eq!(talk.member.display_name(), "Ada");
    talk.cut();
    assert_eq!(connect_as(&mut talk, "Lively Otter").len(), 3, "offline, online, synced: no flicker");
    assert_eq!(talk.member.display_name(), "Ada");
    talk.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::Done) });
    assert_eq!(talk.events(), [ConversationEvent::Reply { id, outcome: Ok(Reply::Done) }]);
    talk.cut();
    connect_as(&mut talk, "Ada");
    assert_eq!(talk.member.display_name(), "Ada");
}

#[test]
fn a_rename_at_any_moment_without_a_session_goes_out_once_there_is_one() {
    type Step = fn(&mut Talk);
    let way_back: [Step; 4] = [
        Talk::cut,
        Talk::wait_until_it_connects,
        |talk| drop(talk.log_in()),
        |talk| talk.tell(welcome(HISTORY, "Lively Otter")),
    ];
    for steps_before in 0..way_back.len() {
        let mut talk = Talk::online();
        let (before, after) = way_back.split_at(steps_before);
        before.iter().for_each(|step| step(&mut talk));
        let id = talk.member.set_display_name("Ada");
        after.iter().for_each(|step| step(&mut talk));
        let expected = [(id, Request::SetDisplayName { name: "Ada".to_owned() })];
        assert_eq!(talk.sent_requests(), expected, "after {steps_before} steps");
        assert_eq!(talk.member.display_name(), "Ada");
    }
}

/// The answer to the first used to be forgotten, and what was shown then was the name from before both.
#[test]
fn of_two_renames_without_a_connection_the_first_holds_if_the_second_is_refused() {
    let mut talk = Talk::online();
    talk.cut();
    let ids = ["Ada", "Admin"].map(|name| talk.member.set_display_name(name));
    connect_as(&mut talk, "Lively Otter");
    assert_eq!(talk.sent_requests().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ids);
    talk.tell(TrackerToMember::Reply { id: ids[0], outcome: Ok(Reply::Done) });
    assert_eq!(talk.member.display_name(), "Admin", "what was typed last");
    let refusal = Refusal { code: RefusalCode::BadRequest, message: "Choose another name.".to_owned() };
    talk.tell(TrackerToMember::Reply { id: ids[1], outcome: Err(refusal) });
    assert_eq!(talk.member.display_name(), "Ada");
    assert!(talk.events().contains(&CHANGED));
}

#[test]
fn a_refused_rename_leaves_the_name_as_it_was() {
    let mut talk = Talk::online();
    let id = talk.member.set_display_name("Admin");
    let refusal = Refusal { code: RefusalCode::BadRequest, message: "Choose another name.".to_owned() };
    talk.tell(TrackerToMember::Reply { id, outcome: Err(refusal.clone()) });
    assert_eq!(talk.events(), [CHANGED, ConversationEvent::Reply { id, outcome: Err(refusal) }]);
    assert_eq!(talk.member.display_name(), "Lively Otter");
}
