//! The figures of a run.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use wire_protocol::control::RefusalCode;

use super::deeds::Deed;

/// What was done to the server, and what it did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub kills: u64,
    /// Besides those: before the server was ready.
    pub kills_at_start: u64,
    /// Requests without an answer at a kill, which were sent again.
    pub sent_again: u64,
    /// Of those: acknowledged then.
    pub sent_again_acknowledged: u64,
    pub checks: u64,
    /// Events of the groups' logs that were compared.
    pub events: u64,
    /// What members were shown, and what the logs say.
    pub views: u64,
    pub clock_steps: u64,
    /// Joins that were seen to come before an invite's end by the server's clock.
    pub opened_in_time: u64,
    pub full_disks: u64,
    /// After being killed there.
    pub starts_on_full_disk: u64,
    pub full_disk_refusals: u64,
    pub took: Duration,
    acknowledged: BTreeMap<&'static str, u64>,
    refused: BTreeMap<String, u64>,
}

impl Report {
    pub fn acknowledge(&mut self, kind: &'static str) {
        *self.acknowledged.entry(kind).or_default() += 1;
    }

    pub fn refuse(&mut self, code: RefusalCode) {
        *self.refused.entry(format!("{code:?}")).or_default() += 1;
    }

    /// How often the server refused so.
    pub fn refusals(&self, code: RefusalCode) -> u64 {
        self.refused.get(&format!("{code:?}")).copied().unwrap_or(0)
    }

    /// Kinds of deeds that nobody managed to do: a run in which there are some proves less.
    pub fn never_done(&self) -> Vec<&'static str> {
        Deed::KINDS.into_iter().filter(|kind| !self.acknowledged.contains_key(kind)).collect()
    }

    /// Adds another part of the same run.
    pub fn add(&mut self, mut other: Self) {
        for (mine, theirs) in self.counters().into_iter().zip(other.counters()) {
            *mine += *theirs;
        }
        other.acknowledged.into_iter().for_each(|(kind, count)| *self.acknowledged.entry(kind).or_default() += count);
        other.refused.into_iter().for_each(|(code, count)| *self.refused.entry(code).or_default() += count);
    }

    fn counters(&mut self) -> [&mut u64; 12] {
        [
            &mut self.kills,
            &mut self.kills_at_start,
            &mut self.sent_again,
            &mut self.sent_again_acknowledged,
            &mut self.checks,
            &mut self.events,
            &mut self.views,
            &mut self.clock_steps,
            &mut self.opened_in_time,
            &mut self.full_disks,
            &mut self.starts_on_full_disk,
            &mut self.full_disk_refusals,
        ]
    }

    /// One object.
    pub fn json(&self) -> Value {
        json!({
            "kills": self.kills,
            "kills_at_start": self.kills_at_start,
            "sent_again": self.sent_again,
            "sent_again_acknowledged": self.sent_again_acknowledged,
            "checks": self.checks,
            "events": self.events,
            "views": self.views,
            "clock_steps": self.clock_steps,
            "opened_in_time": self.opened_in_time,
            "full_disks": self.full_disks,
            "starts_on_full_disk": self.starts_on_full_disk,
            "full_disk_refusals": self.full_disk_refusals,
            "seconds": self.took.as_secs_f64().round(),
            "acknowledged": self.acknowledged,
            "refused": self.refused,
        })
    }

    /// The same for people.
    pub fn text(&self) -> String {
        let Value::Object(figures) = self.json() else { return String::new() };
        figures.into_iter().map(|(name, figure)| format!("{:<24} {figure}\n", name.replace('_', " "))).collect()
    }
}
