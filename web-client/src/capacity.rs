//! How big a file this browser can hold. Told before joining, not found out at 90 %.
//!
//! Verified pieces are Blobs. Chromium keeps Blobs in its own process, up to 2 GiB in memory on a
//! desktop (1 % of the memory on Android), and pages the rest to disk, up to a tenth of the disk (6 %
//! on Android). `storage.estimate().quota` is at most 60 % of the disk, so a tenth of what is left of
//! it stays below both. Other engines keep Blobs in memory.

use serde::{Deserialize, Serialize};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// What every browser of the last ten years holds.
const HELD_MIN: u64 = 256 * MIB;
/// Chromium's own bound for Blobs in memory.
const MEMORY_MAX: u64 = 2 * GIB;
/// Assumed where the browser does not tell (Firefox, Safari, pages without HTTPS).
const DEVICE_MEMORY_ASSUMED_GIB: f64 = 4.0;

/// What the browser says of its machine.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Machine {
    /// `navigator.deviceMemory`, GiB, at most 8.
    pub device_memory_gib: Option<f64>,
    /// `navigator.storage.estimate()`: quota less usage, bytes.
    pub storage_left: Option<u64>,
    /// Phones and tablets.
    pub is_mobile: bool,
    /// Pages Blobs to disk.
    pub is_chromium: bool,
    /// `?memory_mb=N` in the page's address: the person knows better (or a test wants it small). MiB.
    pub memory_mb: Option<u64>,
}

/// The biggest file that is accepted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// Bytes.
    pub file_len_max: u64,
}

impl Capacity {
    /// The rule: what the person says; else a quarter of the memory (a sixteenth on a phone), at most
    /// 2 GiB, plus a tenth of the storage left where Blobs go to disk; never less than 256 MiB.
    pub fn of(machine: &Machine) -> Self {
        if let Some(memory_mb) = machine.memory_mb {
            return Self { file_len_max: memory_mb.saturating_mul(MIB) };
        }
        let memory_gib = machine.device_memory_gib.filter(|gib| gib.is_finite() && *gib > 0.0);
        let memory = (memory_gib.unwrap_or(DEVICE_MEMORY_ASSUMED_GIB) * GIB as f64) as u64;
        let share = if machine.is_mobile { 16 } else { 4 };
        let in_memory = (memory / share).min(MEMORY_MAX);
        let on_disk = if machine.is_chromium { machine.storage_left.unwrap_or(0) / 10 } else { 0 };
        Self { file_len_max: in_memory.saturating_add(on_disk).max(HELD_MIN) }
    }

    /// Whether a file of `size` bytes is accepted.
    pub fn holds(&self, size: u64) -> bool {
        size <= self.file_len_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desktop_chromium_holds_a_film_and_a_part_of_its_disk() {
        let machine = Machine {
            device_memory_gib: Some(8.0),
            storage_left: Some(100 * GIB),
            is_chromium: true,
            ..Machine::default()
        };
        assert_eq!(Capacity::of(&machine).file_len_max, 12 * GIB);
        assert!(Capacity::of(&machine).holds(757_071_872));
    }

    #[test]
    fn a_browser_that_keeps_blobs_in_memory_gets_no_disk() {
        let machine = Machine { storage_left: Some(100 * GIB), ..Machine::default() };
        assert_eq!(Capacity::of(&machine).file_len_max, GIB);
    }

    #[test]
    fn a_small_phone_still_holds_the_minimum() {
        let machine = Machine { device_memory_gib: Some(2.0), is_mobile: true, ..Machine::default() };
        assert_eq!(Capacity::of(&machine).file_len_max, HELD_MIN);
    }

    #[test]
    fn what_the_person_says_wins() {
        let machine = Machine { memory_mb: Some(1), device_memory_gib: Some(8.0), ..Machine::default() };
        assert!(Capacity::of(&machine).holds(MIB));
        assert!(!Capacity::of(&machine).holds(MIB + 1));
    }

    #[test]
    fn nonsense_from_the_browser_is_ignored() {
        for gib in [f64::NAN, f64::INFINITY, -3.0, 0.0] {
            let machine = Machine { device_memory_gib: Some(gib), ..Machine::default() };
            assert_eq!(Capacity::of(&machine).file_len_max, GIB);
        }
    }
}
