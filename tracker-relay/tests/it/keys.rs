//! The group's key on its way from member to member. The server sees bytes.

use wire_protocol::control::{KeyFor, NewInvite, RefusalCode, Request, SEALED_LEN_MAX, Sealed};
use wire_protocol::ids::{GroupId, MemberKey};

use crate::harness::{Member, Server, join_group, new_invite};
use crate::joining::{accept, ask};

const AUTH: [u8; 32] = [7; 32];

fn keep(group: GroupId, byte: u8) -> Request {
    Request::KeepKey { group, epoch: 0, sealed: Sealed(vec![byte; 60]) }
}

fn give(group: GroupId, members: &[MemberKey], byte: u8) -> Request {
    let keys = members.iter().map(|member| KeyFor { member: *member, sealed: Sealed(vec![byte; 60]) });
    Request::GiveKeys { group, epoch: 0, keys: keys.collect() }
}

/// A group whose creator has its key.
async fn group_with_key(server: &Server) -> (Member, GroupId, String) {
    let mut sharer = Member::new(server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    sharer.change(keep(group, 1)).await;
    let own = (0, sharer.key, vec![1; 60]);
    assert_eq!(sharer.key().await, own);
    (sharer, group, slug)
}

#[tokio::test]
async fn a_key_that_is_kept_comes_to_all_devices_now_and_at_each_login() {
    let server = Server::start();
    let (mut sharer, group, slug) = group_with_key(&server).await;
    let mut phone = sharer.again(&server).await;
    let key = sharer.key;
    assert_eq!(phone.key().await, (0, key, vec![1; 60]));
    phone.change(keep(group, 2)).await;
    for device in [&mut sharer, &mut phone] {
        assert_eq!(device.key().await, (0, key, vec![2; 60]), "in place of the one before");
    }
    let mut sharer = sharer.reconnect(&server, vec![]).await;
    assert_eq!(sharer.key().await, (0, key, vec![2; 60]));
    // It is theirs alone.
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    friend.settle().await;
    friend.assert_nothing_else();
}

#[tokio::test]
async fn whoever_has_the_key_is_told_who_lacks_it_and_can_give_it_once() {
    let server = Server::start();
    let (mut sharer, group, slug) = group_with_key(&server).await;
    let [mut friend, mut other] = [Member::new(&server).await, Member::new(&server).await];
    friend.join(&slug, AUTH).await;
    assert_eq!(sharer.keys_wanted().await, [friend.key], "the invite carried none");
    sharer.change(give(group, &[friend.key, MemberKey([9; 32])], 5)).await;
    assert_eq!(friend.key().await, (0, sharer.key, vec![5; 60]));
    // The second answer changes nothing.
    sharer.change(give(group, &[friend.key], 6)).await;
    friend.settle().await;
    friend.assert_nothing_else();

    // From here on the friend is asked as well, and answers while the first is away.
    sharer.client.close(None).await.unwrap();
    other.join(&slug, AUTH).await;
    assert_eq!(friend.keys_wanted().await, [other.key]);
    let mut sharer = sharer.reconnect(&server, vec![]).await;
    assert_eq!(sharer.keys_wanted().await, [other.key], "whoever comes is asked too");
    friend.change(give(group, &[other.key], 7)).await;
    assert_eq!(other.key().await, (0, friend.key, vec![7; 60]));
    let mut sharer = sharer.reconnect(&server, vec![]).await;
    sharer.key().await;
    sharer.snapshot().await;
    sharer.settle().await;
    sharer.assert_nothing_else();
}

#[tokio::test]
async fn whoever_got_the_key_by_invite_is_asked_for_it_by_nobody() {
    let server = Server::start();
    let (mut sharer, group, slug) = group_with_key(&server).await;
    let invite = NewInvite { sealed: Some(Sealed(vec![8; 60])), ..new_invite([9; 32]) };
    sharer.create_invite(group, invite).await;
    sharer.settle().await;
    sharer.forget_inbox();
    let mut friend = Member::new(&server).await;
    friend.request(join_group(&slug, [9; 32])).await.unwrap();
    friend.change(keep(group, 3)).await;
    assert_eq!(friend.key().await, (0, friend.key, vec![3; 60]));
    let friend_key = friend.key;
    let joined = |change: &_| match change {
        wire_protocol::control::GroupChange::Member(member) if member.key == friend_key => Some(()),
        _ => None,
    };
    sharer.event(joined).await;
    sharer.settle().await;
    sharer.assert_nothing_else();
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_is_asked_for_again() {
    let server = Server::start();
    let (mut sharer, group, slug) = group_with_key(&server).await;
    let mut friend = Member::new(&server).await;
    friend.request(ask(&slug, "")).await.unwrap();
    sharer.change(accept(group, friend.key)).await;
    assert_eq!(sharer.keys_wanted().await, [friend.key]);
    sharer.change(give(group, &[friend.key], 66)).await;
    friend.key().await;
    friend.change(Request::ForgetKey { group, epoch: 0 }).await;
    assert_eq!(sharer.keys_wanted().await, [friend.key]);
    sharer.change(give(group, &[friend.key], 5)).await;
    assert_eq!(friend.key().await, (0, sharer.key, vec![5; 60]));
}

#[tokio::test]
async fn keys_of_another_epoch_and_from_strangers_are_refused_and_so_is_what_is_no_key() {
    let server = Server::start();
    let (mut sharer, group, _) = group_with_key(&server).await;
    let mut stranger = Member::new(&server).await;
    let sealed = Sealed(vec![1; 60]);
    let stale = [
        Request::KeepKey { group, epoch: 1, sealed: sealed.clone() },
        Request::ForgetKey { group, epoch: 1 },
        Request::GiveKeys { group, epoch: 1, keys: vec![] },
    ];
    for request in stale {
        assert_eq!(sharer.refused(request).await, RefusalCode::StaleEpoch);
    }
    for request in [keep(group, 1), Request::ForgetKey { group, epoch: 0 }, give(group, &[], 1)] {
        assert_eq!(stranger.refused(request).await, RefusalCode::NotAllowed);
    }
    for len in [0, SEALED_LEN_MAX + 1] {
        let sealed = Sealed(vec![1; len]);
        let keys = vec![KeyFor { member: sharer.key, sealed: sealed.clone() }];
        for request in [Request::KeepKey { group, epoch: 0, sealed }, Request::GiveKeys { group, epoch: 0, keys }] {
            assert_eq!(sharer.refused(request).await, RefusalCode::BadRequest);
        }
    }
}
