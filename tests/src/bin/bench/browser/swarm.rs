//! A file in a group of one build's server.

use std::path::Path;

use anyhow::Result;
use covey_tests::{Process, Stage};

use crate::builds::{Build, Server, Sharer};

/// Its server, and who seeds. Ends when dropped.
pub struct Swarm {
    pub server: Server,
    pub seeder: Sharer,
    _second: Option<Process>,
}

impl Swarm {
    /// Two native seeders, both ready.
    ///
    /// # Errors
    /// If one of them does not become so.
    pub async fn of_two(stage: &Stage, build: &Build, purpose: &str, file: &Path) -> Result<Self> {
        let one = Self::of_one(stage, build, purpose, file).await?;
        let second = build.join(stage, purpose, &one.seeder.invite, file).await?;
        Ok(Self { _second: Some(second), ..one })
    }

    /// One native seeder, which may still be hashing.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn of_one(stage: &Stage, build: &Build, purpose: &str, file: &Path) -> Result<Self> {
        let server = build.serve(stage, purpose).await?;
        let seeder = build.share(stage, purpose, file, &server, &[]).await?;
        Ok(Self { server, seeder, _second: None })
    }
}
