//! Links end with what they rest on: both sides are in the group, and the tracker knows of them.

use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;
use wire_protocol::control::{Reply, Request};
use wire_protocol::ids::GroupId;
use wire_protocol::link::PAIRED;

use crate::harness::{Client, Member, Server, next_binary, open_link};
use crate::links::Swarm;

const LEFT: &str = "tr_link_closes_total{reason=\"left\"}";
const ABSENT: &str = "tr_link_closes_total{reason=\"absent\"}";

async fn leave(member: &mut Member, group: GroupId) {
    assert_eq!(member.request(Request::LeaveGroup { group }).await.unwrap(), Reply::Done);
}

async fn assert_carries(from: &mut Client, to: &mut Client) {
    from.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(next_binary(to).await.unwrap(), [1, 2, 3][..]);
}

#[tokio::test]
async fn leaving_the_group_closes_that_members_open_links_and_no_others() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let mut of_leaver = swarm.link().await;
    let mut leaver = swarm.change_dialer(&server).await;
    let mut of_other = swarm.link().await;
    let mut elsewhere = Swarm::new(&server).await.link().await;
    assert_carries(&mut of_leaver.0, &mut of_leaver.1).await;

    leave(&mut leaver, swarm.group).await;
    assert!(next_binary(&mut of_leaver.1).await.is_none(), "the other side");
    assert!(next_binary(&mut of_leaver.0).await.is_none(), "the leaver's own side");
    server.metric_becomes(LEFT, 1.0).await;
    server.metric_becomes("tr_links_active", 2.0).await;
    for (dialer, acceptor) in [&mut of_other, &mut elsewhere] {
        assert_carries(dialer, acceptor).await;
        assert_carries(acceptor, dialer).await;
    }

    // The accepting side may leave as well.
    leave(&mut swarm.acceptor, swarm.group).await;
    assert!(next_binary(&mut of_other.0).await.is_none());
    server.metric_becomes(LEFT, 2.0).await;
    assert_carries(&mut elsewhere.0, &mut elsewhere.1).await;
}

#[tokio::test]
async fn leaving_the_group_undoes_links_that_are_on_their_way() {
    let server = Server::start();
    let mut swarm = Swarm::new(&server).await;
    let (asked, accepted) = swarm.dial(1).await.unwrap();
    let mut leaver = swarm.change_dialer(&server).await;
    let (waiting, wanted) = swarm.dial(2).await.unwrap();
    let mut other = open_link(server.address, waiting.token).await;
    server.metric_becomes("tr_links_waiting", 1.0).await;

    leave(&mut leaver, swarm.group).await;
    for token in [asked.token, accepted.token] {
        assert!(next_binary(&mut open_link(server.address, token).await).await.is_none());
    }
    let mut wanted = open_link(server.address, wanted.token).await;
    assert_eq!(next_binary(&mut wanted).await.unwrap(), PAIRED);
    assert_eq!(next_binary(&mut other).await.unwrap(), PAIRED);

    let _other = swarm.change_dialer(&server).await;
    let (asked, _) = swarm.dial(3).await.unwrap();
    let mut waits = open_link(server.address, asked.token).await;
    server.metric_becomes("tr_links_waiting", 1.0).await;
    leave(&mut swarm.dialer, swarm.group).await;
    assert!(next_binary(&mut waits).await.is_none(), "whoever waits is told");
    server.metric_becomes("tr_links_total{result=\"cut\"}", 3.0).await;
    assert_carries(&mut other, &mut wanted).await;
}

#[tokio::test]
async fn a_link_outlives_a_members_control_connection_for_a_while_only() {
    let server = Server::start_with(&["--link-absence", "3"]);
    let mut swarm = Swarm::new(&server).await;
    let mut of_returning = swarm.link().await;
    let returning = swarm.change_dialer(&server).await;
    let mut of_absent = swarm.link().await;

    let resume = vec![returning.seen(swarm.group, u64::MAX)];
    let _returned = returning.reconnect(&server, resume).await;
    server.metric_becomes("tr_sessions", 3.0).await;
    drop(swarm.dialer.client);
    server.metric_becomes("tr_sessions", 2.0).await;
    assert_carries(&mut of_absent.0, &mut of_absent.1).await;
    assert!(next_binary(&mut of_absent.1).await.is_none());
    assert!(next_binary(&mut of_absent.0).await.is_none());
    server.metric_becomes(ABSENT, 1.0).await;
    // Had been away for as long, but came back.
    assert_carries(&mut of_returning.0, &mut of_returning.1).await;
    assert_eq!(server.metric("tr_links_active"), 1.0);
}
