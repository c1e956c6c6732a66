//! Many small files, each asked for by hand.

use anyhow::ensure;
use covey_tests::content;
use covey_tests::wait::{SOON, TRANSFER, until_file};
use covey_tests::{NativePeer, Stage};

use crate::world::World;

const FILES: u64 = 12;
const LEN: u64 = 300_000;

#[tokio::test(flavor = "multi_thread")]
async fn twelve_small_files_pressed_one_after_the_other_are_all_saved() {
    Stage::play("twelve_small_files_pressed_one_after_the_other_are_all_saved", async |stage| {
        let world = World::start(stage).await?;
        let (slug, invite) = world.create("Ana", "Photos").await?;
        let mut shared = Vec::new();
        for number in 1..=FILES {
            let file = stage.file(&format!("photo {number}.jpg"), LEN + number)?;
            let ana = NativePeer::share(stage, "Ana", &file, &world.server, &["--group", &slug])?;
            shared.push((file, ana));
        }
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&invite).await?;
        let all_there = |page: &covey_tests::PageView| (page.files.len() as u64 == FILES).then(|| page.files.clone());
        let names = cleo.until("all files", TRANSFER, all_there).await?;
        for (_, ana) in &shared {
            ana.ready().await?;
        }
        for name in &names {
            cleo.click_in("file-row", name, "download").await?;
        }
        for (number, (file, _)) in (1..).zip(&shared) {
            let saved = cleo.downloads().join(file.file_name().expect("a shared file has a name"));
            until_file(&saved, LEN + number, TRANSFER).await?;
            content::ensure_equal(&saved, file)?;
        }
        let page = cleo.until("a page", SOON, |page| Some(page.clone())).await?;
        ensure!(page.complaints().is_empty(), "{page:?}");
        Ok(())
    })
    .await;
}
