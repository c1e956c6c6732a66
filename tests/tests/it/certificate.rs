//! Certificates that are made here, and believed by whom a test tells to.

use std::path::{Path, PathBuf};

use anyhow::Result;
use covey_tests::Stage;

/// A certificate and its key, as PEM.
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Certificate {
    /// For these names, signed by itself.
    pub fn make(stage: &Stage, called: &str, names: &[&str]) -> Result<Self> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names)?;
        let folder = stage.subfolder("certificates")?;
        let own = Self { certificate: folder.join(format!("{called}.pem")), key: folder.join(format!("{called}.key")) };
        std::fs::write(&own.certificate, made.cert.pem())?;
        std::fs::write(&own.key, made.signing_key.serialize_pem())?;
        Ok(own)
    }

    /// For this machine.
    pub fn local(stage: &Stage) -> Result<Self> {
        Self::make(stage, "local", &["localhost", "127.0.0.1"])
    }

    /// Puts this one where another is, as who renews it does.
    pub fn replace(&self, other: &Self) -> Result<()> {
        for (from, to) in [(&self.certificate, &other.certificate), (&self.key, &other.key)] {
            rename_copy(from, to)?;
        }
        Ok(())
    }
}

/// Nobody sees half of it.
fn rename_copy(from: &Path, to: &Path) -> Result<()> {
    let beside = to.with_extension("new");
    std::fs::copy(from, &beside)?;
    Ok(std::fs::rename(beside, to)?)
}
