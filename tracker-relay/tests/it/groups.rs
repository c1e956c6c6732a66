//! Sharing, joining, leaving, and what everybody hears of it.

use tracker_relay::limits::RESUME_EVENTS_MAX;
use tracker_relay::random;
use wire_protocol::control::{
    GoneReason, GroupChange, INFO_PART_LEN_MAX, InfoPart, MemberToTracker, ReadPart, RefusalCode, Reply, Request, Role,
    Torrent, TrackerToMember,
};
use wire_protocol::ids::{FileId, GroupId, RequestId};

use crate::harness::{FILE_LEN, Member, Server, join_group, new_invite, peer_id, sha1};
use crate::torrents::torrent;

const AUTH: [u8; 32] = [7; 32];

#[tokio::test]
async fn whoever_shares_and_whoever_joins_see_the_same_group() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    assert_eq!(sharer.snapshot().await.name, "Holiday");
    let file = sharer.add_file(group, "movie.mp4").await;

    let mut friend = Member::new(&server).await;
    let snapshot = friend.join(&slug, AUTH).await;
    assert_eq!((snapshot.group, &*snapshot.slug), (group, &*slug));
    let roles: Vec<_> = snapshot.members.iter().map(|member| (member.key, member.role)).collect();
    assert_eq!(roles, [(sharer.key, Role::Admin), (friend.key, Role::Member)]);
    assert_eq!(snapshot.files.len(), 1);
    assert_eq!(
        (snapshot.files[0].file, &*snapshot.files[0].name, snapshot.files[0].torrent),
        (file, "movie.mp4", None)
    );

    let joined = sharer.find(|message| match message {
        TrackerToMember::Event(event) => match &event.change {
            GroupChange::Member(member) if member.key == friend.key => Some(event.seq),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(joined.await, snapshot.seq);
}

#[tokio::test]
async fn an_info_dictionary_arrives_as_it_was_published() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;

    let early = friend.refused(Request::ReadInfo { group, file, offset: 0 }).await;
    assert_eq!(early, RefusalCode::UnknownFile);

    // Longer than one part, and not a multiple of one.
    let info = torrent("movie.mp4", FILE_LEN, 1 << 18).raw().clone();
    assert!(info.len() > INFO_PART_LEN_MAX && !info.len().is_multiple_of(INFO_PART_LEN_MAX));
    assert_eq!(sharer.publish(group, file, &info).await.unwrap(), Reply::Done);
    let torrent = friend.find(|message| match message {
        TrackerToMember::Event(event) => match &event.change {
            GroupChange::File(card) => card.torrent,
            _ => None,
        },
        _ => None,
    });
    let expected = Torrent { info_hash: sha1(&info), info_len: info.len() as u32, pieces: 2888 };
    assert_eq!(torrent.await, expected);

    let mut read = Vec::new();
    while read.len() < info.len() {
        let offset = read.len() as u32;
        match friend.request(Request::ReadInfo { group, file, offset }).await.unwrap() {
            Reply::InfoPart(ReadPart { info_len, offset: at, bytes }) => {
                assert_eq!((info_len, at), (info.len() as u32, offset));
                assert!(!bytes.is_empty());
                read.extend(bytes);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(read == info);
}

#[tokio::test]
async fn a_damaged_or_missing_info_dictionary_is_refused() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    // Of one part.
    let info = torrent("movie.mp4", FILE_LEN, 1 << 26);
    let (len, pieces) = (info.raw().len() as u32, info.layout().pieces());
    let publish = |info_len| Request::PublishTorrent { group, file, info_hash: info.info_hash(), info_len, pieces };
    let send = |damage: u8| {
        let mut bytes = info.raw().to_vec();
        bytes[100] ^= damage;
        MemberToTracker::InfoPart(InfoPart { file, offset: 0, bytes })
    };
    assert_eq!(sharer.refused(publish(len)).await, RefusalCode::BadRequest);
    sharer.send(&send(1)).await;
    assert_eq!(sharer.refused(publish(len)).await, RefusalCode::BadRequest);
    sharer.send(&send(0)).await;
    assert_eq!(sharer.refused(publish(len - 1)).await, RefusalCode::BadRequest);
    // Somebody else's card.
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    friend.send(&send(0)).await;
    assert_eq!(friend.refused(publish(len)).await, RefusalCode::NotAllowed);
    sharer.send(&send(0)).await;
    assert_eq!(sharer.request(publish(len)).await.unwrap(), Reply::Done);
}

#[tokio::test]
async fn a_preview_shows_the_group_and_joins_nothing() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let file = sharer.add_file(group, "movie.mp4").await;
    sharer.announce(group, file, peer_id(), 100).await;
    sharer.settle().await;

    let mut visitor = Member::new(&server).await;
    match visitor.request(Request::PreviewInvite { slug: slug.clone(), auth: AUTH }).await.unwrap() {
        Reply::Preview(preview) => {
            assert_eq!((preview.group, &*preview.name, preview.members_online), (group, "Holiday", 1));
            assert_eq!(preview.invited_by, format!("Member {}", sharer.key.short()));
            assert_eq!(preview.files.len(), 1);
            assert_eq!((preview.files[0].card.file, preview.files[0].seeders, preview.files[0].leechers), (file, 1, 0));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(visitor.refused(Request::ReadInfo { group, file, offset: 0 }).await, RefusalCode::NotAllowed);
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_group_are_told_apart() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (_, slug) = sharer.create_group(AUTH).await;
    let mut visitor = Member::new(&server).await;
    for (slug, auth, expected) in
        [(slug.as_str(), [8; 32], RefusalCode::BadInvite), ("no-such-group", AUTH, RefusalCode::UnknownGroup)]
    {
        let slug = slug.to_owned();
        assert_eq!(visitor.refused(Request::PreviewInvite { slug: slug.clone(), auth }).await, expected);
        assert_eq!(visitor.refused(join_group(&slug, auth)).await, expected);
    }
}

#[tokio::test]
async fn a_request_sent_twice_has_one_effect_and_the_same_reply() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let id = RequestId(random::bytes());
    let (group, invite) = (GroupId(random::bytes()), new_invite(AUTH));
    let create = Request::CreateGroup { group, name: String::new(), key: None, invite };
    let first = sharer.request_as(id, create.clone()).await.unwrap();
    let before = sharer.snapshot().await;
    // As after a broken connection: the same request on a new one.
    let mut sharer = sharer.reconnect(&server, vec![]).await;
    assert_eq!(sharer.request_as(id, create).await.unwrap(), first);
    let after = sharer.snapshot().await;
    assert_eq!(before, after);

    let file = FileId(random::bytes());
    let id = RequestId(random::bytes());
    let add = Request::AddFile { group: after.group, file, name: "a".to_owned(), size: 1 };
    for _ in 0..2 {
        assert_eq!(sharer.request_as(id, add.clone()).await.unwrap(), Reply::Done);
    }
    assert_eq!(sharer.refused(add).await, RefusalCode::BadRequest);
    let sharer = sharer.reconnect(&server, vec![]).await.snapshot().await;
    assert_eq!(sharer.files.len(), 1);
    assert_eq!(sharer.seq, after.seq + 1);
}

#[tokio::test]
async fn whoever_comes_back_gets_exactly_what_they_missed() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    let seq = friend.join(&slug, AUTH).await.seq;
    drop(std::mem::replace(&mut friend.client, crate::harness::open_control(server.address).await));
    let a = sharer.add_file(group, "a").await;
    let b = sharer.add_file(group, "b").await;

    let resume = vec![friend.seen(group, seq)];
    let mut friend = friend.reconnect(&server, resume).await;
    for (missed, file) in [(seq + 1, a), (seq + 2, b)] {
        match friend.next().await {
            TrackerToMember::Event(event) => {
                assert_eq!((event.group, event.seq, event.actor), (group, missed, sharer.key));
                assert!(matches!(event.change, GroupChange::File(card) if card.file == file));
            }
            other => panic!("{other:?}"),
        }
    }
    friend.settle().await;
    friend.assert_nothing_else();
    // And what happens from here on.
    let c = sharer.add_file(group, "c").await;
    match friend.next().await {
        TrackerToMember::Event(event) => {
            assert_eq!(event.seq, seq + 3);
            assert!(matches!(event.change, GroupChange::File(card) if card.file == c));
        }
        other => panic!("{other:?}"),
    }
    // A resume point from the future (a restored backup) gets everything.
    let resume = vec![friend.seen(group, seq + 1000)];
    let mut friend = friend.reconnect(&server, resume).await;
    assert_eq!(friend.snapshot().await.seq, seq + 3);
}

#[tokio::test]
async fn the_last_admin_leaves_an_admin_and_an_empty_group_is_closed() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut successor = Member::new(&server).await;
    successor.join(&slug, AUTH).await;
    let mut third = Member::new(&server).await;
    third.join(&slug, AUTH).await;

    assert_eq!(admin.request(Request::LeaveGroup { group }).await.unwrap(), Reply::Done);
    let promoted = third.find(|message| match message {
        TrackerToMember::Event(event) => match &event.change {
            GroupChange::Member(member) if member.role == Role::Admin => Some(member.key),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(promoted.await, successor.key);
    let file = FileId(random::bytes());
    let add = Request::AddFile { group, file, name: "a".to_owned(), size: 1 };
    assert_eq!(admin.refused(add).await, RefusalCode::NotAllowed);

    for member in [&mut successor, &mut third] {
        assert_eq!(member.request(Request::LeaveGroup { group }).await.unwrap(), Reply::Done);
    }
    assert_eq!(admin.refused(join_group(&slug, AUTH)).await, RefusalCode::UnknownGroup);
}

#[tokio::test]
async fn whoever_left_on_another_device_is_told_so() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    let seq = friend.join(&slug, AUTH).await.seq;
    let mut phone = friend.again(&server).await;
    drop(friend.client.close(None).await);
    assert_eq!(phone.request(Request::LeaveGroup { group }).await.unwrap(), Reply::Done);
    let resume = vec![friend.seen(group, seq)];
    let mut friend = friend.reconnect(&server, resume).await;
    match friend.next().await {
        TrackerToMember::Event(event) => assert_eq!(event.change, GroupChange::MemberLeft(friend.key)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whoever_left_too_long_ago_for_the_story_is_told_that_the_group_is_gone() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    let seq = friend.join(&slug, AUTH).await.seq;
    let mut phone = friend.again(&server).await;
    drop(friend.client.close(None).await);
    // Two at once: one alone would talk too fast.
    let rename = async |member: &mut Member| {
        for i in 0..=RESUME_EVENTS_MAX / 2 {
            let name = format!("Name {i}");
            assert_eq!(member.request(Request::SetDisplayName { name }).await.unwrap(), Reply::Done);
        }
    };
    tokio::join!(rename(&mut sharer), rename(&mut phone));
    assert_eq!(phone.request(Request::LeaveGroup { group }).await.unwrap(), Reply::Done);

    let unknown = GroupId(random::bytes());
    let resume = [(group, seq), (unknown, 1), (group, u64::MAX)].map(|(group, seq)| friend.seen(group, seq));
    for point in resume {
        friend = friend.reconnect(&server, vec![point]).await;
        assert_eq!(friend.next().await, TrackerToMember::GroupGone { group: point.group, why: GoneReason::Left });
        friend.settle().await;
        friend.assert_nothing_else();
    }
}

#[tokio::test]
async fn a_file_is_removed_by_whoever_added_it_or_an_admin() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    let of_admin = admin.add_file(group, "a").await;
    let of_friend = friend.add_file(group, "b").await;
    assert_eq!(friend.refused(Request::RemoveFile { group, file: of_admin }).await, RefusalCode::NotAllowed);
    assert_eq!(admin.request(Request::RemoveFile { group, file: of_friend }).await.unwrap(), Reply::Done);
    let removed = friend.find(|message| match message {
        TrackerToMember::Event(event) => match event.change {
            GroupChange::FileRemoved(file) => Some(file),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(removed.await, of_friend);
    assert_eq!(friend.refused(Request::RemoveFile { group, file: of_friend }).await, RefusalCode::UnknownFile);
}

#[tokio::test]
async fn a_new_name_is_heard_in_every_group_and_cleaned() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (_, slug) = sharer.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    let name = "\u{202e}Mallory\n  of   the\u{200b} hills".to_owned();
    assert_eq!(friend.request(Request::SetDisplayName { name }).await.unwrap(), Reply::Done);
    let friend_key = friend.key;
    let heard = sharer.find(|message| match message {
        TrackerToMember::Event(event) => match &event.change {
            GroupChange::Member(member) if member.key == friend_key && !member.display_name.starts_with("Member") => {
                Some(member.display_name.clone())
            }
            _ => None,
        },
        _ => None,
    });
    assert_eq!(heard.await, "Mallory of the hills");
}
