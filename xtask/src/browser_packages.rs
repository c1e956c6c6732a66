//! What the end-to-end tests need besides Rust: a browser, its driver, ordinary BitTorrent clients, reverse
//! proxies, and what takes archives apart.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::step;
use crate::tools::which;

/// Program, and the Debian package that has it.
const NEEDED: [(&str, &str); 10] = [
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("aria2c", "aria2"),
    ("transmission-daemon", "transmission-daemon"),
    ("qbittorrent-nox", "qbittorrent-nox"),
    ("rtorrent", "rtorrent"),
    ("nginx", "nginx"),
    ("caddy", "caddy"),
    ("unzip", "unzip"),
    ("python3", "python3"),
];

/// For those who test in Firefox too.
const FIREFOX: [(&str, &str); 1] = [("firefox-esr", "firefox-esr")];

/// For those who test in WebKit too: its driver brings its browser; a screen that nobody sees; films and songs.
const WEBKIT: [(&str, &str); 2] = [("WebKitWebDriver", "webkit2gtk-driver"), ("Xvfb", "xvfb")];
/// Without a program of their own.
const WEBKIT_MEDIA: [&str; 2] = ["gstreamer1.0-libav", "gstreamer1.0-plugins-good"];

/// Installs what is missing where that is possible (Debian and its children, as root).
pub fn install_missing() -> Result<()> {
    install(missing(&NEEDED))
}

/// The same for tests in Firefox.
pub fn install_firefox() -> Result<()> {
    install(missing(&FIREFOX))
}

/// The same for tests in WebKit.
pub fn install_webkit() -> Result<()> {
    let media = WEBKIT_MEDIA.iter().map(|package| (*package, *package));
    install(missing(&WEBKIT).into_iter().chain(media).collect())
}

/// WebKit's browser, if all that drives it is here.
pub fn webkit() -> Option<PathBuf> {
    if !missing(&WEBKIT).is_empty() {
        return None;
    }
    let libraries = std::fs::read_dir("/usr/lib").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    libraries.map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser")).find(|browser| browser.is_file())
}

fn install(missing: Vec<(&'static str, &'static str)>) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    let programs: Vec<&str> = missing.iter().map(|(program, _)| *program).collect();
    if which("apt-get").is_none() || !is_root() {
        bail!("the tests need {} on PATH; on Debian: sudo apt-get install {}", programs.join(", "), packages.join(" "));
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    step::run("Reading Debian's package lists", &mut apt(&["update", "--quiet"]))?;
    let mut install = apt(&["install", "--yes", "--quiet", "--no-install-recommends"]);
    step::run(&format!("Installing {}", packages.join(", ")), install.args(&packages))
        .context("the tests need a browser, ordinary BitTorrent clients and reverse proxies")
}

fn missing(needed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    needed.iter().copied().filter(|(program, _)| which(program).is_none() && !is_for_root(program)).collect()
}

/// Servers are where only root's `PATH` looks; the tests look there, too.
fn is_for_root(program: &str) -> bool {
    Path::new("/usr/sbin").join(program).is_file()
}

fn is_root() -> bool {
    let Ok(output) = Command::new("id").arg("-u").output() else { return false };
    output.stdout.trim_ascii() == b"0"
}
