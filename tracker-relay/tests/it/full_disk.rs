//! A real full disk: a small tmpfs. Mounting one takes root.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::timeout;
use tracker_relay::random;
use tracker_relay::store::Store;
use tracker_relay::tracker::bus::Bus;
use tracker_relay::tracker::ledger::{Answer, Asked, Ledger};
use tracker_relay::tracker::rules::Rules;
use wire_protocol::control::{RefusalCode, Reply, Request};
use wire_protocol::ids::{FileId, GroupId, MemberKey, RequestId};

use crate::harness::{Member, PATIENCE, Server, new_invite};

const AUTH: [u8; 32] = [7; 32];

/// Unmounted on drop.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Self {
        std::fs::create_dir(folder).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "covey-test"]).arg(folder).output();
        let output = mount.expect("mount can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cannot mount a small tmpfs (this test needs root): {said}");
        Self(folder.to_owned())
    }

    /// Takes all the room there is.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("other");
        let mut other = std::fs::File::create(&path).unwrap();
        for len in [64 * 1024, 4096, 1] {
            while other.write_all(&vec![1; len]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The server still has files open in it.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn add(group: GroupId, file: FileId) -> Request {
    Request::AddFile { group, file, name: "movie.mp4".to_owned(), size: 1 }
}

/// Asks the writer itself, without waiting for its answer.
async fn ask(ledger: &Ledger, who: u8, number: u8) -> oneshot::Receiver<Answer> {
    let request = Request::CreateGroup {
        group: GroupId([number; 16]),
        name: String::new(),
        key: None,
        invite: new_invite([number; 32]),
    };
    let (member, id, newcomer_name) = (MemberKey([who; 32]), RequestId([number; 16]), "Ana".to_owned());
    ledger.request(Asked { member, newcomer_name, id, request, info: None }).await
}

/// The asker's connection broke before the answer, and by the time they ask again the disk is full.
#[tokio::test]
async fn what_was_done_before_the_disk_was_full_is_not_refused_when_it_is_asked_again() {
    let temporary = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&temporary.path().join("disk"));
    let (store, writer) = Store::open(&disk.0.join("covey.db")).await.unwrap();
    let (ledger, writer) = Ledger::new(writer, Rules::default(), Arc::new(Bus::default()), Arc::default());
    let writing = tokio::spawn(writer);
    let first = ask(&ledger, 1, 0).await.await.unwrap().outcome;
    assert!(matches!(first, Ok(Reply::GroupCreated { .. })), "{first:?}");
    disk.fill();
    let mut number = 1;
    while ask(&ledger, 1, number).await.await.unwrap().outcome.is_ok() {
        number += 1;
    }
    // Both wait for the writer, so they share a transaction. (Of one member it does one at a time.)
    let (again, new) = (ask(&ledger, 1, 0).await, ask(&ledger, 2, number).await);
    assert_eq!(again.await.unwrap().outcome, first);
    assert_eq!(new.await.unwrap().outcome.unwrap_err().code, RefusalCode::ServerError);
    store.close().await;
    drop(ledger);
    writing.await.unwrap();
}

async fn readiness_becomes(server: &Server, status: &str) {
    let becomes = async {
        while !server.get("/readyz").0.starts_with(&format!("HTTP/1.1 {status}")) {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, becomes).await.unwrap_or_else(|_| panic!("/readyz does not become {status}"));
}

#[tokio::test]
async fn a_full_disk_is_refused_and_works_again_once_freed() {
    let temporary = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&temporary.path().join("disk"));
    let mut server = Server::start_in(disk.0.join("data"), &[]);
    let mut sharer = Member::new(&server).await;
    let (group, slug) = sharer.create_group(AUTH).await;
    let mut acknowledged = vec![sharer.add_file(group, "before").await];
    readiness_becomes(&server, "200").await;

    // The log is reused from its start now and then, so some more may fit into what it has already.
    let filling = disk.fill();
    let (id, refused) = loop {
        let (id, file) = (RequestId(random::bytes()), FileId(random::bytes()));
        match sharer.request_as(id, add(group, file)).await {
            Ok(_) => acknowledged.push(file),
            Err(refusal) => break (id, (file, refusal)),
        }
        assert!(acknowledged.len() < 150, "the disk is not full");
    };
    let (file, mut refusal) = refused;
    for _ in 0..3 {
        assert_eq!(refusal.code, RefusalCode::ServerError);
        assert!(refusal.message.contains("disk is full"), "{}", refusal.message);
        refusal = sharer.request_as(id, add(group, file)).await.unwrap_err();
    }
    readiness_becomes(&server, "503").await;

    std::fs::remove_file(filling).unwrap();
    assert_eq!(sharer.request_as(id, add(group, file)).await.unwrap(), Reply::Done);
    acknowledged.push(file);
    acknowledged.push(sharer.add_file(group, "after").await);
    readiness_becomes(&server, "200").await;
    sharer = sharer.reconnect(&server, vec![]).await;
    sharer.settle().await;

    server.kill();
    server.start_again();
    let snapshot = Member::new(&server).await.join(&slug, AUTH).await;
    let files: Vec<_> = snapshot.files.iter().map(|card| card.file).collect();
    assert_eq!(files, acknowledged);
}
