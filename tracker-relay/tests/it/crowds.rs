//! Groups as large as they may be, and members who all talk at once: nobody is shut out.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{
    Announce, MemberToTracker, Offers, Progress, SwarmName, TrackerToMember, encode_from_member,
};
use wire_protocol::ids::{FileId, GroupId};

use crate::harness::{Client, Member, Server, next_binary, peer_id};

const AUTH: [u8; 32] = [7; 32];
const SLOW: &str = "tr_slow_consumer_disconnects_total";

struct Crowd {
    group: GroupId,
    slug: String,
    files: Vec<FileId>,
    /// The first has added the files.
    members: Vec<Member>,
}

impl Crowd {
    async fn new(server: &Server, members: usize, files: usize) -> Self {
        let mut sharer = Member::new(server).await;
        let (group, slug) = sharer.create_group(AUTH).await;
        let mut ids = Vec::new();
        while ids.len() < files {
            if ids.len() % 150 == 149 {
                sharer.settle_after(Duration::from_secs(3)).await;
            }
            ids.push(sharer.add_file(group, &format!("file {}", ids.len())).await);
        }
        let mut crowd = vec![sharer];
        while crowd.len() < members {
            let mut member = Member::new(server).await;
            member.join(&slug, AUTH).await;
            crowd.push(member);
        }
        Self { group, slug, files: ids, members: crowd }
    }

    /// Everybody goes into every swarm, as fast as they may, and reads all the time.
    async fn announce_all(&mut self) {
        let (group, files) = (self.group, &self.files);
        join_all(self.members.iter_mut().map(|member| announce_and_read(&mut member.client, group, files))).await;
    }
}

fn announce(group: GroupId, file: FileId, have: u32) -> Message {
    let progress = Progress::Pieces { have, total: 100 };
    let swarm = SwarmName { group, file };
    let announce = Announce { swarm, peer: peer_id(), progress, listen: None, offers: Offers::default() };
    Message::binary(encode_from_member(&MemberToTracker::Announce(announce)))
}

/// Ends when the tracker has taken all of them: it answers in order.
async fn announce_and_read(client: &mut Client, group: GroupId, files: &[FileId]) {
    let (mut sink, mut stream) = client.split();
    let send = async {
        for &file in files {
            sink.send(announce(group, file, 100)).await.unwrap();
        }
        sink.send(Message::binary(encode_from_member(&MemberToTracker::Ping))).await.unwrap();
    };
    let pong = wire_protocol::control::encode_from_tracker(&TrackerToMember::Pong);
    let read = async {
        while let Some(message) = stream.next().await {
            if matches!(message.expect("nobody is disconnected"), Message::Binary(bytes) if bytes[..] == pong[..]) {
                return;
            }
        }
        panic!("nobody is disconnected");
    };
    tokio::join!(send, read);
}

/// Reads on, so that nobody waits for this member.
fn keep_reading(members: Vec<Member>) -> tokio::task::JoinSet<()> {
    let mut reading = tokio::task::JoinSet::new();
    for mut member in members {
        reading.spawn(async move { while member.client.next().await.is_some_and(|message| message.is_ok()) {} });
    }
    reading
}

/// Messages and bytes from Welcome to Synced.
async fn cost_of_login(server: &Server, member: &Member) -> (usize, usize) {
    let mut device = member.again(server).await;
    let (mut messages, mut bytes) = (1, 0);
    loop {
        let message = next_binary(&mut device.client).await.expect("the login goes through");
        messages += 1;
        bytes += message.len();
        if wire_protocol::control::decode_from_tracker(&message) == Ok(TrackerToMember::Synced) {
            return (messages, bytes);
        }
    }
}

/// 2,800 entries in all swarms used to shut a group for ever.
#[tokio::test]
async fn a_group_of_128_who_are_all_in_256_swarms_lets_everybody_in() {
    let server = Server::start();
    let mut crowd = Crowd::new(&server, 127, 256).await;
    crowd.announce_all().await;
    server.metric_becomes("tr_swarm_peers", 127.0 * 256.0).await;
    let (messages, bytes) = cost_of_login(&server, &crowd.members[5]).await;
    println!("{} MiB resident; a login takes {messages} messages, {bytes} bytes", server.resident() >> 20);
    // One by one these were about 90 bytes for each of 32,512 entries, 96 in a message.
    assert!(bytes < 90 * 127 * 256 / 10 && messages < 2 * 256 / 10);
    let Crowd { group, slug, files, mut members } = crowd;
    let mut returning = members.pop().unwrap();
    let reading = keep_reading(members);
    let mut newcomer = Member::new(&server).await;
    assert_eq!(newcomer.join(&slug, AUTH).await.files.len(), 256);
    assert_eq!(newcomer.counts(files[255]).await, (127, 0, 0));
    newcomer.watch(group, files[9]).await;
    let (all, first) = newcomer.swarm(files[9]).await;
    let (more, rest) = newcomer.swarm(files[9]).await;
    assert_eq!((all, more, first.len() + rest.len()), (true, false, 127));
    // Whoever comes back goes into all swarms again and is told who else is there.
    returning = returning.reconnect(&server, vec![]).await;
    announce_and_read(&mut returning.client, group, &files).await;
    returning.settle().await;
    assert_eq!(server.metric(SLOW), 0.0);
    drop(reading);
}

#[tokio::test]
async fn bursts_of_announces_disconnect_nobody_who_reads() {
    let server = Server::start();
    let mut crowd = Crowd::new(&server, 100, 30).await;
    let before = server.metric("tr_control_messages_out_total");
    let start = Instant::now();
    crowd.announce_all().await;
    server.metric_becomes("tr_swarm_peers", 3000.0).await;
    let messages = server.metric("tr_control_messages_out_total") - before;
    println!("{messages} messages in {:?} instead of {}", start.elapsed(), 100 * 100 * 30);
    assert_eq!((server.metric("tr_sessions"), server.metric(SLOW)), (100.0, 0.0));
}

#[tokio::test]
async fn one_member_with_many_sessions_in_all_swarms_harms_nobody() {
    let server = Server::start();
    let crowd = Crowd::new(&server, 2, 256).await;
    let Crowd { group, slug, files, mut members } = crowd;
    let mut devices = Vec::new();
    for _ in 0..12 {
        devices.push(members[1].again(&server).await);
    }
    join_all(devices.iter_mut().map(|device| announce_and_read(&mut device.client, group, &files))).await;
    server.metric_becomes("tr_swarm_peers", 12.0 * 256.0).await;
    let reading = keep_reading(devices);
    Member::new(&server).await.join(&slug, AUTH).await;
    let mut sharer = members.swap_remove(0).reconnect(&server, vec![]).await;
    assert_eq!(sharer.snapshot().await.files.len(), 256);
    sharer.settle().await;
    drop(reading);
}

#[tokio::test]
async fn whoever_watches_and_reads_slowly_is_told_how_things_are_not_how_they_came_about() {
    let server = Server::start();
    let Crowd { group, files, mut members, .. } = Crowd::new(&server, 3, 1).await;
    let mut slow = members.pop().unwrap();
    let mut busy = members.pop().unwrap();
    let file = files[0];
    slow.watch(group, file).await;
    assert_eq!(slow.swarm(file).await, (true, vec![]));
    let peer = peer_id();
    let start = Instant::now();
    for have in 0..=100 {
        busy.announce(group, file, peer, have).await;
    }
    busy.settle().await;
    let mut lists = 0;
    loop {
        let (all, peers) = slow.swarm(file).await;
        lists += 1;
        assert!(!all && peers.len() == 1);
        if peers[0].progress.is_complete() {
            break;
        }
    }
    let seconds = start.elapsed().as_secs();
    assert!(lists <= 2 + seconds, "{lists} lists in {seconds} s");
    slow.settle().await;
    while let Some(message) = slow.poll_inbox() {
        assert!(!matches!(message, TrackerToMember::SwarmPeers(_)), "{message:?}");
    }
}
