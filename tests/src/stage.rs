//! Where a test plays: its folder, its programs, and what to show when it fails.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::FutureExt;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use crate::browser::{Browser, Habits};
use crate::content;
use crate::process::{Process, Transcript, wait_blocking};
use crate::programs::Programs;

/// No test takes longer, whatever hangs.
const TEST_MAX: Duration = Duration::from_secs(300);
/// With a browser that may be the very thing that hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// One test's world.
pub struct Stage {
    name: String,
    /// Open until the test's end, so that a failure can be looked at; before the folder, which they
    /// write into.
    browsers: Mutex<Vec<Browser>>,
    folder: TempDir,
    programs: Programs,
    transcripts: Mutex<Vec<Arc<Transcript>>>,
}

impl Stage {
    /// Plays a test. If it fails, everything that the programs said and a screenshot of every page
    /// are shown before the panic.
    ///
    /// # Panics
    /// If the test fails: this is what makes it fail.
    pub async fn play(name: &str, play: impl AsyncFnOnce(&Stage) -> Result<()>) {
        let stage = match Self::open(name, &std::env::temp_dir()) {
            Ok(stage) => stage,
            Err(error) => panic!("{error:#}"),
        };
        let played = AssertUnwindSafe(tokio::time::timeout(TEST_MAX, Box::pin(play(&stage)))).catch_unwind().await;
        let failure = match played {
            Ok(Ok(Ok(()))) => return,
            Ok(Ok(Err(error))) => format!("{error:#}"),
            Ok(Err(_)) => format!("the test did not end within {} s", TEST_MAX.as_secs()),
            Err(_) => "the test panicked, see above".to_owned(),
        };
        stage.show_all().await;
        panic!("{name}: {failure}");
    }

    /// A stage without a test on it, its folder in `parent`.
    ///
    /// # Errors
    /// If the programs are missing or the folder cannot be made.
    pub fn open(name: &str, parent: &Path) -> Result<Self> {
        let programs = Programs::find()?;
        let folder = tempfile::Builder::new().prefix("covey-test-").tempdir_in(parent)?;
        Ok(Self { name: name.to_owned(), folder, programs, transcripts: Mutex::default(), browsers: Mutex::default() })
    }

    /// Where the programs under test are.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The test's temporary folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A folder in it, made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn subfolder(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder().join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(path)
    }

    /// A file of `len` bytes to share.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn file(&self, name: &str, len: u64) -> Result<PathBuf> {
        let path = self.subfolder("originals")?.join(name);
        let seed = name.bytes().fold(0_u64, |seed, byte| u64::from(byte).wrapping_add(seed.wrapping_mul(31)));
        content::write(&path, len, seed)?;
        Ok(path)
    }

    /// Starts a program; its outputs are shown if the test fails.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(&self, name: &str, command: Command) -> Result<Process> {
        let process = Process::start(name, command)?;
        lock(&self.transcripts).push(process.transcript().clone());
        Ok(process)
    }

    /// Opens a browser of its own for a person.
    ///
    /// # Errors
    /// If Chromium or its driver do not start.
    pub async fn browser(&self, who: &str) -> Result<Browser> {
        self.browser_with(who, Habits { preferences: json!({}), is_private: false }).await
    }

    /// The same, in a private window.
    ///
    /// # Errors
    /// If Chromium or its driver do not start.
    pub async fn private_browser(&self, who: &str) -> Result<Browser> {
        self.browser_with(who, Habits { preferences: json!({}), is_private: true }).await
    }

    /// The same, where cookies and site data are blocked.
    ///
    /// # Errors
    /// If Chromium or its driver do not start.
    pub async fn forgetful_browser(&self, who: &str) -> Result<Browser> {
        let blocks = json!({"profile.default_content_setting_values.cookies": 2});
        self.browser_with(who, Habits { preferences: blocks, is_private: false }).await
    }

    /// The same, of a person who reads German.
    ///
    /// # Errors
    /// If Chromium or its driver do not start.
    pub async fn german_browser(&self, who: &str) -> Result<Browser> {
        let reads = json!({"intl.accept_languages": "de-DE,de"});
        self.browser_with(who, Habits { preferences: reads, is_private: false }).await
    }

    /// The same, with Firefox.
    ///
    /// # Errors
    /// If Firefox or its driver do not start.
    pub async fn firefox(&self, who: &str) -> Result<Browser> {
        ensure_alone()?;
        Ok(self.keep(Browser::firefox(self, who).await?))
    }

    /// The same, with WebKit.
    ///
    /// # Errors
    /// If WebKit or its driver do not start.
    pub async fn webkit(&self, who: &str) -> Result<Browser> {
        ensure_alone()?;
        Ok(self.keep(Browser::webkit(self, who).await?))
    }

    async fn browser_with(&self, who: &str, habits: Habits) -> Result<Browser> {
        ensure_alone()?;
        Ok(self.keep(Browser::start_with(self, who, habits).await?))
    }

    fn keep(&self, browser: Browser) -> Browser {
        lock(&self.browsers).push(browser.clone());
        browser
    }

    /// Writes everything that the programs said, and what the pages show, to stderr.
    pub async fn show_all(&self) {
        for transcript in lock(&self.transcripts).iter() {
            eprint!("{}", transcript.text());
        }
        // The lock is not held while the browsers are asked.
        let browsers = std::mem::take(&mut *lock(&self.browsers));
        for browser in browsers {
            if let Err(error) = self.show_page(&browser).await {
                eprintln!("no picture of {}'s page: {error:#}", browser.who());
            }
        }
    }

    async fn show_page(&self, browser: &Browser) -> Result<()> {
        let who = browser.who();
        std::fs::create_dir_all(&self.programs.failures)?;
        let picture = tokio::time::timeout(PATIENCE, browser.client().screenshot()).await??;
        let path = self.programs.failures.join(format!("{}-{who}.png", self.name));
        std::fs::write(&path, picture)?;
        eprintln!("---------------- {who}'s page: {}", path.display());
        let text = browser.client().execute("return document.body.innerText", vec![]);
        eprintln!("{}", tokio::time::timeout(PATIENCE, text).await??.as_str().unwrap_or_default());
        let console = tokio::time::timeout(PATIENCE, browser.console()).await??;
        eprintln!("---------------- {who}'s console\n{console}");
        Ok(())
    }
}

impl Drop for Stage {
    /// Helpers of a browser outlive it by a moment, and write.
    fn drop(&mut self) {
        lock(&self.browsers).clear();
        wait_blocking(|| self.folder().exists() && std::fs::remove_dir_all(self.folder()).is_err());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ensure_alone() -> Result<()> {
    let is_alone = std::env::var_os("COVEY_NO_BROWSER").is_none();
    ensure!(is_alone, "a test with a browser belongs into `with_browser`: two browsers at once starve each other");
    Ok(())
}
