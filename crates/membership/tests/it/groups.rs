//! The replica of the groups: snapshots, events, resume.

use membership::ConversationEvent;
use wire_protocol::control::{GoneReason, GroupChange, GroupSnapshot, Reply, Request, ResumePoint, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, HistoryId, MemberKey};

use crate::tracker::{
    FILE, GROUP, HISTORY, SWARM, Talk, announce, card, create_group, event, me, peer, person, snapshot, swarm,
};

const RESTORED: HistoryId = HistoryId([0x55; 16]);

fn gone(why: GoneReason) -> ConversationEvent {
    ConversationEvent::GroupGone { group: GROUP, why }
}

fn point(seq: u64) -> ResumePoint {
    ResumePoint { group: GROUP, history: HISTORY, seq }
}

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
    talk.tell(event(8, GroupChange::InvitesChanged));
    let group = &talk.member.groups()[&GROUP];
    assert_eq!(group.seq, 8);
    assert_eq!(group.member(fox).unwrap().display_name, "Calm Badger");
    assert_eq!(group.files, [card(file, "b.iso")]);
    assert_eq!(group.members.len(), 2);
    talk.tell(event(9, GroupChange::MemberLeft(fox)));
    assert_eq!(talk.member.groups()[&GROUP].members.len(), 1);
    let once = [ConversationEvent::GroupChanged(GROUP), ConversationEvent::InvitesChanged(GROUP)];
    assert_eq!(talk.events(), once, "many changes are one look");
}

#[test]
fn a_reconnect_resumes_from_the_last_event() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.tell(event(5, GroupChange::InvitesChanged));
    talk.cut();
    assert_eq!(talk.member.groups().len(), 1, "what is known stays");
    assert_eq!(talk.connect().resume, [point(5)]);
    talk.tell(event(6, GroupChange::InvitesChanged));
    assert_eq!(talk.member.groups()[&GROUP].seq, 6);
}

#[test]
fn a_missing_event_leads_to_a_snapshot_on_the_next_connection() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.tell(event(6, GroupChange::FileRemoved(FILE)));
    assert!(talk.member.should_disconnect());
    talk.cut();
    let in_no_history = point(u64::MAX);
    assert_eq!(talk.connect_to(HISTORY).resume, [in_no_history], "the tracker then sends a snapshot");
    assert_eq!(talk.member.groups()[&GROUP].files.len(), 1, "shown until then");
    talk.tell(event(5, GroupChange::FileRemoved(FILE)));
    assert_eq!(talk.member.groups()[&GROUP].files.len(), 1, "not trusted until then");
    talk.tell(snapshot(7));
    talk.tell(event(8, GroupChange::FileRemoved(FILE)));
    assert_eq!(talk.member.groups()[&GROUP].files, []);
    talk.cut();
    assert_eq!(talk.connect().resume, [point(8)]);
}

#[test]
fn a_snapshot_replaces_the_group_and_keeps_the_peers_of_files_that_stay() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.member.watch(SWARM);
    talk.tell(swarm(true, vec![peer(1, 4)]));
    talk.tell(snapshot(9));
    assert_eq!(talk.member.groups()[&GROUP].swarm(FILE).len(), 1);
    talk.tell(TrackerToMember::Snapshot(GroupSnapshot {
        group: GROUP,
        slug: "a-b".to_owned(),
        name: "Other".to_owned(),
        seq: 2,
        epoch: 0,
        created_at_ms: 0,
        members: vec![],
        files: vec![],
    }));
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((group.seq, group.name.as_str(), group.files.len(), group.swarms.len()), (2, "Other", 0, 0));
}

#[test]
fn whoever_is_removed_forgets_the_group_and_hears_no_more_of_it() {
    for (change, why) in [
        (GroupChange::MemberLeft(me()), GoneReason::Left),
        (GroupChange::MemberRemoved { member: me(), epoch: 1 }, GoneReason::Removed),
        (GroupChange::Closed, GoneReason::Closed),
    ] {
        let mut talk = Talk::online();
        talk.tell(snapshot(4));
        talk.events();
        talk.tell(event(5, change));
        assert!(talk.member.groups().is_empty());
        assert_eq!(talk.events(), [ConversationEvent::GroupChanged(GROUP), gone(why)]);
        talk.tell(event(7, GroupChange::InvitesChanged));
        assert!(!talk.member.should_disconnect(), "events on their way are no gap");
        talk.cut();
        assert_eq!(talk.connect().resume, []);
    }
}

#[test]
fn whoever_was_removed_while_away_for_long_forgets_the_group() {
    let tell_gone = || TrackerToMember::GroupGone { group: GROUP, why: GoneReason::Removed };
    for is_damaged in [false, true] {
        let mut talk = Talk::online();
        talk.tell(snapshot(4));
        talk.member.announce(announce(1));
        if is_damaged {
            talk.tell(event(6, GroupChange::InvitesChanged));
        }
        talk.cut();
        talk.connect_to(HISTORY);
        talk.sent();
        talk.tell(tell_gone());
        assert!(talk.member.groups().is_empty());
        assert_eq!(talk.events(), [ConversationEvent::GroupChanged(GROUP), gone(GoneReason::Removed)]);
        talk.tell(tell_gone());
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
        let request = create_group();
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
        epoch: 0,
        created_at_ms: 0,
        members: vec![person(&"n\u{0007}".repeat(1000), me())],
        files: vec![card(FILE, "../../etc/pass\u{2066}wd")],
    }));
    let group = &talk.member.groups()[&GROUP];
    assert!(group.name.chars().count() <= 200 && !group.name.contains(['\u{202E}', '\n']));
    assert_eq!(group.members[0].display_name, "n".repeat(40));
    assert_eq!(group.files[0].name, "_._.._etc_passwd");
}

/// The device used to forget the group at the first of the two events and to ignore the second: the group was missing
/// until the next reconnect.
#[test]
fn a_device_that_slept_while_its_person_left_and_joined_again_still_has_the_group() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.member.announce(announce(1));
    talk.member.watch(SWARM);
    talk.cut();
    talk.connect_to(HISTORY);
    talk.sent();
    talk.tell(event(5, GroupChange::MemberLeft(me())));
    talk.tell(event(6, GroupChange::File(card(FileId([9; 16]), "b.iso"))));
    talk.tell(event(7, GroupChange::Member(person("Lively Otter", me()))));
    talk.tell(TrackerToMember::Synced);
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((group.seq, group.files.len()), (7, 2));
    assert!(group.member(me()).is_some());
    talk.cut();
    assert_eq!(talk.connect().resume, [point(7)]);
    assert_eq!(talk.sent().len(), 2, "its file is announced and watched still");
}

#[test]
fn a_device_that_slept_while_its_person_left_forgets_the_group_when_all_is_told() {
    for is_cut_before_all_is_told in [false, true] {
        let mut talk = Talk::online();
        talk.tell(snapshot(4));
        talk.member.announce(announce(1));
        talk.cut();
        talk.connect_to(HISTORY);
        talk.tell(event(5, GroupChange::MemberLeft(me())));
        if is_cut_before_all_is_told {
            talk.cut();
            // There is nothing after their leaving that they could be told.
            assert_eq!(talk.connect_to(HISTORY).resume, [point(5)]);
        }
        talk.events();
        talk.tell(TrackerToMember::Synced);
        assert!(talk.member.groups().is_empty());
        let events = [ConversationEvent::GroupChanged(GROUP), gone(GoneReason::Left), ConversationEvent::Synced];
        assert_eq!(talk.events(), events);
        talk.cut();
        assert_eq!(talk.connect().resume, []);
        assert_eq!(talk.sent(), []);
    }
}

/// Events of the restored database used to be applied to the replica of the lost one once their numbers met.
#[test]
fn a_restore_never_makes_replicas_diverge() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.cut();
    assert_eq!(talk.connect_to(RESTORED).resume, [point(4)], "the tracker sees that it is another history");
    assert_eq!(talk.member.groups()[&GROUP].files.len(), 1, "shown until the snapshot comes");
    talk.tell(event(5, GroupChange::FileRemoved(FILE)));
    assert_eq!(talk.member.groups()[&GROUP].files.len(), 1, "not an event of this replica");
    talk.tell(snapshot(2));
    talk.tell(event(3, GroupChange::FileRemoved(FILE)));
    talk.tell(TrackerToMember::Synced);
    let group = &talk.member.groups()[&GROUP];
    assert_eq!((group.seq, group.files.len()), (3, 0));
    talk.cut();
    let point = ResumePoint { group: GROUP, history: RESTORED, seq: 3 };
    assert_eq!(talk.connect_to(RESTORED).resume, [point], "of the history that it came from");
}

#[test]
fn a_group_that_a_restored_tracker_does_not_have_is_gone_when_all_is_told() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    talk.member.announce(announce(1));
    talk.cut();
    talk.connect_to(RESTORED);
    assert_eq!(talk.member.groups().len(), 1, "perhaps its snapshot is on its way");
    talk.tell(TrackerToMember::Synced);
    assert!(talk.member.groups().is_empty());
    let events = [ConversationEvent::GroupChanged(GROUP), gone(GoneReason::Left), ConversationEvent::Synced];
    assert_eq!(talk.events(), events);
    talk.cut();
    talk.connect();
    assert_eq!(talk.sent(), [], "its files are not announced any more");
}

/// More groups than a login has resume points for: the rest comes whole, or not at all.
#[test]
fn a_group_without_a_resume_point_that_was_left_meanwhile_is_gone_when_all_is_told() {
    let mut talk = Talk::online();
    let snapshot_of = |number: u8| {
        let TrackerToMember::Snapshot(mut snapshot) = snapshot(1) else { unreachable!() };
        snapshot.group = GroupId([number; 16]);
        TrackerToMember::Snapshot(snapshot)
    };
    (0..70).for_each(|number| talk.tell(snapshot_of(number)));
    talk.cut();
    let resumed = talk.connect_to(HISTORY).resume;
    assert_eq!(resumed.len(), 64);
    talk.tell(snapshot_of(69));
    talk.tell(TrackerToMember::Synced);
    let known: Vec<GroupId> = talk.member.groups().keys().copied().collect();
    let expected: Vec<GroupId> = resumed.iter().map(|point| point.group).chain([GroupId([69; 16])]).collect();
    assert_eq!(known, expected);
}

#[test]
fn a_name_is_looked_up_in_the_group() {
    let mut talk = Talk::online();
    talk.tell(snapshot(4));
    let group = &talk.member.groups()[&GROUP];
    assert_eq!(group.name_of(MemberKey([4; 32])), "Calm Fox");
    assert_eq!(group.name_of(MemberKey([5; 32])), "somebody who left");
}
