//! Who gets in.

use ed25519_dalek::SigningKey;
use futures_util::SinkExt;
use sqlx::ConnectOptions;
use tokio_tungstenite::tungstenite::{Error, Message};
use tracker_relay::random;
use wire_protocol::control::{self, MemberToTracker, RefusalCode, Request, TrackerToMember, encode_from_member};

use crate::harness::{
    Member, Server, hello, log_in, login, next_message, open, open_control, open_control_as, peer_id,
};

fn code(message: Option<TrackerToMember>) -> RefusalCode {
    match message {
        Some(TrackerToMember::Goodbye(refusal)) => refusal.code,
        other => panic!("expected Goodbye, got {other:?}"),
    }
}

#[tokio::test]
async fn a_signed_login_for_the_dialed_host_is_welcomed() {
    let server = Server::start();
    let _member = Member::new(&server).await;
    server.metric_becomes("tr_sessions", 1.0).await;
}

#[tokio::test]
async fn a_ping_is_answered_after_login_and_refused_before() {
    let server = Server::start();
    let mut member = Member::new(&server).await;
    for _ in 0..3 {
        member.send(&MemberToTracker::Ping).await;
        assert_eq!(member.next().await, TrackerToMember::Pong);
    }
    let mut stranger = open_control(server.address).await;
    hello(&mut stranger).await;
    stranger.send(Message::binary(encode_from_member(&MemberToTracker::Ping))).await.unwrap();
    assert_eq!(code(next_message(&mut stranger).await), RefusalCode::BadLogin);
}

#[tokio::test]
async fn a_wrong_signature_is_refused() {
    let server = Server::start();
    let mut client = open_control(server.address).await;
    let hello = hello(&mut client).await;
    let mut login = login(&hello, &SigningKey::from_bytes(&random::bytes()), &server.origin(), vec![]);
    login.signature.0[3] ^= 1;
    assert_eq!(code(log_in(&mut client, login).await), RefusalCode::BadLogin);
    assert!(next_message(&mut client).await.is_none());
}

#[tokio::test]
async fn a_login_made_for_another_host_or_nonce_is_refused() {
    let server = Server::start();
    let key = SigningKey::from_bytes(&random::bytes());
    let mut client = open_control(server.address).await;
    let first_hello = hello(&mut client).await;
    let elsewhere = login(&first_hello, &key, "http://evil.example", vec![]);
    assert_eq!(code(log_in(&mut client, elsewhere).await), RefusalCode::BadLogin);

    let mut client = open_control(server.address).await;
    hello(&mut client).await;
    let replayed = login(&first_hello, &key, &server.origin(), vec![]);
    assert_eq!(code(log_in(&mut client, replayed).await), RefusalCode::BadLogin);
}

#[tokio::test]
async fn with_a_public_url_only_its_scheme_and_host_are_accepted() {
    let server = Server::start_with(&["--public-url", "https://share.example"]);
    let key = SigningKey::from_bytes(&random::bytes());
    for (origin, is_welcome) in
        [("https://share.example", true), ("http://share.example", false), (&*server.origin(), false)]
    {
        let mut client = open_control(server.address).await;
        let hello = hello(&mut client).await;
        let answer = log_in(&mut client, login(&hello, &key, origin, vec![])).await;
        assert_eq!(matches!(answer, Some(TrackerToMember::Welcome(_))), is_welcome, "{origin}: {answer:?}");
    }
}

/// What a visitor of `http://{host}`, a server of somebody else's, can be made to sign is passed on to this one.
#[tokio::test]
async fn a_login_that_a_second_server_passes_on_is_refused() {
    let server = Server::start();
    let visitor = SigningKey::from_bytes(&random::bytes());
    for host in ["evil.example", "evil.example:8080"] {
        let mut passed_on = open_control_as(server.address, host).await;
        let hello = hello(&mut passed_on).await;
        let login = login(&hello, &visitor, &format!("http://{host}"), vec![]);
        assert_eq!(code(log_in(&mut passed_on, login).await), RefusalCode::BadLogin, "{host}");
    }
    // Whoever reaches it by its address and name is let in.
    let host = format!("localhost:{}", server.address.port());
    let mut own = open_control_as(server.address, &host).await;
    let hello = hello(&mut own).await;
    let answer = log_in(&mut own, login(&hello, &visitor, &format!("http://{host}"), vec![])).await;
    assert!(matches!(answer, Some(TrackerToMember::Welcome(_))), "{answer:?}");
}

#[tokio::test]
async fn a_login_needs_no_writer() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, _) = sharer.create_group([1; 32]).await;
    // As when many changes wait: nothing can be written now.
    let mut other =
        sqlx::sqlite::SqliteConnectOptions::new().filename(server.folder().join("covey.db")).connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let mut newer = sharer.again(&server).await;
    assert_eq!(newer.snapshot().await.group, group);
    Member::new(&server).await.settle().await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    newer.add_file(group, "movie.mp4").await;
}

#[tokio::test]
async fn a_login_names_nobody_who_is_known() {
    let server = Server::start();
    let mut phone = Member::new(&server).await;
    let (group, slug) = phone.create_group([1; 32]).await;
    let mut friend = Member::new(&server).await;
    let seq = friend.join(&slug, [1; 32]).await.seq;
    let name = "Somebody Else".to_owned();
    phone.request(Request::SetDisplayName { name: name.clone() }).await.unwrap();
    // Its login brings another name along.
    let mut laptop = phone.again(&server).await;
    assert_eq!(laptop.display_name, name);
    assert!(laptop.snapshot().await.members.iter().any(|member| member.display_name == name));
    laptop.settle().await;
    friend.settle().await;
    let renamed = |message: &TrackerToMember| matches!(message, TrackerToMember::Event(event) if event.seq > seq);
    let mut events = 0;
    while let Some(message) = friend.poll_inbox() {
        events += usize::from(renamed(&message));
    }
    assert_eq!(events, 1, "the one that was asked for, in {group}");
}

#[tokio::test]
async fn synced_comes_after_all_that_was_missed() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    for _ in 0..5 {
        let (group, _) = sharer.create_group([1; 32]).await;
        let file = sharer.add_file(group, "movie.mp4").await;
        sharer.announce(group, file, peer_id(), 100).await;
    }
    sharer.settle().await;
    let mut phone = sharer.again(&server).await;
    let mut seen = Vec::new();
    loop {
        match next_message(&mut phone.client).await.unwrap() {
            TrackerToMember::Snapshot(snapshot) => seen.push((snapshot.group, false)),
            TrackerToMember::SwarmCounts(counts) => {
                assert!(counts.all && counts.counts.len() == 1 && counts.counts[0].seeders == 1);
                seen.push((counts.group, true));
            }
            TrackerToMember::Ticket { .. } => {}
            TrackerToMember::Synced => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen.len(), 10, "{seen:?}");
    assert!(seen.chunks(2).all(|pair| pair[0].0 == pair[1].0 && !pair[0].1 && pair[1].1), "{seen:?}");
}

#[tokio::test]
async fn nobody_sends_more_than_a_login_before_the_login() {
    let server = Server::start();
    let mut client = open_control(server.address).await;
    hello(&mut client).await;
    // The server may close before all of it is out.
    let _ = client.send(Message::binary(vec![2; 5000])).await;
    let answer = next_message(&mut client).await;
    assert!(!matches!(answer, Some(TrackerToMember::Welcome(_))), "{answer:?}");
}

#[tokio::test]
async fn foreign_pages_and_other_protocols_are_turned_away() {
    let server = Server::start_with(&["--allow-origin", "http://localhost:8081"]);
    let own = format!("http://{}", server.address);
    for (subprotocol, origin, status) in [
        (None, None, 400),
        (Some(wire_protocol::link::SUBPROTOCOL), None, 400),
        (Some(control::SUBPROTOCOL), Some("https://evil.example"), 403),
        (Some(control::SUBPROTOCOL), Some("null"), 403),
        (Some(control::SUBPROTOCOL), Some(&*own), 101),
        (Some(control::SUBPROTOCOL), Some("http://localhost:8081"), 101),
    ] {
        let got = match open(server.address, "/control", subprotocol, origin).await {
            Ok(_) => 101,
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(got, status, "{subprotocol:?} {origin:?}");
    }
}

#[tokio::test]
async fn a_member_may_be_online_twice() {
    let server = Server::start();
    let mut tab = Member::new(&server).await;
    let mut other_tab = tab.again(&server).await;
    let (group, _) = tab.create_group([1; 32]).await;
    assert_eq!(other_tab.snapshot().await.group, group);
    other_tab.settle().await;
    tab.settle().await;
}
