//! Asking to join: by an invite that asks first, by the group's slug, and after having been removed.

use tracker_relay::limits::JOIN_REQUESTS_PER_MEMBER;
use wire_protocol::control::{
    GroupChange, InviteKey, JoinRequest, MyRequest, NewInvite, RefusalCode, Reply, Request, Role, Sealed,
    TrackerToMember,
};
use wire_protocol::ids::{GroupId, MemberKey};

use crate::harness::{Member, Server, join_group, new_invite};

const AUTH: [u8; 32] = [7; 32];
const ASKS_FIRST: [u8; 32] = [9; 32];

fn asks_first() -> NewInvite {
    NewInvite { needs_accept: true, ..new_invite(ASKS_FIRST) }
}

pub fn ask(slug: &str, message: &str) -> Request {
    Request::AskToJoin { slug: slug.to_owned(), message: message.to_owned() }
}

pub async fn requests(admin: &mut Member, group: GroupId) -> Vec<JoinRequest> {
    match admin.request(Request::ListRequests { group }).await.unwrap() {
        Reply::JoinRequests(requests) => requests,
        other => panic!("{other:?}"),
    }
}

async fn my_requests(member: &mut Member) -> Vec<MyRequest> {
    match member.request(Request::MyRequests).await.unwrap() {
        Reply::MyRequests(requests) => requests,
        other => panic!("{other:?}"),
    }
}

pub fn accept(group: GroupId, member: MemberKey) -> Request {
    Request::AcceptRequest { group, member, epoch: 0, key: None }
}

async fn is_refused(member: &mut Member, group: GroupId, slug: &str) {
    let refused = TrackerToMember::JoinRefused { group, slug: slug.to_owned() };
    member.find(|message| (*message == refused).then_some(())).await;
}

#[tokio::test]
async fn an_invite_that_asks_first_shows_names_only_and_leads_to_a_request() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    admin.add_file(group, "secret.mp4").await;
    admin.create_invite(group, asks_first()).await;
    let mut friend = Member::new(&server).await;
    let preview = Request::PreviewInvite { slug: slug.clone(), auth: ASKS_FIRST };
    match friend.request(preview.clone()).await.unwrap() {
        Reply::Preview(preview) => {
            assert_eq!((preview.group, &*preview.name, preview.needs_accept), (group, "Holiday", true));
            assert_eq!(preview.invited_by, admin.display_name);
            assert_eq!((preview.members_online, &preview.files[..]), (0, &[][..]));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(friend.request(join_group(&slug, ASKS_FIRST)).await.unwrap(), Reply::Asked { group, key: None });
    admin.hears(GroupChange::RequestsChanged).await;
    let [request] = &requests(&mut admin, group).await[..] else { panic!("one") };
    assert_eq!(
        (request.member, &*request.display_name, &*request.message),
        (friend.key, &*friend.display_name, "It is me")
    );
    assert_eq!((request.invited_by, request.was_removed), (Some(admin.key), false));
    friend.settle().await;
    friend.assert_nothing_else();

    // The members themselves see all of it.
    match admin.request(preview).await.unwrap() {
        Reply::Preview(preview) => assert_eq!((preview.needs_accept, preview.files.len()), (false, 1)),
        other => panic!("{other:?}"),
    }
}

/// Whoever waits has to know whose key to take, also after their program was started anew.
#[tokio::test]
async fn whoever_asks_by_an_invite_is_given_what_it_carries_each_time() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let names = Sealed(vec![4; 60]);
    admin.create_invite(group, NewInvite { sealed: Some(names.clone()), uses: Some(1), ..asks_first() }).await;
    let asked = Reply::Asked { group, key: Some(InviteKey { epoch: 0, sealed: names }) };
    let mut friend = Member::new(&server).await;
    assert_eq!(friend.request(join_group(&slug, ASKS_FIRST)).await.unwrap(), asked);
    friend.client.close(None).await.unwrap();
    let mut friend = friend.reconnect(&server, vec![]).await;
    assert_eq!(friend.request(join_group(&slug, ASKS_FIRST)).await.unwrap(), asked);
}

#[tokio::test]
async fn whoever_is_accepted_is_in_at_once_and_gets_the_key_that_the_admin_gave() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    let mut phone = friend.again(&server).await;
    assert_eq!(friend.request(ask(&slug, "")).await.unwrap(), Reply::Asked { group, key: None });
    let key = Some(Sealed(vec![3; 80]));
    admin.change(Request::AcceptRequest { group, member: friend.key, epoch: 0, key }).await;
    for session in [&mut friend, &mut phone] {
        let snapshot = session.snapshot().await;
        assert_eq!(snapshot.members.last().map(|member| (member.key, member.role)), Some((session.key, Role::Member)));
        assert_eq!(session.key().await, (0, admin.key, vec![3; 80]));
    }
    assert_eq!(requests(&mut admin, group).await, []);
    assert_eq!(my_requests(&mut friend).await, []);
    assert_eq!(admin.refused(accept(group, friend.key)).await, RefusalCode::UnknownRequest);
    // They are a member like any other.
    friend.add_file(group, "a").await;
}

#[tokio::test]
async fn whoever_is_accepted_while_away_is_in_when_they_come_back() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    assert_eq!(friend.request(ask(&slug, "")).await.unwrap(), Reply::Asked { group, key: None });
    let [mine] = &my_requests(&mut friend).await[..] else { panic!("one") };
    assert_eq!((mine.group, &*mine.slug, mine.is_refused), (group, &*slug, false));
    friend.client.close(None).await.unwrap();
    admin.change(accept(group, friend.key)).await;
    let mut friend = friend.reconnect(&server, vec![]).await;
    assert_eq!(friend.snapshot().await.group, group);
}

#[tokio::test]
async fn whoever_is_refused_hears_it_at_once_or_finds_it_among_their_requests() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.request(ask(&slug, "please")).await.unwrap();
    admin.change(Request::RefuseRequest { group, member: friend.key }).await;
    is_refused(&mut friend, group, &slug).await;
    assert_eq!(requests(&mut admin, group).await, []);
    assert!(my_requests(&mut friend).await[0].is_refused);
    assert_eq!(admin.refused(accept(group, friend.key)).await, RefusalCode::UnknownRequest);
    let again = Request::RefuseRequest { group, member: friend.key };
    assert_eq!(admin.refused(again).await, RefusalCode::UnknownRequest);

    // They may ask again, and put the answer away.
    friend.request(ask(&slug, "pretty please")).await.unwrap();
    assert_eq!(requests(&mut admin, group).await[0].message, "pretty please");
    admin.change(Request::RefuseRequest { group, member: friend.key }).await;
    friend.change(Request::WithdrawRequest { group }).await;
    assert_eq!(my_requests(&mut friend).await, []);
}

#[tokio::test]
async fn a_person_has_one_request_in_a_group_whose_message_is_cleaned_and_can_take_it_back() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    admin.create_invite(group, NewInvite { uses: Some(1), ..asks_first() }).await;
    let mut friend = Member::new(&server).await;
    let long = format!("\u{202e}evil\n{}", "x".repeat(1000));
    let by_invite = Request::JoinGroup { slug: slug.clone(), auth: ASKS_FIRST, message: long.clone() };
    // Asking again takes no use of the invite, and nobody is prompted again.
    for again in [by_invite.clone(), by_invite, ask(&slug, &long), ask(&slug, "")] {
        assert_eq!(friend.request(again).await.unwrap(), Reply::Asked { group, key: None });
    }
    assert_eq!(friend.refused(ask(&slug, "or so")).await, RefusalCode::TooMany, "so soon");
    admin.hears(GroupChange::RequestsChanged).await;
    admin.settle().await;
    let prompts = std::iter::from_fn(|| admin.poll_inbox()).filter(
        |message| matches!(message, TrackerToMember::Event(event) if event.change == GroupChange::RequestsChanged),
    );
    assert_eq!(prompts.count(), 0);
    let [request] = &requests(&mut admin, group).await[..] else { panic!("one") };
    assert!(request.message.starts_with("evil xxx") && request.message.chars().count() == 160);
    assert_eq!(request.invited_by, Some(admin.key), "what was known of them stays");
    let mut other = Member::new(&server).await;
    assert_eq!(other.refused(join_group(&slug, ASKS_FIRST)).await, RefusalCode::InviteUsedUp);

    friend.change(Request::WithdrawRequest { group }).await;
    assert_eq!(requests(&mut admin, group).await, []);
    assert_eq!(friend.refused(Request::WithdrawRequest { group }).await, RefusalCode::UnknownRequest);
    assert_eq!(admin.refused(accept(group, friend.key)).await, RefusalCode::UnknownRequest);
}

#[tokio::test]
async fn only_admins_see_and_answer_requests() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut member = Member::new(&server).await;
    member.join(&slug, AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.request(ask(&slug, "")).await.unwrap();
    let refuse = Request::RefuseRequest { group, member: friend.key };
    for request in [Request::ListRequests { group }, accept(group, friend.key), refuse] {
        for somebody in [&mut member, &mut friend] {
            assert_eq!(somebody.refused(request.clone()).await, RefusalCode::NotAllowed);
        }
    }
    // What members hear of it says nothing but that there is something to ask for.
    member.hears(GroupChange::RequestsChanged).await;
    let stale = Request::AcceptRequest { group, member: friend.key, epoch: 1, key: None };
    assert_eq!(admin.refused(stale).await, RefusalCode::StaleEpoch);
    assert_eq!(member.request(ask(&slug, "")).await.unwrap(), Reply::Joined { group, key: None }, "is in already");
}

#[tokio::test]
async fn an_invite_for_anybody_answers_a_request_as_well() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.request(ask(&slug, "")).await.unwrap();
    friend.join(&slug, AUTH).await;
    assert_eq!(requests(&mut admin, group).await, []);
    assert_eq!(my_requests(&mut friend).await, []);
}

#[tokio::test]
async fn a_person_waits_for_a_bounded_number_of_groups_and_is_told_when_one_closes() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let mut groups = Vec::new();
    for _ in 0..=JOIN_REQUESTS_PER_MEMBER {
        groups.push(admin.create_group(AUTH).await);
    }
    let mut friend = Member::new(&server).await;
    for (group, slug) in &groups[1..] {
        assert_eq!(friend.request(ask(slug, "")).await.unwrap(), Reply::Asked { group: *group, key: None });
    }
    assert_eq!(friend.refused(ask(&groups[0].1, "")).await, RefusalCode::TooMany);
    assert_eq!(friend.refused(ask("no-such-group", "")).await, RefusalCode::UnknownGroup);
    admin.change(Request::CloseGroup { group: groups[1].0 }).await;
    is_refused(&mut friend, groups[1].0, &groups[1].1).await;
    assert_eq!(my_requests(&mut friend).await.len(), groups.len() - 2);
    friend.request(ask(&groups[0].1, "")).await.unwrap();
}
