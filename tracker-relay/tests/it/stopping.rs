//! SIGTERM.

use std::time::Instant;

use wire_protocol::control::TrackerToMember;

use crate::harness::{Member, Server, next_binary, next_message};
use crate::links::Swarm;

#[tokio::test]
async fn sigterm_says_goodbye_folds_the_log_in_and_ends_well() {
    let mut server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (mut dialer, _acceptor) = swarm.link().await;
    server.terminate();
    let restarting = swarm.dialer.find(|message| match message {
        TrackerToMember::Restarting { after_ms } => Some(*after_ms),
        _ => None,
    });
    assert!(restarting.await > 0);
    assert!(next_message(&mut swarm.dialer.client).await.is_none());
    assert!(next_binary(&mut dialer).await.is_none());
    assert!(server.exit().await.success());
    let log = std::fs::metadata(server.folder().join("covey.db-wal")).map_or(0, |meta| meta.len());
    assert_eq!(log, 0);
    server.start_again();
    assert_eq!(swarm.dialer.reconnect(&server, vec![]).await.snapshot().await.group, swarm.group);
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
