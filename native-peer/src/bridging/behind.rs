//! What stands behind a bridge, as the person is told.

use std::time::{Duration, Instant};

use bridge::Seeder;
use serde_json::json;

use crate::report::{Report, text};

/// Without a seeder for so long, the person is told.
const SEEDERLESS: Duration = Duration::from_secs(10);

/// What was told last.
#[derive(Debug)]
pub struct Behind {
    /// Of which file.
    name: String,
    told: Vec<String>,
    nobody_since: Option<Instant>,
}

impl Behind {
    pub fn new(name: &str) -> Self {
        Self { name: text::printable(name), told: Vec::new(), nobody_since: Some(Instant::now()) }
    }

    pub fn show(&mut self, report: &Report, seeders: &[Seeder]) {
        let serving = seeders.iter().filter(|seeder| !seeder.is_banned && !seeder.pieces.is_empty());
        let names: Vec<String> =
            serving.map(|seeder| format!("{} ({})", text::printable(&seeder.client), seeder.key)).collect();
        if names.is_empty() {
            self.nobody_since.get_or_insert_with(Instant::now);
            return;
        }
        self.nobody_since = None;
        if names != self.told {
            report.note(&format!("{} comes from {}", self.name, names.join(", ")));
            report.object(|| json!({ "v": 1, "t": "behind", "name": self.name, "clients": names }));
            self.told = names;
        }
    }

    pub fn is_due(&self) -> bool {
        self.nobody_since.is_some()
    }

    pub fn due(&self) -> tokio::time::Instant {
        (self.nobody_since.unwrap_or_else(Instant::now) + SEEDERLESS).into()
    }

    pub fn show_nobody(&mut self, report: &Report) {
        self.nobody_since = None;
        self.told.clear();
        report.note(&format!("No seeder of {} is connected. Is one running? --seeder HOST:PORT names one.", self.name));
    }
}
