//! How WebKit is started. Its browser shows a window: it gets a screen of its own that nobody sees.

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result};
use fantoccini::wd::Capabilities;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::Browser;
use crate::process::Process;
use crate::stage::Stage;
use crate::wait::{SOON, until};

/// A screen, and the number by which programs find it.
async fn start_screen(stage: &Stage, who: &str) -> Result<(Process, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1100x1400x24", "-nolisten", "tcp"]);
    let screen = stage.start(&format!("{who}'s screen"), command)?;
    let number = screen.line("its number", SOON, |_, line| line.trim().parse::<u32>().ok()).await?;
    Ok((screen, format!(":{number}")))
}

/// The driver, and its port.
async fn start_driver(stage: &Stage, who: &str, screen: &str) -> Result<(Process, u16)> {
    let profile = stage.subfolder(&format!("{who}-profile"))?;
    save_into(&profile, &stage.subfolder(&format!("{who}-downloads"))?)?;
    // It neither takes port 0 nor says what it listens at.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = Command::new("WebKitWebDriver");
    command.arg(format!("--port={port}")).env("DISPLAY", screen);
    // Nothing of the machine's own settings.
    command.env("HOME", &profile).env("XDG_CONFIG_HOME", profile.join("config")).env("LC_ALL", "C.UTF-8");
    let driver = stage.start(&format!("{who}'s driver"), command)?;
    let is_open = async || Ok(TcpStream::connect(("127.0.0.1", port)).await.ok());
    until(&format!("{who}'s driver listens"), SOON, is_open).await?;
    Ok((driver, port))
}

/// It saves where desktops say that downloads go.
fn save_into(profile: &Path, downloads: &Path) -> Result<()> {
    let config = profile.join("config");
    std::fs::create_dir_all(&config)?;
    let line = format!("XDG_DOWNLOAD_DIR=\"{}\"\n", downloads.display());
    std::fs::write(config.join("user-dirs.dirs"), line).context("cannot say where downloads go")
}

/// What WebKitWebDriver is asked to start.
fn capabilities() -> Result<Capabilities> {
    let browser = std::env::var("COVEY_WEBKIT").context("COVEY_WEBKIT is not set: run `cargo xtask test --webkit`")?;
    let mut capabilities = Capabilities::new();
    capabilities.insert("browserName".to_owned(), json!("MiniBrowser"));
    let options = json!({ "binary": browser, "args": ["--automation"] });
    capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
    Ok(capabilities)
}

impl Browser {
    /// Starts WebKit and its driver, in a window that keeps nothing.
    ///
    /// # Errors
    /// If one of its programs does not start.
    pub async fn webkit(stage: &Stage, who: &str) -> Result<Self> {
        let (screen, number) = start_screen(stage, who).await?;
        let (driver, port) = start_driver(stage, who, &number).await?;
        // The browser ends before its screen.
        Self::connect(stage, who, vec![driver, screen], port, capabilities()?).await
    }
}
