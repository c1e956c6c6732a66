//! What a member can cost the server.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{Error, Message};
use tracker_relay::limits::{INVITE_FAILURES_PER_MINUTE, TOKENS_BURST};
use tracker_relay::random;
use wire_protocol::control::{MemberToTracker, RefusalCode, Reply, Request, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, RequestId};

use crate::harness::{Member, PATIENCE, Server, hello, join_group, open, open_control, open_control_for, peer_id};
use crate::links::Swarm;

#[tokio::test]
async fn guessing_invites_is_slowed_down() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (_, slug) = sharer.create_group([7; 32]).await;
    let mut guesser = Member::new(&server).await;
    for i in 0..INVITE_FAILURES_PER_MINUTE {
        let guess = join_group(&slug, [i as u8 + 100; 32]);
        assert_eq!(guesser.refused(guess).await, RefusalCode::BadInvite);
    }
    let right = join_group(&slug, [7; 32]);
    assert_eq!(guesser.refused(right).await, RefusalCode::TooMany);
}

#[tokio::test]
async fn who_guesses_does_not_keep_others_of_the_address_out() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (_, slug) = sharer.create_group([7; 32]).await;
    for guesser in 0..2 {
        let mut guesser_member = Member::new(&server).await;
        for i in 0..INVITE_FAILURES_PER_MINUTE / 2 {
            let guess = join_group(&slug, [(guesser * 100 + i) as u8 + 8; 32]);
            assert_eq!(guesser_member.refused(guess).await, RefusalCode::BadInvite);
        }
    }
    let mut friend = Member::new(&server).await;
    let preview = Request::PreviewInvite { slug: slug.clone(), auth: [7; 32] };
    assert!(friend.request(preview).await.is_ok());
    friend.join(&slug, [7; 32]).await;
}

#[tokio::test]
async fn an_address_behind_a_proxy_has_its_share_of_places_and_others_get_in() {
    // 80 % of 250 are places, a quarter of them for one address.
    let server = Server::start_with(&["--open-files", "250", "--trusted-proxy", "127.0.0.1"]);
    assert_eq!(server.metric("tr_places_allowed"), 200.0);
    let mut theirs = Vec::new();
    let refusal = loop {
        match open_control_for(server.address, "192.0.2.1, 203.0.113.7").await {
            Ok(client) => theirs.push(client),
            Err(error) => break error,
        }
        assert!(theirs.len() <= 200);
    };
    assert!(matches!(refusal, Error::Http(answer) if answer.status() == 429));
    assert_eq!(theirs.len(), 50);
    for other in ["203.0.113.8", "203.0.113.9:4711", "[2001:db8::7]:4711"] {
        let mut client = open_control_for(server.address, other).await.unwrap();
        hello(&mut client).await;
    }
    // Given back as soon as they go.
    theirs.clear();
    server.metric_becomes("tr_connections{kind=\"control\"}", 0.0).await;
    assert!(open_control_for(server.address, "203.0.113.7").await.is_ok());
}

#[tokio::test]
async fn six_sockets_of_three_links_count_as_six() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let mut dialers = Vec::new();
    let mut links = Vec::new();
    for _ in 0..3 {
        links.push(swarm.link().await);
        dialers.push(swarm.change_dialer(&server).await);
    }
    server.metric_becomes("tr_links_active", 3.0).await;
    assert_eq!(server.metric("tr_connections{kind=\"link\"}"), 6.0);
    let sessions = server.metric("tr_sessions");
    // And the one that asks.
    server.metric_becomes("tr_places_taken", sessions + 6.0 + 1.0).await;
    drop(links);
    server.metric_becomes("tr_connections{kind=\"link\"}", 0.0).await;
    server.metric_becomes("tr_places_taken", sessions + 1.0).await;
}

#[tokio::test]
async fn talking_too_fast_is_refused_and_not_the_end() {
    let server = Server::start();
    let mut member = Member::new(&server).await;
    let question = Request::ReadInfo { group: GroupId([1; 16]), file: FileId([1; 16]), offset: 0 };
    let count = TOKENS_BURST as usize * 2;
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

pub fn question(number: u8) -> MemberToTracker {
    let request = Request::ReadInfo { group: GroupId([number; 16]), file: FileId([1; 16]), offset: 0 };
    MemberToTracker::Request { id: RequestId(random::bytes()), request }
}

/// Of so many answers, those that are told to wait.
async fn count_told_to_wait(member: &mut Member, answers: usize) -> usize {
    let mut told = 0;
    for _ in 0..answers {
        match member.next().await {
            TrackerToMember::Reply { outcome: Err(refusal), .. } => {
                told += usize::from(refusal.code == RefusalCode::TooMany);
            }
            other => panic!("{other:?}"),
        }
    }
    told
}

/// Each connection had a rate of its own.
#[tokio::test]
async fn all_connections_of_one_member_share_its_rate() {
    const EACH: usize = 200;
    let server = Server::start();
    let first = Member::new(&server).await;
    let mut devices = vec![first.again(&server).await, first.again(&server).await, first.again(&server).await, first];
    for device in &mut devices {
        for _ in 0..EACH {
            device.send(&question(1)).await;
        }
    }
    let mut told = 0;
    for device in &mut devices {
        told += count_told_to_wait(device, EACH).await;
    }
    assert!(told > 0);
    assert_eq!(server.metric("tr_refused_total{limit=\"rate_of_member\"}"), told as f64);
    // Somebody else has their own.
    let mut other = Member::new(&server).await;
    other.send(&question(1)).await;
    assert_eq!(count_told_to_wait(&mut other, 1).await, 0);
}

/// Keys are free: ten of them had ten times the rate of one.
#[tokio::test]
async fn all_members_of_one_address_share_its_rate() {
    const EACH: usize = 300;
    let server = Server::start_with(&["--trusted-proxy", "127.0.0.1"]);
    let mut strangers = Vec::new();
    for _ in 0..10 {
        strangers.push(Member::new(&server).await.again_elsewhere(&server, "203.0.113.7").await);
    }
    for stranger in &mut strangers {
        for _ in 0..EACH {
            stranger.send(&question(1)).await;
        }
    }
    let mut told = 0;
    for stranger in &mut strangers {
        told += count_told_to_wait(stranger, EACH).await;
    }
    assert!(told > 0);
    assert_eq!(server.metric("tr_refused_total{limit=\"rate_of_address\"}"), told as f64);
    let mut other = Member::new(&server).await.again_elsewhere(&server, "203.0.113.8").await;
    other.send(&question(1)).await;
    assert_eq!(count_told_to_wait(&mut other, 1).await, 0);
}

/// A rename is written into every group of a member; it used to cost what a ping costs.
#[tokio::test]
async fn a_new_name_costs_as_much_as_there_are_groups_that_hear_of_it() {
    let server = Server::start();
    let mut member = Member::new(&server).await;
    for _ in 0..90 {
        member.create_group([7; 32]).await;
    }
    let rename = |i: usize| Request::SetDisplayName { name: format!("Name {i}") };
    let mut renamed = 0;
    while member.request(rename(renamed)).await.is_ok() {
        renamed += 1;
        assert!(renamed < 20, "as many as the member likes");
    }
    // Who is in none may call themselves what they like.
    let mut other = Member::new(&server).await;
    for i in 0..20 {
        other.request(rename(i)).await.unwrap();
    }
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
    const AGAIN: usize = 300;
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group([7; 32]).await;
    // Names as long as they may be make a snapshot of some 30 KiB.
    let name = "長".repeat(200);
    for _ in 0..90 {
        sharer.add_file(group, &name).await;
    }
    let mut slow = Member::new(&server).await;
    let mut seq = slow.join(&slug, [7; 32]).await.seq;
    slow.settle().await;
    // Joining again is answered with a snapshot each time: in all twice what the system holds for one socket (4 MiB here).
    for _ in 0..AGAIN {
        let request = join_group(&slug, [7; 32]);
        slow.send(&MemberToTracker::Request { id: RequestId(random::bytes()), request }).await;
    }
    server.metric_settles("tr_control_bytes_out_total").await;
    // More than waits for one session.
    let mut others = Vec::new();
    for _ in 0..6 {
        let mut other = Member::new(&server).await;
        other.join(&slug, [7; 32]).await;
        others.push(other);
    }
    let busy = others.iter_mut().map(async |device| {
        for _ in 0..70 {
            let file = device.add_file(group, &"長".repeat(80)).await;
            device.request(Request::RemoveFile { group, file }).await.unwrap();
            device.forget_inbox();
        }
    });
    futures_util::future::join_all(busy).await;
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
    println!("{events} of {} events came one by one", 6 * 70 * 2);
    assert!(events < 6 * 70 * 2, "it kept up: nothing was tried");
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

#[tokio::test]
async fn a_member_of_a_group_who_is_in_a_swarm_takes_at_most_32_kib() {
    const COUNT: usize = 20;
    let server = Server::start();
    let mut keep = Vec::new();
    let mut before = 0;
    for round in 0..21 {
        let mut sharer = Member::new(&server).await;
        let (group, slug) = sharer.create_group([7; 32]).await;
        let file = sharer.add_file(group, "movie.mp4").await;
        let mut members = vec![sharer];
        while members.len() < COUNT {
            let mut member = Member::new(&server).await;
            member.join(&slug, [7; 32]).await;
            members.push(member);
        }
        for member in &mut members {
            member.announce(group, file, peer_id(), 0).await;
            member.settle().await;
        }
        keep.push(members);
        if round == 0 {
            before = server.resident();
        }
    }
    let each = server.resident().saturating_sub(before) / (20 * COUNT as u64);
    println!("{each} bytes resident per member of a group who is in a swarm");
    assert!(each <= 32 * 1024, "{each} bytes");
}

#[tokio::test]
async fn connections_are_as_many_as_whoever_runs_the_server_says() {
    let server = Server::start_with(&["--max-connections", "20"]);
    assert_eq!(server.metric("tr_places_allowed"), 20.0);
    let mut members = Vec::new();
    for _ in 0..19 {
        members.push(Member::new(&server).await);
    }
    let one = open_control(server.address).await;
    let another = async || open(server.address, "/control", Some(wire_protocol::control::SUBPROTOCOL), None).await;
    assert!(another().await.is_err());
    drop(one);
    let comes_in = async {
        while another().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, comes_in).await.expect("the place is free again");
}

/// Whoever logged in and did nothing held a place for ever.
#[tokio::test]
async fn a_session_in_no_group_ends_after_a_while_unless_it_waits_for_an_answer() {
    let server = Server::start_with(&["--groupless-session", "1"]);
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group([7; 32]).await;
    let mut asker = Member::new(&server).await;
    let ask = Request::AskToJoin { slug, message: "It is me".to_owned() };
    assert_eq!(asker.request(ask).await.unwrap(), Reply::Asked { group, key: None });
    let mut stranger = Member::new(&server).await;
    match stranger.client.next().await {
        Some(Ok(Message::Binary(_))) => {}
        other => panic!("Synced comes first, not {other:?}"),
    }
    match stranger.client.next().await {
        Some(Ok(Message::Close(Some(frame)))) => assert_eq!(u16::from(frame.code), 1013),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.metric("tr_refused_total{limit=\"sessions_without_group\"}"), 1.0);
    sharer.settle_after(Duration::from_secs(2)).await;
    asker.settle().await;
}
