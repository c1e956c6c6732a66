//! How Chromium is started, told what WebDriver has no words for, and ended.

use std::path::Path;

use fantoccini::Client;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::process::wait_blocking;

/// Tall, so that a screenshot of a failure shows the whole page.
const WINDOW: &str = "--window-size=1100,1400";

/// How a person uses the browser.
#[derive(Debug, Clone)]
pub struct Habits {
    /// What they have chosen in its settings.
    pub preferences: Value,
    /// In a private window.
    pub is_private: bool,
}

/// What ChromeDriver is asked to start.
pub(super) fn capabilities(profile: &Path, downloads: &Path, habits: Habits) -> Capabilities {
    let Habits { preferences, is_private } = habits;
    let mut arguments = vec![
        "--headless".to_owned(),
        // Tests often run as root, where Chromium has no sandbox.
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--enable-precise-memory-info".to_owned(),
        // A home server's name, which is no secure context, and certificates that tests make.
        "--host-resolver-rules=MAP *.lan 127.0.0.1".to_owned(),
        "--ignore-certificate-errors".to_owned(),
        WINDOW.to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    arguments.extend(is_private.then(|| "--incognito".to_owned()));
    let mut all = json!({
        "download.default_directory": downloads,
        "download.prompt_for_download": false,
        "profile.default_content_setting_values.automatic_downloads": 1,
    });
    if let (Some(all), Value::Object(chosen)) = (all.as_object_mut(), preferences) {
        all.extend(chosen);
    }
    let options = json!({ "args": arguments, "prefs": all });
    let mut capabilities = Capabilities::new();
    capabilities.insert("browserName".to_owned(), json!("chrome"));
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
    capabilities
}

/// It is Chromium, by one of its names.
pub(super) fn has_devtools(client: &Client) -> bool {
    let name = client.capabilities().and_then(|capabilities| capabilities.get("browserName")?.as_str());
    name.is_some_and(|name| name.starts_with("chrom"))
}

/// A POST that WebDriver itself does not have.
#[derive(Debug)]
pub(super) struct SessionCommand {
    pub(super) path: &'static str,
    pub(super) body: Value,
}

impl WebDriverCompatibleCommand for SessionCommand {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

/// Drivers die with their guards; a browser whose driver is killed lives on. Firefox has the profile as a word of its own.
pub(super) fn end(profile: &Path) {
    let ours = [format!("--user-data-dir={}", profile.display()), profile.display().to_string()];
    wait_blocking(|| {
        let left = processes_with_argument(&ours);
        for id in &left {
            // Children end with their parent, so that some are gone already.
            let _ = kill(Pid::from_raw(*id), Signal::SIGKILL);
        }
        !left.is_empty()
    });
}

fn processes_with_argument(arguments: &[String]) -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| arguments.iter().any(|argument| word == argument.as_bytes()))
    })
    .collect()
}
