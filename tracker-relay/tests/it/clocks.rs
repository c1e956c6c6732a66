//! A machine whose clock was wrong for a while: what was over stays over, and nobody waits for the wrong time to come.

use tempfile::TempDir;
use wire_protocol::control::{INVITE_LIFETIME_S, RefusalCode, Reply, Request};
use wire_protocol::ids::{GroupId, MemberKey};

use crate::backup::backup;
use crate::harness::{Member, Server, join_group};
use crate::joining::{ask, requests};

const AUTH: [u8; 32] = [7; 32];
const HOUR_S: u32 = 3600;

/// On the same data, with a clock so far from the machine's.
fn start(folder: &TempDir, offset_s: u32) -> Server {
    Server::start_in(folder.path().join("data"), &["--clock-offset", &offset_s.to_string()])
}

/// Something happens to an invite's group while the clock says that the invite is over. Then the clock is right again.
async fn invite_is_revoked_by(end: impl AsyncFnOnce(GroupId, &mut Member, MemberKey)) {
    let folder = tempfile::tempdir().unwrap();
    let server = start(&folder, 0);
    let (mut admin, mut friend) = (Member::new(&server).await, Member::new(&server).await);
    let (group, slug) = admin.create_group(AUTH).await;
    friend.join(&slug, AUTH).await;
    drop(server);

    let server = start(&folder, INVITE_LIFETIME_S + HOUR_S);
    let mut admin = admin.reconnect(&server, vec![]).await;
    end(group, &mut admin, friend.key).await;
    drop(server);

    let server = start(&folder, 0);
    let mut stranger = Member::new(&server).await;
    assert_eq!(stranger.refused(join_group(&slug, AUTH)).await, RefusalCode::InviteRevoked);
    let copied = backup(server.folder(), &folder.path().join("copy.db"));
    assert!(copied.status.success(), "not sound: {}", String::from_utf8_lossy(&copied.stderr));
}

#[tokio::test]
async fn an_invite_of_an_earlier_key_opens_nothing_when_the_clock_goes_back() {
    invite_is_revoked_by(async |group, admin, member| {
        admin.change(Request::RemoveMember { group, member, epoch: 1, keys: vec![], invites: vec![] }).await;
    })
    .await;
}

#[tokio::test]
async fn an_invite_of_somebody_who_has_left_opens_nothing_when_the_clock_goes_back() {
    invite_is_revoked_by(async |group, admin, _| {
        admin.change(Request::LeaveGroup { group }).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_asked_by_a_wrong_clock_may_say_it_in_other_words_by_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(&folder, 6 * HOUR_S);
    let (mut admin, mut friend) = (Member::new(&server).await, Member::new(&server).await);
    let (group, slug) = admin.create_group(AUTH).await;
    assert_eq!(friend.request(ask(&slug, "hi")).await.unwrap(), Reply::Asked { group, key: None });
    assert_eq!(friend.refused(ask(&slug, "it is me")).await, RefusalCode::TooMany);
    drop(server);

    let server = start(&folder, 0);
    let (mut admin, mut friend) = (admin.reconnect(&server, vec![]).await, friend.reconnect(&server, vec![]).await);
    assert_eq!(friend.request(ask(&slug, "it is me")).await.unwrap(), Reply::Asked { group, key: None });
    assert_eq!(requests(&mut admin, group).await[0].message, "it is me");
}
