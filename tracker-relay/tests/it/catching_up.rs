//! Whoever comes back, and whoever was there all the time, hear of everything once and in order.

use tracker_relay::random;
use wire_protocol::control::{GoneReason, GroupChange, MemberToTracker, Reply, Request, ResumePoint, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, HistoryId, RequestId};

use crate::harness::{Member, Server};

const AUTH: [u8; 32] = [7; 32];

/// It used to hear that it had left, and then that somebody joined a group that it did not know any more.
#[tokio::test]
async fn a_device_that_slept_while_its_person_left_and_came_back_gets_the_whole_group() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    let seq = friend.join(&slug, AUTH).await.seq;
    let mut phone = friend.again(&server).await;
    drop(friend.client.close(None).await);
    assert_eq!(phone.request(Request::LeaveGroup { group }).await.unwrap(), Reply::Done);
    phone.join(&slug, AUTH).await;
    let resume = vec![friend.seen(group, seq)];
    let mut friend = friend.reconnect(&server, resume).await;
    match friend.next().await {
        TrackerToMember::Snapshot(snapshot) => {
            assert_eq!(snapshot.seq, seq + 2);
            assert!(snapshot.members.iter().any(|member| member.key == friend.key));
        }
        other => panic!("{other:?}"),
    }
    // And what happens from here on.
    let file = sharer.add_file(group, "a").await;
    match friend.next().await {
        TrackerToMember::Event(event) => assert!(matches!(event.change, GroupChange::File(card) if card.file == file)),
        other => panic!("{other:?}"),
    }
}

/// A made-up resume point used to bring everything that had been in the group.
#[tokio::test]
async fn nobody_reads_what_happened_before_they_joined() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "secret").await;
    assert_eq!(sharer.request(Request::RemoveFile { group, file }).await.unwrap(), Reply::Done);
    let mut friend = Member::new(&server).await;
    let joined = friend.join(&slug, AUTH).await.seq;
    for seq in [0, joined - 1] {
        let resume = vec![friend.seen(group, seq)];
        friend = friend.reconnect(&server, resume).await;
        assert!(matches!(friend.next().await, TrackerToMember::Snapshot(snapshot) if snapshot.seq == joined), "{seq}");
    }
    sharer.add_file(group, "a").await;
    let resume = vec![friend.seen(group, joined)];
    friend = friend.reconnect(&server, resume).await;
    assert!(matches!(friend.next().await, TrackerToMember::Event(event) if event.seq == joined + 1));
}

/// As after a restore from a backup: the same numbers, another story.
#[tokio::test]
async fn a_resume_point_of_another_history_gets_the_whole_group() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, _) = sharer.create_group(AUTH).await;
    let seq = sharer.snapshot().await.seq;
    sharer.add_file(group, "a").await;
    let history = HistoryId(random::bytes());
    let mut sharer = sharer.reconnect(&server, vec![ResumePoint { group, history, seq }]).await;
    assert!(matches!(sharer.next().await, TrackerToMember::Snapshot(snapshot) if snapshot.seq == seq + 1));
    let left = ResumePoint { group: GroupId(random::bytes()), history, seq: 0 };
    let mut sharer = sharer.reconnect(&server, vec![left]).await;
    sharer
        .find(|message| {
            (*message == TrackerToMember::GroupGone { group: left.group, why: GoneReason::Left }).then_some(())
        })
        .await;
}

#[tokio::test]
async fn whoever_changes_something_hears_of_it_before_the_reply_however_busy_the_group_is() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut members = vec![sharer];
    for _ in 0..15 {
        let mut member = Member::new(&server).await;
        member.join(&slug, AUTH).await;
        member.settle().await;
        member.forget_inbox();
        members.push(member);
    }
    members[0].settle().await;
    members[0].forget_inbox();
    let busy = members.iter_mut().map(async |member| {
        let (mut seq, mut own) = (None, 0);
        for _ in 0..10 {
            let (id, file) = (RequestId(random::bytes()), FileId(random::bytes()));
            let request = Request::AddFile { group, file, name: "a".to_owned(), size: 1 };
            member.send(&MemberToTracker::Request { id, request }).await;
            let mut is_heard = false;
            loop {
                match member.next().await {
                    TrackerToMember::Event(event) => {
                        assert!(seq.is_none_or(|seq| event.seq == seq + 1), "{seq:?} {event:?}");
                        seq = Some(event.seq);
                        is_heard |= matches!(event.change, GroupChange::File(card) if card.file == file);
                    }
                    TrackerToMember::Reply { outcome, .. } => {
                        assert_eq!(outcome.unwrap(), Reply::Done);
                        break;
                    }
                    other => panic!("{other:?}"),
                }
            }
            own += usize::from(is_heard);
        }
        assert_eq!(own, 10);
    });
    futures_util::future::join_all(busy).await;
}

/// Groups come, are caught up with and change all at once; nothing is missed, doubled or out of order.
#[tokio::test]
async fn members_who_come_and_go_in_the_middle_of_everything_miss_nothing() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut members = Vec::new();
    for _ in 0..8 {
        let mut member = Member::new(&server).await;
        let seq = member.join(&slug, AUTH).await.seq;
        members.push((member, seq));
    }
    let adding = async {
        for i in 0..150 {
            sharer.add_file(group, &i.to_string()).await;
            sharer.forget_inbox();
        }
    };
    let coming_and_going = members.into_iter().enumerate().map(async |(i, (mut member, mut seq))| {
        for round in 0..10 {
            for _ in 0..(i + round) % 4 * 3 {
                match member.next().await {
                    TrackerToMember::Event(event) => {
                        assert_eq!(event.seq, seq + 1);
                        seq = event.seq;
                    }
                    TrackerToMember::Snapshot(snapshot) => panic!("{snapshot:?}"),
                    _ => {}
                }
            }
            let resume = vec![member.seen(group, seq)];
            member = member.reconnect(&server, resume).await;
        }
        (member, seq)
    });
    let ((), members) = tokio::join!(adding, futures_util::future::join_all(coming_and_going));
    let last = sharer.again(&server).await.snapshot().await.seq;
    for (mut member, mut seq) in members {
        while seq < last {
            if let TrackerToMember::Event(event) = member.next().await {
                assert_eq!(event.seq, seq + 1);
                seq = event.seq;
            }
        }
    }
}
