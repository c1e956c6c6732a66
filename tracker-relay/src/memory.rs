//! How much memory this process may use.

/// Where it is not known, bytes: 1 GiB.
const FALLBACK: u64 = 1 << 30;

/// Bytes of the machine's memory, or of the container's if that has less.
pub fn total() -> u64 {
    let machine = read("/proc/meminfo").and_then(|text| total_of_meminfo(&text));
    let container = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(container).min().unwrap_or(FALLBACK)
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

fn total_of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_read_as_linux_writes_it() {
        let text = "MemTotal:        4030840 kB\nMemFree:          123456 kB\n";
        assert_eq!(total_of_meminfo(text), Some(4_030_840 * 1024));
        assert_eq!(total_of_meminfo("MemFree: 1 kB\n"), None);
        assert!(total() > 1 << 20);
    }
}
