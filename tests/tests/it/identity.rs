//! Who somebody is: taking it to another device, and showing the password of a server where making groups takes one.

use std::process::{Output, Stdio};

use anyhow::{Context, Result, ensure};
use covey_tests::{NativePeer, Stage, content};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::world::{World, only, text};

const ANA: &str = "Ana";
const PHONE: &str = "Ana's phone";
const BO: &str = "Bo";
const NOT_ALLOWED: i32 = 5;
const LOCAL_FILES: i32 = 6;
const USAGE: i32 = 2;
const LEN: u64 = 3 << 20;

/// `identity import` with a line on stdin.
async fn import(world: &World<'_>, who: &str, line: &str, more: &[&str]) -> Result<Output> {
    let mut command = Command::new(&world.stage.programs().native_peer);
    command.args(["identity", "import", "--json", "--data"]).arg(world.stage.subfolder(&format!("{who}-data"))?);
    command.args(more).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().context("a pipe")?;
    stdin.write_all(format!("{line}\n").as_bytes()).await?;
    drop(stdin);
    Ok(child.wait_with_output().await?)
}

async fn imports(world: &World<'_>, who: &str, line: &str, more: &[&str], state: &str) -> Result<()> {
    let output = import(world, who, line, more).await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success() && said.contains(&format!("\"state\":\"{state}\"")), "not {state}: {output:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_moves_to_another_data_folder_and_the_group_is_there() {
    Stage::play("an_identity_moves_to_another_data_folder_and_the_group_is_there", async |stage| {
        let world = World::start(stage).await?;
        let (slug, _) = world.create(ANA, "Cabin trip").await?;
        let mark = text(only(&world.run(ANA, &["identity", "show"]).await?, "identity")?, "mark")?;
        let line = text(only(&world.run(ANA, &["identity", "export"]).await?, "identity_secret")?, "line")?;
        ensure!(line.starts_with(&format!("{}/#identity=", world.server)), "no link of the server's page: {line}");

        imports(&world, PHONE, &line, &[], "fresh").await?;
        imports(&world, PHONE, &line, &[], "same").await?;
        let shown = world.run(PHONE, &["identity", "show"]).await?;
        ensure!(text(only(&shown, "identity")?, "mark")? == mark, "somebody else: {shown:?}");
        let listed = world.group(PHONE, &["list"]).await?;
        ensure!(text(only(&listed, "group")?, "slug")? == slug, "another group: {listed:?}");
        // The group's key is there, too.
        let made = world.group(PHONE, &["invite", &slug]).await?;
        only(&world.group(BO, &["join", &text(only(&made, "invite")?, "link")?]).await?, "joined")?;

        let refused = import(&world, BO, &line, &[]).await?;
        ensure!(refused.status.code() == Some(LOCAL_FILES), "Bo's groups are lost: {refused:?}");
        imports(&world, BO, &line, &["--replace"], "replaced").await?;
        let nonsense = import(&world, BO, "lively-otter", &[]).await?;
        ensure!(nonsense.status.code() == Some(USAGE), "{nonsense:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_making_a_group_takes_a_password_the_right_one_is_shown_once() {
    Stage::play("where_making_a_group_takes_a_password_the_right_one_is_shown_once", async |stage| {
        let write = |name: &str, password: &str| -> Result<String> {
            let path = stage.folder().join(name);
            std::fs::write(&path, format!("{password}\nnot of it\n"))?;
            Ok(path.to_str().context("a path of plain text")?.to_owned())
        };
        let (right, wrong) = (write("right", "a long password")?, write("wrong", "another password")?);
        let world = World::start_with(stage, &["--groups", "password", "--groups-password-file", &right]).await?;
        let create = ["create", "Band"];
        let none = world.refused(ANA, &create, NOT_ALLOWED).await?;
        ensure!(none.contains("--server-password-file FILE"), "does not say how: {none}");
        let with = |file: &str| ["create", "Band", "--server-password-file", file].map(str::to_owned);
        let mistyped = with(&wrong);
        let mistyped = world.refused(ANA, &mistyped.each_ref().map(String::as_str), NOT_ALLOWED).await?;
        ensure!(mistyped.contains("password"), "unclear: {mistyped}");
        let missing = with("no such file");
        world.refused(ANA, &missing.each_ref().map(String::as_str), LOCAL_FILES).await?;
        let shown = with(&right);
        only(&world.group(ANA, &shown.each_ref().map(String::as_str)).await?, "group")?;
        only(&world.group(ANA, &create).await?, "group")?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_downloads_by_the_two_words_of_the_group() {
    Stage::play("a_member_downloads_by_the_two_words_of_the_group", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Band").await?;
        only(&world.group(BO, &["join", &link]).await?, "joined")?;
        let download = |who: &str, more: &[&str]| -> Result<NativePeer> {
            world.begin(who, &[&["download", &slug, "--no-seed"], more].concat())
        };
        let empty = download(BO, &[])?.fails_with(3).await?;
        ensure!(empty.contains("has no files"), "unclear: {empty}");
        let stranger = download("Cleo", &[])?.fails_with(NOT_ALLOWED).await?;
        ensure!(
            stranger.contains("you are not in the group") && stranger.contains("group join"),
            "unclear: {stranger}"
        );

        let mut sharing = Vec::new();
        for name in ["song.bin", "talk.bin"] {
            let file = stage.file(name, LEN)?;
            let peer = NativePeer::share(stage, ANA, &file, &world.server, &["--group", &slug])?;
            peer.ready().await?;
            sharing.push((peer, file));
        }
        let unknown = download(BO, &["--file", "film.bin"])?.fails_with(USAGE).await?;
        ensure!(unknown.contains("song.bin") && unknown.contains("talk.bin"), "does not say what there is: {unknown}");
        let folder = stage.subfolder("Bo-files")?;
        let output = folder.to_str().context("a path of plain text")?;
        download(BO, &["--file", "talk.bin", "--output", output])?.succeeds().await?;
        ensure!(folder.join("talk.bin").exists() && !folder.join("song.bin").exists(), "not the named one alone");
        download(BO, &["--output", output])?.succeeds().await?;
        for (name, (_, file)) in ["song.bin", "talk.bin"].iter().zip(&sharing) {
            content::ensure_equal(&folder.join(name), file)?;
        }
        Ok(())
    })
    .await;
}
