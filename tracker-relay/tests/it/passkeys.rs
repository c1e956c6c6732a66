//! Passkeys: made, bounded, revoked, and gone with their member.

use wire_protocol::control::{Passkey, RefusalCode, Reply, Request};
use wire_protocol::ids::GroupId;

use crate::harness::{Member, Server};

const AUTH: [u8; 32] = [7; 32];

pub async fn passkey(member: &mut Member, group: GroupId) -> Passkey {
    match member.request(Request::MakePasskey { group }).await {
        Ok(Reply::Passkey { passkey }) => passkey,
        other => panic!("expected a passkey, got {other:?}"),
    }
}

#[tokio::test]
async fn each_ask_makes_another_passkey_and_only_members_get_one() {
    let server = Server::start();
    let mut member = Member::new(&server).await;
    let (group, _) = member.create_group(AUTH).await;
    let first = passkey(&mut member, group).await;
    assert_ne!(first, passkey(&mut member, group).await);
    assert_eq!(member.request(Request::RevokePasskeys { group }).await, Ok(Reply::Done));
    assert_eq!(member.request(Request::RevokePasskeys { group }).await, Ok(Reply::Done));
    let mut stranger = Member::new(&server).await;
    for request in [Request::MakePasskey { group }, Request::RevokePasskeys { group }] {
        let refused = stranger.request(request).await.unwrap_err();
        assert_eq!(refused.code, RefusalCode::NotAllowed);
    }
}
