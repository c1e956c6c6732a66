//! Who gets in.

use ed25519_dalek::SigningKey;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::{Error, Message};
use tracker_relay::random;
use wire_protocol::control::{self, MemberToTracker, RefusalCode, TrackerToMember, encode_from_member};

use crate::harness::{Member, Server, hello, log_in, login, next_message, open, open_control};

fn code(message: Option<TrackerToMember>) -> RefusalCode {
    match message {
        Some(TrackerToMember::Goodbye(refusal)) => refusal.code,
        other => panic!("expected Goodbye, got {other:?}"),
    }
}

#[tokio::test]
async fn a_signed_login_for_the_dialled_host_is_welcomed() {
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
    let mut login = login(&hello, &SigningKey::from_bytes(&random::bytes()), &server.address.to_string(), vec![]);
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
    let elsewhere = login(&first_hello, &key, "evil.example", vec![]);
    assert_eq!(code(log_in(&mut client, elsewhere).await), RefusalCode::BadLogin);

    let mut client = open_control(server.address).await;
    hello(&mut client).await;
    let replayed = login(&first_hello, &key, &server.address.to_string(), vec![]);
    assert_eq!(code(log_in(&mut client, replayed).await), RefusalCode::BadLogin);
}

#[tokio::test]
async fn with_a_public_url_only_its_host_is_accepted() {
    let server = Server::start_with(&["--public-url", "https://share.example"]);
    let key = SigningKey::from_bytes(&random::bytes());
    for (host, is_welcome) in [("share.example", true), (&*server.address.to_string(), false)] {
        let mut client = open_control(server.address).await;
        let hello = hello(&mut client).await;
        let answer = log_in(&mut client, login(&hello, &key, host, vec![])).await;
        assert_eq!(matches!(answer, Some(TrackerToMember::Welcome { .. })), is_welcome, "{host}: {answer:?}");
    }
}

#[tokio::test]
async fn nobody_sends_more_than_a_login_before_the_login() {
    let server = Server::start();
    let mut client = open_control(server.address).await;
    hello(&mut client).await;
    // The server may close before all of it is out.
    let _ = client.send(Message::binary(vec![1; 5000])).await;
    let answer = next_message(&mut client).await;
    assert!(!matches!(answer, Some(TrackerToMember::Welcome { .. })), "{answer:?}");
}

#[tokio::test]
async fn foreign_pages_and_other_protocols_are_turned_away() {
    let server = Server::start_with(&["--allow-origin", "http://localhost:8081"]);
    let own = format!("http://{}", server.address);
    for (subprotocol, origin, status) in [
        (None, None, 400),
        (Some("covey-link.v1"), None, 400),
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
