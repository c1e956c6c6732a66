//! How big a file this browser can hold, and where its pieces go. Told before joining, not found out at 90 %.
//!
//! On disk (OPFS) there is as much room as trying has found. Else verified pieces are Blobs: Chromium keeps Blobs in its own
//! process, up to 2 GiB in memory on a desktop (1 % of the memory on Android), and pages the rest to disk, up to a tenth
//! of the disk (6 % on Android). `storage.estimate().quota` is at most 60 % of the disk, so a tenth of what is left of
//! it stays below both. Other engines keep Blobs in memory.

use serde::{Deserialize, Serialize};

use crate::storing::{Disk, Place, WhyMemory};

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
    /// The biggest that memory takes, bytes.
    pub memory_len_max: u64,
    /// What became of trying the disk.
    pub disk: Disk,
}

impl Capacity {
    /// Where the disk works, what fits there; in memory what the person says, else a quarter of the memory (a sixteenth on a
    /// phone), at most 2 GiB, plus a tenth of the storage left where Blobs go to disk; never less than 256 MiB.
    pub fn of(machine: &Machine, disk: Disk) -> Self {
        if let Some(memory_mb) = machine.memory_mb {
            let memory_len_max = memory_mb.saturating_mul(MIB);
            return Self { file_len_max: memory_len_max, memory_len_max, disk: Disk::Unwanted };
        }
        let memory_len_max = in_memory(machine);
        let on_disk = if let Disk::Works { room } = disk { room } else { 0 };
        Self { file_len_max: memory_len_max.max(on_disk), memory_len_max, disk }
    }

    /// Whether a file of `size` bytes is accepted.
    pub fn holds(&self, size: u64) -> bool {
        size <= self.file_len_max
    }

    /// Where the pieces of a file of `size` bytes go; `None`: nowhere.
    pub fn place_of(&self, size: u64) -> Option<Place> {
        match self.disk.refuses(size) {
            None => Some(Place::Disk),
            Some(why) => self.memory_for(size, why),
        }
    }

    /// The same of a file that an earlier visit began: the disk has its room already.
    pub fn place_again(&self, size: u64) -> Option<Place> {
        match self.disk {
            // What it is like to write there was only tried.
            Disk::Works { .. } | Disk::Slow | Disk::Failing => Some(Place::Disk),
            Disk::Missing | Disk::Unwanted => self.place_of(size),
        }
    }

    /// The memory, if the disk did not take the file for this reason after all.
    pub fn memory_for(&self, size: u64, why: WhyMemory) -> Option<Place> {
        (size <= self.memory_len_max).then_some(Place::Memory(why))
    }
}

fn in_memory(machine: &Machine) -> u64 {
    let memory_gib = machine.device_memory_gib.filter(|gib| gib.is_finite() && *gib > 0.0);
    let memory = (memory_gib.unwrap_or(DEVICE_MEMORY_ASSUMED_GIB) * GIB as f64) as u64;
    let share = if machine.is_mobile { 16 } else { 4 };
    let in_memory = (memory / share).min(MEMORY_MAX);
    let on_disk = if machine.is_chromium { machine.storage_left.unwrap_or(0) / 10 } else { 0 };
    in_memory.saturating_add(on_disk).max(HELD_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory_of(machine: &Machine) -> u64 {
        Capacity::of(machine, Disk::Missing).file_len_max
    }

    #[test]
    fn a_desktop_chromium_without_opfs_holds_a_film_and_a_part_of_its_disk() {
        let machine = Machine {
            device_memory_gib: Some(8.0),
            storage_left: Some(100 * GIB),
            is_chromium: true,
            ..Machine::default()
        };
        assert_eq!(memory_of(&machine), 12 * GIB);
        assert!(Capacity::of(&machine, Disk::Missing).holds(757_071_872));
    }

    #[test]
    fn a_browser_that_keeps_blobs_in_memory_gets_no_disk() {
        let machine = Machine { storage_left: Some(100 * GIB), ..Machine::default() };
        assert_eq!(memory_of(&machine), GIB);
    }

    #[test]
    fn a_small_phone_still_holds_the_minimum() {
        let machine = Machine { device_memory_gib: Some(2.0), is_mobile: true, ..Machine::default() };
        assert_eq!(memory_of(&machine), HELD_MIN);
    }

    #[test]
    fn a_disk_that_works_takes_what_was_tried_whatever_the_memory() {
        let phone = Machine { device_memory_gib: Some(2.0), is_mobile: true, ..Machine::default() };
        let capacity = Capacity::of(&phone, Disk::Works { room: 40 * GIB });
        assert!(capacity.holds(40 * GIB) && !capacity.holds(40 * GIB + 1));
        assert_eq!(capacity.place_of(40 * GIB), Some(Place::Disk));
    }

    #[test]
    fn what_the_disk_does_not_take_goes_to_memory_or_nowhere() {
        let full = Capacity::of(&Machine::default(), Disk::Works { room: MIB });
        assert_eq!(full.place_of(MIB), Some(Place::Disk));
        assert_eq!(full.place_of(MIB + 1), Some(Place::Memory(WhyMemory::Full)));
        assert_eq!(full.place_of(GIB + 1), None);
        assert_eq!(full.place_again(GIB + 1), Some(Place::Disk), "it is there");
        let private = Capacity::of(&Machine::default(), Disk::Slow);
        assert_eq!(private.place_of(MIB), Some(Place::Memory(WhyMemory::Slow)));
        assert_eq!(private.place_again(GIB + 1), Some(Place::Disk), "it is there");
        assert_eq!(private.memory_for(GIB + 1, WhyMemory::OtherTab), None);
    }

    #[test]
    fn what_the_person_says_wins() {
        let machine = Machine { memory_mb: Some(1), device_memory_gib: Some(8.0), ..Machine::default() };
        let capacity = Capacity::of(&machine, Disk::Works { room: GIB });
        assert!(capacity.holds(MIB));
        assert!(!capacity.holds(MIB + 1));
        assert_eq!(capacity.place_of(MIB), Some(Place::Memory(WhyMemory::Wanted)));
    }

    #[test]
    fn nonsense_from_the_browser_is_ignored() {
        for gib in [f64::NAN, f64::INFINITY, -3.0, 0.0] {
            let machine = Machine { device_memory_gib: Some(gib), ..Machine::default() };
            assert_eq!(memory_of(&machine), GIB);
        }
    }
}
