//! Removing a member: at once, everywhere, and with a new key for those who stay.

use wire_protocol::control::{
    Dial, DialRefusal, GoneReason, GroupChange, KeyFor, MemberToTracker, NewInvite, RefusalCode, Reply, Request,
    ResealedInvite, Role, Sealed, SwarmName, TrackerToMember,
};
use wire_protocol::ids::{GroupId, MemberKey};

use crate::harness::{Member, Server, join_group, new_invite, next_binary, open_link, peer_id};
use crate::invites::list;
use crate::joining::requests;
use crate::links::Swarm;

const AUTH: [u8; 32] = [7; 32];

fn sealed(byte: u8) -> Sealed {
    Sealed(vec![byte; 60])
}

fn remove(group: GroupId, member: MemberKey, epoch: u32) -> Request {
    Request::RemoveMember { group, member, epoch, keys: vec![], invites: vec![] }
}

#[tokio::test]
async fn a_removed_member_is_out_everywhere_at_once() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (group, file) = (swarm.group, swarm.file);
    let (mut at_dialer, mut at_acceptor) = swarm.link().await;
    let mut removed = swarm.change_dialer(&server).await;
    let mut phone = removed.again(&server).await;
    phone.snapshot().await;
    let peer = peer_id();
    phone.announce(group, file, peer, 100).await;
    phone.settle().await;
    // A second link of theirs is on its way: they are asked.
    let (_, theirs) = (swarm.to, phone.peer(peer));
    let message = Dial { dial: 7, swarm: SwarmName { group, file }, to: theirs };
    swarm.dialer.send(&MemberToTracker::Dial(message)).await;
    let grant = phone.find(|message| match message {
        TrackerToMember::LinkGrant(grant) => Some(grant.clone()),
        _ => None,
    });
    let grant = grant.await;

    swarm.acceptor.change(remove(group, removed.key, 1)).await;
    assert!(next_binary(&mut at_acceptor).await.is_none());
    assert!(next_binary(&mut at_dialer).await.is_none());
    assert!(next_binary(&mut open_link(server.address, grant.token).await).await.is_none(), "on its way");
    let change = GroupChange::MemberRemoved { member: removed.key, epoch: 1 };
    for session in [&mut removed, &mut phone] {
        session.hears(change.clone()).await;
    }
    let left = swarm.dialer.left(file).await;
    assert!(left.contains(&theirs), "{left:?}");
    let dial = Dial { dial: 8, swarm: SwarmName { group, file }, to: swarm.to };
    phone.send(&MemberToTracker::Dial(dial)).await;
    let refused = phone.find(|message| match message {
        TrackerToMember::DialRefused { dial: 8, reason } => Some(*reason),
        _ => None,
    });
    assert_eq!(refused.await, DialRefusal::NotAnnounced);
    assert_eq!(phone.refused(Request::ReadInfo { group, file, offset: 0 }).await, RefusalCode::NotAllowed);
    // They hear no more of it.
    phone.forget_inbox();
    swarm.acceptor.add_file(group, "b").await;
    phone.settle().await;
    phone.assert_nothing_else();
}

#[tokio::test]
async fn those_who_stay_get_the_new_key_and_whoever_was_forgotten_is_wanted() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let [mut friend, mut forgotten, mut removed] =
        [Member::new(&server).await, Member::new(&server).await, Member::new(&server).await];
    for member in [&mut friend, &mut forgotten, &mut removed] {
        member.join(&slug, AUTH).await;
        member.change(Request::KeepKey { group, epoch: 0, sealed: sealed(1) }).await;
        member.key().await;
    }
    for member in [&mut admin, &mut friend, &mut forgotten, &mut removed] {
        member.settle().await;
        member.forget_inbox();
    }
    let keys = [admin.key, friend.key, removed.key, MemberKey([1; 32])];
    let keys = keys.map(|member| KeyFor { member, sealed: sealed(2) }).to_vec();
    admin.change(Request::RemoveMember { group, member: removed.key, epoch: 1, keys, invites: vec![] }).await;
    for member in [&mut admin, &mut friend] {
        let (epoch, _, bytes) = member.key().await;
        assert_eq!((epoch, bytes), (1, vec![2; 60]));
        assert_eq!(member.keys_wanted().await, [forgotten.key]);
    }
    let keys = vec![KeyFor { member: forgotten.key, sealed: sealed(3) }];
    friend.change(Request::GiveKeys { group, epoch: 1, keys }).await;
    assert_eq!(forgotten.key().await, (1, friend.key, vec![3; 60]));
    removed.hears(GroupChange::MemberRemoved { member: removed.key, epoch: 1 }).await;
    removed.settle().await;
    removed.assert_nothing_else();
    let snapshot = friend.again(&server).await.snapshot().await;
    assert_eq!((snapshot.epoch, snapshot.members.len()), (1, 3));
}

#[tokio::test]
async fn a_removal_that_did_not_see_the_last_one_is_refused_and_changes_nothing() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let [mut one, mut two] = [Member::new(&server).await, Member::new(&server).await];
    one.join(&slug, AUTH).await;
    two.join(&slug, AUTH).await;
    admin.change(remove(group, one.key, 1)).await;
    for epoch in [0, 1, 3, u32::MAX] {
        assert_eq!(admin.refused(remove(group, two.key, epoch)).await, RefusalCode::StaleEpoch);
    }
    assert_eq!(admin.refused(remove(group, one.key, 2)).await, RefusalCode::UnknownMember);
    assert_eq!(admin.refused(remove(group, admin.key, 2)).await, RefusalCode::BadRequest);
    assert_eq!(two.refused(remove(group, admin.key, 2)).await, RefusalCode::NotAllowed);
    let snapshot = two.again(&server).await.snapshot().await;
    assert_eq!((snapshot.epoch, snapshot.members.len()), (1, 2));
    // An admin like any other member.
    admin.change(Request::SetRole { group, member: two.key, role: Role::Admin }).await;
    two.change(remove(group, admin.key, 2)).await;
    admin.hears(GroupChange::MemberRemoved { member: admin.key, epoch: 2 }).await;
}

#[tokio::test]
async fn invites_end_with_a_removal_but_those_that_are_sealed_anew() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut removed = Member::new(&server).await;
    removed.join(&slug, AUTH).await;
    let [kept, theirs] = [new_invite([9; 32]), new_invite([10; 32])];
    admin.create_invite(group, NewInvite { sealed: Some(sealed(1)), ..kept.clone() }).await;
    removed.create_invite(group, theirs.clone()).await;
    let invites = [&kept, &theirs].map(|new| ResealedInvite { invite: new.invite, sealed: sealed(2) }).to_vec();
    admin.change(Request::RemoveMember { group, member: removed.key, epoch: 1, keys: vec![], invites }).await;
    let [card] = &list(&mut admin, group).await[..] else { panic!("one is left") };
    assert_eq!((card.invite, card.epoch), (kept.invite, Some(1)));
    let mut friend = Member::new(&server).await;
    for auth in [AUTH, theirs.auth] {
        assert_eq!(friend.refused(join_group(&slug, auth)).await, RefusalCode::InviteRevoked);
    }
    match friend.request(join_group(&slug, kept.auth)).await.unwrap() {
        Reply::Joined { key: Some(key), .. } => assert_eq!((key.epoch, key.sealed), (1, sealed(2))),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whoever_was_removed_comes_back_only_if_an_admin_accepts() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut removed = Member::new(&server).await;
    removed.join(&slug, AUTH).await;
    admin.change(remove(group, removed.key, 1)).await;
    let auth = [9; 32];
    let carries = Some(sealed(5));
    admin.create_invite(group, NewInvite { epoch: 1, uses: Some(1), sealed: carries, ..new_invite(auth) }).await;
    match removed.request(Request::PreviewInvite { slug: slug.clone(), auth }).await.unwrap() {
        Reply::Preview(preview) => assert!(preview.needs_accept),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        removed.request(join_group(&slug, auth)).await.unwrap(),
        Reply::Asked { group, key: None },
        "not the key"
    );
    let [request] = &requests(&mut admin, group).await[..] else { panic!("one") };
    assert!(request.was_removed);
    assert_eq!(list(&mut admin, group).await[0].uses_left, Some(1), "no use of the invite");
    let accept = Request::AcceptRequest { group, member: removed.key, epoch: 1, key: Some(sealed(3)) };
    admin.change(accept).await;
    assert_eq!(removed.snapshot().await.epoch, 1);
    assert_eq!(removed.key().await, (1, admin.key, vec![3; 60]));
    // Forgiven: after leaving by themselves they come in like everybody.
    removed.change(Request::LeaveGroup { group }).await;
    assert!(matches!(removed.request(join_group(&slug, auth)).await.unwrap(), Reply::Joined { .. }));
}

#[tokio::test]
async fn whoever_was_removed_while_away_is_told_when_they_come_back() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut removed = Member::new(&server).await;
    let seq = removed.join(&slug, AUTH).await.seq;
    removed.client.close(None).await.unwrap();
    admin.change(remove(group, removed.key, 1)).await;
    let resume = vec![removed.seen(group, seq)];
    let mut removed = removed.reconnect(&server, resume).await;
    removed.hears(GroupChange::MemberRemoved { member: removed.key, epoch: 1 }).await;
    let resume = vec![removed.seen(group, u64::MAX)];
    let mut removed = removed.reconnect(&server, resume).await;
    assert_eq!(removed.next().await, TrackerToMember::GroupGone { group, why: GoneReason::Removed });
    // Somebody who was never there is told nothing of the kind.
    let mut stranger = Member::new(&server).await;
    let resume = vec![stranger.seen(group, 1)];
    stranger = stranger.reconnect(&server, resume).await;
    assert_eq!(stranger.next().await, TrackerToMember::GroupGone { group, why: GoneReason::Left });
}
