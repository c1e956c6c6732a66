//! Numbers and names as people read them.

use std::time::Duration;

use wire_protocol::text::FILE_NAME_BYTES_MAX;

/// Text from strangers on one line of the terminal; see [`wire_protocol::text`].
pub fn printable(text: &str) -> String {
    // A file name is never cut: whoever reads it may type it.
    wire_protocol::text::printable(text, FILE_NAME_BYTES_MAX)
}

/// The same, however long it is: addresses, paths, what scripts read.
pub fn whole(text: &str) -> String {
    wire_protocol::text::printable(text, usize::MAX)
}

/// `4.31 GB`: three digits, powers of 1000 as disks are sold.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // 999.6 would be shown as 1000 kB.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = if value < 9.995 {
        2
    } else if value < 99.95 {
        1
    } else {
        0
    };
    format!("{value:.decimals$} {}", UNITS[unit])
}

/// `4 MiB`: what is a power of two.
pub fn binary_size(bytes: u32) -> String {
    match bytes {
        _ if bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} B"),
    }
}

/// `48.2 MB/s`.
pub fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", size(bytes_per_second))
}

/// `0:26`, `1:05:00`: time left.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `0.8s`, `1m05s`, `2h03m`: time that passed.
pub fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// `7 days`, `23 hours`, `1 minute`: how long something lasts, rounded.
pub fn lasting(duration: Duration) -> String {
    let minutes = (duration.as_secs() + 30) / 60;
    let (count, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..90 => (minutes, "minute"),
        90..2160 => ((minutes + 30) / 60, "hour"),
        _ => ((minutes + 720) / 1440, "day"),
    };
    counted(count as usize, unit)
}

/// `1 file`, `2 files`.
pub fn counted(count: usize, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// `1 person`, `2 people`.
pub fn people(count: usize) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

/// `1 peer`, `3 peers`.
pub fn peers(count: usize) -> String {
    if count == 1 { "1 peer".to_owned() } else { format!("{count} peers") }
}

/// `37%`, never 100 before the end.
pub fn percent(done: u64, total: u64) -> String {
    if total == 0 {
        return "0%".to_owned();
    }
    format!("{}%", (u128::from(done.min(total)) * 100 / u128::from(total)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits() {
        let seen: Vec<String> =
            [0, 999, 1000, 999_499, 999_500, 4_310_000_000, 757_071_872, 22_000_000, u64::MAX].map(size).into();
        assert_eq!(seen, ["0 B", "999 B", "1.00 kB", "999 kB", "1.00 MB", "4.31 GB", "757 MB", "22.0 MB", "18.4 EB"]);
    }

    #[test]
    fn times_read_well() {
        assert_eq!(clock(Duration::from_secs(26)), "0:26");
        assert_eq!(clock(Duration::from_secs(3_905)), "1:05:05");
        assert_eq!(elapsed(Duration::from_millis(800)), "0.8s");
        assert_eq!(elapsed(Duration::from_secs(65)), "1m05s");
        assert_eq!(elapsed(Duration::from_secs(7_400)), "2h03m");
    }

    #[test]
    fn what_lasts_is_said_in_words() {
        for (seconds, words) in [
            (20, "less than a minute"),
            (60, "1 minute"),
            (3_600, "60 minutes"),
            (7_200, "2 hours"),
            (7 * 86_400 - 5, "7 days"),
            (86_400, "24 hours"),
            (36 * 3_600, "2 days"),
        ] {
            assert_eq!(lasting(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\n"), "a[2Jbc ");
        assert_eq!(printable(&"x".repeat(1000)).len(), FILE_NAME_BYTES_MAX);
    }

    #[test]
    fn percent_is_rounded_down() {
        assert_eq!(percent(999, 1000), "99%");
        assert_eq!(percent(0, 0), "0%");
        assert_eq!(percent(5, 5), "100%");
    }
}
