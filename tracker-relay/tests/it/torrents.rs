//! A torrent that is published is one, and is that of its card.

use metainfo::{Info, InfoBuilder};
use wire_protocol::control::{GroupChange, INFO_PART_LEN_MAX, InfoPart, MemberToTracker, RefusalCode, Reply, Request};
use wire_protocol::ids::{FileId, GroupId};

use crate::harness::{FILE_LEN, Member, Server, sha1};

/// A torrent of a file that a member adds in these tests.
pub fn torrent(name: &str, len: u64, piece_len: u32) -> Info {
    let mut builder = InfoBuilder::new(name, len, Some(piece_len)).unwrap();
    (0..builder.layout().pieces()).for_each(|piece| builder.set_digest(piece, sha1(&piece.to_le_bytes()).0));
    builder.finish().unwrap()
}

struct Publisher {
    member: Member,
    group: GroupId,
    file: FileId,
}

impl Publisher {
    async fn new(server: &Server, name: &str) -> Self {
        let mut member = Member::new(server).await;
        let (group, _) = member.create_group([7; 32]).await;
        let file = member.add_file(group, name).await;
        Self { member, group, file }
    }

    /// The sentence of the refusal.
    async fn refused(&mut self, info: &[u8], pieces: u32) -> String {
        let (group, file) = (self.group, self.file);
        for (i, part) in info.chunks(INFO_PART_LEN_MAX).enumerate() {
            let offset = (i * INFO_PART_LEN_MAX) as u32;
            self.member.send(&MemberToTracker::InfoPart(InfoPart { file, offset, bytes: part.to_vec() })).await;
        }
        let info_len = info.len() as u32;
        let publish = Request::PublishTorrent { group, file, info_hash: sha1(info), info_len, pieces };
        let refusal = self.member.request(publish).await.expect_err("a refusal");
        assert_eq!(refusal.code, RefusalCode::BadRequest);
        refusal.message
    }
}

#[tokio::test]
async fn random_bytes_are_no_torrent_and_are_refused_with_a_sentence() {
    let server = Server::start();
    let mut publisher = Publisher::new(&server, "movie.mp4").await;
    let noise: Vec<u8> = (0..100_000_u32).map(|i| (i * 31 % 251) as u8).collect();
    for bytes in [&noise[..], b"d4:name9:movie.mp4e", b"<html>"] {
        let sentence = publisher.refused(bytes, 2888).await;
        assert!(sentence.starts_with("This is not a torrent of the file that was added: not a torrent"), "{sentence}");
    }
}

#[tokio::test]
async fn a_torrent_of_another_name_length_or_piece_count_than_its_card_is_refused() {
    let server = Server::start();
    let mut publisher = Publisher::new(&server, "holiday.mp4").await;
    let right = torrent("holiday.mp4", FILE_LEN, 1 << 18);
    for (name, len, pieces, what) in [
        (".bash_profile", FILE_LEN, 2888, "name"),
        ("holiday.exe", FILE_LEN, 2888, "name"),
        ("holiday.mp4", FILE_LEN - 1, 2888, "length"),
        ("holiday.mp4", FILE_LEN, 2887, "number of pieces"),
        ("holiday.mp4", FILE_LEN, 0, "number of pieces"),
    ] {
        let info = torrent(name, len, 1 << 18);
        let sentence = publisher.refused(info.raw(), pieces).await;
        assert!(sentence.contains(&format!("the torrent's {what} is not the one")), "{name}: {sentence}");
    }
    let (group, file) = (publisher.group, publisher.file);
    assert_eq!(publisher.member.publish(group, file, right.raw()).await.unwrap(), Reply::Done);
}

#[tokio::test]
async fn no_card_has_the_name_of_a_hidden_file_an_option_or_a_device() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group([7; 32]).await;
    for name in [".bash_profile", "-rf", "../../x", "NUL.txt", "movie.mp4.part", "\u{202E}", "a\u{AD}\u{E0041}b"] {
        sharer.add_file(group, name).await;
    }
    let snapshot = Member::new(&server).await.join(&slug, [7; 32]).await;
    let names: Vec<_> = snapshot.files.iter().map(|card| &*card.name).collect();
    assert_eq!(names, ["_bash_profile", "_rf", "_._.._x", "_NUL.txt", "movie.mp4_part", "unnamed", "ab"]);
}

/// Sharing a file again used to make a second card, whoever did it; those who waited at the first had a full copy beside them.
#[tokio::test]
async fn a_torrent_is_in_a_group_once_and_the_card_that_comes_second_is_taken_out_again() {
    let server = Server::start();
    let mut ana = Member::new(&server).await;
    let (group, slug) = ana.create_group([7; 32]).await;
    let mut bo = Member::new(&server).await;
    bo.join(&slug, [7; 32]).await;
    let info = torrent("holiday.mp4", FILE_LEN, 1 << 18);
    // Both are there before either is hashed.
    let first = ana.add_file(group, "holiday.mp4").await;
    let second = bo.add_file(group, "holiday.mp4").await;
    assert_eq!(ana.publish(group, first, info.raw()).await.unwrap(), Reply::Done);
    assert_eq!(bo.publish(group, second, info.raw()).await.unwrap(), Reply::Done);
    ana.hears(GroupChange::FileRemoved(second)).await;
    // The same person is no exception, and another torrent is another card.
    let third = ana.add_file(group, "holiday.mp4").await;
    assert_eq!(ana.publish(group, third, info.raw()).await.unwrap(), Reply::Done);
    let other = ana.add_file(group, "holiday.mp4").await;
    let of_other_bytes = torrent("holiday.mp4", FILE_LEN, 1 << 19);
    let parts = of_other_bytes.raw().clone();
    for (i, part) in parts.chunks(INFO_PART_LEN_MAX).enumerate() {
        let offset = (i * INFO_PART_LEN_MAX) as u32;
        ana.send(&MemberToTracker::InfoPart(InfoPart { file: other, offset, bytes: part.to_vec() })).await;
    }
    let (info_len, pieces) = (parts.len() as u32, of_other_bytes.layout().pieces());
    let publish = Request::PublishTorrent { group, file: other, info_hash: sha1(&parts), info_len, pieces };
    assert_eq!(ana.request(publish).await.unwrap(), Reply::Done);

    let snapshot = Member::new(&server).await.join(&slug, [7; 32]).await;
    let cards: Vec<_> = snapshot.files.iter().map(|card| (card.file, card.torrent.is_some())).collect();
    assert_eq!(cards, [(first, true), (other, true)]);
}

#[tokio::test]
async fn the_same_torrent_is_in_every_group_where_it_is_shared() {
    let server = Server::start();
    let mut ana = Member::new(&server).await;
    let info = torrent("holiday.mp4", FILE_LEN, 1 << 18);
    for _ in 0..2 {
        let (group, slug) = ana.create_group([7; 32]).await;
        let file = ana.add_file(group, "holiday.mp4").await;
        ana.publish(group, file, info.raw()).await.unwrap();
        let snapshot = Member::new(&server).await.join(&slug, [7; 32]).await;
        assert_eq!(snapshot.files.iter().map(|card| card.file).collect::<Vec<_>>(), [file]);
    }
}
