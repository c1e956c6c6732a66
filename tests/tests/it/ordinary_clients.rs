//! Clients that know nothing of Covey, in a group: they announce at its tracker with a member's passkey.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{NativePeer, OrdinaryClient, Stage};

use crate::world::{World, only, text};

/// A group of Ana and Bo; its slug and an invite.
pub async fn group_of_two(world: &World<'_>) -> Result<(String, String)> {
    let (slug, _) = world.create("Ana", "films").await?;
    let invite = text(only(&world.group("Ana", &["invite", &slug]).await?, "invite")?, "link")?;
    world.group("Bo", &["join", &invite]).await?;
    Ok((slug, invite))
}

/// Bo's own torrent file of the group's file.
pub async fn torrent_of_bo(world: &World<'_>, slug: &str) -> Result<PathBuf> {
    let torrent = world.stage.folder().join("bo.torrent");
    let path = torrent.display().to_string();
    world.group("Bo", &["torrent", "ordinary.bin", "--group", slug, "-o", &path]).await?;
    Ok(torrent)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_of_a_member_downloads_from_a_share_that_allows_it_until_its_passkey_is_revoked() {
    let name = "every_client_of_a_member_downloads_from_a_share_that_allows_it_until_its_passkey_is_revoked";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let (slug, _) = group_of_two(&world).await?;
        let file = stage.file("ordinary.bin", 12 * MIB)?;
        let sharing = ["--group", &slug, "--allow-bittorrent"];
        let ana = NativePeer::share(stage, "Ana", &file, &world.server, &sharing)?;
        ana.ready().await?;
        let torrent = torrent_of_bo(&world, &slug).await?;
        // Transmission dials nobody on loopback, and Ana dials whom the tracker names.
        for client in OrdinaryClient::ALL {
            let into = stage.subfolder(&format!("{}-files", client.name()))?;
            let _leecher = client.run(stage, client.name(), &torrent, &into)?;
            let what = format!("{} downloads", client.name());
            let saved = into.join("ordinary.bin");
            until(&what, TRANSFER, async || Ok(content::ensure_equal(&saved, &file).ok())).await?;
        }
        world.group("Bo", &["torrent", "--revoke", "--group", &slug]).await?;
        let into = stage.subfolder("revoked-files")?;
        let refused = OrdinaryClient::Aria2.run(stage, "revoked", &torrent, &into)?;
        let says = |_: Stream, line: &str| line.contains("passkey").then_some(());
        refused.process().line("the tracker's refusal", SOON, says).await?;
        ensure!(content::ensure_equal(&into.join("ordinary.bin"), &file).is_err());
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shares_a_file_bridges_another_of_the_group_beside_it() {
    Stage::play("whoever_shares_a_file_bridges_another_of_the_group_beside_it", async |stage| {
        let world = World::start(stage).await?;
        let (slug, invite) = group_of_two(&world).await?;
        let file = stage.file("ordinary.bin", 12 * MIB)?;
        let mut ana = NativePeer::share(stage, "Ana", &file, &world.server, &["--group", &slug])?;
        ana.ready().await?;
        let torrent = torrent_of_bo(&world, &slug).await?;
        ana.interrupt().await?;
        let originals = file.parent().expect("a file in a folder");
        let _nas = OrdinaryClient::Transmission.seed(stage, "nas", &torrent, originals).await?;
        let other = stage.file("other.bin", MIB)?;
        let sharing = ["--group", &slug, "--bridge", "--allow-private", "--cache", "8Mi"];
        let ana = NativePeer::share(stage, "Ana", &other, &world.server, &sharing)?;
        ana.ready().await?;
        ana.event("behind", TRANSFER, |behind| behind["name"] == "ordinary.bin").await?;
        let into = stage.subfolder("Cem-files")?;
        let mut cem = NativePeer::download(stage, "Cem", &invite, &into, &["--no-seed"])?;
        cem.succeeds().await?;
        content::ensure_equal(&into.join("ordinary.bin"), &file)?;
        content::ensure_equal(&into.join("other.bin"), &other)
    })
    .await;
}
