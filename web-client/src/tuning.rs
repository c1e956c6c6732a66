//! What a person may choose under "Advanced": which piece comes next, and how fast at most.

use std::fmt;
use std::str::FromStr;

use peer_engine::{PiecePolicy, RateLimits};
use serde::{Deserialize, Serialize};

use crate::format::decimal;
use crate::words::words;

/// What a limit's field means when no unit is typed, bytes: the page shows megabytes.
const UNIT: f64 = 1e6;
/// Below this nothing would ever be done, bytes per second.
const RATE_MIN: f64 = 1e3;
/// Above this a limit is none, bytes per second.
const RATE_MAX: f64 = 1e12;

/// How one file is fetched and served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tuning {
    /// Which piece comes next.
    #[serde(with = "by_name")]
    pub policy: PiecePolicy,
    /// Bytes per second sent at most; `None`: no limit.
    pub up: Option<u64>,
    /// Bytes per second received at most; `None`: no limit.
    pub down: Option<u64>,
}

impl Tuning {
    /// The two limits, as the engine takes them.
    pub fn limits(&self) -> RateLimits {
        RateLimits { up: self.up, down: self.down }
    }

    /// What was chosen, in a few words: `in order, at most 5 MB/s in`. Empty: nothing was.
    pub fn summary(&self) -> String {
        let policy = (self.policy != PiecePolicy::default()).then(|| uncapitalized(&label(self.policy)));
        let down = self.down.map(|rate| words().tuning_down(rate_text(Some(rate))).to_string());
        let up = self.up.map(|rate| words().tuning_up(rate_text(Some(rate))).to_string());
        [policy, down, up].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// As it is kept by the browser: `sequential 500000 -`.
impl fmt::Display for Tuning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |rate: Option<u64>| rate.map_or_else(|| "-".to_owned(), |rate| rate.to_string());
        write!(f, "{} {} {}", self.policy, rate(self.up), rate(self.down))
    }
}

/// The text is no tuning: of another version of the page, or nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTuning;

impl FromStr for Tuning {
    type Err = NoTuning;

    fn from_str(text: &str) -> Result<Self, NoTuning> {
        let rate = |text: &str| match text {
            "-" => Ok(None),
            digits => digits.parse().ok().filter(|rate| *rate > 0).map(Some).ok_or(NoTuning),
        };
        match text.split(' ').collect::<Vec<_>>().as_slice() {
            [policy, up, down] => {
                Ok(Self { policy: policy.parse().map_err(|_| NoTuning)?, up: rate(up)?, down: rate(down)? })
            }
            _ => Err(NoTuning),
        }
    }
}

/// A policy as people call it.
pub fn label(policy: PiecePolicy) -> String {
    let label = match policy {
        PiecePolicy::RarestFirst => words().tuning_rarest(),
        PiecePolicy::Random => words().tuning_random(),
        PiecePolicy::Sequential => words().tuning_in_order(),
        PiecePolicy::EqualSplit { by_rate: false } => words().tuning_equal(),
        PiecePolicy::EqualSplit { by_rate: true } => words().tuning_by_speed(),
        _ => words().tuning_another(),
    };
    label.to_string()
}

/// As within a sentence. No label begins with a noun, which German would write large.
fn uncapitalized(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What it is good for, in one short line.
pub fn explanation(policy: PiecePolicy) -> String {
    let line = match policy {
        PiecePolicy::RarestFirst => words().tuning_rarest_why(),
        PiecePolicy::Random => words().tuning_random_why(),
        PiecePolicy::Sequential => words().tuning_in_order_why(),
        PiecePolicy::EqualSplit { by_rate: false } => words().tuning_equal_why(),
        PiecePolicy::EqualSplit { by_rate: true } => words().tuning_by_speed_why(),
        _ => words().tuning_another_why(),
    };
    line.to_string()
}

/// A limit as a person types it: `5`, `2.5`, `0,5` are megabytes per second; `800k`, `5 MB/s`, `1 GiB` carry
/// their unit. Nothing means no limit.
///
/// # Errors
/// A sentence for the person.
pub fn parse_rate(text: &str) -> Result<Option<u64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && !".,".contains(c)).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    // With both signs it would be a guess which of them groups thousands.
    let number: f64 = number.replacen(',', ".", 1).parse().map_err(|_| words().tuning_no_number().to_string())?;
    let rate = number * factor(unit).ok_or_else(|| words().tuning_no_unit().to_string())?;
    if rate < RATE_MIN {
        return Err(words().tuning_too_slow().to_string());
    }
    if rate > RATE_MAX {
        return Err(words().tuning_too_fast().to_string());
    }
    Ok(Some(rate.round() as u64))
}

/// Bytes in a unit; `None`: it is none.
fn factor(unit: &str) -> Option<f64> {
    let unit = unit.trim().to_ascii_lowercase();
    let unit = unit.strip_suffix("/s").unwrap_or(&unit).trim_end();
    Some(match unit {
        "" => UNIT,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    })
}

/// A limit as its field shows it, in megabytes per second: `0.5`. Nothing for no limit.
pub fn rate_text(rate: Option<u64>) -> String {
    rate.map(|rate| decimal(&(rate as f64 / UNIT).to_string())).unwrap_or_default()
}

/// A policy crosses to the worker under the name that the engine gives it.
mod by_name {
    use peer_engine::PiecePolicy;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(policy: &PiecePolicy, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(policy)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PiecePolicy, D::Error> {
        <&str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{Command, decode, encode};
    use crate::words::in_german;

    #[test]
    fn a_limit_without_a_unit_is_in_the_megabytes_that_the_page_shows() {
        for (typed, rate) in [
            ("5", 5_000_000),
            (" 2.5 ", 2_500_000),
            ("0,5", 500_000),
            (".5", 500_000),
            ("800k", 800_000),
            ("800 kB/s", 800_000),
            ("5M", 5_000_000),
            ("5 mb/s", 5_000_000),
            ("1 GB", 1_000_000_000),
            ("2 MiB/s", 2_097_152),
        ] {
            assert_eq!(parse_rate(typed), Ok(Some(rate)), "{typed}");
        }
    }

    #[test]
    fn an_empty_field_is_no_limit() {
        assert_eq!(parse_rate(""), Ok(None));
        assert_eq!(parse_rate("  "), Ok(None));
    }

    #[test]
    fn nonsense_is_answered_with_a_sentence() {
        for typed in ["fast", "-5", "5 apples", "5 Mbit/s", "1.2.3", "1,000,000", "1.000,5", ".", "0", "0.0001", "1e9"]
        {
            let sentence = parse_rate(typed).expect_err(typed);
            assert!(sentence.ends_with('.'), "{typed}: {sentence}");
        }
        assert!(parse_rate("99999999 GB/s").is_err());
    }

    #[test]
    fn what_a_field_shows_is_read_as_the_same_limit() {
        for rate in [1_000, 500_000, 5_000_000, 2_097_152, 123_456_789] {
            assert_eq!(parse_rate(&rate_text(Some(rate))), Ok(Some(rate)));
        }
        assert_eq!(rate_text(Some(500_000)), "0.5");
        assert_eq!(rate_text(None), "");
        assert_eq!(in_german(|| (rate_text(Some(500_000)), parse_rate("0,5"))), ("0,5".to_owned(), Ok(Some(500_000))));
    }

    #[test]
    fn every_policy_crosses_to_the_worker_and_outlives_the_tab() {
        for (_, policy) in PiecePolicy::NAMES {
            let tuning = Tuning { policy, up: Some(500_000), down: None };
            let command = Command::Tune { file: wire_protocol::ids::FileId([7; 16]), tuning };
            assert_eq!(decode(&encode(&command)), Some(command));
            assert_eq!(tuning.to_string().parse(), Ok(tuning));
        }
    }

    #[test]
    fn what_the_browser_kept_for_another_page_is_not_used() {
        for text in ["", "sequential", "fastest - -", "sequential 0 -", "sequential - x", "sequential - - -"] {
            assert_eq!(text.parse::<Tuning>(), Err(NoTuning), "{text}");
        }
    }

    #[test]
    fn every_policy_has_words_of_its_own() {
        let words = |of: fn(PiecePolicy) -> String| PiecePolicy::NAMES.map(|(_, policy)| of(policy));
        for mut said in [words(label), words(explanation)] {
            said.sort_unstable();
            assert!(said.windows(2).all(|pair| pair[0] != pair[1]), "{said:?}");
        }
    }

    #[test]
    fn the_summary_says_what_differs_from_the_default() {
        assert_eq!(Tuning::default().summary(), "");
        let tuning = Tuning { policy: PiecePolicy::Sequential, up: Some(500_000), down: Some(5_000_000) };
        assert_eq!(tuning.summary(), "in order, at most 5 MB/s in, at most 0.5 MB/s out");
        let german = in_german(|| tuning.summary());
        assert_eq!(german, "der Reihe nach, höchstens 5 MB/s eingehend, höchstens 0,5 MB/s ausgehend");
    }
}
