//! A card is its torrent: whoever shares the same again brings the same link to life.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{self, SOON, TRANSFER};
use covey_tests::{NativePeer, Stage};
use serde_json::Value;
use wire_protocol::invite::Invite;

use crate::world::{World, all, text};

const ANA: &str = "Ana";
const BO: &str = "Bo";
const CLEO: &str = "Cleo";
const NO_SOURCE: i32 = 3;
const INTERRUPTED: i32 = 130;

/// The cards of the group that a link leads to: their ids, and whether each has its torrent.
async fn cards(world: &World<'_>, who: &str, link: &str) -> Result<Vec<(String, bool)>> {
    let link: Invite = link.parse()?;
    let listed = world.group(who, &["files", link.slug()]).await?;
    all(&listed, "file").into_iter().map(|card| Ok((text(card, "id")?, card["info_hash"].is_string()))).collect()
}

/// It serves, and every byte of it was read before, in this run or an earlier one.
async fn share(world: &World<'_>, who: &str, path: &Path, more: &[&str]) -> Result<(NativePeer, String)> {
    let peer = NativePeer::share(world.stage, who, path, &world.server, more)?;
    let link = peer.invite().await?;
    peer.ready().await?;
    Ok((peer, link))
}

async fn stop(peer: &mut NativePeer) -> Result<()> {
    let status = peer.interrupt().await?;
    ensure!(status.success(), "ended with {status}");
    Ok(())
}

/// Downloads it all by this link, and compares.
async fn downloads(world: &World<'_>, who: &str, link: &str, file: &Path) -> Result<()> {
    let folder = world.stage.subfolder(&format!("{who}-files"))?;
    let mut peer = NativePeer::download(world.stage, who, link, &folder, &["--no-seed"])?;
    peer.succeeds().await?;
    content::ensure_equal(&folder.join(file.file_name().context("a file has a name")?), file)
}

/// Another file of the same name and content.
fn copy_of(stage: &Stage, file: &Path) -> Result<PathBuf> {
    let copy = stage.subfolder("copies")?.join(file.file_name().context("a file has a name")?);
    std::fs::copy(file, &copy)?;
    Ok(copy)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_again_is_the_same_link_and_whoever_was_downloading_goes_on() {
    let name = "the_same_command_again_is_the_same_link_and_whoever_was_downloading_goes_on";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.bin", 24 * MIB)?;
        let (mut ana, link) = share(&world, ANA, &file, &["--up", "6M"]).await?;
        let folder = stage.subfolder("Bo-files")?;
        let mut bo = NativePeer::download(stage, BO, &link, &folder, &["--no-seed"])?;
        let half = |event: &Value| event["verified"].as_u64().is_some_and(|bytes| bytes > 8 * MIB);
        bo.event("progress", TRANSFER, half).await?;
        stop(&mut ana).await?;

        let (mut ana, again) = share(&world, ANA, &file, &[]).await?;
        ensure!(again == link, "{again} is not {link}");
        bo.succeeds().await?;
        content::ensure_equal(&folder.join("film.bin"), &file)?;
        downloads(&world, CLEO, &link, &file).await?;
        ensure!(cards(&world, ANA, &link).await?.len() == 1, "a second card");

        // The date alone is no other content, and the name of a group makes one of its own.
        stop(&mut ana).await?;
        std::fs::File::open(&file)?
            .set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(3600))?;
        let (mut ana, again) = share(&world, ANA, &file, &[]).await?;
        ensure!(again == link, "{again} is not {link}");
        stop(&mut ana).await?;
        let (_ana, other) = share(&world, ANA, &file, &["--group", "Others"]).await?;
        ensure!(other != link, "a group that is named is another one");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_content_at_the_same_place_is_another_link_and_does_not_reach_whoever_has_the_first() {
    let name = "other_content_at_the_same_place_is_another_link_and_does_not_reach_whoever_has_the_first";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("report.bin", 3 * MIB)?;
        let (mut ana, first) = share(&world, ANA, &file, &[]).await?;
        stop(&mut ana).await?;
        // As long as before: only reading tells.
        content::write(&file, 3 * MIB, 99)?;
        let (mut ana, second) = share(&world, ANA, &file, &[]).await?;
        ensure!(first != second, "whoever has the first link would get what it was not made for");
        downloads(&world, BO, &second, &file).await?;
        stop(&mut ana).await?;
        content::write(&file, 2 * MIB, 98)?;
        let (mut ana, third) = share(&world, ANA, &file, &[]).await?;
        ensure!(third != first && third != second, "another length is another content");
        stop(&mut ana).await?;
        content::write(&file, 3 * MIB, 99)?;
        let (_ana, again) = share(&world, ANA, &file, &[]).await?;
        ensure!(again == second, "with the second content again it is {again}, not {second}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_the_same_file_is_one_card_whoever_shares_it_and_another_version_is_another() {
    let name = "in_a_group_the_same_file_is_one_card_whoever_shares_it_and_another_version_is_another";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.bin", 6 * MIB)?;
        let (mut ana, link) = share(&world, ANA, &file, &["--group", "films"]).await?;
        let first = cards(&world, ANA, &link).await?;
        stop(&mut ana).await?;
        let (mut ana, again) = share(&world, ANA, &file, &["--group", "films"]).await?;
        ensure!(again == link && cards(&world, ANA, &link).await? == first, "the same person, another card");
        stop(&mut ana).await?;

        world.group(BO, &["join", &link]).await?;
        let (_bo, _) = share(&world, BO, &copy_of(stage, &file)?, &["--group", "films"]).await?;
        ensure!(cards(&world, BO, &link).await? == first, "another person, another card");
        downloads(&world, CLEO, &link, &file).await?;

        content::write(&file, 6 * MIB, 99)?;
        let (ana, _) = share(&world, ANA, &file, &["--group", "films"]).await?;
        let now = cards(&world, ANA, &link).await?;
        ensure!(now.len() == 2 && now[0] == first[0], "the first is not there any more: {now:?}");
        let said = |stream, line: &str| (stream == Stream::Stderr && line.contains("group remove-file")).then_some(());
        ana.process().line("what becomes of the earlier version", SOON, said).await
    })
    .await;
}

/// Each adds a card before either has hashed; whoever waits at the card that goes is led to the other.
#[tokio::test(flavor = "multi_thread")]
async fn two_who_share_the_same_file_at_the_same_time_have_one_card_and_whoever_waits_gets_it() {
    let name = "two_who_share_the_same_file_at_the_same_time_have_one_card_and_whoever_waits_gets_it";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "films").await?;
        for who in [BO, CLEO] {
            world.group(who, &["join", &link]).await?;
        }
        let file = stage.file("film.bin", 48 * MIB)?;
        let copy = copy_of(stage, &file)?;
        let ana = NativePeer::share(stage, ANA, &file, &world.server, &["--group", &slug])?;
        let bo = NativePeer::share(stage, BO, &copy, &world.server, &["--group", &slug])?;
        ana.invite().await?;
        bo.invite().await?;
        let folder = stage.subfolder("Cleo-files")?;
        let mut cleo = NativePeer::download(stage, CLEO, &link, &folder.join("film.bin"), &["--no-seed"])?;
        ana.ready().await?;
        bo.ready().await?;
        let cards = cards(&world, ANA, &link).await?;
        ensure!(cards.len() == 1 && cards[0].1, "{cards:?}");
        cleo.succeeds().await?;
        let both = |event: &Value| event["full_copies_without_you"].as_u64() >= Some(1);
        ana.event("progress", SOON, both).await?;
        bo.event("progress", SOON, both).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_shared_again_is_the_same_card_and_is_not_hashed_a_second_time() {
    let name = "a_folder_that_is_shared_again_is_the_same_card_and_is_not_hashed_a_second_time";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let folder = stage.subfolder("shared/season")?;
        content::write(&folder.join("one.bin"), 5 * MIB, 1)?;
        content::write(&folder.join("two.bin"), MIB, 2)?;
        let (mut ana, link) = share(&world, ANA, &folder, &[]).await?;
        let is_hashing = |peer: &NativePeer| peer.process().transcript().of(Stream::Stdout).contains("\"hash\"");
        ensure!(is_hashing(&ana), "it was not hashed");
        stop(&mut ana).await?;
        let (mut ana, again) = share(&world, ANA, &folder, &[]).await?;
        ensure!(again == link && cards(&world, ANA, &link).await?.len() == 1, "{again} is not {link}");
        ensure!(!is_hashing(&ana), "it was hashed again");
        stop(&mut ana).await?;
        // One of its files is another one now.
        content::write(&folder.join("two.bin"), MIB, 3)?;
        let (_ana, other) = share(&world, ANA, &folder, &[]).await?;
        ensure!(other != link, "other content by the same link");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hashing_that_was_stopped_goes_on_with_the_same_link_and_card() {
    let name = "a_hashing_that_was_stopped_goes_on_with_the_same_link_and_card";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let file = stage.subfolder("originals")?.join("film.bin");
        // Without data on the disk, so that only hashing it takes its time.
        std::fs::File::create(&file)?.set_len(1024 * MIB)?;
        let mut ana = NativePeer::share(stage, ANA, &file, &world.server, &[])?;
        let link = ana.invite().await?;
        ana.event("hash", SOON, |_| true).await?;
        ensure!(ana.interrupt().await?.code() == Some(INTERRUPTED), "another exit code");
        let first = cards(&world, ANA, &link).await?;
        ensure!(first.len() == 1 && !first[0].1, "{first:?}");
        let (_ana, again) = share(&world, ANA, &file, &[]).await?;
        ensure!(again == link, "{again} is not {link}");
        let now = cards(&world, ANA, &link).await?;
        ensure!(now.len() == 1 && now[0] == (first[0].0.clone(), true), "{now:?}");
        Ok(())
    })
    .await;
}

/// The line used to say "0 people, copies online: 1.00" beside a second full copy.
#[tokio::test(flavor = "multi_thread")]
async fn a_sharer_counts_a_full_copy_that_it_has_no_link_to() {
    Stage::play("a_sharer_counts_a_full_copy_that_it_has_no_link_to", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.bin", 3 * MIB)?;
        let (ana, link) = share(&world, ANA, &file, &[]).await?;
        let folder = stage.subfolder("Bo-files")?;
        let mut bo = NativePeer::download(stage, BO, &link, &folder, &["--seed"])?;
        bo.done().await?;
        for peer in [&ana, &bo] {
            let alone = |event: &Value| {
                event["peers"] == 0 && event["verified"] == event["total"] && event["full_copies_without_you"] == 1
            };
            let progress = peer.event("progress", SOON, alone).await?;
            ensure!(progress["copies"] == 2.0, "{progress}");
            let line = |stream, line: &str| {
                let says =
                    line.contains("copies online: 2.00") && line.contains("1 full copy without you: you can stop now");
                (stream == Stream::Stderr && says).then_some(())
            };
            peer.process().line("the line", SOON, line).await?;
        }
        stop(&mut bo).await?;
        let mut late = NativePeer::download(stage, CLEO, &link, &stage.subfolder("Cleo-files")?, &["--no-seed"])?;
        late.succeeds().await
    })
    .await;
}

/// A card that nobody has anything of can be taken out by whoever added it; others are told where to look.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_sharer_does_not_come_back_is_taken_out_by_an_admin() {
    Stage::play("a_card_whose_sharer_does_not_come_back_is_taken_out_by_an_admin", async |stage| {
        let world = World::start(stage).await?;
        let (slug, link) = world.create(ANA, "films").await?;
        world.group(BO, &["join", &link]).await?;
        world.group(CLEO, &["join", &link]).await?;
        let file = stage.file("film.bin", MIB)?;
        let (mut bo, _) = share(&world, BO, &file, &["--group", &slug]).await?;
        stop(&mut bo).await?;
        world.refused(CLEO, &["remove-file", &slug, "film.bin"], 5).await?;
        world.group(ANA, &["remove-file", &slug, "film.bin"]).await?;
        ensure!(cards(&world, ANA, &link).await?.is_empty(), "it is still there");
        let mut late = NativePeer::download(stage, CLEO, &link, &stage.subfolder("Cleo-files")?, &["--no-seed"])?;
        late.fails_with(NO_SOURCE).await?;
        let (_bo, _) = share(&world, BO, &file, &["--group", &slug]).await?;
        wait::until("the card again", SOON, async || Ok((cards(&world, ANA, &link).await?.len() == 1).then_some(())))
            .await
    })
    .await;
}
