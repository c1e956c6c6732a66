//! Who may do what, and the end of a group.

use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{GoneReason, GroupChange, RefusalCode, Reply, Request, Role, TrackerToMember};
use wire_protocol::ids::{GroupId, MemberKey};

use crate::harness::{Member, Server, join_group, next_binary, open_link};
use crate::links::Swarm;

const AUTH: [u8; 32] = [7; 32];

fn set_role(group: GroupId, member: MemberKey, role: Role) -> Request {
    Request::SetRole { group, member, role }
}

async fn hears_role(member: &mut Member, of: MemberKey, role: Role) {
    let told = |change: &GroupChange| match change {
        GroupChange::Member(member) if member.key == of && member.role == role => Some(()),
        _ => None,
    };
    member.event(told).await;
}

#[tokio::test]
async fn admins_change_roles_and_the_last_admin_stays_one() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    assert_eq!(friend.refused(set_role(group, friend.key, Role::Admin)).await, RefusalCode::NotAllowed);
    assert_eq!(admin.refused(set_role(group, MemberKey([1; 32]), Role::Admin)).await, RefusalCode::UnknownMember);
    let refusal = admin.request(set_role(group, admin.key, Role::Member)).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
    assert!(refusal.message.contains("only admin"), "{refusal}");

    admin.change(set_role(group, friend.key, Role::Admin)).await;
    let friend_key = friend.key;
    hears_role(&mut friend, friend_key, Role::Admin).await;
    // Admins are equals.
    friend.change(set_role(group, admin.key, Role::Member)).await;
    let admin_key = admin.key;
    hears_role(&mut admin, admin_key, Role::Member).await;
    assert_eq!(admin.refused(set_role(group, friend.key, Role::Member)).await, RefusalCode::NotAllowed);
    let before = friend.again(&server).await.snapshot().await;
    let roles: Vec<Role> = before.members.iter().map(|member| member.role).collect();
    assert_eq!(roles, [Role::Member, Role::Admin]);
    // What is so already changes nothing.
    friend.change(set_role(group, admin.key, Role::Member)).await;
    assert_eq!(friend.again(&server).await.snapshot().await.seq, before.seq);
}

#[tokio::test]
async fn an_admin_closes_the_group_for_everybody_and_its_links_end() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (mut at_dialer, mut at_acceptor) = swarm.link().await;
    at_dialer.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(next_binary(&mut at_acceptor).await.unwrap(), [1][..]);
    let group = swarm.group;
    assert_eq!(swarm.dialer.refused(Request::CloseGroup { group }).await, RefusalCode::NotAllowed);
    let _other = swarm.change_dialer(&server).await;
    let (asked, _) = swarm.dial(2).await.unwrap();

    swarm.acceptor.change(Request::CloseGroup { group }).await;
    assert!(next_binary(&mut at_dialer).await.is_none());
    assert!(next_binary(&mut at_acceptor).await.is_none());
    assert!(next_binary(&mut open_link(server.address, asked.token).await).await.is_none(), "on its way");
    for member in [&mut swarm.dialer, &mut swarm.acceptor] {
        member.hears(GroupChange::Closed).await;
        assert_eq!(member.refused(join_group(&swarm.slug, AUTH)).await, RefusalCode::UnknownGroup);
        assert_eq!(member.refused(Request::ListInvites { group }).await, RefusalCode::NotAllowed);
    }
}

#[tokio::test]
async fn whoever_was_away_hears_of_the_closing_when_they_come_back() {
    let server = Server::start();
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let mut friend = Member::new(&server).await;
    let seq = friend.join(&slug, AUTH).await.seq;
    friend.client.close(None).await.unwrap();
    assert_eq!(admin.request(Request::CloseGroup { group }).await.unwrap(), Reply::Done);
    let resume = vec![friend.seen(group, seq)];
    let mut friend = friend.reconnect(&server, resume).await;
    friend.hears(GroupChange::Closed).await;
    let resume = vec![friend.seen(group, u64::MAX)];
    let mut friend = friend.reconnect(&server, resume).await;
    assert_eq!(friend.next().await, TrackerToMember::GroupGone { group, why: GoneReason::Closed });
}
