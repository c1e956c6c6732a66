//! Who is in a swarm now, and who is told.

use wire_protocol::control::{
    Announce, AnnounceRefusal, Dial, Listen, MemberToTracker, Offers, Progress, Request, SwarmName, TrackerToMember,
};
use wire_protocol::ids::{FileId, GroupId};

use crate::harness::{Member, Server, peer_id};

const AUTH: [u8; 32] = [7; 32];

async fn two(server: &Server) -> (Member, Member, GroupId, String, FileId) {
    let mut sharer = Member::new(server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    let mut friend = Member::new(server).await;
    friend.join(&slug, AUTH).await;
    (sharer, friend, group, slug, file)
}

#[tokio::test]
async fn watchers_hear_who_comes_how_far_they_are_and_who_goes() {
    let server = Server::start();
    let (mut sharer, mut friend, group, slug, file) = two(&server).await;
    let (seeder, leecher) = (sharer.peer(peer_id()), friend.peer(peer_id()));
    friend.watch(group, file).await;
    assert_eq!(friend.swarm(file).await, (true, vec![]));
    sharer.announce(group, file, seeder.peer, 100).await;
    // Who announces watches, and is told who else is there: nobody yet.
    assert_eq!(sharer.swarm(file).await, (true, vec![]));
    let (all, peers) = friend.swarm(file).await;
    assert!(!all);
    assert_eq!((peers[0].name, &*peers[0].client), (seeder, "test 1.0"));
    assert!(peers[0].progress.is_complete() && peers[0].tcp.is_empty());

    friend.announce(group, file, leecher.peer, 0).await;
    assert_eq!(sharer.swarm(file).await.1[0].name, leecher);
    friend.announce(group, file, leecher.peer, 40).await;
    assert_eq!(sharer.swarm(file).await.1[0].progress, Progress::Pieces { have: 40, total: 100 });

    // Whoever joins later gets the counts, and the peers when they watch.
    let mut late = Member::new(&server).await;
    late.join(&slug, AUTH).await;
    assert_eq!(late.counts(file).await, (1, 1, 0));
    late.watch(group, file).await;
    let (all, peers) = late.swarm(file).await;
    assert!(all && peers.len() == 2);

    friend.send(&MemberToTracker::Withdraw(SwarmName { group, file })).await;
    assert_eq!(late.left(file).await, [leecher]);
    drop(sharer);
    assert_eq!(late.left(file).await, [seeder]);
}

#[tokio::test]
async fn whoever_does_not_watch_hears_how_many_there_are() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    friend.settle().await;
    friend.forget_inbox();
    let swarm = SwarmName { group, file };
    let preparing =
        Announce { swarm, peer: peer_id(), progress: Progress::Preparing(1), listen: None, offers: Offers::default() };
    sharer.send(&MemberToTracker::Announce(preparing.clone())).await;
    assert_eq!(friend.counts(file).await, (0, 0, 1));
    sharer.announce(group, file, preparing.peer, 100).await;
    assert_eq!(friend.counts(file).await, (1, 0, 0));
    // A watch that has ended brings no more lists.
    friend.watch(group, file).await;
    assert_eq!(friend.swarm(file).await.1.len(), 1);
    friend.send(&MemberToTracker::Unwatch(swarm)).await;
    friend.settle().await;
    sharer.send(&MemberToTracker::Withdraw(swarm)).await;
    assert_eq!(friend.counts(file).await, (0, 0, 0));
    friend.assert_nothing_else();
}

#[tokio::test]
async fn whoever_is_in_a_swarm_watches_it() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    sharer.announce(group, file, peer_id(), 100).await;
    assert_eq!(sharer.swarm(file).await, (true, vec![]));
    sharer.send(&MemberToTracker::Unwatch(SwarmName { group, file })).await;
    sharer.settle().await;
    let leecher = friend.peer(peer_id());
    friend.announce(group, file, leecher.peer, 0).await;
    assert_eq!(sharer.swarm(file).await.1[0].name, leecher);
}

#[tokio::test]
async fn a_newer_connection_takes_its_members_peer_over() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let peer = sharer.peer(peer_id());
    friend.watch(group, file).await;
    assert_eq!(friend.swarm(file).await, (true, vec![]));
    sharer.announce(group, file, peer.peer, 100).await;
    friend.swarm(file).await;
    let mut newer = sharer.again(&server).await;
    newer.announce(group, file, peer.peer, 100).await;
    friend.swarm(file).await;
    // The older connection's end does not take the peer away.
    drop(sharer);
    server.metric_becomes("tr_sessions", 2.0).await;
    newer.announce(group, file, peer.peer, 99).await;
    assert_eq!(friend.swarm(file).await.1[0].name, peer);
    newer.settle().await;
    drop(newer);
    assert_eq!(friend.left(file).await, [peer]);
    let is_left =
        |message: &TrackerToMember| matches!(message, TrackerToMember::SwarmPeers(news) if !news.left.is_empty());
    while let Some(message) = friend.poll_inbox() {
        assert!(!is_left(&message), "{message:?}");
    }
}

/// Whoever announced another member's peer id first used to keep them out.
#[tokio::test]
async fn nobody_takes_somebody_elses_place_with_their_peer_id() {
    let server = Server::start();
    let (mut sharer, mut friend, group, slug, file) = two(&server).await;
    let peer = peer_id();
    friend.announce(group, file, peer, 100).await;
    friend.settle().await;
    sharer.announce(group, file, peer, 100).await;
    sharer.settle().await;
    let mut third = Member::new(&server).await;
    third.join(&slug, AUTH).await;
    third.announce(group, file, peer_id(), 0).await;
    let mut members: Vec<_> = third.swarm(file).await.1.iter().map(|seen| seen.name.member).collect();
    let mut expected = vec![sharer.key, friend.key];
    members.sort();
    expected.sort();
    assert_eq!(members, expected);
    let swarm = SwarmName { group, file };
    third.send(&MemberToTracker::Dial(Dial { dial: 1, swarm, to: sharer.peer(peer) })).await;
    let grant = third.find(|message| match message {
        TrackerToMember::LinkGrant(grant) => Some(grant.clone()),
        _ => None,
    });
    assert_eq!(grant.await.peer.name.member, sharer.key);
    sharer.find(|message| matches!(message, TrackerToMember::LinkGrant(_)).then_some(())).await;
}

#[tokio::test]
async fn an_announce_that_is_not_taken_is_answered() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let mut stranger = Member::new(&server).await;
    let refused = async |member: &mut Member, group, file, have, expected| {
        member.announce(group, file, peer_id(), have).await;
        let refused = member.find(|message| match message {
            TrackerToMember::AnnounceRefused(refused) => Some(*refused),
            _ => None,
        });
        let refused = refused.await;
        assert_eq!((refused.swarm, refused.reason), (SwarmName { group, file }, expected));
    };
    refused(&mut stranger, group, file, 100, AnnounceRefusal::NoSuchFile).await;
    refused(&mut friend, group, FileId([1; 16]), 0, AnnounceRefusal::NoSuchFile).await;
    refused(&mut sharer, group, file, 101, AnnounceRefusal::BadProgress).await;
    assert_eq!(server.metric("tr_announces_total{result=\"refused\"}"), 3.0);
    assert_eq!(server.metric("tr_swarm_peers"), 0.0);
}

#[tokio::test]
async fn a_native_peer_is_told_by_the_address_it_comes_from() {
    let server = Server::start_with(&["--trusted-proxy", "127.0.0.1"]);
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let local = ["192.168.1.7", "8.8.8.8", "127.0.0.2", "169.254.169.254"];
    let listen = Listen { port: 6881, local: local.iter().map(|ip| ip.parse().unwrap()).collect() };
    let progress = Progress::Preparing(500);
    let swarm = SwarmName { group, file };
    let announce = Announce { swarm, peer: peer_id(), progress, listen: Some(listen), offers: Offers::default() };
    sharer.send(&MemberToTracker::Announce(announce)).await;
    sharer.settle().await;
    friend.watch(group, file).await;
    let (_, peers) = friend.swarm(file).await;
    assert_eq!(peers[0].tcp, ["127.0.0.1:6881".parse().unwrap(), "192.168.1.7:6881".parse().unwrap()]);
    assert_eq!(peers[0].progress, progress);
    // Somebody who comes from elsewhere has another 192.168.1.7, and another 127.0.0.1.
    let mut far = friend.from_elsewhere(&server, "203.0.113.7").await;
    far.watch(group, file).await;
    assert!(far.swarm(file).await.1[0].tcp.is_empty());
}

#[tokio::test]
async fn leaving_a_group_leaves_its_swarms() {
    let server = Server::start();
    let (mut sharer, mut friend, group, _, file) = two(&server).await;
    let peer = friend.peer(peer_id());
    sharer.watch(group, file).await;
    assert_eq!(sharer.swarm(file).await, (true, vec![]));
    friend.announce(group, file, peer.peer, 0).await;
    assert_eq!(sharer.swarm(file).await.1[0].name, peer);
    friend.request(Request::LeaveGroup { group }).await.unwrap();
    assert_eq!(sharer.left(file).await, [peer]);
    sharer.announce(group, file, peer_id(), 100).await;
    sharer.settle().await;
    friend.forget_inbox();
    friend.settle().await;
    friend.assert_nothing_else();
}
