//! What a download leaves on disk, however it ends and wherever it is shown.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{NativePeer, SmallDisk, Stage, Tracker};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::sharing::Sharing;

const LEN: u64 = 8 * MIB;
const LOCAL_FILES: i32 = 6;
const INTERRUPTED: i32 = 130;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_signal_ends_a_download_the_next_one_goes_on() {
    Stage::play("whatever_signal_ends_a_download_the_next_one_goes_on", async |stage| {
        let sharing = Sharing::start_with(stage, "signals.bin", LEN, &["--up", "2M"]).await?;
        let folder = stage.subfolder("Eve-files")?;
        let mut verified = 0;
        for (signal, code) in
            [(Signal::SIGINT, Some(INTERRUPTED)), (Signal::SIGTERM, Some(INTERRUPTED)), (Signal::SIGKILL, None)]
        {
            let mut eve = NativePeer::download(stage, "Eve", &sharing.invite, &folder, &["--no-seed"])?;
            let goes_on = |event: &serde_json::Value| event["verified"].as_u64().is_some_and(|bytes| bytes > verified);
            let progress = eve.event("progress", TRANSFER, goes_on).await?;
            verified = progress["verified"].as_u64().context("bytes")?;
            let process = eve.process().id().context("it runs")?;
            kill(Pid::from_raw(i32::try_from(process)?), signal)?;
            let status = eve.ended().await?;
            ensure!(status.code() == code, "{signal} ended it with {status}");
            ensure!(sharing.saved_in(&folder).with_extension("bin.part").exists(), "{signal}: nothing is kept");
        }
        let mut eve = NativePeer::download(stage, "Eve", &sharing.invite, &folder, &["--no-seed"])?;
        let done = eve.done().await?;
        eve.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        ensure!(done["fetched"].as_u64().is_some_and(|fetched| fetched <= LEN - verified), "fetched again: {done}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_disk_and_an_empty_file_are_refused_with_a_sentence() {
    Stage::play("a_read_only_disk_and_an_empty_file_are_refused_with_a_sentence", async |stage| {
        let sharing = Sharing::start(stage, "large.bin", LEN).await?;
        let folder = stage.subfolder("read-only")?;
        let _disk = SmallDisk::mount(&folder, 16)?;
        let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&folder).status()?;
        ensure!(remounted.success(), "the disk stays writable");
        for to in [folder.clone(), folder.join("new/sub/")] {
            let said = NativePeer::download(stage, "Eve", &sharing.invite, &to, &[])?.fails_with(LOCAL_FILES).await?;
            ensure!(said.contains("read-only"), "{said}");
        }
        let empty = stage.file("empty.bin", 0)?;
        let server = sharing.tracker.url();
        let said = NativePeer::share(stage, "Eve", &empty, &server, &[])?.fails_with(LOCAL_FILES).await?;
        ensure!(said.contains("is empty"), "{said}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_has_the_rights_that_the_person_gives() {
    Stage::play("what_is_made_has_the_rights_that_the_person_gives", async |stage| {
        let sharing = Sharing::start(stage, "mine.bin", MIB).await?;
        let program = stage.programs().native_peer.display().to_string();
        let run = async |arguments: &str| -> Result<()> {
            let line = format!("umask 027; exec {program} {arguments} --data Eve-data --quiet");
            let mut shell = tokio::process::Command::new("sh");
            shell.args(["-c", &line]).current_dir(stage.folder());
            let status = stage.start("Eve", shell)?.exit(SOON).await?;
            ensure!(status.success(), "ended with {status}");
            Ok(())
        };
        run(&format!("download '{}' --no-seed", sharing.invite)).await?;
        run("create mine.bin -o mine.torrent").await?;
        for made in ["mine.bin", "mine.torrent"] {
            let mode = std::fs::metadata(stage.folder().join(made))?.permissions().mode() & 0o777;
            ensure!(mode == 0o640, "{made} has {mode:o}");
        }
        Ok(())
    })
    .await;
}

/// On a terminal of so many columns.
async fn on_a_terminal(stage: &Stage, sharing: &Sharing, (term, columns): (&str, u32), into: &Path) -> Result<()> {
    let (program, invite) = (stage.programs().native_peer.display(), &sharing.invite);
    let line = format!(
        "stty cols {columns}; {program} download '{invite}' --no-seed --down 4M --data Eve-data -o {}",
        into.display()
    );
    let mut script = tokio::process::Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env("TERM", term).current_dir(stage.folder());
    let status = stage.start("Eve", script)?.exit(TRANSFER).await?;
    ensure!(status.success(), "{term}, {columns} columns: {status}");
    content::ensure_equal(&sharing.saved_in(into), &sharing.file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_shown_on_every_terminal() {
    Stage::play("a_download_is_shown_on_every_terminal", async |stage| {
        let sharing = Sharing::start(stage, "shown.bin", 4 * MIB).await?;
        for terminal in [("xterm", 20), ("xterm", 80), ("dumb", 40)] {
            let into = stage.subfolder(&format!("Eve-{}-{}", terminal.0, terminal.1))?;
            on_a_terminal(stage, &sharing, terminal, &into).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_becomes_narrower_keeps_one_line_of_progress() {
    Stage::play("a_terminal_that_becomes_narrower_keeps_one_line_of_progress", async |stage| {
        let sharing = Sharing::start(stage, "narrower.bin", LEN).await?;
        let (program, invite) = (stage.programs().native_peer.display(), &sharing.invite);
        // The terminal is as wide as before until a quarter is there.
        let line = format!(
            "stty cols 100; {program} download '{invite}' --no-seed --down 2M --data Eve-data -o Eve-files & \
             until [ -e Eve-files/narrower.bin.part ]; do :; done; stty cols 40; echo NARROW; wait $!"
        );
        stage.subfolder("Eve-files")?;
        let mut script = tokio::process::Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        script.envs([("TERM", "xterm"), ("SHELL", "/bin/sh")]).current_dir(stage.folder());
        let mut eve = stage.start("Eve", script)?;
        let status = eve.exit(TRANSFER).await?;
        ensure!(status.success(), "{status}");
        let said = eve.transcript().of(Stream::Stdout);
        // A line that the terminal wraps takes two rows, and both are cleared before it is drawn again.
        let clears_two_rows = |said: &str| said.contains("\u{1b}[1A\r\u{1b}[2K");
        let (wide, narrow) = said.split_once("NARROW").context("it was made narrower")?;
        ensure!(!clears_two_rows(wide), "it was drawn in two rows before: {wide:?}");
        ensure!(clears_two_rows(narrow), "it is drawn as before: {narrow:?}");
        content::ensure_equal(&stage.folder().join("Eve-files/narrower.bin"), &sharing.file)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_this_user_may_not_read_is_refused_with_a_sentence() {
    Stage::play("a_file_that_this_user_may_not_read_is_refused_with_a_sentence", async |stage| {
        let file = stage.file("not yours.bin", MIB)?;
        std::fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        // Whom root's rights do not help, with a program that they can reach.
        let theirs = stage.subfolder("theirs")?;
        let program = theirs.join("native-peer");
        std::fs::copy(&stage.programs().native_peer, &program)?;
        for open in [stage.folder(), &theirs] {
            std::fs::set_permissions(open, Permissions::from_mode(0o777))?;
        }
        let tracker = Tracker::start(stage).await?;
        let mut command = tokio::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program).arg("share").arg(&file);
        command.args(["--server", &tracker.url(), "--data"]).arg(theirs.join("data"));
        let mut nobody = stage.start("Nobody", command)?;
        let status = nobody.exit(SOON).await?;
        ensure!(status.code() == Some(LOCAL_FILES), "ended with {status}");
        let said = nobody.transcript().of(Stream::Stderr);
        ensure!(said.contains("not yours.bin") && said.contains("Permission denied"), "{said}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_with_one_data_folder_do_not_disturb_each_other() {
    Stage::play("two_programs_with_one_data_folder_do_not_disturb_each_other", async |stage| {
        let sharing = Sharing::start(stage, "both.bin", LEN).await?;
        let download = |folder: &str| {
            let into = stage.subfolder(folder)?;
            Ok::<_, anyhow::Error>((NativePeer::download(stage, "Eve", &sharing.invite, &into, &["--no-seed"])?, into))
        };
        let (mut one, into_one) = download("Eve-one")?;
        let (mut two, into_two) = download("Eve-two")?;
        one.succeeds().await?;
        two.succeeds().await?;
        content::ensure_equal(&sharing.saved_in(&into_one), &sharing.file)?;
        content::ensure_equal(&sharing.saved_in(&into_two), &sharing.file)?;
        let same = NativePeer::start(stage, "Eve", &["identity", "show"].map(OsStr::new));
        same?.succeeds().await
    })
    .await;
}
