//! `native-peer group`: what people do with groups, each command a process of its own.

use anyhow::{Context, Result, ensure};
use covey_tests::wait::SOON;
use covey_tests::{NativePeer, Stage};

use crate::world::{World, all, only, text};

const ANA: &str = "Ana";
const BO: &str = "Bo";
const CLEO: &str = "Cleo";
/// Another person of the same name: white space around a name is no part of it.
const OTHER_BO: &str = "Bo ";
const USAGE: i32 = 2;
const NO_SOURCE: i32 = 3;
const NOT_ALLOWED: i32 = 5;
const LOCAL_FILES: i32 = 6;
const INTERRUPTED: i32 = 130;

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, role)| ((*name).to_owned(), (*role).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_seen_by_the_admin_accepted_promoted_and_demoted() {
    Stage::play("who_asks_is_seen_by_the_admin_accepted_promoted_and_demoted", async |stage| {
        let world = World::start(stage).await?;
        let (slug, _) = world.create(ANA, "Cabin trip").await?;
        let joined = world.group(BO, &["join", &slug, "--message", "it is me"]).await?;
        only(&joined, "asked")?;
        ensure!(
            only(&world.group(BO, &["list"]).await?, "own_request")?["slug"] == slug,
            "Bo does not see the request"
        );
        world.refused(BO, &["members", &slug], NOT_ALLOWED).await?;

        let asking = world.group(ANA, &["requests", "cabin trip"]).await?;
        let asking = only(&asking, "request")?;
        ensure!(asking["name"] == BO && asking["message"] == "it is me", "{asking}");
        let unknown = world.refused(ANA, &["accept", &slug, CLEO], USAGE).await?;
        ensure!(unknown.contains("Bo ("), "does not say who asks: {unknown}");
        world.group(ANA, &["accept", &slug, &text(asking, "mark")?]).await?;
        ensure!(world.members(BO, "Cabin trip").await? == pairs(&[(ANA, "admin"), (BO, "member")]), "Bo is no member");

        ensure!(
            world.refused(BO, &["promote", &slug, BO], NOT_ALLOWED).await?.contains("admin"),
            "Bo promotes himself"
        );
        world.group(ANA, &["promote", &slug, BO]).await?;
        world.group(BO, &["demote", &slug, ANA]).await?;
        ensure!(world.members(ANA, &slug).await? == pairs(&[(ANA, "member"), (BO, "admin")]), "roles did not change");
        let last = world.refused(BO, &["demote", &slug, BO], NOT_ALLOWED).await?;
        ensure!(last.contains("only admin"), "unclear: {last}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_for_one_lets_one_in_and_a_revoked_one_nobody() {
    Stage::play("an_invite_for_one_lets_one_in_and_a_revoked_one_nobody", async |stage| {
        let world = World::start(stage).await?;
        let (slug, _) = world.create(ANA, "Band").await?;
        let made = world.group(ANA, &["invite", &slug, "--uses", "1", "--expires", "2h", "--qr"]).await?;
        let made = only(&made, "invite")?;
        ensure!(made["uses"] == 1 && made["ask"] == false, "{made}");
        let link = text(made, "link")?;
        only(&world.group(BO, &["join", &format!("<{link}>.")]).await?, "joined")?;
        let second = world.refused(CLEO, &["join", &link], NOT_ALLOWED).await?;
        ensure!(second.contains("used as often as it may be"), "unclear: {second}");

        let made = world.group(ANA, &["invite", &slug]).await?;
        let made = only(&made, "invite")?;
        let id = text(made, "id")?;
        ensure!(world.invites(ANA, &slug).await?.contains(&id), "the invite is not listed");
        ensure!(world.invites(BO, &slug).await?.is_empty(), "Bo sees the invites of others");
        world.refused(ANA, &["revoke", &slug, "zz"], USAGE).await?;
        world.group(ANA, &["revoke", &slug, &id[..8]]).await?;
        ensure!(!world.invites(ANA, &slug).await?.contains(&id), "the invite is open still");
        let revoked = world.refused(CLEO, &["join", &text(made, "link")?], NOT_ALLOWED).await?;
        ensure!(revoked.contains("revoked"), "unclear: {revoked}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_has_no_group_and_asks_when_they_come_back() {
    Stage::play("who_is_removed_has_no_group_and_asks_when_they_come_back", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Band").await?;
        only(&world.group(BO, &["join", &link]).await?, "joined")?;
        only(&world.group(CLEO, &["join", &link]).await?, "joined")?;
        let of_cleo = text(only(&world.group(CLEO, &["invite", &slug]).await?, "invite")?, "link")?;
        world.refused(BO, &["remove", &slug, CLEO], NOT_ALLOWED).await?;

        let removed = world.group(ANA, &["remove", &slug, BO, "--keep-invites"]).await?;
        let removed = only(&removed, "did")?;
        ensure!(removed["kept"] == 1, "Ana's own invite did not go on: {removed}");
        ensure!(removed["revoked"].as_array().is_some_and(|revoked| revoked.len() == 1), "not Cleo's: {removed}");
        ensure!(world.group(BO, &["list"]).await?.is_empty(), "Bo has a group still");
        only(&world.group(BO, &["join", &link]).await?, "asked")?;
        let asking = world.group(ANA, &["requests", &slug]).await?;
        ensure!(only(&asking, "request")?["was_removed"] == true, "not told that Bo was removed: {asking:?}");
        world.refused("Dan", &["join", &of_cleo], NOT_ALLOWED).await?;
        only(&world.group("Dan", &["join", &link]).await?, "joined")?;

        // Without a word about invites, and nobody to ask, all of them end.
        world.group(ANA, &["remove", &slug, "Dan"]).await?;
        ensure!(world.invites(ANA, &slug).await?.is_empty(), "an invite stayed");
        world.refused("Eve", &["join", &link], NOT_ALLOWED).await?;
        world.group(ANA, &["refuse", &slug, BO]).await?;
        ensure!(only(&world.group(BO, &["list"]).await?, "own_request")?["refused"] == true, "Bo is not told no");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_one_name_are_told_apart_by_their_marks() {
    Stage::play("two_people_of_one_name_are_told_apart_by_their_marks", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Twins").await?;
        world.group(BO, &["join", &link]).await?;
        world.group(OTHER_BO, &["join", &link]).await?;
        let members = world.group(ANA, &["members", &slug]).await?;
        let marks: Vec<String> = all(&members, "member")
            .into_iter()
            .filter(|member| member["name"] == BO)
            .map(|member| text(member, "mark"))
            .collect::<Result<_>>()?;
        let [first, second] = &marks[..] else { anyhow::bail!("not two of one name: {members:?}") };
        let several = world.refused(ANA, &["promote", &slug, BO], USAGE).await?;
        ensure!(several.contains(first) && several.contains(second), "does not say who there is: {several}");
        world.group(ANA, &["promote", &slug, second]).await?;
        let members = world.group(ANA, &["members", &slug]).await?;
        let admins = all(&members, "member").into_iter().filter(|member| member["role"] == "admin");
        ensure!(admins.map(|member| &member["mark"]).any(|mark| mark == second), "the wrong one: {members:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_left_goes_on_and_a_closed_one_is_nobodys() {
    Stage::play("a_group_that_is_left_goes_on_and_a_closed_one_is_nobodys", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Club").await?;
        world.group(BO, &["join", &link]).await?;
        world.group(CLEO, &["join", &link]).await?;
        world.group(BO, &["leave", "Club"]).await?;
        let unknown = world.refused(BO, &["files", "Club"], NOT_ALLOWED).await?;
        ensure!(unknown.contains("no group"), "unclear: {unknown}");
        ensure!(world.members(CLEO, &slug).await?.len() == 2, "Bo is there still");
        world.refused(CLEO, &["close", &slug], NOT_ALLOWED).await?;
        world.group(ANA, &["close", &slug]).await?;
        for who in [ANA, CLEO] {
            ensure!(world.group(who, &["list"]).await?.is_empty(), "{who} has it still");
        }
        world.refused(BO, &["join", &link], NOT_ALLOWED).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_listed_and_removed_and_a_second_share_shows_the_same_link() {
    Stage::play("files_are_listed_and_removed_and_a_second_share_shows_the_same_link", async |stage| {
        let world = World::start(stage).await?;
        let mut links = Vec::new();
        for name in ["a.bin", "b.bin"] {
            let mut ana =
                NativePeer::share(stage, ANA, &stage.file(name, 100_000)?, &world.server, &["--group", "Films"])?;
            links.push(ana.invite().await?);
            ana.ready().await?;
            ana.interrupt().await?;
        }
        ensure!(links[0] == links[1], "another link: {links:?}");
        let printed = world.group(ANA, &["files", "Films"]).await?;
        let names: Vec<String> =
            all(&printed, "file").into_iter().map(|file| text(file, "name")).collect::<Result<_>>()?;
        ensure!(names == ["a.bin", "b.bin"], "{names:?}");
        world.group(ANA, &["remove-file", "Films", "a.bin"]).await?;
        let left = world.group(ANA, &["files", "Films"]).await?;
        ensure!(only(&left, "file")?["name"] == "b.bin", "{left:?}");

        let file = stage.file("c.bin", 100_000)?;
        let mut ana = NativePeer::share(stage, ANA, &file, &world.server, &["--group", "Films", "--ask"])?;
        let asks = ana.event("invite", SOON, |_| true).await?;
        ensure!(asks["ask"] == true && asks["link"] != links[0].as_str(), "{asks}");
        world.group(ANA, &["close", "Films"]).await?;
        let sentence = ana.fails_with(NOT_ALLOWED).await?;
        ensure!(sentence.contains("\"Films\" was closed"), "unclear: {sentence}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sharing_member_who_is_removed_is_told_so() {
    Stage::play("a_sharing_member_who_is_removed_is_told_so", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "Films").await?;
        world.group(BO, &["join", &link]).await?;
        let file = stage.file("mine.bin", 100_000)?;
        let mut bo = NativePeer::share(stage, BO, &file, &world.server, &["--group", &slug])?;
        bo.ready().await?;
        world.group(ANA, &["remove", &slug, BO]).await?;
        let sentence = bo.fails_with(NOT_ALLOWED).await?;
        ensure!(sentence.contains("you were removed from the group \"Films\""), "unclear: {sentence}");
        Ok(())
    })
    .await;
}

/// A download by an invite that asks first, and how each answer ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_has_to_ask_waits_for_the_answer() {
    Stage::play("a_download_that_has_to_ask_waits_for_the_answer", async |stage| {
        let mut world = World::start(stage).await?;
        let printed = world.group(ANA, &["create", "Films", "--ask"]).await?;
        let link = text(only(&printed, "invite")?, "link")?;
        let folder = stage.subfolder("files")?;
        let ask = |who: &str, more: &[&str]| {
            NativePeer::download(stage, who, &link, &folder, &[&["--message", "hello"], more].concat())
        };

        let mut hasty = ask("Eve", &["--timeout", "300ms"])?;
        let sentence = hasty.fails_with(NO_SOURCE).await?;
        ensure!(sentence.contains("stays with the admins"), "unclear: {sentence}");

        let mut bo = ask(BO, &[])?;
        bo.event("asked", SOON, |_| true).await?;
        world.group(ANA, &["refuse", "Films", BO]).await?;
        bo.fails_with(NOT_ALLOWED).await?;

        let mut cleo = ask(CLEO, &[])?;
        cleo.event("asked", SOON, |_| true).await?;
        // The wait outlives the server.
        world.tracker.kill().await?;
        world.tracker.start_again(stage).await?;
        world.group(ANA, &["accept", "Films", CLEO]).await?;
        let sentence = cleo.fails_with(NO_SOURCE).await?;
        ensure!(sentence.contains("no files"), "it went on, and found no file: {sentence}");

        let mut dan = ask("Dan", &[])?;
        dan.event("asked", SOON, |_| true).await?;
        let status = dan.interrupt().await?;
        ensure!(status.code() == Some(INTERRUPTED), "ended with {status}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_is_the_same_person() {
    Stage::play("a_second_device_is_the_same_person", async |stage| {
        let world = World::start(stage).await?;
        let (slug, _) = world.create(ANA, "Home").await?;
        let mut export = world.begin(ANA, &["identity", "export"])?;
        let secret = text(&export.event("identity_secret", SOON, |_| true).await?, "line")?;
        export.succeeds().await?;
        import(stage, "Phone", &secret, &[], 0).await?;
        let members = world.group("Phone", &["members", &slug]).await?;
        ensure!(only(&members, "member")?["you"] == true, "somebody else: {members:?}");
        // Somebody who is somebody already.
        world.group(BO, &["list"]).await?;
        import(stage, BO, &secret, &[], LOCAL_FILES).await?;
        import(stage, BO, &secret, &["--replace"], 0).await?;
        ensure!(world.group(BO, &["list"]).await?.len() == 1, "Bo is not Ana");
        Ok(())
    })
    .await;
}

/// `native-peer identity import` with the secret on stdin.
async fn import(stage: &Stage, who: &str, secret: &str, more: &[&str], code: i32) -> Result<()> {
    use tokio::io::AsyncWriteExt;
    let mut command = tokio::process::Command::new(&stage.programs().native_peer);
    command.args(["identity", "import", "--data"]).arg(stage.subfolder(&format!("{who}-data"))?).args(more);
    let mut child = command.stdin(std::process::Stdio::piped()).kill_on_drop(true).spawn()?;
    child.stdin.take().context("no stdin")?.write_all(format!("{secret}\n").as_bytes()).await?;
    let status = tokio::time::timeout(SOON, child.wait()).await??;
    ensure!(status.code() == Some(code), "import as {who} ended with {status}");
    Ok(())
}
