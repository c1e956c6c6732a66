//! What it was measured on.

use std::fs;
use std::process::Command;

/// Processor, cores, memory, system and the browser's version, in one line.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .map_or_else(String::new, |kib| format!(", {} GiB", kib.div_ceil(1 << 20)));
    let system = fs::read_to_string("/etc/os-release")
        .ok()
        .and_then(|text| Some(text.split_once("PRETTY_NAME=\"")?.1.split_once('"')?.0.to_owned()))
        .unwrap_or_else(|| std::env::consts::OS.to_owned());
    let browser = version_of("chromium", "Chromium");
    let aria2 = version_of("aria2c", "aria2");
    format!("{processor}, {cores} cores{memory}, {system}, {browser}, {aria2}")
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// `Chromium 156.0.1 built on …` → `Chromium 156.0.1`
fn version_of(program: &str, name: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let version = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    format!("{name} {}", version.unwrap_or("?"))
}
