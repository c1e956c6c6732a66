//! What is sent again because its answer was lost, and meets a limit.

use tracker_relay::random;
use wire_protocol::control::{RefusalCode, Request};
use wire_protocol::ids::RequestId;

use crate::harness::{Member, Server, join_group, new_invite};
use crate::limits::question;

/// It was told that it was refused, although it had been done.
#[tokio::test]
async fn what_was_done_before_is_not_refused_when_it_is_sent_again_too_fast() {
    let server = Server::start();
    let mut first = Member::new(&server).await;
    let (group, _) = first.create_group([7; 32]).await;
    let id = RequestId(random::bytes());
    let request = Request::CreateInvite { group, invite: new_invite([8; 32]) };
    let done = first.request_as(id, request.clone()).await;
    assert!(done.is_ok());
    let mut again = first.again(&server).await;
    for _ in 0..500 {
        again.send(&question(1)).await;
    }
    assert_eq!(again.request_as(id, request.clone()).await, done);
    // Not because there was room.
    assert_eq!(again.refused(request).await, RefusalCode::TooMany);
}

#[tokio::test]
async fn whoever_is_in_is_not_told_to_wait_because_others_guessed_invites_with_their_key() {
    let server = Server::start();
    let (_, slug) = Member::new(&server).await.create_group([7; 32]).await;
    let mut friend = Member::new(&server).await;
    let id = RequestId(random::bytes());
    let done = friend.request_as(id, join_group(&slug, [7; 32])).await;
    assert!(done.is_ok());
    let mut again = friend.again(&server).await;
    while again.refused(join_group(&slug, [9; 32])).await != RefusalCode::TooMany {}
    assert_eq!(again.request_as(id, join_group(&slug, [7; 32])).await, done);
}
