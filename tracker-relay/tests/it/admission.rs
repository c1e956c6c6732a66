//! Who may make groups, and who leaves something behind.

use std::path::Path;
use std::time::Instant;

use wire_protocol::control::{Password, Refusal, RefusalCode, Request};
use wire_protocol::ids::GroupId;

use crate::harness::{Member, Server, new_invite};
use tracker_relay::limits::{INVITE_FAILURES_PER_MINUTE, INVITE_PAUSE};
use tracker_relay::random;

const AUTH: [u8; 32] = [7; 32];
const PASSWORD: &str = "a long password";

fn create() -> Request {
    Request::CreateGroup {
        group: GroupId(random::bytes()),
        name: String::new(),
        key: None,
        invite: new_invite(random::bytes()),
    }
}

fn unlock(password: &str) -> Request {
    Request::UnlockGroups { password: Password(password.to_owned()) }
}

fn password_file(folder: &Path, password: &str) -> String {
    let path = folder.join("password");
    std::fs::write(&path, format!("{password}\nnot of it\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

async fn refusal(member: &mut Member, request: Request) -> Refusal {
    member.request(request).await.expect_err("a refusal")
}

#[tokio::test]
async fn where_groups_take_a_password_it_is_shown_once_and_an_invite_needs_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = password_file(folder.path(), PASSWORD);
    let mut server =
        Server::start_in(folder.path().join("data"), &["--groups", "password", "--groups-password-file", &file]);
    let mut member = Member::new(&server).await;
    let refused = refusal(&mut member, create()).await;
    assert_eq!(refused.code, RefusalCode::PasswordNeeded);
    assert!(refused.message.contains("Ask whoever runs it"), "{}", refused.message);
    assert_eq!(refusal(&mut member, unlock("another password")).await.code, RefusalCode::WrongPassword);
    assert_eq!(refusal(&mut member, create()).await.code, RefusalCode::PasswordNeeded);
    member.change(unlock(PASSWORD)).await;
    let (_, slug) = member.create_group(AUTH).await;

    let mut friend = Member::new(&server).await;
    friend.join(&slug, AUTH).await;
    assert_eq!(refusal(&mut friend, create()).await.code, RefusalCode::PasswordNeeded);

    // It is remembered by the server, until there is another password.
    server.kill();
    server.start_again();
    let mut member = member.reconnect(&server, vec![]).await;
    member.request(create()).await.unwrap();
    server.kill();
    password_file(folder.path(), "another password");
    server.start_again();
    let mut member = member.reconnect(&server, vec![]).await;
    assert_eq!(refusal(&mut member, create()).await.code, RefusalCode::PasswordNeeded);
}

#[tokio::test]
async fn passwords_from_many_keys_of_one_address_are_tried_slowly_and_who_knows_it_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = password_file(folder.path(), PASSWORD);
    let server = Server::start_with(&["--groups", "password", "--groups-password-file", &file]);
    for guess in 0..INVITE_FAILURES_PER_MINUTE {
        let mut guesser = Member::new(&server).await;
        let refused = refusal(&mut guesser, unlock(&format!("guess {guess}"))).await;
        assert_eq!(refused.code, RefusalCode::WrongPassword);
    }
    let (mut member, asked) = (Member::new(&server).await, Instant::now());
    member.change(unlock(PASSWORD)).await;
    assert!(asked.elapsed() >= INVITE_PAUSE, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn where_groups_are_for_members_only_an_invited_person_makes_them_and_a_stranger_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = password_file(folder.path(), PASSWORD);
    let with_password = ["--groups", "members-only", "--groups-password-file", &*file];
    let mut server = Server::start_in(folder.path().join("data"), &with_password);
    let mut first = Member::new(&server).await;
    first.change(unlock(PASSWORD)).await;
    let (_, slug) = first.create_group(AUTH).await;
    server.kill();

    let server = Server::start_in(folder.path().join("data"), &["--groups", "members-only"]);
    let mut friend = Member::new(&server).await;
    let refused = refusal(&mut friend, create()).await;
    assert_eq!(refused.code, RefusalCode::InvitedOnly);
    assert!(refused.message.contains("invite"), "{}", refused.message);
    let joined = friend.join(&slug, AUTH).await;
    let (own, _) = friend.create_group([8; 32]).await;
    for group in [joined.group, own] {
        friend.change(Request::LeaveGroup { group }).await;
    }
    assert_eq!(refusal(&mut friend, create()).await.code, RefusalCode::InvitedOnly);
}

/// Logins wrote nothing any more, but a name did, and a reply that was kept for a day.
#[tokio::test]
async fn whoever_is_in_no_group_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_in(data.clone(), &[]);
    let mut member = Member::new(&server).await;
    for name in ["Otter", "Lively Otter"] {
        member.change(Request::SetDisplayName { name: name.to_owned() }).await;
    }
    assert_eq!(rows(&data).await, [0, 0, 0]);
    // It is what they are called once they are somebody.
    let (group, _) = member.create_group(AUTH).await;
    let named = member.snapshot().await.members[0].display_name.clone();
    assert_eq!(named, "Lively Otter");
    assert_eq!(rows(&data).await, [1, 1, 0]);
    member.change(Request::SetDisplayName { name: "Calm Fox".to_owned() }).await;
    server.kill();
    server.start_again();
    let mut member = member.reconnect(&server, vec![]).await;
    assert_eq!(member.display_name, "Calm Fox");
    assert_eq!(member.snapshot().await.group, group);
}

/// People, replies that are kept, and passwords that were shown.
async fn rows(data: &Path) -> [i64; 3] {
    use sqlx::ConnectOptions;
    let path = data.join("covey.db");
    let mut db = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true).connect().await.unwrap();
    let mut counts = [0; 3];
    for (count, table) in counts.iter_mut().zip(["users", "requests", "group_makers"]) {
        let statement = format!("SELECT COUNT(*) FROM {table}");
        *count = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&mut db).await.unwrap();
    }
    counts
}

#[tokio::test]
async fn a_password_that_is_missing_or_too_short_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let short = password_file(folder.path(), "short");
    for (flags, said) in [
        (&["--groups", "password"][..], "--groups-password-file FILE"),
        (&["--groups", "password", "--groups-password-file", &short], "12 characters or more"),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tracker-relay"))
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .args(flags)
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(said), "{error}");
    }
}
