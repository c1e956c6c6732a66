//! Sizes and durations as people type them.

use std::time::Duration;

use wire_protocol::control::{INVITE_LIFETIME_S_MAX, INVITE_LIFETIME_S_MIN};

/// Shortest and longest piece, bytes.
const PIECE_LEN_RANGE: std::ops::RangeInclusive<u64> = (16 << 10)..=(64 << 20);

/// `262144`, `256Ki`, `4MiB`: a power of two from 16 KiB to 64 MiB. `256K` is the same: no power of ten is a length
/// of a piece.
///
/// # Errors
/// A sentence for the person.
pub fn parse_piece_len(text: &str) -> Result<u32, String> {
    let (number, unit) = split_unit(text);
    let len = parse_bytes(number, &binary(unit))?;
    if !PIECE_LEN_RANGE.contains(&len) || !len.is_power_of_two() {
        return Err("a piece is a power of two from 16Ki to 64Mi".to_owned());
    }
    Ok(len as u32)
}

fn binary(unit: &str) -> String {
    match unit.strip_suffix(['b', 'B']).unwrap_or(unit) {
        "" => String::new(),
        unit if unit.ends_with(['i', 'I']) => unit.to_owned(),
        unit => format!("{unit}i"),
    }
}

/// `256M`, `4Gi`: bytes. As everywhere 5M is 5,000,000 and 5Mi is 5 × 2^20.
///
/// # Errors
/// A sentence for the person.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    parse_bytes(number, unit)
}

/// `500K`, `5M`, `5Mi`: bytes per second. As everywhere 5M is 5,000,000 and 5Mi is 5 × 2^20.
///
/// # Errors
/// A sentence for the person.
pub fn parse_rate(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text.trim_end_matches("/s"));
    match parse_bytes(number, unit)? {
        0 => Err("a rate of nothing would never end; leave the flag out for no limit".to_owned()),
        rate => Ok(rate),
    }
}

fn parse_bytes(number: &str, unit: &str) -> Result<u64, String> {
    let lower = unit.to_ascii_lowercase();
    let factor: u64 = match lower.strip_suffix('b').unwrap_or(&lower) {
        "" => 1,
        "k" => 1_000,
        "m" => 1_000_000,
        "g" => 1_000_000_000,
        "ki" => 1 << 10,
        "mi" => 1 << 20,
        "gi" => 1 << 30,
        _ => return Err(format!("`{unit}` is not a unit of size (K, M, G; Ki, Mi, Gi)")),
    };
    let bytes: u64 = number.parse().map_err(|_| format!("`{number}{unit}` is not a size"))?;
    bytes.checked_mul(factor).ok_or_else(|| format!("`{number}{unit}` is too much"))
}

/// `90`, `90s`, `500ms`, `5m`, `2h`.
///
/// # Errors
/// A sentence for the person.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let factor_ms: u64 = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(format!("`{unit}` is not a unit of time (ms, s, m, h, d)")),
    };
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is not a duration, like 90s or 5m"))?;
    let ms = number.checked_mul(factor_ms).ok_or_else(|| format!("`{text}` is too long"))?;
    Ok(Duration::from_millis(ms))
}

/// `2h`, `30d`: how long an invite is good for.
///
/// # Errors
/// A sentence for the person.
pub fn parse_lifetime(text: &str) -> Result<Duration, String> {
    let lifetime = parse_duration(text)?;
    let allowed = u64::from(INVITE_LIFETIME_S_MIN)..=u64::from(INVITE_LIFETIME_S_MAX);
    if !allowed.contains(&lifetime.as_secs()) {
        return Err("an invite is good for 1m at least and 90d at most".to_owned());
    }
    Ok(lifetime)
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn piece_lengths_are_powers_of_two_within_bounds() {
        assert_eq!(parse_piece_len("16384"), Ok(16_384));
        assert_eq!(parse_piece_len("256K"), Ok(262_144));
        assert_eq!(parse_piece_len("256Ki"), Ok(262_144));
        assert_eq!(parse_piece_len("4 MiB"), Ok(4 << 20));
        for wrong in ["", "8K", "3M", "128M", "1.5M", "M", "-1", "99999999999999999999G", "4T"] {
            assert!(parse_piece_len(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_megabyte_is_a_million_bytes_and_a_mebibyte_says_so() {
        for (text, rate) in [
            ("5M", 5_000_000),
            ("5MB/s", 5_000_000),
            ("5 mb", 5_000_000),
            ("5Mi", 5 << 20),
            ("5 MiB/s", 5 << 20),
            ("500K", 500_000),
            ("1G", 1_000_000_000),
            ("1Gi", 1 << 30),
            ("77", 77),
            ("77 B/s", 77),
        ] {
            assert_eq!(parse_rate(text), Ok(rate), "{text}");
        }
        for wrong in ["", "0", "M", "5X", "5Mib2", "-5M", "1.5M", "99999999999G"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_invite_lives_within_the_bounds_of_the_protocol() {
        assert_eq!(parse_lifetime("2h"), Ok(Duration::from_secs(7200)));
        assert_eq!(parse_lifetime("90d"), Ok(Duration::from_secs(90 * 86_400)));
        for wrong in ["59s", "91d", "0", "", "soon"] {
            assert!(parse_lifetime(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("5m"), Ok(Duration::from_secs(300)));
        for wrong in ["", "m", "5 years", "-1s", "99999999999999999999"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
