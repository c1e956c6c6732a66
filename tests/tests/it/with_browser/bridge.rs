//! Tabs download what only ordinary BitTorrent clients have.

use anyhow::{Context, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{OrdinaryClient, PageView, Stage};

use crate::bridge::{ANA, Bridged, LEN};

/// What the tab shows of Ana while it is linked with her.
fn bridge_row(page: &PageView) -> Option<(String, String)> {
    let row = page.peers.iter().find(|peer| peer.name == ANA && peer.path == "bridge")?;
    Some((row.path.clone(), row.client.clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_download_at_once_through_one_bridge_from_transmission_and_qbittorrent() {
    Stage::play("two_tabs_download_at_once_through_one_bridge_from_transmission_and_qbittorrent", async |stage| {
        let clients = [OrdinaryClient::Transmission, OrdinaryClient::Qbittorrent];
        let mut bridged = Bridged::start(stage, &clients, &[]).await?;
        let (cleo, dan) = (stage.browser("Cleo").await?, stage.browser("Dan").await?);
        cleo.join(&bridged.invite).await?;
        dan.join(&bridged.invite).await?;
        let (_, client) = cleo.until("a bridge is shown", SOON, bridge_row).await?;
        ensure!(client.contains("Transmission 3.00") && client.contains("qBittorrent"), "behind it: {client}");
        let saved =
            tokio::try_join!(cleo.until_saved(&bridged.file, TRANSFER), dan.until_saved(&bridged.file, TRANSFER));
        let (of_cleo, of_dan) = saved?;
        let by_bridge = of_cleo.of(ANA) + of_dan.of(ANA);
        ensure!(by_bridge >= LEN, "{by_bridge} bytes came by the bridge: {of_cleo:?} {of_dan:?}");
        let fetched = bridged.fetched().await?;
        ensure!((LEN..LEN * 21 / 20 + MIB).contains(&fetched), "{fetched} bytes were asked of the seeders");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_waits_while_the_only_seeder_is_away_and_goes_on_when_it_is_back() {
    Stage::play("a_tab_waits_while_the_only_seeder_is_away_and_goes_on_when_it_is_back", async |stage| {
        let mut bridged = Bridged::start(stage, &[OrdinaryClient::Qbittorrent], &["--down", "6M"]).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&bridged.invite).await?;
        cleo.until_has(LEN / 8, TRANSFER).await?;
        let mut seeder = bridged.seeders.pop().context("the seeder")?;
        seeder.kill().await?;
        let folder = bridged.file.parent().context("a file in a folder")?;
        // It is not asked whether it is ready: it takes one connection from an address, and that is the bridge's.
        let _seeder = OrdinaryClient::Qbittorrent.run_at(stage, "again", &bridged.torrent, folder, seeder.address)?;
        cleo.until_saved(&bridged.file, TRANSFER).await?;
        Ok(())
    })
    .await;
}
