//! All processes of one browser, and what they use together. Chromium's are children of one that was given the profile's
//! folder, but for a few that are not; those name the folder themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, ensure};

use crate::usage::{Stat, pss_kib_of};

/// What a process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Pages and their workers.
    Renderer,
    /// The first one, which has windows, storage and downloads.
    Browser,
    /// Draws.
    Gpu,
    Network,
    Other,
}

/// What they have used so far, by kind; those that have ended belong to whoever started them.
#[derive(Debug, Clone, Default)]
pub struct Used {
    /// User and system.
    cpu_seconds: BTreeMap<Kind, f64>,
    /// Their proportional set sizes, MiB.
    memory_mib: BTreeMap<Kind, f64>,
}

/// One process as `/proc` has it.
struct Relative {
    id: u32,
    stat: Stat,
    arguments: Vec<String>,
}

/// Looks at the browser with this profile.
///
/// # Errors
/// If there is none.
pub fn look(profile: &Path) -> Result<Used> {
    let all = relatives();
    let ours = format!("--user-data-dir={}", profile.display());
    let named = all.iter().filter(|relative| relative.arguments.contains(&ours)).map(|relative| relative.id).collect();
    let parents: Vec<(u32, u32)> = all.iter().map(|relative| (relative.id, relative.stat.parent)).collect();
    let family = with_descendants(named, &parents);
    ensure!(!family.is_empty(), "there is no browser with {ours}");
    let mut used = Used::default();
    for relative in all.iter().filter(|relative| family.contains(&relative.id)) {
        let kind = kind_of(&relative.arguments);
        *used.cpu_seconds.entry(kind).or_default() += relative.stat.own_seconds + relative.stat.ended_seconds;
        // One that has ended in between has none.
        *used.memory_mib.entry(kind).or_default() += pss_kib_of(relative.id).unwrap_or(0.0) / 1024.0;
    }
    Ok(used)
}

impl Used {
    /// The same processor time less what had been used before.
    pub fn since(mut self, before: &Self) -> Self {
        for (kind, seconds) in &before.cpu_seconds {
            *self.cpu_seconds.entry(*kind).or_default() -= seconds;
        }
        self
    }

    pub fn cpu_seconds(&self) -> f64 {
        self.cpu_seconds.values().sum()
    }

    pub fn memory_mib(&self) -> f64 {
        self.memory_mib.values().sum()
    }

    /// Each kind's part, as a sentence has it.
    pub fn parts(&self) -> String {
        let of = |parts: &BTreeMap<Kind, f64>, kind| parts.get(&kind).copied().unwrap_or_default();
        let kinds = [Kind::Renderer, Kind::Browser, Kind::Gpu, Kind::Network, Kind::Other];
        let part = |kind| {
            format!("{kind:?} {:.2} s {:.0} MiB", of(&self.cpu_seconds, kind), of(&self.memory_mib, kind))
                .to_lowercase()
        };
        kinds.map(part).join(", ").replace(" mib", " MiB")
    }
}

fn relatives() -> Vec<Relative> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id| {
        let stat = Stat::parse(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?;
        let arguments = arguments(&std::fs::read(format!("/proc/{id}/cmdline")).ok()?);
        Some(Relative { id, stat, arguments })
    })
    .collect()
}

/// Chromium's children write theirs anew, with spaces in between.
fn arguments(line: &[u8]) -> Vec<String> {
    let words = line.split(|byte| [0, b' '].contains(byte)).filter(|word| !word.is_empty());
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

fn kind_of(arguments: &[String]) -> Kind {
    let value = |name: &str| arguments.iter().find_map(|word| word.strip_prefix(name));
    match value("--type=") {
        None => Kind::Browser,
        Some("renderer") => Kind::Renderer,
        Some("gpu-process") => Kind::Gpu,
        Some("utility") if value("--utility-sub-type=").is_some_and(|what| what.starts_with("network.")) => {
            Kind::Network
        }
        Some(_) => Kind::Other,
    }
}

/// Of pairs of a process and its parent.
fn with_descendants(mut family: BTreeSet<u32>, parents: &[(u32, u32)]) -> BTreeSet<u32> {
    loop {
        let children = parents.iter().filter(|(id, parent)| family.contains(parent) && !family.contains(id));
        let children: Vec<u32> = children.map(|(id, _)| *id).collect();
        if children.is_empty() {
            return family;
        }
        family.extend(children);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grandchildren_belong_to_it_and_strangers_do_not() {
        let parents = [(1, 0), (10, 1), (11, 10), (12, 11), (20, 1), (21, 20)];
        assert_eq!(with_descendants([10].into(), &parents), [10, 11, 12].into());
    }

    #[test]
    fn kinds_are_read_from_either_form_of_a_command_line() {
        let kind = |line: &[u8]| kind_of(&arguments(line));
        assert_eq!(kind(b"/usr/lib/chromium/chromium\0--headless\0--user-data-dir=/p\0"), Kind::Browser);
        assert_eq!(kind(b"/usr/lib/chromium/chromium --type=renderer --lang=en"), Kind::Renderer);
        assert_eq!(kind(b"chromium --type=gpu-process\0"), Kind::Gpu);
        assert_eq!(kind(b"c --type=utility --utility-sub-type=network.mojom.NetworkService"), Kind::Network);
        assert_eq!(kind(b"c --type=utility --utility-sub-type=storage.mojom.StorageService"), Kind::Other);
        assert_eq!(kind(b"chromium\0--type=zygote\0"), Kind::Other);
    }

    #[test]
    fn what_had_been_used_before_does_not_count() {
        let used = |renderer, gpu| Used {
            cpu_seconds: [(Kind::Renderer, renderer), (Kind::Gpu, gpu)].into(),
            memory_mib: [(Kind::Renderer, 100.0), (Kind::Browser, 50.0)].into(),
        };
        let since = used(5.0, 1.5).since(&used(4.0, 0.5));
        assert_eq!((since.cpu_seconds(), since.memory_mib()), (2.0, 150.0));
        assert!(since.parts().starts_with("renderer 1.00 s 100 MiB, browser 0.00 s 50 MiB, gpu "), "{}", since.parts());
    }
}
