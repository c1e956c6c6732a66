//! A tab downloads what a member's own BitTorrent client has.

use anyhow::ensure;
use covey_tests::content::MIB;
use covey_tests::wait::TRANSFER;
use covey_tests::{NativePeer, OrdinaryClient, Stage};

use crate::ordinary_clients::{group_of_two, torrent_of_bo};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_downloads_what_only_a_members_transmission_has_through_a_bridge_for_the_group() {
    let name = "a_tab_downloads_what_only_a_members_transmission_has_through_a_bridge_for_the_group";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let (slug, invite) = group_of_two(&world).await?;
        let file = stage.file("ordinary.bin", 12 * MIB)?;
        let mut ana = NativePeer::share(stage, "Ana", &file, &world.server, &["--group", &slug])?;
        ana.ready().await?;
        let torrent = torrent_of_bo(&world, &slug).await?;
        ana.interrupt().await?;
        let originals = file.parent().expect("a file in a folder");
        let _nas = OrdinaryClient::Transmission.seed(stage, "nas", &torrent, originals).await?;
        let bridge = world.begin("Bo", &["bridge", &slug, "--allow-private"])?;
        bridge.event("behind", TRANSFER, |_| true).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&invite).await?;
        let given = cleo.until_saved(&file, TRANSFER).await?;
        ensure!(given.of("Bo") >= 12 * MIB, "not by way of the bridge: {given:?}");
        Ok(())
    })
    .await;
}
