//! How Firefox is started, and told what a person would have told it.

use std::path::Path;

use fantoccini::wd::Capabilities;
use serde_json::json;

/// What geckodriver is asked to start.
pub(super) fn capabilities(profile: &Path, downloads: &Path) -> Capabilities {
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
