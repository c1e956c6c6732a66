//! What most tests begin with.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use covey_tests::{NativePeer, Proxy, Stage, Tracker};

/// The first seeder: who shares.
pub const ANA: &str = "Ana";
/// The second: who has downloaded it all before the test begins.
pub const BO: &str = "Bo";

/// One seeder.
pub struct Sharing {
    pub tracker: Tracker,
    pub file: PathBuf,
    pub invite: String,
    /// In hexadecimal.
    pub info_hash: String,
    pub ana: NativePeer,
}

impl Sharing {
    /// Ana shares a file of `len` bytes, and has hashed it.
    pub async fn start(stage: &Stage, name: &str, len: u64) -> Result<Self> {
        Self::start_with(stage, name, len, &[]).await
    }

    /// The same, with further arguments.
    pub async fn start_with(stage: &Stage, name: &str, len: u64, more: &[&str]) -> Result<Self> {
        let tracker = Tracker::start(stage).await?;
        let file = stage.file(name, len)?;
        let ana = NativePeer::share(stage, ANA, &file, &tracker.url(), more)?;
        let invite = ana.invite().await?;
        let ready = ana.ready().await?;
        let info_hash = ready["info_hash"].as_str().context("a file that is ready has an info-hash")?.to_owned();
        Ok(Self { tracker, file, invite, info_hash, ana })
    }

    /// A way to the server that lets so many bytes per second through, and the invite by it.
    pub async fn slowed(&self, bytes_per_second: u64) -> Result<(Proxy, String)> {
        let proxy = Proxy::start(self.tracker.address()).await?;
        proxy.limit_from_server(bytes_per_second);
        let invite = proxy.invite(&self.invite);
        Ok((proxy, invite))
    }

    /// Bo downloads it and stays.
    pub async fn second_seeder(&self, stage: &Stage) -> Result<NativePeer> {
        let folder = stage.subfolder("Bo-files")?;
        let bo = NativePeer::download(stage, BO, &self.invite, &folder, &["--seed"])?;
        bo.done().await?;
        Ok(bo)
    }

    /// Where a download into `folder` ends up.
    pub fn saved_in(&self, folder: &Path) -> PathBuf {
        folder.join(self.file.file_name().expect("a shared file has a name"))
    }
}
