//! What was acknowledged is there after a SIGKILL.

use wire_protocol::control::{Reply, Request};

use crate::harness::{FILE_LEN, Member, Server};
use crate::torrents::torrent;

const AUTH: [u8; 32] = [7; 32];

#[tokio::test]
async fn a_kill_right_after_the_reply_loses_nothing() {
    let mut server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    let info = torrent("movie.mp4", FILE_LEN, 1 << 18).raw().clone();
    assert_eq!(sharer.publish(group, file, &info).await.unwrap(), Reply::Done);
    server.kill();

    server.start_again();
    let mut friend = Member::new(&server).await;
    let snapshot = friend.join(&slug, AUTH).await;
    assert_eq!(snapshot.group, group);
    assert_eq!(snapshot.files[0].torrent.unwrap().info_len as usize, info.len());
    match friend.request(Request::ReadInfo { group, file, offset: 40_000 }).await.unwrap() {
        Reply::InfoPart(part) => assert_eq!(part.bytes, &info[40_000..]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn kills_at_any_moment_lose_no_acknowledged_file() {
    let mut server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        for i in 0..=round * 3 {
            acknowledged.push(sharer.add_file(group, &format!("{round}-{i}")).await);
        }
        // One more on its way: it may have happened or not, but not half.
        let on_its_way = Request::AddFile {
            group,
            file: wire_protocol::ids::FileId(tracker_relay::random::bytes()),
            name: "x".to_owned(),
            size: 1,
        };
        let id = wire_protocol::ids::RequestId(tracker_relay::random::bytes());
        sharer.send(&wire_protocol::control::MemberToTracker::Request { id, request: on_its_way.clone() }).await;
        server.kill();
        server.start_again();
        sharer = sharer.reconnect(&server, vec![]).await;
        // Sent again after the reconnect, as a client does.
        assert_eq!(sharer.request_as(id, on_its_way.clone()).await.unwrap(), Reply::Done);
        if let Request::AddFile { file, .. } = on_its_way {
            acknowledged.push(file);
        }
    }
    let snapshot = Member::new(&server).await.join(&slug, AUTH).await;
    let files: Vec<_> = snapshot.files.iter().map(|card| card.file).collect();
    assert_eq!(files, acknowledged);
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_with_a_sentence() {
    let server = Server::start();
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_tracker-relay"))
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(server.folder())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(second.stdout.is_empty());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another tracker-relay uses"));
}
