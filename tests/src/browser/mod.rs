//! A person's browser: a Chromium, Firefox or WebKit of its own, with its own profile, driven by its WebDriver.

mod chromium;
mod firefox;
mod kept_files;
mod keyboard;
mod picking;
mod player;
mod webkit;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, WindowHandle};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::contributions::Contributions;
use crate::page_view::PageView;
use crate::process::Process;
use crate::stage::Stage;
use crate::wait::{SOON, until, until_file};
use crate::{content, page_view, policy};
pub use chromium::Habits;
use chromium::{SessionCommand, capabilities, has_devtools};
pub use kept_files::KeptFile;
pub use player::PlayerView;

/// ChromeDriver takes a port that is free for IPv6, and ends if something else has it for IPv4.
const DRIVER_ATTEMPTS: u32 = 4;

/// One person at one tab. Clones are the same tab.
#[derive(Clone)]
pub struct Browser {
    inner: Arc<Inner>,
}

struct Inner {
    who: String,
    client: Client,
    profile: PathBuf,
    downloads: PathBuf,
    /// Kept for their end.
    #[expect(dead_code, reason = "end with the browser")]
    programs: Vec<Process>,
}

impl Browser {
    /// Starts both programs. The [`Stage`] keeps the browser open until the test's end, for the
    /// screenshot of a failure.
    ///
    /// # Errors
    /// If one of them does not start.
    pub async fn start(stage: &Stage, who: &str) -> Result<Self> {
        Self::start_with(stage, who, Habits { preferences: json!({}), is_private: false }).await
    }

    /// The same, of a person with other habits. Whoever had the same name before had the same profile.
    ///
    /// # Errors
    /// If one of them does not start.
    pub async fn start_with(stage: &Stage, who: &str, habits: Habits) -> Result<Self> {
        let profile = stage.subfolder(&format!("{who}-profile"))?;
        let downloads = stage.subfolder(&format!("{who}-downloads"))?;
        let driver = || {
            let mut command = Command::new("chromedriver");
            command.arg("--port=0");
            command
        };
        let capabilities = capabilities(&profile, &downloads, habits);
        let browser = Self::open_session(stage, who, driver, "started successfully on port ", capabilities).await?;
        let behaviour = json!({"behavior": "allow", "downloadPath": browser.downloads()});
        browser.devtools("Browser.setDownloadBehavior", behaviour).await?;
        Ok(browser)
    }

    /// `begins`: what stands before the port in a line of the driver's.
    async fn open_session(
        stage: &Stage,
        who: &str,
        driver: impl Fn() -> Command,
        begins: &'static str,
        capabilities: Capabilities,
    ) -> Result<Self> {
        let find = |line: &str| line.split_once(begins)?.1.trim_end_matches('.').parse::<u16>().ok();
        let mut attempts = DRIVER_ATTEMPTS;
        let (driver, port) = loop {
            let process = stage.start(&format!("{who}'s driver"), driver())?;
            attempts -= 1;
            match process.line("its port", SOON, |_, line| find(line)).await {
                Ok(port) => break (process, port),
                Err(error) if attempts == 0 => return Err(error),
                Err(_) => {}
            }
        };
        Self::connect(stage, who, vec![driver], port, capabilities).await
    }

    async fn connect(
        stage: &Stage,
        who: &str,
        programs: Vec<Process>,
        port: u16,
        capabilities: Capabilities,
    ) -> Result<Self> {
        let profile = stage.subfolder(&format!("{who}-profile"))?;
        let downloads = stage.subfolder(&format!("{who}-downloads"))?;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("cannot open a session of the browser")?;
        Ok(Self { inner: Arc::new(Inner { who: who.to_owned(), client, profile, downloads, programs }) })
    }

    /// The WebDriver session.
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// Whose it is; also what they are called in the group.
    pub fn who(&self) -> &str {
        &self.inner.who
    }

    /// Where Chromium saves.
    pub fn downloads(&self) -> &Path {
        &self.inner.downloads
    }

    /// Where Chromium keeps everything else.
    pub fn profile(&self) -> &Path {
        &self.inner.profile
    }

    /// Opens an invite and presses the one button, under this person's name.
    ///
    /// # Errors
    /// If the page offers no button.
    pub async fn join(&self, invite: &str) -> Result<()> {
        self.open(invite).await?;
        self.press_join().await
    }

    /// Opens an address.
    ///
    /// # Errors
    /// If the page does not load.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.client().goto(url).await.with_context(|| format!("{}'s browser cannot open the page", self.who()))
    }

    /// Presses the landing's button, once it is there.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn press_join(&self) -> Result<()> {
        self.press_join_with(policy::from_environment().as_deref()).await
    }

    /// The same, with another piece policy.
    ///
    /// # Errors
    /// If the page offers no button or no such policy.
    pub async fn join_with_policy(&self, invite: &str, policy: &str) -> Result<()> {
        self.open(invite).await?;
        self.press_join_with(Some(policy)).await
    }

    async fn press_join_with(&self, policy: Option<&str>) -> Result<()> {
        self.until("a `join` button", SOON, |page| page.can_join.then_some(())).await?;
        self.fill("display-name", self.who()).await?;
        if let Some(policy) = policy {
            self.open_section("advanced").await?;
            let select = self.client().find(by_id("policy")).await?;
            select.select_by_value(policy).await.with_context(|| format!("the page has no policy `{policy}`"))?;
        }
        self.click("join").await
    }

    /// Opens a section that can be folded away, if it is closed.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn open_section(&self, id: &str) -> Result<()> {
        let section = self.client().find(by_id(id)).await.with_context(|| format!("no `{id}`"))?;
        if section.attr("open").await?.is_none() {
            section.find(Locator::Css("summary")).await?.click().await?;
        }
        Ok(())
    }

    /// Types a text into a field and leaves it.
    ///
    /// # Errors
    /// If it is not there.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let field = self.client().find(by_id(id)).await.with_context(|| format!("no `{id}`"))?;
        field.clear().await?;
        field.send_keys(&format!("{text}{}", Key::Tab)).await?;
        Ok(())
    }

    /// Clicks an element by its `data-testid`.
    ///
    /// # Errors
    /// If it is not there or cannot be clicked.
    pub async fn click(&self, id: &str) -> Result<()> {
        let element = self.client().find(by_id(id)).await.with_context(|| format!("no `{id}`"))?;
        element.click().await.with_context(|| format!("cannot click `{id}`"))
    }

    /// Clicks an element once it is there.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn click_once_shown(&self, id: &str) -> Result<()> {
        self.until(&format!("`{id}`"), SOON, |page| page.shows(id).then_some(())).await?;
        self.click(id).await
    }

    /// Clicks an element in the row of this name.
    ///
    /// # Errors
    /// If it is not there or cannot be clicked.
    pub async fn click_in(&self, row: &str, name: &str, id: &str) -> Result<()> {
        let within = format!("[data-testid=\"{row}\"][data-name=\"{name}\"] [data-testid=\"{id}\"]");
        let element =
            self.client().find(Locator::Css(&within)).await.with_context(|| format!("no `{id}` of {name}"))?;
        element.click().await.with_context(|| format!("cannot click `{id}` of {name}"))
    }

    /// What the page shows now.
    ///
    /// # Errors
    /// If the tab is gone.
    pub async fn page(&self) -> Result<PageView> {
        page_view::read(self.client()).await
    }

    /// Waits until the page shows what `find` looks for.
    ///
    /// # Errors
    /// If it does not in time; the error says what the page shows instead.
    pub async fn until<T>(
        &self,
        what: &str,
        within: Duration,
        mut find: impl FnMut(&PageView) -> Option<T>,
    ) -> Result<T> {
        let mut last = None;
        let look = async || {
            let page = self.page().await?;
            let found = find(&page);
            last = Some(page);
            Ok(found)
        };
        let found = until(&format!("{}'s page: {what}", self.who()), within, look).await;
        found.with_context(|| format!("the page last showed {last:?}"))
    }

    /// Waits until so many bytes are verified.
    ///
    /// # Errors
    /// If they do not come in time, or the download fails.
    pub async fn until_has(&self, bytes: u64, within: Duration) -> Result<PageView> {
        let what = format!("{bytes} bytes verified");
        let page = self
            .until(&what, within, |page| (page.have_bytes >= bytes || page.state == "failed").then(|| page.clone()))
            .await?;
        if page.state == "failed" {
            bail!("{}'s download failed: {page:?}", self.who());
        }
        Ok(page)
    }

    /// Waits until the download is done and saved, and compares it with the original. Returns who
    /// gave how much.
    ///
    /// # Errors
    /// If it does not happen in time, or a byte differs.
    pub async fn until_saved(&self, original: &Path, within: Duration) -> Result<Contributions> {
        let mut contributions = Contributions::default();
        let page = self
            .until("the download is done", within, |page| {
                contributions.note(page);
                ["done", "failed"].contains(&page.state.as_str()).then(|| page.clone())
            })
            .await?;
        if page.state == "failed" {
            bail!("{}'s download failed: {page:?}", self.who());
        }
        self.saved(original).await?;
        Ok(contributions)
    }

    /// Waits until Chromium has saved the file, and compares it with the original.
    ///
    /// # Errors
    /// If it is not there soon after the end, or a byte differs.
    pub async fn saved(&self, original: &Path) -> Result<()> {
        let name = original.file_name().context("a file has a name")?;
        let saved = self.downloads().join(name);
        until_file(&saved, std::fs::metadata(original)?.len(), SOON).await?;
        content::ensure_equal(&saved, original)
    }

    /// A command of the DevTools protocol.
    ///
    /// # Errors
    /// If Chromium refuses it.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Result<Value> {
        let body = json!({"cmd": method, "params": parameters});
        Ok(self.client().issue_cmd(SessionCommand { path: "goog/cdp/execute", body }).await?)
    }

    /// Where Chromium's own DevTools server listens: `localhost:PORT`.
    ///
    /// # Errors
    /// If ChromeDriver does not tell.
    pub fn devtools_address(&self) -> Result<String> {
        let capabilities = self.client().capabilities().context("a session has capabilities")?;
        let address = capabilities.get("goog:chromeOptions").and_then(|options| options["debuggerAddress"].as_str());
        Ok(address.context("ChromeDriver names no debuggerAddress")?.to_owned())
    }

    /// What the page wrote to the console since this was asked last.
    ///
    /// # Errors
    /// If the tab is gone.
    pub async fn console(&self) -> Result<String> {
        console(self.client()).await
    }

    /// Ends the browser as a power cut does, but for what the system itself still writes.
    pub fn kill(&self) {
        chromium::end(&self.inner.profile);
    }

    /// Opens an address in a second tab, which is in front from now on. Returns what [`Browser::to_tab`] takes to come back.
    ///
    /// # Errors
    /// If there is no second tab.
    pub async fn open_beside(&self, url: &str) -> Result<WindowHandle> {
        let first = self.client().window().await?;
        let second = self.client().new_window(true).await?.handle;
        self.client().switch_to_window(second).await?;
        self.open(url).await?;
        Ok(first)
    }

    /// Looks at another tab.
    ///
    /// # Errors
    /// If it is gone.
    pub async fn to_tab(&self, tab: WindowHandle) -> Result<()> {
        Ok(self.client().switch_to_window(tab).await?)
    }

    /// Closes the tab as a person does.
    ///
    /// # Errors
    /// If it is gone already.
    pub async fn close(self) -> Result<()> {
        Ok(self.inner.client.clone().close().await?)
    }
}

/// The page's and its workers' console.
///
/// # Errors
/// If the tab is gone.
pub async fn console(client: &Client) -> Result<String> {
    if !has_devtools(client) {
        return Ok(String::new());
    }
    let entries = client.issue_cmd(SessionCommand { path: "se/log", body: json!({"type": "browser"}) }).await?;
    let entries = entries.as_array().cloned().unwrap_or_default();
    let lines: Vec<_> = entries.iter().filter_map(|entry| entry["message"].as_str()).collect();
    Ok(lines.join("\n"))
}

/// Finds an element by its `data-testid`.
fn by_id(id: &str) -> Locator<'static> {
    // The handful of ids that tests use live as long as the tests do.
    Locator::Css(Box::leak(format!("[data-testid=\"{id}\"]").into_boxed_str()))
}

impl Drop for Inner {
    fn drop(&mut self) {
        chromium::end(&self.profile);
    }
}
