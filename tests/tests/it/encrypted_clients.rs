//! Ordinary clients that take no connection in the clear.

use anyhow::{Context, Result, ensure};
use covey_tests::wait::{TRANSFER, until};
use covey_tests::{OrdinaryClient, OrdinaryTracker, Stage, Wire};

use crate::torrents::{Folder, download, local_address, seed};

async fn downloads_from(client: OrdinaryClient, name: &str) {
    Stage::play(name, async |stage| {
        // rtorrent loads no torrent that names no tracker.
        let tracker = OrdinaryTracker::start(Vec::new()).await?;
        let folder = Folder::make(stage, Some(tracker.announce())).await?;
        let address = local_address()?;
        let seeder =
            client.run_over(Wire::Encrypted, stage, client.name(), &folder.torrent, &folder.parent, address)?;
        let into = stage.subfolder("Ben-files")?;
        let (torrent, peer) = (folder.torrent.display().to_string(), address.to_string());
        let mut ben = download(stage, "Ben", &torrent, &into, &["--peer", &peer, "--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))?;
        let torrent = folder.metainfo()?.info;
        let in_the_clear = seeder.answers_in_the_clear(torrent.info_hash(), torrent.layout().pieces()).await?;
        ensure!(!in_the_clear, "it does not require encryption");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_aria2_that_requires_encryption() {
    downloads_from(OrdinaryClient::Aria2, "a_folder_is_downloaded_from_aria2_that_requires_encryption").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_transmission_that_requires_encryption() {
    let name = "a_folder_is_downloaded_from_transmission_that_requires_encryption";
    downloads_from(OrdinaryClient::Transmission, name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_qbittorrent_that_requires_encryption() {
    downloads_from(OrdinaryClient::Qbittorrent, "a_folder_is_downloaded_from_qbittorrent_that_requires_encryption")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_downloaded_from_rtorrent_that_requires_encryption() {
    downloads_from(OrdinaryClient::Rtorrent, "a_folder_is_downloaded_from_rtorrent_that_requires_encryption").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_magnet_link_gets_its_torrent_from_a_client_that_requires_encryption() {
    Stage::play("a_magnet_link_gets_its_torrent_from_a_client_that_requires_encryption", async |stage| {
        let folder = Folder::make(stage, None).await?;
        let (client, address) = (OrdinaryClient::Qbittorrent, local_address()?);
        let seeder =
            client.run_over(Wire::Encrypted, stage, client.name(), &folder.torrent, &folder.parent, address)?;
        let into = stage.subfolder("Ben-files")?;
        let (magnet, peer) = (folder.metainfo()?.magnet().to_string(), seeder.address.to_string());
        let mut ben = download(stage, "Ben", &magnet, &into, &["--peer", &peer, "--no-seed"])?;
        ben.done().await?;
        ben.succeeds().await?;
        folder.ensure_equal(&into.join("season"))
    })
    .await;
}

/// Transmission dials nobody on loopback: the seeder dials it, whom the tracker names.
#[tokio::test(flavor = "multi_thread")]
async fn every_client_that_requires_encryption_downloads_a_folder_from_a_seeder() {
    Stage::play("every_client_that_requires_encryption_downloads_a_folder_from_a_seeder", async |stage| {
        let address = local_address()?;
        let mut leechers = Vec::new();
        for client in OrdinaryClient::ALL {
            leechers.push((client, local_address()?));
        }
        // They run one after the other, so nobody has it from another.
        let named = leechers.iter().map(|(_, address)| *address).chain([address]).collect();
        let tracker = OrdinaryTracker::start(named).await?;
        let folder = Folder::make(stage, Some(tracker.announce())).await?;
        let _seeder = seed(stage, "Ana", &folder, address).await?;
        for (client, address) in leechers {
            let into = stage.subfolder(&format!("{}-files", client.name()))?;
            let _leecher = client.run_over(Wire::Encrypted, stage, client.name(), &folder.torrent, &into, address)?;
            let what = format!("{} downloads", client.name());
            // Transmission 3.00 is complete without the empty file.
            let len_min = u64::from(client == OrdinaryClient::Transmission);
            let is_there = async || Ok(folder.ensure_equal_from(len_min, &into.join("season")).ok());
            until(&what, TRANSFER, is_there).await.with_context(|| client.name())?;
        }
        Result::Ok(())
    })
    .await;
}
