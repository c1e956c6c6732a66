//! A real full disk: a small tmpfs. Mounting one takes root.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Unmounted on drop.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one of `mib` MiB on an existing folder.
    ///
    /// # Errors
    /// If this is not root, or a container without `CAP_SYS_ADMIN`.
    pub fn mount(folder: &Path, mib: u64) -> Result<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "covey-test"]).arg(folder);
        let output = mount.output().context("cannot run mount")?;
        ensure!(
            output.status.success(),
            "cannot mount a small tmpfs: {}; this test needs root (a container may need CAP_SYS_ADMIN)",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(Self(folder.to_owned()))
    }

    /// Takes all the room there is, with a file that is returned.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn fill(&self) -> Result<PathBuf> {
        let path = self.0.join("other");
        let mut other = std::fs::File::create(&path).context("cannot fill the small disk")?;
        for len in [1024 * 1024, 4096, 1] {
            while other.write_all(&vec![1; len]).is_ok() {}
        }
        Ok(path)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whatever still has a file open in it lets go of it soon.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
