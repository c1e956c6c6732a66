//! A real full disk: a small tmpfs. Mounting one takes root.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tokio::time::timeout;
use tracker_relay::random;
use wire_protocol::control::{RefusalCode, Reply, Request};
use wire_protocol::ids::{FileId, GroupId, RequestId};

use crate::harness::{Member, PATIENCE, Server};

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
