//! How Firefox is started, and told what a person would have told it.

use std::path::Path;

use anyhow::Result;
use fantoccini::wd::Capabilities;
use serde_json::json;
use tokio::process::Command;

use super::Browser;
use crate::programs;
use crate::stage::Stage;

/// What geckodriver is asked to start.
fn capabilities(profile: &Path, downloads: &Path) -> Capabilities {
    let preferences = json!({
        "browser.download.dir": downloads,
        // A folder of one's own.
        "browser.download.folderList": 2,
        "browser.download.alwaysOpenPanel": false,
        "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
        "dom.disable_beforeunload": true,
        // Nothing but what a test asks for goes out.
        "app.update.enabled": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
    });
    let options = json!({ "args": ["-headless", "-profile", profile], "prefs": preferences });
    let mut capabilities = Capabilities::new();
    capabilities.insert("browserName".to_owned(), json!("firefox"));
    capabilities.insert("moz:firefoxOptions".to_owned(), options);
    capabilities
}

impl Browser {
    /// Starts Firefox and its driver. It has no DevTools, and tells nobody of its console.
    ///
    /// # Errors
    /// If one of the two programs does not start.
    pub async fn firefox(stage: &Stage, who: &str) -> Result<Self> {
        let profile = stage.subfolder(&format!("{who}-profile"))?;
        let downloads = stage.subfolder(&format!("{who}-downloads"))?;
        let program = programs::geckodriver()?;
        let driver = || {
            let mut command = Command::new(&program);
            // Ports of its own, not those that every Firefox would take.
            command.args(["--port=0", "--websocket-port=0"]).env("HOME", &profile);
            command
        };
        Self::open_session(stage, who, driver, "Listening on 127.0.0.1:", capabilities(&profile, &downloads)).await
    }
}
