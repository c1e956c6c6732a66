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
fn a_refused_rename_leaves_the_name_as_it_was() {
    let mut talk = Talk::online();
    let id = talk.member.set_display_name("Admin");
    let refusal = Refusal { code: RefusalCode::BadRequest, message: "Choose another name.".to_owned() };
    talk.tell(TrackerToMember::Reply { id, outcome: Err(refusal.clone()) });
    assert_eq!(talk.events(), [CHANGED, ConversationEvent::Reply { id, outcome: Err(refusal) }]);
    assert_eq!(talk.member.display_name(), "Lively Otter");
}
