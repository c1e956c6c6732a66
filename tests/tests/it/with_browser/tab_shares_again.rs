//! What a tab shared goes on after the page was loaded again: by the handle that the browser gave, or dropped once more.

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::SOON;
use covey_tests::{Browser, PageView, Stage};

use super::tab_shares::{at_home, download, until_shared};
use crate::world::World;

const LEN: u64 = 64 * MIB;

/// Every state that the share is in from now on.
const WATCH: &str = r#"
window.states = [];
const look = () => {
  const state = document.querySelector('[data-testid="share-card"]')?.dataset.state;
  if (state && state !== window.states.at(-1)) window.states.push(state);
};
new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
return null;
"#;

/// Nobody is there to allow a page the file of a disk: what is dropped is copied to where the browser asks nobody, and that
/// copy's handle is given.
const GIVES_HANDLES: &str = r#"
DataTransferItem.prototype.getAsFileSystemHandle = function () {
  const file = this.getAsFile();
  const copy = async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("disk", { create: true });
    const handle = await folder.getFileHandle(file.name, { create: true });
    const writable = await handle.createWritable();
    await writable.write(file);
    await writable.close();
    return handle;
  };
  return copy();
};
return null;
"#;

/// Loads the page again, and waits for what it offers.
async fn load_again(tab: &Browser, offered: &str) -> Result<()> {
    let address = tab.client().current_url().await?;
    tab.open("about:blank").await?;
    tab.open(address.as_str()).await?;
    tab.until(offered, SOON, |page| page.shows(offered).then_some(())).await?;
    tab.client().execute(WATCH, vec![]).await?;
    Ok(())
}

async fn was_hashed(tab: &Browser) -> Result<bool> {
    let states = tab.client().execute("return window.states", vec![]).await?;
    Ok(states.as_array().is_some_and(|states| states.iter().any(|state| state == "hashing")))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_again_after_a_reload_is_not_hashed_again_unless_it_is_something_else() {
    let name = "what_is_dropped_again_after_a_reload_is_not_hashed_again_unless_it_is_something_else";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.bin", LEN)?;
        let ana = at_home(stage, &world.server).await?;
        ana.choose("share-file", &[&file]).await?;
        let link = until_shared(&ana, "film.bin").await?;

        load_again(&ana, "shared-before").await?;
        ana.drop_on_page(&[&file]).await?;
        ensure!(until_shared(&ana, "film.bin").await? == link, "another link");
        ensure!(!was_hashed(&ana).await?, "it was hashed again");
        ensure!(ana.page().await?.files == ["film.bin"], "another card");
        let into = download(stage, "Bo", &link).await?;
        content::ensure_equal(&into.join("film.bin"), &file)?;

        // The same name and length, other bytes.
        load_again(&ana, "shared-before").await?;
        content::write(&file, LEN, 99)?;
        ana.drop_on_page(&[&file]).await?;
        until_shared(&ana, "film.bin").await?;
        ensure!(was_hashed(&ana).await?, "something else was taken for what was shared");
        let two = |page: &PageView| (page.files.len() == 2).then_some(());
        ana.until("a card of its own", SOON, two).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_whose_handle_the_browser_has_goes_on_with_one_click() {
    Stage::play("a_share_whose_handle_the_browser_has_goes_on_with_one_click", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.bin", LEN)?;
        let ana = at_home(stage, &world.server).await?;
        ana.client().execute(GIVES_HANDLES, vec![]).await?;
        ana.drop_on_page(&[&file]).await?;
        let link = until_shared(&ana, "film.bin").await?;

        load_again(&ana, "allow-access").await?;
        ana.click("allow-access").await?;
        ensure!(until_shared(&ana, "film.bin").await? == link, "another link");
        ensure!(!was_hashed(&ana).await?, "it was hashed again");
        let into = download(stage, "Bo", &link).await?;
        content::ensure_equal(&into.join("film.bin"), &file)?;

        // Who stops sharing it is not asked again.
        ana.click("stop").await?;
        ana.until("that it is stopped", SOON, |page| page.shares.is_empty().then_some(())).await?;
        ensure!(!ana.page().await?.shows("shared-before"), "it is offered again");

        // A file that is gone is said to be, with a way on.
        ana.client().execute(GIVES_HANDLES, vec![]).await?;
        ana.drop_on_page(&[&file]).await?;
        until_shared(&ana, "film.bin").await?;
        load_again(&ana, "allow-access").await?;
        let remove = "const done = arguments[0]; navigator.storage.getDirectory().then((root) => \
                      root.removeEntry('disk', { recursive: true })).then(() => done(null));";
        ana.client().execute_async(remove, vec![]).await?;
        ana.click("allow-access").await?;
        let said = |page: &PageView| page.complaints().contains("not where it was").then_some(());
        ana.until("that it is gone", SOON, said).await
    })
    .await;
}
