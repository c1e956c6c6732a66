//! Where it plays: in memory, and on a disk.

use std::path::{Path, PathBuf};

use anyhow::Result;
use covey_tests::wait::{SOON, until};
use covey_tests::{Browser, Stage};

use crate::builds::Build;
use crate::options::Options;

/// What all rows have in common.
pub struct World<'a> {
    /// Servers, peers and files, and browsers' profiles where the disk is not what is measured.
    pub memory: Stage,
    /// Browsers' profiles where it is.
    pub disk: Stage,
    /// This one, and another that it is compared with.
    pub builds: &'a [Build],
    pub options: &'a Options,
}

impl<'a> World<'a> {
    /// # Errors
    /// If a folder cannot be made.
    pub fn open(builds: &'a [Build], options: &'a Options) -> Result<Self> {
        let shared_memory = Path::new("/dev/shm");
        let memory = if shared_memory.is_dir() { shared_memory.to_owned() } else { std::env::temp_dir() };
        // The temporary folder is in memory on many machines.
        let disk = std::env::var_os("COVEY_DISK_DIR").map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
        Ok(Self { memory: Stage::open("bench", &memory)?, disk: Stage::open("bench-disk", &disk)?, builds, options })
    }

    /// What everything said.
    pub async fn show_all(&self) {
        self.memory.show_all().await;
        self.disk.show_all().await;
    }
}

/// Ends a browser and removes what it has kept.
///
/// # Errors
/// If something is left.
pub async fn forget(browser: &Browser) -> Result<()> {
    browser.kill();
    for folder in [browser.profile(), browser.downloads()] {
        // Helpers of a browser outlive it by a moment, and write.
        let removed = async || Ok((std::fs::remove_dir_all(folder).is_ok() || !folder.exists()).then_some(()));
        until("the browser's folders are removed", SOON, removed).await?;
    }
    Ok(())
}
