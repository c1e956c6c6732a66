//! Whatever is chosen under "Advanced", or with `--policy`, the file is the same.

use std::time::{Duration, Instant};

use anyhow::ensure;
use covey_tests::content::{self, MIB};
use covey_tests::wait::{SOON, TRANSFER};
use covey_tests::{NativePeer, PageView, Stage, policy};

use crate::sharing::Sharing;

/// 128 pieces.
const LEN: u64 = 8 * MIB;
const SHORT_PIECES: [&str; 2] = ["--piece-size", "64K"];

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_saves_the_same_file_with_every_policy() {
    Stage::play("a_tab_saves_the_same_file_with_every_policy", async |stage| {
        let sharing = Sharing::start_with(stage, "chosen.bin", LEN, &SHORT_PIECES).await?;
        let _bo = sharing.second_seeder(stage).await?;
        for policy in policy::ALL {
            // Whoever is a member is not asked again.
            let cleo = stage.browser(&format!("Cleo-{policy}")).await?;
            cleo.join_with_policy(&sharing.invite, policy).await?;
            cleo.until_saved(&sharing.file, TRANSFER).await?;
            let page = cleo.page().await?;
            ensure!(page.policy == policy, "it was downloaded with `{}`, not with `{policy}`", page.policy);
            cleo.close().await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn native_peer_saves_the_same_file_with_every_policy() {
    Stage::play("native_peer_saves_the_same_file_with_every_policy", async |stage| {
        let sharing = Sharing::start_with(stage, "chosen.bin", LEN, &SHORT_PIECES).await?;
        let _bo = sharing.second_seeder(stage).await?;
        for policy in policy::ALL {
            let folder = stage.subfolder(&format!("Eve-{policy}"))?;
            let options = ["--no-seed", "--policy", policy];
            let mut eve = NativePeer::download(stage, "Eve", &sharing.invite, &folder, &options)?;
            eve.succeeds().await?;
            content::ensure_equal(&sharing.saved_in(&folder), &sharing.file)?;
        }
        Ok(())
    })
    .await;
}

/// Bytes per second, and how the page takes them.
const LIMIT: (u64, &str) = (200_000, "0.2");
/// More than [`TRANSFER`] under the limit.
const LONG: u64 = 64 * MIB;
const WATCHED: u64 = 3 * MIB / 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_download_limit_of_the_page_is_kept_and_lifted_while_it_runs() {
    Stage::play("a_download_limit_of_the_page_is_kept_and_lifted_while_it_runs", async |stage| {
        let sharing = Sharing::start_with(stage, "limited.bin", LONG, &SHORT_PIECES).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.open(&sharing.invite).await?;
        cleo.until("a `join` button", SOON, |page| page.can_join.then_some(())).await?;
        cleo.open_section("advanced").await?;
        cleo.fill("limit-down", "fast").await?;
        let refused = |page: &PageView| (!page.errors.is_empty() && !page.can_join).then_some(());
        cleo.until("it says that this is no limit", SOON, refused).await?;
        cleo.fill("limit-down", LIMIT.1).await?;

        let began = Instant::now();
        cleo.press_join().await?;
        let page = cleo.until_has(WATCHED, TRANSFER).await?;
        let least = Duration::from_secs_f64(page.have_bytes as f64 / (LIMIT.0 as f64 * 1.3));
        ensure!(began.elapsed() >= least, "{} bytes within {:?}", page.have_bytes, began.elapsed());

        cleo.open_section("advanced").await?;
        cleo.fill("limit-down", "").await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        Ok(())
    })
    .await;
}
