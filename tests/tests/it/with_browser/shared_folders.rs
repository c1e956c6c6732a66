//! A tab and a folder that is shared in a group.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::{SOON, TRANSFER, until, until_file};
use covey_tests::{Browser, PageView, Proxy, Stage};

use crate::shared_folders::Shared;

/// The browser's own choosers cannot be used without a person: these give real handles of files that the browser keeps.
const CHOOSERS: &str = r#"
const folder = async (name) => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
window.showDirectoryPicker = () => folder("picked");
window.showSaveFilePicker = async ({ suggestedName }) => (await folder("picked")).getFileHandle(suggestedName, { create: true });
return null;
"#;

/// Hands a file that was saved in the picked folder to the browser's downloads, under another name.
const TAKE_OUT: &str = r#"
const [path, name, done] = arguments;
const take = async () => {
  let folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("picked");
  const parts = path.split("/");
  for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
  const file = await (await folder.getFileHandle(parts.at(-1))).getFile();
  const link = document.createElement("a");
  // A browser gives a file without a type a name after what it finds in it.
  link.href = URL.createObjectURL(new Blob([file], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
};
take().then(() => done(null), (error) => done(String(error)));
"#;

pub async fn with_choosers(tab: &Browser) -> Result<()> {
    tab.client().execute(CHOOSERS, vec![]).await?;
    Ok(())
}

/// What was saved at this path below the picked folder, as a file that this test can read.
pub async fn picked(tab: &Browser, path: &str, len: u64) -> Result<PathBuf> {
    let name = format!("taken {}", path.replace('/', " "));
    let failed = tab.client().execute_async(TAKE_OUT, vec![path.into(), name.as_str().into()]).await?;
    ensure!(failed.is_null(), "{path}: {failed}");
    let taken = tab.downloads().join(name);
    until_file(&taken, len, SOON).await?;
    Ok(taken)
}

pub async fn until_saving(tab: &Browser, state: &str) -> Result<PageView> {
    let is_so = |page: &PageView| (page.saving == state).then(|| page.clone());
    tab.until(&format!("that it is {state}"), TRANSFER, is_so).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_saved_file_by_file_as_an_archive_and_in_a_folder() {
    Stage::play("a_folder_is_saved_file_by_file_as_an_archive_and_in_a_folder", async |stage| {
        let shared = Shared::start(stage, &["--piece-size", "64Ki"]).await?;
        let proxy = Proxy::start(shared.tracker.address()).await?;
        proxy.limit_from_server(500_000);
        let cleo = stage.browser("Cleo").await?;
        cleo.join_with_policy(&proxy.invite(&shared.invite), "sequential").await?;

        // The first small file is whole long before the film is.
        let card = |page: &PageView| page.shows("files-of").then_some(());
        cleo.until("the list of files", TRANSFER, card).await?;
        cleo.open_section("files-of").await?;
        let [subtitles, empty] = ["Untertitel/Österreich 字幕.srt", "empty"];
        let is_ready = |page: &PageView| has_ready(page, empty).then_some(());
        cleo.until("that a file without bytes can be saved", TRANSFER, is_ready).await?;
        cleo.click_in("folder-file", empty, "save-one").await?;
        until_file(&cleo.downloads().join("empty"), 0, SOON).await?;
        ensure!(cleo.page().await?.state == "downloading", "it is too late to save one of them early");
        proxy.unlimit();
        let done = |page: &PageView| (page.state == "done").then_some(());
        cleo.until("the download is done", TRANSFER, done).await?;
        ensure!(has_ready(&cleo.page().await?, subtitles), "{:?}", cleo.page().await?.ready_files);
        cleo.click_in("folder-file", subtitles, "save-one").await?;
        let saved = cleo.downloads().join("Österreich 字幕.srt");
        until_file(&saved, 40_000, SOON).await?;
        content::ensure_equal(&saved, &shared.original(subtitles))?;

        // Without a chooser an archive goes to the downloads.
        cleo.client().execute("delete window.showSaveFilePicker; return null", vec![]).await?;
        cleo.click("save-zip").await?;
        until_saving(&cleo, "saved").await?;
        let archive = cleo.downloads().join("season.zip");
        ensure_archive(stage, &shared, &archive, "by-downloads").await?;

        // With one it goes where it was chosen, byte for byte the same.
        with_choosers(&cleo).await?;
        cleo.click("save-zip").await?;
        let is_there = |page: &PageView| page.saving_line.contains("saved as season.zip").then_some(());
        cleo.until("the archive in its place", TRANSFER, is_there).await?;
        let chosen = picked(&cleo, "season.zip", std::fs::metadata(&archive)?.len()).await?;
        content::ensure_equal(&chosen, &archive)?;

        // In a folder; what has the name already stays.
        let taken = "const done = arguments[0]; showDirectoryPicker().then((picked) => \
                     picked.getDirectoryHandle('season', { create: true })).then(() => done(null));";
        cleo.client().execute_async(taken, vec![]).await?;
        cleo.click("save-folder").await?;
        let is_there = |page: &PageView| page.saving_line.contains("saved in the folder picked").then_some(());
        cleo.until("the folder in its place", TRANSFER, is_there).await?;
        for (name, len) in Shared::files() {
            let saved = picked(&cleo, &format!("season (2)/{}", Shared::saved_name(name)), len).await?;
            content::ensure_equal(&saved, &shared.original(name))?;
        }
        Ok(())
    })
    .await;
}

fn has_ready(page: &PageView, name: &str) -> bool {
    page.ready_files.iter().any(|ready| ready == name)
}

/// Programs that are not ours take the archive apart.
async fn ensure_archive(stage: &Stage, shared: &Shared, archive: &Path, into: &str) -> Result<()> {
    let into = stage.subfolder(into)?;
    let is_whole = async || Ok(Command::new("unzip").arg("-tqq").arg(archive).output()?.status.success().then_some(()));
    until("the archive is whole", SOON, is_whole).await?;
    // unzip changes names that its locale has no letters for.
    let unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
    let unpacked = Command::new("python3").args(["-c", unpack]).args([archive, &into]).output()?;
    ensure!(unpacked.status.success(), "{unpacked:?}");
    shared.ensure_equal(&into.join("season"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_chosen_early_gets_the_file_by_itself_and_the_tab_serves_from_it() {
    let name = "a_place_that_is_chosen_early_gets_the_file_by_itself_and_the_tab_serves_from_it";
    Stage::play(name, async |stage| {
        const LEN: u64 = 24 * MIB + 11;
        let mut sharing = crate::sharing::Sharing::start(stage, "film.bin", LEN).await?;
        let (proxy, invite) = sharing.slowed(4_000_000).await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&invite).await?;
        cleo.until("a way to save it", TRANSFER, |page| page.shows("save-to").then_some(())).await?;

        // Whoever changes their mind is not bothered, and whoever is refused is told.
        let refuse =
            "window.showSaveFilePicker = () => Promise.reject(new DOMException('no', arguments[0])); return null";
        for (error, complains) in [("AbortError", false), ("NotAllowedError", true)] {
            cleo.client().execute(refuse, vec![error.into()]).await?;
            cleo.click("save-to").await?;
            let said = |page: &PageView| (page.errors.is_empty() != complains).then_some(());
            cleo.until(error, SOON, said).await?;
        }
        with_choosers(&cleo).await?;
        cleo.click("save-to").await?;
        until_saving(&cleo, "waiting").await?;
        proxy.unlimit();
        until_saving(&cleo, "saved").await?;
        let saved = picked(&cleo, "film.bin", LEN).await?;
        content::ensure_equal(&saved, &sharing.file)?;
        ensure!(!cleo.downloads().join("film.bin").exists(), "it was saved in the downloads, too");

        // The browser's own copy goes, and the tab serves from what was saved.
        let is_gone = async || {
            let kept = cleo.files_on_disk().await?;
            Ok((kept.len() == 1 && kept[0].name == "film.bin").then_some(()))
        };
        until("the browser's copy is gone", TRANSFER, is_gone).await?;
        sharing.ana.kill().await?;
        let into = stage.subfolder("Bo-files")?;
        let mut bo = covey_tests::NativePeer::download(stage, "Bo", &sharing.invite, &into, &["--no-seed"])?;
        bo.done().await?;
        bo.succeeds().await?;
        content::ensure_equal(&into.join("film.bin"), &sharing.file)
    })
    .await;
}
