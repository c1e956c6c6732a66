//! The replica of the groups: snapshots, events, resume.

use membership::ConversationEvent;
use wire_protocol::control::{GroupChange, GroupSnapshot, Reply, Request, ResumePoint, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, MemberKey};

use crate::tracker::{FILE, GROUP, Talk, announce, card, event, me, peer, person, snapshot, swarm};

#[test]
fn events_are_applied_in_order_and_once() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    let fox = MemberKey([4; 32]);
    let file = FileId([9; 16]);
    talk.tell(event(5, GroupChange::Member(person("Calm Badger", fox))));
    talk.tell(event(6, GroupChange::File(card(file, "b.iso"))));
    talk.tell(event(6, GroupChange::FileRemoved(file)));
    talk.tell(event(7, GroupChange::FileRemoved(FILE)));
    talk.tell(event(8, GroupChange::InviteCreated));
    let group = &talk.member.groups()[&GROUP];
    assert_eq!(group.seq, 8);
    assert_eq!(group.member(fox).unwrap().display_name, "Calm Badger");
    assert_eq!(group.files, [card(file, "b.iso")]);
    assert_eq!(group.members.len(), 2);
    talk.tell(event(9, GroupChange::MemberLeft(fox)));
    assert_eq!(talk.member.groups()[&GROUP].members.len(), 1);
    assert_eq!(talk.events(), [ConversationEvent::GroupChanged(GROUP)], "many changes are one look");
}

#[test]
fn a_reconnect_resumes_from_the_last_event() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.tell(event(5, GroupChange::InviteCreated));
    talk.cut();
    assert_eq!(talk.member.groups().len(), 1, "what is known stays");
    assert_eq!(talk.connect().resume, [ResumePoint { group: GROUP, seq: 5 }]);
    talk.tell(event(6, GroupChange::InviteCreated));
    assert_eq!(talk.member.groups()[&GROUP].seq, 6);
}

#[test]
fn a_missing_event_leads_to_a_snapshot_on_the_next_connection() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.tell(event(6, GroupChange::FileRemoved(FILE)));
    assert!(talk.member.should_disconnect());
    talk.cut();
    let in_no_history = ResumePoint { group: GROUP, seq: u64::MAX };
    assert_eq!(talk.connect().resume, [in_no_history], "the tracker then sends a snapshot");
    assert_eq!(talk.member.groups()[&GROUP].files.len(), 1, "shown until then");
    talk.tell(event(5, GroupChange::FileRemoved(FILE)));
    assert_eq!(talk.member.groups()[&GROUP].files.len(), 1, "not trusted until then");
    talk.tell(snapshot(7));
    talk.tell(event(8, GroupChange::FileRemoved(FILE)));
    assert_eq!(talk.member.groups()[&GROUP].files, []);
    talk.cut();
    assert_eq!(talk.connect().resume, [ResumePoint { group: GROUP, seq: 8 }]);
}

#[test]
fn a_snapshot_replaces_the_group_and_keeps_the_peers_of_files_that_stay() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.tell(swarm(true, vec![peer(1, 4)]));
    talk.tell(snapshot(9));
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE).len(), 1);
    talk.tell(TrackerToMember::Snapshot(GroupSnapshot {
        group: GROUP,
        slug: "a-b".to_owned(),
        name: "Other".to_owned(),
        seq: 2,
        members: vec![],
        files: vec![],
    }));
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((group.seq, group.name.as_str(), group.files.len(), group.swarms.len()), (2, "Other", 0, 0));
}

#[test]
fn whoever_is_removed_forgets_the_group_and_hears_no_more_of_it() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.events();
    talk.tell(event(5, GroupChange::MemberLeft(me())));
    assert!(talk.member.groups().is_empty());
    assert_eq!(talk.events(), [ConversationEvent::GroupChanged(GROUP)]);
    talk.tell(event(7, GroupChange::InviteCreated));
    assert!(!talk.member.should_disconnect(), "events on their way are no gap");
    talk.cut();
    assert_eq!(talk.connect().resume, []);
}

#[test]
fn whoever_was_removed_while_away_for_long_forgets_the_group() {
    let gone = || TrackerToMember::GroupGone { group: GROUP };
    for is_damaged in [false, true] {
        let mut talk = Talk::online();
        talk.tell(snapshot(4));
        talk.member.announce(announce(1));
        if is_damaged {
            talk.tell(event(6, GroupChange::InviteCreated));
        }
        talk.cut();
        talk.connect();
        talk.sent();
        talk.tell(gone());
        assert!(talk.member.groups().is_empty());
        assert_eq!(talk.events(), [ConversationEvent::GroupChanged(GROUP)]);
        talk.tell(gone());
        assert_eq!(talk.events(), [], "told already");
        talk.cut();
        assert_eq!(talk.connect().resume, []);
        assert_eq!(talk.sent(), [], "its files are not announced any more");
    }
}

#[test]
fn leaving_forgets_the_group() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    let id = talk.member.request(Request::LeaveGroup { group: GROUP });
    talk.sent();
    talk.tell(TrackerToMember::Reply { id, outcome: Ok(Reply::Done) });
    assert!(talk.member.groups().is_empty());
}

#[test]
fn a_group_that_was_just_made_is_known_by_its_events_or_its_snapshot() {
    let created = |slug: &str| Ok(Reply::GroupCreated { slug: slug.to_owned() });
    for events_first in [true, false] {
        let mut talk = Talk::online();
        let request = Request::CreateGroup { group: GROUP, name: "Holiday".to_owned(), invite_auth: [1; 32] };
        let id = talk.member.request(request);
        talk.sent();
        if events_first {
            talk.tell(event(1, GroupChange::Created { name: "Holiday".to_owned() }));
            talk.tell(event(2, GroupChange::Member(person("Lively Otter", me()))));
        } else {
            talk.tell(snapshot(2));
        }
        talk.tell(TrackerToMember::Reply { id, outcome: created("lively-otter") });
        let group = &talk.member.groups()[&GROUP];
        assert_eq!((group.slug.as_str(), group.name.as_str(), group.seq), ("lively-otter", "Holiday", 2));
        assert!(group.member(me()).is_some());
    }
}

#[test]
fn names_from_others_are_safe_to_show() {
    let mut talk = Talk::online();
    talk.tell(TrackerToMember::Snapshot(GroupSnapshot {
        group: GroupId([1; 16]),
        slug: "a-b".to_owned(),
        name: "x\u{202E}\n".repeat(1000),
        seq: 1,
        members: vec![person(&"n\u{0007}".repeat(1000), me())],
        files: vec![card(FILE, "../../etc/pass\u{2066}wd")],
    }));
    let group = &talk.member.groups()[&GROUP];
    assert!(group.name.chars().count() <= 200 && !group.name.contains(['\u{202E}', '\n']));
    assert_eq!(group.members[0].display_name, "n".repeat(40));
    assert_eq!(group.files[0].name, "_._.._etc_passwd");
}
