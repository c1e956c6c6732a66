//! SIGTERM and Ctrl-C.

use std::time::Instant;

use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::{Error, Message};
use wire_protocol::control::TrackerToMember;

use crate::harness::{Client, Member, Server, next_binary, next_message, open_control_for};
use crate::links::Swarm;

/// Waits until the server has heard the signal.
async fn drains(server: &Server) {
    while !server.get("/readyz").0.starts_with("HTTP/1.1 503") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn carries(from: &mut Client, to: &mut Client, bytes: &[u8]) {
    from.send(Message::binary(bytes.to_vec())).await.unwrap();
    assert_eq!(next_binary(to).await.unwrap(), bytes);
}

async fn hears_of_the_restart(member: &mut Member) {
    let restarting = member.find(|message| match message {
        TrackerToMember::Restarting { after_ms } => Some(*after_ms),
        _ => None,
    });
    assert!(restarting.await > 0);
    assert!(next_message(&mut member.client).await.is_none());
}

#[tokio::test]
async fn a_link_goes_on_through_a_drain_and_the_second_signal_ends_it() {
    let mut server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (mut dialer, mut acceptor) = swarm.link().await;
    server.terminate();
    drains(&server).await;
    for byte in 0..10 {
        carries(&mut dialer, &mut acceptor, &[byte; 1000]).await;
        carries(&mut acceptor, &mut dialer, &[byte; 10]).await;
    }
    let refused = open_control_for(server.address, "203.0.113.7").await;
    assert!(matches!(refused, Err(Error::Http(answer)) if answer.status() == 503));
    // Members are not sent away before their links are.
    swarm.dialer.settle().await;

    server.terminate();
    assert!(next_binary(&mut dialer).await.is_none());
    hears_of_the_restart(&mut swarm.dialer).await;
    assert!(server.exit().await.success());
    let log = std::fs::metadata(server.folder().join("covey.db-wal")).map_or(0, |meta| meta.len());
    assert_eq!(log, 0);
    server.start_again();
    assert_eq!(swarm.dialer.reconnect(&server, vec![]).await.snapshot().await.group, swarm.group);
}

#[tokio::test]
async fn a_drain_ends_with_the_last_link() {
    let mut server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (dialer, mut acceptor) = swarm.link().await;
    server.terminate();
    drains(&server).await;
    drop(dialer);
    assert!(next_binary(&mut acceptor).await.is_none());
    hears_of_the_restart(&mut swarm.dialer).await;
    assert!(server.exit().await.success());
}

#[tokio::test]
async fn a_drain_takes_no_longer_than_it_may() {
    let mut server = Server::start_with(&["--drain-max", "0"]);
    let mut swarm = Swarm::new(&server).await;
    let (mut dialer, _acceptor) = swarm.link().await;
    server.terminate();
    assert!(next_binary(&mut dialer).await.is_none());
    hears_of_the_restart(&mut swarm.dialer).await;
    assert!(server.exit().await.success());
}

#[tokio::test]
async fn ctrl_c_does_not_wait_for_links() {
    let mut server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (mut dialer, _acceptor) = swarm.link().await;
    server.interrupt();
    assert!(next_binary(&mut dialer).await.is_none());
    hears_of_the_restart(&mut swarm.dialer).await;
    assert!(server.exit().await.success());
}

#[tokio::test]
async fn an_idle_member_does_not_hold_up_the_end() {
    let mut server = Server::start();
    let _silent = Member::new(&server).await;
    let start = Instant::now();
    server.terminate();
    assert!(server.exit().await.success());
    // Twice the deadlines of server.rs, for a busy machine.
    assert!(start.elapsed().as_secs() < 8);
}
