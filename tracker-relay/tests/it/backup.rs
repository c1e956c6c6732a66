//! A copy of the database while the server goes on.

use std::path::Path;
use std::process::{Command, Output};

use wire_protocol::control::TrackerToMember;

use crate::harness::{Member, Server};

pub fn backup(data: &Path, to: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_tracker-relay");
    Command::new(program).arg("backup").arg(to).arg("--data").arg(data).output().unwrap()
}

#[tokio::test]
async fn a_backup_of_a_busy_server_is_restored_with_everything_that_was_there() {
    let server = Server::start();
    let mut sharer = Member::new(&server).await;
    let (group, _) = sharer.create_group([7; 32]).await;
    let file = sharer.add_file(group, "a").await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let copy = data.join("covey.db");
    let adding = async {
        for i in 0..20 {
            sharer.add_file(group, &i.to_string()).await;
        }
    };
    let from = server.folder().to_owned();
    let to = copy.clone();
    let ((), copied) = tokio::join!(adding, tokio::task::spawn_blocking(move || backup(&from, &to)));
    let copied = copied.unwrap();
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = backup(server.folder(), &copy);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("exists already"));

    std::fs::copy(server.folder().join("server.key"), data.join("server.key")).unwrap();
    let restored = Server::start_in(data, &["--new-history"]);
    let seq = sharer.again(&server).await.snapshot().await.seq;
    let resume = vec![sharer.seen(group, seq)];
    let mut sharer = sharer.reconnect(&restored, resume).await;
    match sharer.next().await {
        TrackerToMember::Snapshot(snapshot) => assert!(snapshot.files.iter().any(|card| card.file == file)),
        other => panic!("of another history it comes whole: {other:?}"),
    }
}

#[test]
fn there_is_no_backup_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let output = backup(folder.path(), &copy);
    assert!(!output.status.success() && !copy.exists());
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no database"));
}
