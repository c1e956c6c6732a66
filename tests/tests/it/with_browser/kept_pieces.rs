//! Where a tab keeps its pieces, and what a later visit finds of them.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::ordinary_client::free_port;
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{Browser, NativePeer, PageView, Proxy, Stage, Tracker};
use fantoccini::Locator;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::sharing::Sharing;

const CLEO: &str = "Cleo";
const LEN: u64 = 64 * MIB;
/// Slow enough to step in half way.
const SLOW: u64 = 12_000_000;
/// What came and was not yet noted.
const LOST_MAX: u64 = 16 * MIB;

/// A download that stands half way.
pub struct HalfWay {
    sharing: Sharing,
    proxy: Proxy,
    pub cleo: Browser,
    /// Bytes that she has.
    have: u64,
}

impl HalfWay {
    async fn reach(stage: &Stage, name: &str) -> Result<Self> {
        Self::reach_in(stage, name, stage.browser(CLEO).await?).await
    }

    /// In this browser, which has no name yet.
    pub async fn reach_in(stage: &Stage, name: &str, cleo: Browser) -> Result<Self> {
        let sharing = Sharing::start(stage, name, LEN).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        cleo.join(&invite).await?;
        let have = cleo.until_has(LEN / 2, TRANSFER).await?.have_bytes;
        ensure!(have < LEN, "too late: {have}");
        Ok(Self { sharing, proxy, cleo, have })
    }

    /// Goes on where it was, and fetches little more than what was missing.
    pub async fn go_on(&self, cleo: &Browser) -> Result<()> {
        let name = self.sharing.file.file_name().and_then(|name| name.to_str()).context("a name")?;
        let stored = cleo.until("what is stored", SOON, |page| page.stored.first().cloned()).await?;
        ensure!(stored.starts_with("You had ") && stored.contains(name), "{stored}");
        cleo.click_once_shown("continue").await?;
        self.proxy.unlimit();
        let given = cleo.until_saved(&self.sharing.file, TRANSFER).await?;
        ensure_little_more(given.of("Ana"), LEN - self.have)
    }
}

fn ensure_little_more(fetched: u64, missing: u64) -> Result<()> {
    ensure!(fetched <= missing + LOST_MAX, "fetched {fetched} bytes, and only {missing} were missing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_of_a_download_are_on_the_browsers_disk_and_are_removed_with_it() {
    let name = "the_bytes_of_a_download_are_on_the_browsers_disk_and_are_removed_with_it";
    Stage::play(name, async |stage| {
        let sharing = Sharing::start(stage, "on disk.bin", LEN + 5).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&sharing.invite).await?;
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        let kept = cleo.files_on_disk().await?;
        let [file] = kept.as_slice() else { anyhow::bail!("not one file: {kept:?}") };
        ensure!(file.name == sharing.info_hash && file.len == LEN + 5, "{file:?}");
        let original = Sha256::digest(std::fs::read(&sharing.file)?);
        ensure!(file.sha256 == peer_wire::to_hex(&original), "other bytes on disk");

        cleo.click("stop").await?;
        let is_gone = async || Ok(cleo.files_on_disk().await?.is_empty().then_some(()));
        until("the browser's disk is empty", SOON, is_gone).await
    })
    .await;
}

/// What the page hands to the browser's downloads is noted instead. DevTools does not say where a private window saves.
const CATCH_DOWNLOAD: &str =
    "HTMLAnchorElement.prototype.click = function () { window.caught = this.href; }; return null;";
const DIGEST_OF_CAUGHT: &str = r#"
const done = arguments[arguments.length - 1];
const digest = async () => {
  const bytes = await (await fetch(window.caught)).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};
digest().then(done, (error) => done(String(error)));
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_private_window_keeps_them_in_memory_and_says_so() {
    Stage::play("a_private_window_keeps_them_in_memory_and_says_so", async |stage| {
        let sharing = Sharing::start(stage, "private.bin", LEN).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.private_browser(CLEO).await?;
        // The page itself may not fetch what it saves.
        cleo.devtools("Page.setBypassCSP", json!({"enabled": true})).await?;
        cleo.open(&invite).await?;
        cleo.client().execute(CATCH_DOWNLOAD, vec![]).await?;
        cleo.press_join().await?;
        let said = |page: &PageView| page.place.contains("private window").then_some(());
        cleo.until("that it is kept in memory", TRANSFER, said).await?;
        proxy.unlimit();
        cleo.until("the download is done", TRANSFER, |page| (page.state == "done").then_some(())).await?;
        let caught = cleo.client().execute_async(DIGEST_OF_CAUGHT, vec![]).await?;
        let original = peer_wire::to_hex(&Sha256::digest(std::fs::read(&sharing.file)?));
        ensure!(caught.as_str() == Some(&original), "other bytes are saved: {caught}");
        ensure!(cleo.files_on_disk().await?.is_empty(), "something is on disk");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_is_told_and_memory_takes_the_file() {
    Stage::play("a_disk_without_room_is_told_and_memory_takes_the_file", async |stage| {
        let sharing = Sharing::start(stage, "no room.bin", LEN).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        let quota = json!({"origin": proxy.url(), "quotaSize": 8 * MIB});
        cleo.open(&proxy.url()).await?;
        cleo.devtools("Storage.overrideQuotaForOrigin", quota).await?;
        cleo.join(&invite).await?;
        let said = |page: &PageView| page.place.contains("the disk has no room").then_some(());
        cleo.until("that the disk has no room", TRANSFER, said).await?;
        proxy.unlimit();
        cleo.until_saved(&sharing.file, TRANSFER).await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_after_the_page_was_loaded_again() {
    Stage::play("a_download_goes_on_after_the_page_was_loaded_again", async |stage| {
        let half = HalfWay::reach(stage, "loaded again.bin").await?;
        half.cleo.client().refresh().await?;
        half.go_on(&half.cleo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_after_the_browser_was_killed() {
    Stage::play("a_download_goes_on_after_the_browser_was_killed", async |stage| {
        let half = HalfWay::reach(stage, "killed.bin").await?;
        half.cleo.kill();
        let cleo = stage.browser(CLEO).await?;
        cleo.open(&half.proxy.url()).await?;
        half.go_on(&cleo).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_visit_left_can_be_removed() {
    Stage::play("what_an_earlier_visit_left_can_be_removed", async |stage| {
        let half = HalfWay::reach(stage, "removed.bin").await?;
        half.cleo.client().refresh().await?;
        half.cleo.click_once_shown("remove-stored").await?;
        half.cleo.until("nothing is stored", SOON, |page| page.stored.is_empty().then_some(())).await?;
        let is_gone = async || Ok(half.cleo.files_on_disk().await?.is_empty().then_some(()));
        until("the browser's disk is empty", SOON, is_gone).await?;
        half.cleo.client().refresh().await?;
        half.cleo.until("the group", SOON, |page| page.shows("download").then_some(())).await?;
        ensure!(half.cleo.page().await?.stored.is_empty(), "it is back");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_goes_on_with_what_another_one_got_before_it_was_closed() {
    Stage::play("a_tab_goes_on_with_what_another_one_got_before_it_was_closed", async |stage| {
        let sharing = Sharing::start(stage, "closed.bin", LEN).await?;
        let (proxy, invite) = sharing.slowed(SLOW).await?;
        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        let first = cleo.client().window().await?;
        // Before anything is there.
        cleo.open_beside(&invite).await?;
        cleo.until("the group", TRANSFER, |page| page.shows("download").then_some(())).await?;
        let second = cleo.client().window().await?;
        cleo.to_tab(first).await?;
        let have = cleo.until_has(LEN / 2, TRANSFER).await?.have_bytes;
        cleo.client().close_window().await?;
        cleo.to_tab(second).await?;
        cleo.click("download").await?;
        proxy.unlimit();
        let given = cleo.until_saved(&sharing.file, TRANSFER).await?;
        ensure_little_more(given.of("Ana"), LEN - have)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_browser_cannot_read_any_more_takes_nothing_else_with_it() {
    Stage::play("what_the_browser_cannot_read_any_more_takes_nothing_else_with_it", async |stage| {
        let half = HalfWay::reach(stage, "beside lost.bin").await?;
        let name = who_one_is(&half.cleo).await?;
        // Chromium keeps what is long in a file of its own beside the database.
        half.cleo.client().execute_async(KEEP_LONG, vec![]).await?;
        half.cleo.kill();
        let lost = remove_long_values(half.cleo.profile())?;
        ensure!(lost > 0, "nothing is lost: this tests nothing");
        let cleo = stage.browser(CLEO).await?;
        cleo.open(&half.proxy.url()).await?;
        half.go_on(&cleo).await?;
        let now = who_one_is(&cleo).await?;
        ensure!(now == name, "{name} is {now} now");
        Ok(())
    })
    .await;
}

async fn who_one_is(tab: &Browser) -> Result<String> {
    Ok(tab.client().find(Locator::Css(r#"[data-testid="you"]"#)).await?.text().await?)
}

const KEEP_LONG: &str = r#"
const done = arguments[0];
const open = indexedDB.open("covey");
// Random: else it is short once the browser has compressed it.
const long = new Uint8Array(200_000);
for (let at = 0; at < long.length; at += 50_000) crypto.getRandomValues(long.subarray(at, at + 50_000));
open.onsuccess = () => {
  const write = open.result.transaction("kept", "readwrite", { durability: "strict" });
  write.objectStore("kept").put(long, "long");
  write.oncomplete = () => done();
};
"#;

/// Removes the files in which a profile's databases keep long values; how many there were.
fn remove_long_values(profile: &Path) -> Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(profile)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "blob") {
            std::fs::remove_dir_all(&path)?;
            removed += 1;
        } else if path.is_dir() {
            removed += remove_long_values(&path)?;
        }
    }
    Ok(removed)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_one_browser_never_write_the_same_file_and_one_says_so() {
    let name = "two_tabs_of_one_browser_never_write_the_same_file_and_one_says_so";
    Stage::play(name, async |stage| {
        let HalfWay { sharing, proxy, cleo, .. } = HalfWay::reach(stage, "twice.bin").await?;
        let first = cleo.open_beside(&proxy.invite(&sharing.invite)).await?;
        cleo.click_once_shown("download").await?;
        let said = |page: &PageView| page.place.contains("Another tab").then_some(());
        cleo.until("that another tab has it", TRANSFER, said).await?;
        let second = cleo.client().window().await?;
        proxy.unlimit();
        for tab in [first, second] {
            cleo.to_tab(tab).await?;
            cleo.until_saved(&sharing.file, TRANSFER).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_tab_has_open_is_marked_so_until_that_is_closed() {
    Stage::play("what_another_tab_has_open_is_marked_so_until_that_is_closed", async |stage| {
        let half = HalfWay::reach(stage, "elsewhere.bin").await?;
        let cleo = &half.cleo;
        let first = cleo.open_beside(&half.proxy.url()).await?;
        let second = cleo.client().window().await?;
        cleo.until("that it is open elsewhere", SOON, |page| page.shows("elsewhere").then_some(())).await?;
        let page = cleo.page().await?;
        ensure!(!page.shows("continue") && !page.shows("remove-stored"), "buttons that fail: {:?}", page.shown);
        cleo.to_tab(first).await?;
        cleo.client().close_window().await?;
        cleo.to_tab(second).await?;
        cleo.until("that it can go on here", SOON, |page| page.shows("continue").then_some(())).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_https_a_download_goes_on_after_a_reload_and_after_the_browser_was_killed() {
    let name = "without_https_a_download_goes_on_after_a_reload_and_after_the_browser_was_killed";
    Stage::play(name, async |stage| {
        let port = free_port()?;
        let named = format!("http://some.lan:{port}");
        let listen = SocketAddr::from(([127, 0, 0, 1], port));
        let _tracker = Tracker::start_at(stage, listen, &["--public-url", &named]).await?;
        let hosts = stage.folder().join("hosts");
        std::fs::write(&hosts, "127.0.0.1 localhost some.lan\n")?;
        let file = stage.file("at home.bin", LEN)?;
        let arguments = ["share", "--up", "6M", "--server", &named].map(OsStr::new);
        let ana = NativePeer::start_knowing(stage, "Ana", &hosts, &[&arguments[..], &[file.as_os_str()]].concat())?;
        let invite = ana.invite().await?;

        let cleo = stage.browser(CLEO).await?;
        cleo.join(&invite).await?;
        cleo.until_has(LEN / 3, TRANSFER).await?;
        let kept = |page: &PageView| page.place.contains("except for the last seconds").then_some(());
        cleo.until("that it is kept", SOON, kept).await?;
        cleo.client().refresh().await?;
        let first = go_on_without_https(&cleo, LEN / 4).await?;
        cleo.until_has((first + LEN / 4).min(LEN - MIB), TRANSFER).await?;
        cleo.kill();

        let cleo = stage.browser(CLEO).await?;
        cleo.open(&named).await?;
        go_on_without_https(&cleo, first).await?;
        cleo.until_saved(&file, TRANSFER).await?;
        cleo.click("stop").await?;
        let is_empty = async || Ok((blobs_in_database(&cleo).await? == 0).then_some(()));
        until("nothing is left in the browser", SOON, is_empty).await
    })
    .await;
}

/// How much is there as soon as it goes on: `least` bytes and more.
async fn go_on_without_https(cleo: &Browser, least: u64) -> Result<u64> {
    cleo.click_once_shown("continue").await?;
    let page = cleo.until_has(1, TRANSFER).await?;
    ensure!(page.have_bytes >= least, "only {} bytes of {least} are there again", page.have_bytes);
    Ok(page.have_bytes)
}

async fn blobs_in_database(tab: &Browser) -> Result<u64> {
    const COUNT: &str = r#"
const done = arguments[0];
const open = indexedDB.open("covey");
open.onsuccess = () => {
  const keys = open.result.transaction("kept").objectStore("kept").getAllKeys();
  keys.onsuccess = () => done(keys.result.filter((key) => key.startsWith("blob:") || key.startsWith("batches:")).length);
};
"#;
    let count = tab.client().execute_async(COUNT, vec![]).await?;
    count.as_u64().context("the browser's database cannot be read")
}
