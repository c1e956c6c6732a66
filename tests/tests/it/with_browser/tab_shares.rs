//! A tab shares: files that are chosen, files and folders that are dropped.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::{self, MIB};
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{Browser, NativePeer, PageView, Proxy, Stage};

use super::views::asks_before_leaving;
use crate::world::World;

pub const ANA: &str = "Ana";
const BO: &str = "Bo";
const LEN: u64 = 64 * MIB;

/// Opens the server's own page as Ana.
pub async fn at_home(stage: &Stage, server: &str) -> Result<Browser> {
    let ana = stage.browser(ANA).await?;
    ana.open(server).await?;
    until_somebody(&ana).await?;
    Ok(ana)
}

/// Waits until the page knows who the person is: its worker runs.
pub async fn until_somebody(tab: &Browser) -> Result<()> {
    tab.until("who one is", SOON, |page| page.shows("you").then_some(())).await
}

/// Waits until a file is hashed and others can get it; the link to it.
pub async fn until_shared(tab: &Browser, name: &str) -> Result<String> {
    let shared = |page: &PageView| (page.share_state(name) == "sharing").then(|| page.share_link.clone());
    tab.until(&format!("{name} is shared"), TRANSFER, shared).await
}

/// Downloads everything behind a link.
pub async fn download(stage: &Stage, who: &str, link: &str) -> Result<PathBuf> {
    let into = stage.subfolder(&format!("{who}-files"))?;
    let mut peer = NativePeer::download(stage, who, link, &into, &["--no-seed"])?;
    peer.done().await?;
    peer.succeeds().await?;
    Ok(into)
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_chosen_in_a_tab_has_its_link_before_it_is_hashed_and_reaches_a_command_line() {
    let name = "a_file_that_is_chosen_in_a_tab_has_its_link_before_it_is_hashed_and_reaches_a_command_line";
    Stage::play(name, async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.mkv", 400 * MIB)?;
        let ana = at_home(stage, &world.server).await?;
        ana.choose("share-file", &[&file]).await?;
        let has_link = |page: &PageView| (!page.share_link.is_empty()).then(|| page.clone());
        let page = ana.until("the link", SOON, has_link).await?;
        ensure!(page.group == "film", "the group is called {}", page.group);
        ensure!(page.share_state("film.mkv") == "hashing", "it was hashed before there was a link: {page:?}");
        let link = until_shared(&ana, "film.mkv").await?;
        let into = download(stage, BO, &link).await?;
        content::ensure_equal(&into.join("film.mkv"), &file)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_chosen_while_the_page_still_loads_is_shared_all_the_same() {
    Stage::play("what_is_chosen_while_the_page_still_loads_is_shared_all_the_same", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("early.bin", MIB)?;
        let proxy = Proxy::start(world.tracker.address()).await?;
        let ana = stage.browser(ANA).await?;
        // The page is there seconds before its worker is.
        proxy.limit_from_server(300_000);
        ana.open(&proxy.url()).await?;
        ana.until("the choosers", SOON, |page| page.shows("share-file").then_some(())).await?;
        ensure!(!ana.page().await?.shows("you"), "the worker is there already: this tests nothing");
        ana.choose("share-file", &[&file]).await?;
        proxy.unlimit();
        until_shared(&ana, "early.bin").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_seen_arriving_and_once_one_has_all_of_it_the_tab_may_be_closed() {
    Stage::play("people_are_seen_arriving_and_once_one_has_all_of_it_the_tab_may_be_closed", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("handed on.bin", LEN)?;
        let ana = at_home(stage, &world.server).await?;
        ana.drop_on_page(&[&file]).await?;
        let link = until_shared(&ana, "handed on.bin").await?;
        let waits = |page: &PageView| page.shares[0].line.contains("Waiting for the first person").then_some(());
        ana.until("that nobody is there", SOON, waits).await?;

        let bo = stage.browser(BO).await?;
        bo.join(&link).await?;
        let arrived = |page: &PageView| {
            page.peers.iter().any(|peer| peer.name == BO && peer.path == "relay" && peer.uploaded > 0).then_some(())
        };
        ana.until("that Bo is there", TRANSFER, arrived).await?;
        bo.until_saved(&file, TRANSFER).await?;
        let may_close = |page: &PageView| page.shares[0].line.contains("1 full copy without you").then_some(());
        ana.until("that she may go", SOON, may_close).await?;

        // Nobody else is there any more: Bo's tab serves.
        ana.click("stop").await?;
        let has_row = |page: &PageView| (page.shares.is_empty() && page.files == ["handed on.bin"]).then_some(());
        ana.until("that the card stays", SOON, has_row).await?;
        let into = download(stage, "Cleo", &link).await?;
        content::ensure_equal(&into.join("handed on.bin"), &file)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_shares_asks_before_it_is_left_until_somebody_else_has_all_of_it() {
    Stage::play("a_tab_that_shares_asks_before_it_is_left_until_somebody_else_has_all_of_it", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.bin", MIB)?;
        let ana = at_home(stage, &world.server).await?;
        ana.drop_on_page(&[&file]).await?;
        let link = until_shared(&ana, "film.bin").await?;
        ensure!(asks_before_leaving(&ana).await?, "it is left without a question");
        let into = stage.subfolder("Bo-files")?;
        let bo = NativePeer::download(stage, BO, &link, &into, &["--seed"])?;
        bo.done().await?;
        let may_leave = async || Ok((!asks_before_leaving(&ana).await?).then_some(()));
        until("that it may be left while Bo is there", SOON, may_leave).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_dropped_comes_whole_and_without_what_is_hidden() {
    Stage::play("a_folder_that_is_dropped_comes_whole_and_without_what_is_hidden", async |stage| {
        let folder = make_folder(stage)?;
        let world = World::start(stage).await?;
        let ana = at_home(stage, &world.server).await?;
        ana.drag(&[&folder]).await?;
        ana.until("where it goes", SOON, |page| page.shows("drop").then_some(())).await?;
        ana.let_go(&[&folder]).await?;
        let link = until_shared(&ana, "season").await?;
        let said = ana.page().await?.complaints();
        ensure!(said.contains("Left out: 2 hidden files or folders (season/."), "{said}");
        let into = download(stage, BO, &link).await?;
        ensure_same_folder(&into.join("season"), &folder)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_chosen_is_the_same_torrent_as_one_that_a_command_line_shares() {
    Stage::play("a_folder_that_is_chosen_is_the_same_torrent_as_one_that_a_command_line_shares", async |stage| {
        let folder = make_folder(stage)?;
        let world = World::start(stage).await?;
        let ana = at_home(stage, &world.server).await?;
        ana.choose("share-folder", &[&folder]).await?;
        let link = until_shared(&ana, "season").await?;
        let bo = NativePeer::share(stage, BO, &folder, &world.server, &["--group", &link])?;
        bo.ready().await?;
        let is_one = |page: &PageView| page.shares[0].line.contains("1 full copy without you").then_some(());
        ana.until("that Bo shares the same", SOON, is_one).await?;
        let page = ana.page().await?;
        ensure!(page.files == ["season"], "{:?}", page.files);
        Ok(())
    })
    .await;
}

/// More than a browser tells of at once, one empty, and some that are hidden.
fn make_folder(stage: &Stage) -> Result<PathBuf> {
    let folder = stage.subfolder("originals")?.join("season");
    let files = [("Film.mkv", 9 * MIB + 1234), ("sub/Österreich 字幕.srt", 40_000), ("empty", 0), (".git/config", 9)];
    let many = (0..250).map(|number| (format!("many/{number}.txt"), 1000 + number));
    let files = files.into_iter().map(|(name, len)| (name.to_owned(), len)).chain(many);
    for (seed, (name, len)) in (7..).zip(files.chain([(".hidden".to_owned(), 10)])) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().context("a file in a folder")?)?;
        content::write(&path, len, seed)?;
    }
    Ok(folder)
}

fn ensure_same_folder(got: &Path, wanted: &Path) -> Result<()> {
    for entry in std::fs::read_dir(wanted)? {
        let path = entry?.path();
        let name = name_of(&path);
        match (name.starts_with('.'), path.is_dir()) {
            (true, _) => ensure!(!got.join(name).exists(), "{name} was not to be shared"),
            (false, true) => ensure_same_folder(&got.join(name), &path)?,
            (false, false) => content::ensure_equal(&got.join(name), &path)?,
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_that_are_dropped_in_a_group_one_after_the_other_are_both_there() {
    Stage::play("two_files_that_are_dropped_in_a_group_one_after_the_other_are_both_there", async |stage| {
        let world = World::start(stage).await?;
        let (first, second) = (stage.file("first.bin", LEN)?, stage.file("second.bin", 3 * MIB + 7)?);
        let ana = at_home(stage, &world.server).await?;
        ana.drop_on_page(&[&first]).await?;
        ana.until("the group", SOON, |page| (page.group == "first").then_some(())).await?;
        ana.drop_on_page(&[&second]).await?;
        let link = until_shared(&ana, "first.bin").await?;
        until_shared(&ana, "second.bin").await?;
        let into = download(stage, BO, &link).await?;
        content::ensure_equal(&into.join("first.bin"), &first)?;
        content::ensure_equal(&into.join("second.bin"), &second)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_again_after_a_reload_is_the_same_card_and_those_who_wait_go_on() {
    Stage::play("what_is_shared_again_after_a_reload_is_the_same_card_and_those_who_wait_go_on", async |stage| {
        let world = World::start(stage).await?;
        let file = stage.file("film.bin", LEN)?;
        let ana = at_home(stage, &world.server).await?;
        ana.choose("share-file", &[&file]).await?;
        let link = until_shared(&ana, "film.bin").await?;
        let address = ana.client().current_url().await?;
        ana.open("about:blank").await?;
        let into = stage.subfolder("Bo-files")?;
        let bo = NativePeer::download(stage, BO, &link, &into, &["--no-seed"])?;
        ana.open(address.as_str()).await?;
        ana.until("what to do", SOON, |page| page.shows("drop-again").then_some(())).await?;
        ana.drop_on_page(&[&file]).await?;
        until_shared(&ana, "film.bin").await?;
        bo.done().await?;
        content::ensure_equal(&into.join("film.bin"), &file)?;
        let page = ana.page().await?;
        ensure!(page.files == ["film.bin"], "another card: {:?}", page.files);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_that_share_the_same_file_at_once_share_one_card() {
    Stage::play("two_tabs_that_share_the_same_file_at_once_share_one_card", async |stage| {
        let world = World::start(stage).await?;
        let (_, link) = world.create(BO, "Trip").await?;
        let file = stage.file("film.bin", LEN)?;
        let (ana, cleo) = (stage.browser(ANA).await?, stage.browser("Cleo").await?);
        for tab in [&ana, &cleo] {
            tab.join(&link).await?;
            tab.until("the group", SOON, |page| (page.group == "Trip").then_some(())).await?;
        }
        ana.drop_on_page(&[&file]).await?;
        cleo.drop_on_page(&[&file]).await?;
        for tab in [&ana, &cleo] {
            until_shared(tab, "film.bin").await?;
            let other = |page: &PageView| {
                let is_two = page.shares[0].line.contains("1 full copy without you");
                (is_two && page.files == ["film.bin"]).then_some(())
            };
            tab.until("one card of two", SOON, other).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_cancelled_before_anybody_got_anything_leaves_no_card() {
    Stage::play("a_share_that_is_cancelled_before_anybody_got_anything_leaves_no_card", async |stage| {
        let world = World::start(stage).await?;
        let (big, small) = (stage.file("big.bin", 700 * MIB)?, stage.file("small.bin", MIB)?);
        let ana = at_home(stage, &world.server).await?;
        ana.drop_on_page(&[&big]).await?;
        let added = |page: &PageView| (page.files == ["big.bin"]).then_some(());
        ana.until("the card", SOON, added).await?;
        ana.click("stop").await?;
        ana.until("no card", SOON, |page| (page.files.is_empty() && page.shares.is_empty()).then_some(())).await?;
        // The next one is not held up.
        ana.drop_on_page(&[&small]).await?;
        until_shared(&ana, "small.bin").await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_where_groups_take_a_password_waits_for_it() {
    Stage::play("what_is_dropped_where_groups_take_a_password_waits_for_it", async |stage| {
        let password = stage.folder().join("password");
        std::fs::write(&password, "a long password")?;
        let password = password.to_string_lossy();
        let options = ["--groups", "password", "--groups-password-file", &password];
        let world = World::start_with(stage, &options).await?;
        let file = stage.file("film.bin", MIB)?;
        let ana = at_home(stage, &world.server).await?;
        ana.drop_on_page(&[&file]).await?;
        let asks = |page: &PageView| (page.shows("server-password") && page.shows("waits-for-group")).then_some(());
        ana.until("the field for the password", SOON, asks).await?;
        ana.fill("server-password", "a long password").await?;
        ana.click("make").await?;
        until_shared(&ana, "film.bin").await?;
        ensure!(ana.page().await?.group == "film", "another group");
        Ok(())
    })
    .await;
}
