//! What a member can cost the server.

use std::time::Duration;

use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use tracker_relay::limits::{COMMANDS_BURST, INVITE_FAILURES_PER_MINUTE};
use tracker_relay::random;
use wire_protocol::control::{MemberToTracker, RefusalCode, Request, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, RequestId};

use crate::harness::{Member, Server};

#[tokio::test]
async fn guessing_invites_is_slowed_down() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (_, slug) = sharer.create_group([7; 32]).await;
    let mut guesser = Member::new(&server).await;
    for i in 0..INVITE_FAILURES_PER_MINUTE {
        let guess = Request::JoinGroup { slug: slug.clone(), auth: [i as u8 + 100; 32] };
        assert_eq!(guesser.refused(guess).await, RefusalCode::BadInvite);
    }
    let right = Request::JoinGroup { slug, auth: [7; 32] };
    assert_eq!(guesser.refused(right).await, RefusalCode::TooMany);
}

#[tokio::test]
async fn talking_too_fast_is_refused_and_not_the_end() {
    let server = Server::start();
    let mut member = Member::new(&server).await;
    let question = Request::ReadInfo { group: GroupId([1; 16]), file: FileId([1; 16]), offset: 0 };
    let count = COMMANDS_BURST as usize * 3;
    for _ in 0..count {
        let request = MemberToTracker::Request { id: RequestId(random::bytes()), request: question.clone() };
        member.send(&request).await;
    }
    let mut too_many = 0;
    for _ in 0..count {
        match member.next().await {
            TrackerToMember::Reply { outcome: Err(refusal), .. } => {
                too_many += usize::from(refusal.code == RefusalCode::TooMany);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(too_many > 0);
    member.settle_after(Duration::from_secs(1)).await;
}

#[tokio::test]
async fn nonsense_ends_the_session_with_a_reason() {
    let server = Server::start();
    for nonsense in [Message::binary(vec![2, 200, 200]), Message::text("hello"), Message::binary(vec![2; 70_000])] {
        let mut member = Member::new(&server).await;
        let _ = member.client.send(nonsense).await;
        match member.next().await {
            TrackerToMember::Goodbye(refusal) => assert_eq!(refusal.code, RefusalCode::BadRequest),
            other => panic!("{other:?}"),
        }
    }
}

/// It used to be disconnected, and so was whoever read a little too slowly.
#[tokio::test]
async fn whoever_does_not_read_for_a_while_is_sent_how_the_group_is_then() {
    const AGAIN: usize = 150;
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group([7; 32]).await;
    // Names as long as they may be make a snapshot of some 30 KiB.
    for i in 0..90 {
        sharer.add_file(group, &format!("{i:0>8}{}", "長".repeat(192))).await;
    }
    let mut slow = Member::new(&server).await;
    let mut seq = slow.join(&slug, [7; 32]).await.seq;
    slow.settle().await;
    // Joining again is answered with a snapshot each time: more than the system holds for one socket.
    for _ in 0..AGAIN {
        let request = Request::JoinGroup { slug: slug.clone(), auth: [7; 32] };
        slow.send(&MemberToTracker::Request { id: RequestId(random::bytes()), request }).await;
    }
    for _ in 0..60 {
        let file = sharer.add_file(group, "a").await;
        sharer.request(Request::RemoveFile { group, file }).await.unwrap();
    }
    let last = sharer.again(&server).await.snapshot().await.seq;
    let (mut replies, mut events) = (0, 0);
    while replies < AGAIN || seq < last {
        match slow.next().await {
            TrackerToMember::Snapshot(snapshot) => {
                assert!(seq <= snapshot.seq);
                seq = snapshot.seq;
            }
            TrackerToMember::Event(event) => {
                assert_eq!(event.seq, seq + 1);
                seq = event.seq;
                events += 1;
            }
            TrackerToMember::Reply { .. } => replies += 1,
            other => panic!("{other:?}"),
        }
    }
    println!("{events} of 120 events came one by one");
    assert!(events < 120, "it kept up: nothing was tried");
    assert_eq!(server.metric("tr_slow_consumer_disconnects_total"), 0.0);
    slow.settle().await;
    slow.assert_nothing_else();
}

#[tokio::test]
async fn an_idle_control_connection_takes_at_most_32_kib() {
    const COUNT: usize = 400;
    let server = Server::start();
    let mut warm = Vec::new();
    for _ in 0..50 {
        warm.push(Member::new(&server).await);
    }
    let before = server.resident();
    let mut members = Vec::new();
    for _ in 0..COUNT {
        members.push(Member::new(&server).await);
    }
    let each = server.resident().saturating_sub(before) / COUNT as u64;
    println!("{} bytes resident per idle control connection", each);
    assert!(each <= 32 * 1024, "{each} bytes");
}
