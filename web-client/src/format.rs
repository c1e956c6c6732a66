//! Figures as people read them.

use crate::words::words;

/// `757.1 MB`: decimal units, as in the browser's own list of downloads; three significant digits or so.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be shown as 1000.0.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if value < 10.0 { 2 } else { 1 };
    format!("{} {}", decimal(&format!("{value:.digits$}")), UNITS[unit])
}

/// A number with the sign that stands before its decimals: `4,31`.
pub fn decimal(number: &str) -> String {
    number.replace('.', &words().decimal_sign())
}

/// `48.2 MB/s`.
pub fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", bytes(bytes_per_second))
}

/// `0:26`, `1:02:03`, `3 days`; `None` while nothing comes.
pub fn time_left(bytes_left: u64, bytes_per_second: u64) -> Option<String> {
    if bytes_per_second == 0 {
        return None;
    }
    let seconds = bytes_left.div_ceil(bytes_per_second);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    Some(match hours {
        0 => format!("{minutes}:{:02}", seconds % 60),
        1..=47 => format!("{hours}:{minutes:02}:{:02}", seconds % 60),
        _ => words().days(hours / 24).to_string(),
    })
}

/// A moment of a film: `0:07`, `12:30`, `1:02:05`.
pub fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}

/// Whole per cent, and 100 only when it is all there.
pub fn percent(part: u64, whole: u64) -> u8 {
    if whole == 0 {
        return 0;
    }
    (u128::from(part.min(whole)) * 100 / u128::from(whole)) as u8
}

/// `Ana`, `Ana and Luis`, `Ana, Luis and 3 others`.
pub fn names(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => words().names_two(one, two).to_string(),
        [one, two, three] => words().names_three(one, two, three).to_string(),
        [one, two, rest @ ..] => words().names_more(one, two, rest.len()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::in_german;

    #[test]
    fn bytes_change_unit_before_they_show_a_thousand() {
        let shown: Vec<_> =
            [0, 999, 1000, 12_345, 999_949, 999_951, 757_071_872, 4_310_000_000, u64::MAX].map(bytes).into();
        assert_eq!(
            shown,
            ["0 B", "999 B", "1.00 kB", "12.3 kB", "999.9 kB", "1.00 MB", "757.1 MB", "4.31 GB", "18446.7 PB"]
        );
    }

    #[test]
    fn time_left_is_unknown_while_nothing_comes() {
        assert_eq!(time_left(1, 0), None);
        assert_eq!(time_left(0, 5).as_deref(), Some("0:00"));
        assert_eq!(time_left(26, 1).as_deref(), Some("0:26"));
        assert_eq!(time_left(3723, 1).as_deref(), Some("1:02:03"));
        assert_eq!(time_left(86_400 * 3, 1).as_deref(), Some("3 days"));
    }

    #[test]
    fn a_moment_is_told_as_a_clock_does() {
        let told = [0.0, 7.9, 750.4, 3725.0, f64::NAN, -1.0].map(clock);
        assert_eq!(told, ["0:00", "0:07", "12:30", "1:02:05", "0:00", "0:00"]);
    }

    #[test]
    fn a_hundred_per_cent_means_all_of_it() {
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(1000, 1000), 100);
        assert_eq!(percent(5, 0), 0);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }

    #[test]
    fn lists_of_names_stay_short() {
        let list: Vec<String> = ["Ana", "Luis", "Marta", "Otto", "Ida"].map(String::from).into();
        assert_eq!(names(&list[..1]), "Ana");
        assert_eq!(names(&list[..2]), "Ana and Luis");
        assert_eq!(names(&list[..3]), "Ana, Luis and Marta");
        assert_eq!(names(&list), "Ana, Luis and 3 others");
    }

    #[test]
    fn german_has_a_comma_and_words_of_its_own() {
        in_german(|| {
            assert_eq!([4_310_000_000, 999].map(bytes), ["4,31 GB", "999 B"]);
            assert_eq!(rate(48_200_000), "48,2 MB/s");
            assert_eq!(time_left(86_400 * 3, 1).as_deref(), Some("3 Tage"));
            let list: Vec<String> = ["Ana", "Luis", "Marta", "Otto", "Ida"].map(String::from).into();
            let told = [2, 3, 5].map(|count| names(&list[..count]));
            assert_eq!(told, ["Ana und Luis", "Ana, Luis und Marta", "Ana, Luis und noch 3"]);
        });
    }
}
