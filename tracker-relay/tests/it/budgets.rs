//! What one may take of what there is only so much of.

use wire_protocol::control::{INFO_PART_LEN_MAX, InfoPart, MemberToTracker, RefusalCode, Reply, Request};
use wire_protocol::ids::{FileId, GroupId};

use crate::harness::{FILE_LEN, Member, Server, sha1};
use crate::torrents::torrent;
use tracker_relay::limits::INFO_PARTS_BYTES_OF_MEMBER;
use tracker_relay::random;

const AUTH: [u8; 32] = [7; 32];
/// Of the longest dictionaries.
const PARTS: usize = 62;

/// Sends most of a long dictionary, and waits until it has arrived.
async fn send_parts(member: &mut Member, file: FileId) {
    for i in 0..PARTS {
        let offset = (i * INFO_PART_LEN_MAX) as u32;
        let part = InfoPart { file, offset, bytes: vec![1; INFO_PART_LEN_MAX] };
        member.send(&MemberToTracker::InfoPart(part)).await;
    }
    member.settle().await;
}

fn publish(group: GroupId, file: FileId) -> Request {
    Request::PublishTorrent { group, file, info_hash: sha1(b"x"), info_len: 1, pieces: 1 }
}

/// They were kept for any file id, of anybody who was logged in.
#[tokio::test]
async fn what_no_card_waits_for_is_not_kept() {
    const COUNT: u64 = 12;
    let server = Server::start();
    let mut strangers = Vec::new();
    for _ in 0..COUNT {
        strangers.push(Member::new(&server).await);
    }
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    strangers[0].join(&slug, AUTH).await;
    let before = server.resident();
    for (i, stranger) in strangers.iter_mut().enumerate() {
        // One of them for a card that is there, and another's.
        send_parts(stranger, if i == 0 { file } else { FileId(random::bytes()) }).await;
    }
    let grown = server.resident().saturating_sub(before);
    assert!(grown < COUNT * (PARTS * INFO_PART_LEN_MAX) as u64 / 3, "{grown} bytes");
}

#[tokio::test]
async fn torrents_of_one_member_on_their_way_in_are_bounded_and_it_is_said() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, _) = sharer.create_group(AUTH).await;
    let fit = INFO_PARTS_BYTES_OF_MEMBER / (PARTS * INFO_PART_LEN_MAX);
    let mut devices = Vec::new();
    for _ in 0..fit {
        let mut device = sharer.again(&server).await;
        let file = device.add_file(group, "movie.mp4").await;
        send_parts(&mut device, file).await;
        devices.push(device);
    }
    let file = sharer.add_file(group, "movie.mp4").await;
    send_parts(&mut sharer, file).await;
    let refusal = sharer.request(publish(group, file)).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::TooMany);
    assert!(refusal.message.contains("as many torrents as one can at once"), "{}", refusal.message);
    assert_eq!(server.metric("tr_refused_total{limit=\"info_parts_of_member\"}"), 1.0);
    // Gone with the connection that they came by.
    drop(devices);
    server.metric_becomes("tr_sessions", 1.0).await;
    let right = torrent("movie.mp4", FILE_LEN, 1 << 18);
    assert_eq!(sharer.publish(group, file, right.raw()).await.unwrap(), Reply::Done);
}

/// 924 KB.
async fn publish_long(member: &mut Member, group: GroupId, name: &str) -> Result<FileId, RefusalCode> {
    let file = member.add_file(group, name).await;
    let info = torrent(name, FILE_LEN, 1 << 14);
    for (i, part) in info.raw().chunks(INFO_PART_LEN_MAX).enumerate() {
        let offset = (i * INFO_PART_LEN_MAX) as u32;
        member.send(&MemberToTracker::InfoPart(InfoPart { file, offset, bytes: part.to_vec() })).await;
    }
    let (info_hash, info_len, pieces) = (sha1(info.raw()), info.raw().len() as u32, info.layout().pieces());
    let request = Request::PublishTorrent { group, file, info_hash, info_len, pieces };
    member.request(request).await.map(|_| file).map_err(|refusal| refusal.code)
}

#[tokio::test]
async fn torrents_on_disk_are_bounded_per_member_and_removing_some_makes_room() {
    let server = Server::start_with(&["--torrents-of-member", "1"]);
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let first = publish_long(&mut sharer, group, "first").await.unwrap();
    assert_eq!(publish_long(&mut sharer, group, "second").await, Err(RefusalCode::TooMany));
    assert_eq!(server.metric("tr_refused_total{limit=\"info_bytes_of_member\"}"), 1.0);
    // Others have as much.
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    publish_long(&mut friend, group, "third").await.unwrap();
    sharer.change(Request::RemoveFile { group, file: first }).await;
    publish_long(&mut sharer, group, "fourth").await.unwrap();
    sharer.change(Request::CloseGroup { group }).await;
    let (group, _) = sharer.create_group([8; 32]).await;
    publish_long(&mut sharer, group, "fifth").await.unwrap();
}

#[tokio::test]
async fn torrents_on_disk_are_bounded_for_the_server() {
    let server = Server::start_with(&["--torrents", "1"]);
    let mut first = Member::new(&server).await;
    let (group, _) = first.create_group(AUTH).await;
    let file = publish_long(&mut first, group, "first").await.unwrap();
    let mut second = Member::new(&server).await;
    let (others, _) = second.create_group(AUTH).await;
    assert_eq!(publish_long(&mut second, others, "second").await, Err(RefusalCode::TooMany));
    assert_eq!(server.metric("tr_refused_total{limit=\"info_bytes\"}"), 1.0);
    first.change(Request::RemoveFile { group, file }).await;
    publish_long(&mut second, others, "third").await.unwrap();
}

#[tokio::test]
async fn with_little_disk_left_only_leaving_and_removing_work() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_in(data.clone(), &[]);
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    server.kill();

    // More than any disk has.
    let server = Server::start_in(data, &["--min-free-disk", "99999999999"]);
    let mut sharer = sharer.reconnect(&server, vec![]).await;
    let mut friend = friend.reconnect(&server, vec![]).await;
    let add = Request::AddFile { group, file: FileId(random::bytes()), name: "x".to_owned(), size: 1 };
    let refusal = sharer.request(add).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::ServerError);
    assert!(refusal.message.contains("only leaving and removing work"), "{}", refusal.message);
    assert_eq!(server.metric("tr_refused_total{limit=\"free_disk\"}"), 1.0);
    sharer.change(Request::RemoveFile { group, file }).await;
    friend.change(Request::LeaveGroup { group }).await;
    sharer.change(Request::CloseGroup { group }).await;
    // The database takes writes all the same.
    assert!(server.get("/readyz").0.starts_with("HTTP/1.1 503"));
}
