//! Who is in a swarm now.

use wire_protocol::control::{Announce, Listen, MemberToTracker, Progress, Request, TrackerToMember};
use wire_protocol::ids::{FileId, GroupId, PeerId};

use crate::harness::{Member, Server, peer_id};

const AUTH: [u8; 32] = [7; 32];

async fn left(member: &mut Member, wanted: FileId) -> PeerId {
    member
        .find(|message| match message {
            TrackerToMember::SwarmLeft { file, peer, .. } if *file == wanted => Some(*peer),
            _ => None,
        })
        .await
}

async fn two(server: &Server) -> (Member, Member, GroupId, String, FileId) {
    let mut sharer = Member::new(server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    let mut friend = Member::new(server).await;
    friend.join(&slug, AUTH).await;
    (sharer, friend, group, slug, file)
}

#[tokio::test]
async fn members_hear_who_comes_how_far_they_are_and_who_goes() {
    let server = Server::start();
    let (mut sharer, mut friend, group, slug, file) = two(&server).await;
    let (seeder, leecher) = (peer_id(), peer_id());
    sharer.announce(group, file, seeder, 100).await;
    // The first announce is answered with all there are: nobody yet.
    assert_eq!(sharer.swarm(file).await, (true, vec![]));
    let (all, peers) = friend.swarm(file).await;
    assert!(!all);
    assert_eq!((peers[0].peer, peers[0].member, &*peers[0].client), (seeder, sharer.key, "test 1.0"));
    assert!(peers[0].progress.is_complete() && peers[0].tcp.is_empty());

    friend.announce(group, file, leecher, 0).await;
    let (all, peers) = friend.swarm(file).await;
    assert!(all && peers.len() == 1 && peers[0].peer == seeder);
    assert_eq!(sharer.swarm(file).await.1[0].peer, leecher);
    friend.announce(group, file, leecher, 40).await;
    assert_eq!(sharer.swarm(file).await.1[0].progress, Progress::Pieces { have: 40, total: 100 });

    // Whoever joins later gets them all.
    let mut late = Member::new(&server).await;
    late.join(&slug, AUTH).await;
    let (all, peers) = late.swarm(file).await;
    assert!(all && peers.len() == 2);

    friend.send(&MemberToTracker::Withdraw { group, file }).await;
    assert_eq!(left(&mut late, file).await, leecher);
    drop(sharer);
    assert_eq!(left(&mut late, file).await, seeder);
}

#[tokio::test]
async fn whoever_logs_in_gets_the_swarms_of_their_groups() {
    let server = Server::start();
    let (mut sharer, friend, group, _, file) = two(&server).await;
    let seeder = peer_id();
    sharer.announce(group, file, seeder, 100).await;
    sharer.settle().await;
    let mut friend = friend.reconnect(&server, vec![]).await;
    assert_eq!(friend.snapshot().await.group, group);
    let (all, peers) = friend.swarm(file).await;
    assert!(all && peers.len() == 1 && peers[0].peer == seeder);
}

#[tokio::test]
async fn a_newer_connection_takes_its_members_peer_over() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let peer = peer_id();
    sharer.announce(group, file, peer, 100).await;
    friend.swarm(file).await;
    let mut newer = sharer.again(&server).await;
    newer.announce(group, file, peer, 100).await;
    friend.swarm(file).await;
    // The older connection's end does not take the peer away.
    drop(sharer);
    server.metric_becomes("tr_sessions", 2.0).await;
    friend.settle().await;
    newer.settle().await;
    drop(newer);
    assert_eq!(left(&mut friend, file).await, peer);
    friend.settle().await;
    let is_left = |message: &TrackerToMember| matches!(message, TrackerToMember::SwarmLeft { .. });
    while let Some(message) = friend.poll_inbox() {
        assert!(!is_left(&message), "{message:?}");
    }
}

#[tokio::test]
async fn nobody_announces_somebody_elses_peer_or_in_a_strangers_group() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let peer = peer_id();
    sharer.announce(group, file, peer, 100).await;
    sharer.settle().await;
    friend.announce(group, file, peer, 0).await;
    friend.announce(group, FileId([1; 16]), peer_id(), 0).await;
    let mut stranger = Member::new(&server).await;
    stranger.announce(group, file, peer_id(), 100).await;
    stranger.settle().await;
    friend.settle().await;
    assert_eq!(server.metric("tr_announces_total{result=\"refused\"}"), 3.0);
    assert_eq!(server.metric("tr_swarm_peers"), 1.0);
}

#[tokio::test]
async fn a_native_peer_is_told_by_the_address_it_comes_from() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let local = ["192.168.1.7", "8.8.8.8", "127.0.0.2"];
    let listen = Listen { port: 6881, local: local.iter().map(|ip| ip.parse().unwrap()).collect() };
    let progress = Progress::Preparing(500);
    let announce = Announce { group, file, peer: peer_id(), progress, listen: Some(listen) };
    sharer.send(&MemberToTracker::Announce(announce)).await;
    let (_, peers) = friend.swarm(file).await;
    assert_eq!(peers[0].tcp, ["127.0.0.1:6881".parse().unwrap(), "192.168.1.7:6881".parse().unwrap()]);
    assert_eq!(peers[0].progress, progress);
}

#[tokio::test]
async fn leaving_a_group_leaves_its_swarms() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let peer = peer_id();
    friend.announce(group, file, peer, 0).await;
    assert_eq!(sharer.swarm(file).await.1[0].peer, peer);
    friend.request(Request::LeaveGroup { group }).await.unwrap();
    assert_eq!(left(&mut sharer, file).await, peer);
    sharer.announce(group, file, peer_id(), 100).await;
    sharer.settle().await;
    friend.forget_inbox();
    friend.settle().await;
    friend.assert_nothing_else();
}
