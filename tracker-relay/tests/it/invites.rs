//! Invites: whom they let in, how they end, and who sees them.

use sqlx::Connection;
use tracker_relay::clock;
use wire_protocol::control::{
    GroupChange, INVITE_LIFETIME_S, INVITE_LIFETIME_S_MAX, INVITE_LIFETIME_S_MIN, InviteCard, InviteKey, NewInvite,
    RefusalCode, Reply, Request, SEALED_LEN_MAX, Sealed,
};
use wire_protocol::ids::{GroupId, InviteId, RequestId};

use crate::harness::{Member, Server, join_group, new_invite};

const AUTH: [u8; 32] = [7; 32];
const SECOND: [u8; 32] = [9; 32];

pub async fn list(member: &mut Member, group: GroupId) -> Vec<InviteCard> {
    match member.request(Request::ListInvites { group }).await.unwrap() {
        Reply::Invites(invites) => invites,
        other => panic!("{other:?}"),
    }
}

async fn preview(member: &mut Member, slug: &str, auth: [u8; 32]) -> Result<Reply, RefusalCode> {
    let preview = Request::PreviewInvite { slug: slug.to_owned(), auth };
    member.request(preview).await.map_err(|refusal| refusal.code)
}

/// Neither the preview nor the door opens, and both say why.
async fn is_refused(server: &Server, slug: &str, auth: [u8; 32], why: RefusalCode) {
    let mut visitor = Member::new(server).await;
    assert_eq!(preview(&mut visitor, slug, auth).await, Err(why));
    assert_eq!(visitor.refused(join_group(slug, auth)).await, why);
}

#[tokio::test]
async fn a_second_invite_opens_the_group_too_and_only_members_make_one() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    sharer.create_invite(group, new_invite(SECOND)).await;
    let mut friend = Member::new(&server).await;
    let invite = new_invite([10; 32]);
    assert_eq!(friend.refused(Request::CreateInvite { group, invite }).await, RefusalCode::NotAllowed);
    friend.join(&slug, SECOND).await;
}

#[tokio::test]
async fn an_invite_ends_within_the_servers_bounds() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, _) = sharer.create_group(AUTH).await;
    let lifetimes =
        [(0, INVITE_LIFETIME_S_MIN), (INVITE_LIFETIME_S, INVITE_LIFETIME_S), (u32::MAX, INVITE_LIFETIME_S_MAX)];
    for (i, (lifetime_s, expected)) in lifetimes.into_iter().enumerate() {
        let before = clock::now_ms();
        let invite = NewInvite { lifetime_s, ..new_invite([i as u8 + 10; 32]) };
        let ends = sharer.create_invite(group, invite).await;
        let lifetime_ms = u64::from(expected) * 1000;
        assert!((before + lifetime_ms..=clock::now_ms() + lifetime_ms).contains(&ends));
    }
}

#[tokio::test]
async fn an_expired_invite_opens_nothing_and_says_so() {
    let mut server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    assert_eq!(list(&mut sharer, group).await.len(), 1);
    server.kill();
    let database = format!("sqlite:{}", server.folder().join("covey.db").display());
    let mut db = sqlx::SqliteConnection::connect(&database).await.unwrap();
    sqlx::query("UPDATE invites SET expires_at = $1").bind(clock::now_ms() as i64).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    server.start_again();
    is_refused(&server, &slug, AUTH, RefusalCode::InviteExpired).await;
    let mut sharer = sharer.reconnect(&server, vec![]).await;
    assert_eq!(list(&mut sharer, group).await, []);
}

#[tokio::test]
async fn an_invite_lets_in_as_many_as_it_says_however_many_try_at_once() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    sharer.create_invite(group, NewInvite { uses: Some(3), ..new_invite(SECOND) }).await;
    let mut visitors = Vec::new();
    for _ in 0..8 {
        visitors.push(Member::new(&server).await);
    }
    let joining = visitors.iter_mut().map(|visitor| visitor.request(join_group(&slug, SECOND)));
    let outcomes = futures_util::future::join_all(joining).await;
    let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(refused.len(), 5);
    assert!(refused.iter().all(|refusal| refusal.code == RefusalCode::InviteUsedUp), "{refused:?}");
    is_refused(&server, &slug, SECOND, RefusalCode::InviteUsedUp).await;
    // Whoever is in already uses nothing, and is let through the used invite.
    let inside = outcomes.iter().position(|outcome| outcome.is_ok()).unwrap();
    assert_eq!(visitors[inside].request(join_group(&slug, SECOND)).await.unwrap(), Reply::Joined { group, key: None });
    let zero = NewInvite { uses: Some(0), ..new_invite([11; 32]) };
    assert_eq!(sharer.refused(Request::CreateInvite { group, invite: zero }).await, RefusalCode::BadRequest);
}

#[tokio::test]
async fn a_join_that_is_sent_again_uses_the_invite_once() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    sharer.create_invite(group, NewInvite { uses: Some(2), ..new_invite(SECOND) }).await;
    let mut friend = Member::new(&server).await;
    let id = RequestId([1; 16]);
    let first = friend.request_as(id, join_group(&slug, SECOND)).await.unwrap();
    let mut friend = friend.reconnect(&server, vec![]).await;
    assert_eq!(friend.request_as(id, join_group(&slug, SECOND)).await.unwrap(), first);
    assert_eq!(list(&mut sharer, group).await[1].uses_left, Some(1));
}

#[tokio::test]
async fn an_invite_is_revoked_by_its_maker_or_an_admin_and_then_opens_nothing() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let [mut maker, mut other] = [Member::new(&server).await, Member::new(&server).await];
    maker.join(&slug, AUTH).await;
    other.join(&slug, AUTH).await;
    let invites = [new_invite(SECOND), new_invite([10; 32])];
    for invite in &invites {
        maker.create_invite(group, invite.clone()).await;
    }
    let revoke = |invite: InviteId| Request::RevokeInvite { group, invite };
    assert_eq!(other.refused(revoke(invites[0].invite)).await, RefusalCode::NotAllowed);
    assert_eq!(admin.refused(revoke(InviteId([0; 16]))).await, RefusalCode::UnknownInvite);
    maker.change(revoke(invites[0].invite)).await;
    admin.change(revoke(invites[1].invite)).await;
    // Twice is fine, and nothing happens.
    admin.change(revoke(invites[1].invite)).await;
    for invite in invites {
        is_refused(&server, &slug, invite.auth, RefusalCode::InviteRevoked).await;
    }
    // Made twice, revoked twice: each is told once, and no more than that it is so.
    for _ in 0..4 {
        other.hears(GroupChange::InvitesChanged).await;
    }
    other.settle().await;
    other.assert_nothing_else();
}

#[tokio::test]
async fn members_see_their_own_invites_and_admins_all() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    let made = NewInvite { uses: Some(4), needs_accept: true, sealed: Some(Sealed(vec![1; 60])), ..new_invite(SECOND) };
    let expires_at_ms = friend.create_invite(group, made.clone()).await;
    let [card] = &list(&mut friend, group).await[..] else { panic!("their own") };
    assert_eq!((card.invite, card.created_by, card.expires_at_ms), (made.invite, friend.key, expires_at_ms));
    assert_eq!((card.uses_left, card.needs_accept, card.epoch), (Some(4), true, Some(0)));
    let [first, second] = &list(&mut admin, group).await[..] else { panic!("all") };
    assert_eq!((first.created_by, first.uses_left, first.needs_accept, first.epoch), (admin.key, None, false, None));
    assert_eq!(second, card);
    let mut stranger = Member::new(&server).await;
    assert_eq!(stranger.refused(Request::ListInvites { group }).await, RefusalCode::NotAllowed);
}

#[tokio::test]
async fn the_invites_of_whoever_leaves_open_nothing_any_more() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    friend.create_invite(group, new_invite(SECOND)).await;
    friend.change(Request::LeaveGroup { group }).await;
    is_refused(&server, &slug, SECOND, RefusalCode::InviteRevoked).await;
    friend.join(&slug, AUTH).await;
}

#[tokio::test]
async fn an_invite_carries_a_key_that_is_handed_to_whoever_joins() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let sealed = Sealed(vec![5; SEALED_LEN_MAX]);
    sharer.create_invite(group, NewInvite { sealed: Some(sealed.clone()), ..new_invite(SECOND) }).await;
    let mut friend = Member::new(&server).await;
    let key = Some(InviteKey { epoch: 0, sealed });
    assert_eq!(friend.request(join_group(&slug, SECOND)).await.unwrap(), Reply::Joined { group, key });
    let invite = NewInvite { sealed: Some(Sealed(vec![5; SEALED_LEN_MAX + 1])), ..new_invite([11; 32]) };
    assert_eq!(sharer.refused(Request::CreateInvite { group, invite }).await, RefusalCode::BadRequest);
    let invite = NewInvite { epoch: 1, ..new_invite([11; 32]) };
    assert_eq!(sharer.refused(Request::CreateInvite { group, invite }).await, RefusalCode::StaleEpoch);
}

/// The 256th invite used to be the last one for ever.
#[tokio::test]
async fn only_open_invites_count_against_the_groups_bound() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, _) = sharer.create_group(AUTH).await;
    let auth = |i: u16| {
        let mut auth = [1; 32];
        auth[..2].copy_from_slice(&i.to_be_bytes());
        auth
    };
    let mut first = None;
    for i in 1..256 {
        let invite = new_invite(auth(i));
        first.get_or_insert(invite.invite);
        // The rate limit lets so many pass in a while only.
        while let Err(refusal) = sharer.request(Request::CreateInvite { group, invite: invite.clone() }).await {
            assert_eq!(refusal.message, tracker_relay::tracker::refusals::too_many_commands().message);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        sharer.forget_inbox();
    }
    sharer.settle_after(std::time::Duration::from_secs(1)).await;
    assert_eq!(list(&mut sharer, group).await.len(), 256);
    let one_more = Request::CreateInvite { group, invite: new_invite(auth(1000)) };
    assert_eq!(sharer.refused(one_more.clone()).await, RefusalCode::TooMany);
    sharer.change(Request::RevokeInvite { group, invite: first.unwrap() }).await;
    assert!(matches!(sharer.request(one_more).await, Ok(Reply::InviteCreated { .. })));
}
