//! Tickets: what the server says of a member, for other members.

use ed25519_dalek::VerifyingKey;
use tracker_relay::clock;
use wire_protocol::control::{Request, Role};
use wire_protocol::ids::GroupId;
use wire_protocol::ticket::{TICKET_LIFETIME_MS_MAX, Ticket};

use crate::harness::{Member, Server, hello, open_control};

const AUTH: [u8; 32] = [7; 32];

async fn server_key(server: &Server) -> VerifyingKey {
    let hello = hello(&mut open_control(server.address).await).await;
    VerifyingKey::from_bytes(&hello.server_key).unwrap()
}

/// The next ticket of a group, which is good now.
async fn ticket(member: &mut Member, of: GroupId, key: &VerifyingKey) -> Ticket {
    let ticket = Ticket::open(&member.ticket(of).await, key, clock::now_ms()).unwrap();
    assert_eq!((ticket.group, ticket.subject), (of, member.key));
    ticket
}

#[tokio::test]
async fn a_ticket_comes_with_every_group_and_says_what_is_so() {
    let server = Server::start();
    let key = server_key(&server).await;
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    let first = ticket(&mut admin, group, &key).await;
    assert_eq!((first.role, first.epoch, first.key_id), (Role::Admin, 0, 1));
    assert_eq!(first.expires_ms - first.issued_ms, TICKET_LIFETIME_MS_MAX);
    let mut friend = Member::new(&server).await;
    let seq = friend.join(&slug, AUTH).await.seq;
    assert_eq!(ticket(&mut friend, group, &key).await.role, Role::Member);
    let resume = vec![friend.seen(group, seq)];
    let mut friend = friend.reconnect(&server, resume).await;
    ticket(&mut friend, group, &key).await;
    friend.settle().await;
    friend.assert_nothing_else();
}

#[tokio::test]
async fn another_role_and_another_epoch_bring_another_ticket_at_once() {
    let server = Server::start();
    let key = server_key(&server).await;
    let mut admin = Member::new(&server).await;
    let (group, slug) = admin.create_group(AUTH).await;
    ticket(&mut admin, group, &key).await;
    let [mut friend, mut removed] = [Member::new(&server).await, Member::new(&server).await];
    for member in [&mut friend, &mut removed] {
        member.join(&slug, AUTH).await;
        ticket(member, group, &key).await;
    }
    admin.change(Request::SetRole { group, member: friend.key, role: Role::Admin }).await;
    assert_eq!(ticket(&mut friend, group, &key).await.role, Role::Admin);
    let remove = Request::RemoveMember { group, member: removed.key, epoch: 1, keys: vec![], invites: vec![] };
    friend.change(remove).await;
    for member in [&mut admin, &mut friend] {
        let ticket = ticket(member, group, &key).await;
        assert_eq!((ticket.role, ticket.epoch), (Role::Admin, 1));
    }
    removed.settle().await;
    assert_eq!(removed.count_tickets(), 0, "none for whoever is out");
}

#[tokio::test]
async fn a_ticket_comes_again_in_time() {
    let server = Server::start_with(&["--ticket-lifetime", "4"]);
    let key = server_key(&server).await;
    let mut admin = Member::new(&server).await;
    let (group, _) = admin.create_group(AUTH).await;
    let mut before = ticket(&mut admin, group, &key).await;
    assert_eq!(before.expires_ms - before.issued_ms, 4_000);
    for _ in 0..2 {
        let next = ticket(&mut admin, group, &key).await;
        // At half of its life, an eighth earlier at most; later only if the machine is busy.
        assert!(next.issued_ms - before.issued_ms >= 1_400, "{} ms", next.issued_ms - before.issued_ms);
        before = next;
    }
}
