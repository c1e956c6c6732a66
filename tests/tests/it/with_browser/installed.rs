//! The page as a program of its own: installed, without a connection, and with what other programs share with it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use covey_tests::content::MIB;
use covey_tests::wait::{SOON, TRANSFER, until};
use covey_tests::{Browser, NativePeer, Stage, Tracker};
use serde_json::{Value, json};

use super::tab_shares::{at_home, until_shared, until_somebody};
use crate::sharing::ANA;
use crate::world::World;

/// Copies the page into a folder of the test, where it can be changed.
fn own_page(stage: &Stage) -> Result<PathBuf> {
    let own = stage.subfolder("page")?;
    for file in std::fs::read_dir(&stage.programs().page)? {
        let file = file?.path();
        std::fs::copy(&file, own.join(file.file_name().context("a file has a name")?))?;
    }
    Ok(own)
}

/// Another build of it, as far as anybody can see.
fn mark(page: &Path, build: &str) -> Result<()> {
    let index = page.join("index.html");
    let text = std::fs::read_to_string(&index)?;
    let mark = format!("<meta name=\"build\" content=\"{build}\"></head>");
    Ok(std::fs::write(&index, text.replace("</head>", &mark))?)
}

async fn asked(tab: &Browser, script: &str) -> Result<Value> {
    let script =
        format!("const done = arguments[0]; (async () => {{ {script} }})().then(done, (e) => done(String(e)));");
    Ok(tab.client().execute_async(&script, vec![]).await?)
}

/// Waits until a script says `true`.
async fn until_true(tab: &Browser, what: &str, script: &str) -> Result<()> {
    let look = async || Ok((asked(tab, script).await? == true).then_some(()));
    until(what, SOON, look).await
}

const HAS_SERVICE: &str = "return !!navigator.serviceWorker.controller;";
/// Each build marks it behind those before.
const BUILD: &str = "return [...document.querySelectorAll('meta[name=build]')].at(-1)?.content ?? '';";

/// Waits until the browser keeps this build of the page, and the page of no other.
async fn until_kept(tab: &Browser, build: &str) -> Result<()> {
    let script = format!(
        "const text = await (await caches.match('/'))?.text(); \
         return !!text?.includes('{build}') && (await caches.keys()).length === 1;"
    );
    until_true(tab, &format!("the build {build} is kept"), &script).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_finds_all_that_it_needs_to_install_the_page() {
    Stage::play("a_browser_finds_all_that_it_needs_to_install_the_page", async |stage| {
        let world = World::start(stage).await?;
        let ana = at_home(stage, &world.server).await?;
        until_true(&ana, "the service worker", HAS_SERVICE).await?;
        let manifest = ana.devtools("Page.getAppManifest", json!({})).await?;
        ensure!(manifest["errors"] == json!([]), "{manifest}");
        ensure!(manifest["url"] == format!("{}/manifest.webmanifest", world.server), "{manifest}");
        let errors = ana.devtools("Page.getInstallabilityErrors", json!({})).await?;
        ensure!(errors["installabilityErrors"] == json!([]), "{errors}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_server_what_is_kept_is_opened_and_saved_in_the_page_that_the_server_had_last() {
    let name = "without_the_server_what_is_kept_is_opened_and_saved_in_the_page_that_the_server_had_last";
    Stage::play(name, async |stage| {
        let page = own_page(stage)?;
        mark(&page, "first")?;
        let folder = page.to_string_lossy();
        let mut tracker = Tracker::start_with(stage, &["--page", &folder]).await?;
        let file = stage.file("kept.bin", 3 * MIB)?;
        let ana = NativePeer::share(stage, ANA, &file, &tracker.url(), &[])?;
        let invite = ana.invite().await?;
        ana.ready().await?;
        let cleo = stage.browser("Cleo").await?;
        cleo.join(&invite).await?;
        cleo.until_saved(&file, TRANSFER).await?;
        until_kept(&cleo, "first").await?;
        std::fs::remove_file(cleo.downloads().join("kept.bin"))?;

        tracker.kill().await?;
        cleo.open(&tracker.url()).await?;
        cleo.until("what is left without the server", SOON, |page| page.shows("offline").then_some(())).await?;
        cleo.click_once_shown("open-stored").await?;
        cleo.until_saved(&file, TRANSFER).await?;

        mark(&page, "second")?;
        tracker.start_again(stage).await?;
        cleo.open(&tracker.url()).await?;
        ensure!(asked(&cleo, BUILD).await? == "second", "the old page");
        until_kept(&cleo, "second").await?;
        tracker.kill().await?;
        cleo.open(&tracker.url()).await?;
        cleo.until("what is kept", SOON, |page| page.shows("open-stored").then_some(())).await?;
        ensure!(asked(&cleo, BUILD).await? == "second", "the old page");
        Ok(())
    })
    .await;
}

/// As the system does when another program shares a file with the installed page.
const SHARE: &str = r#"
const files = new DataTransfer();
files.items.add(new File([new Uint8Array(300000).fill(7)], 'given.bin'));
const form = document.createElement('form');
Object.assign(form, { action: '/share-target', method: 'POST', enctype: 'multipart/form-data' });
const input = document.createElement('input');
Object.assign(input, { type: 'file', name: 'files', files: files.files });
form.append(input);
document.body.append(form);
form.submit();
return null;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_shares_with_the_installed_page_is_shared_with_a_group() {
    Stage::play("what_another_program_shares_with_the_installed_page_is_shared_with_a_group", async |stage| {
        let world = World::start(stage).await?;
        let ana = at_home(stage, &world.server).await?;
        until_true(&ana, "the service worker", HAS_SERVICE).await?;
        // The page itself may send no forms; the system may.
        ana.devtools("Page.setBypassCSP", json!({"enabled": true})).await?;
        ana.client().refresh().await?;
        until_somebody(&ana).await?;
        ana.client().execute(SHARE, vec![]).await?;
        until_shared(&ana, "given.bin").await?;
        let address = ana.client().current_url().await?;
        ensure!(address.query().is_none(), "a reload would mean it again: {address}");
        Ok(())
    })
    .await;
}
