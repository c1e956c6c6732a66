//! Whatever the tracker has acknowledged is there once, however often it dies.

use anyhow::ensure;
use covey_tests::Stage;
use covey_tests::chaos::Chaos;
use wire_protocol::control::RefusalCode;

const KILLS: u32 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_and_double_nothing_with_clocks_that_jump_and_disks_that_fill_up() {
    Stage::play("fifty_kills_lose_and_double_nothing_with_clocks_that_jump_and_disks_that_fill_up", async |stage| {
        let chaos = Chaos { kills: KILLS, seed: fastrand::u64(..), time_max: None, fills_disks: true };
        let report = chaos.run(&stage.programs().tracker_relay).await?;
        // Otherwise it would hold of anything.
        ensure!(report.kills == u64::from(KILLS) && report.sent_again_acknowledged > 0, "{report:?}");
        ensure!(report.full_disks > 0 && report.clock_steps > 0 && report.opened_in_time > 0, "{report:?}");
        ensure!(report.refusals(RefusalCode::InviteExpired) > 0, "no invite ended: {report:?}");
        ensure!(report.never_done().is_empty(), "nobody did {:?}: {report:?}", report.never_done());
        Ok(())
    })
    .await;
}
