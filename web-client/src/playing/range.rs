//! Which bytes a request asks for: its `Range` header (RFC 9110, 14.2), as browsers write it for films.

use std::ops::Range;

/// What is asked of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// All of it.
    Whole,
    /// A part of it, of one byte at least.
    Part(Range<u64>),
    /// A part that it does not have.
    Beyond,
}

impl Asked {
    /// From a request for a file of `len` bytes. Several parts, other units and what cannot be read ask for all of it, as
    /// the standard has it.
    pub fn read(header: Option<&str>, len: u64) -> Self {
        let Some((first, last)) = header.and_then(bounds) else {
            return Self::Whole;
        };
        let part = match (first, last) {
            (Some(first), Some(last)) if last < first => return Self::Whole,
            (Some(first), last) => first..last.map_or(len, |last| last.saturating_add(1)).min(len),
            (None, Some(tail)) => len.saturating_sub(tail)..len,
            (None, None) => return Self::Whole,
        };
        if part.is_empty() { Self::Beyond } else { Self::Part(part) }
    }
}

/// `bytes=N-M`, where one of the two may be missing.
fn bounds(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    Some((number(first)?, number(last)?))
}

/// Nothing is a number that is missing.
fn number(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    if !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // Beyond every file.
    Some(Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Asked {
        Asked::read(Some(header), 1000)
    }

    #[test]
    fn open_and_closed_ranges_are_parts() {
        assert_eq!(read("bytes=0-"), Asked::Part(0..1000));
        assert_eq!(read("bytes=640-"), Asked::Part(640..1000));
        assert_eq!(read("bytes=0-0"), Asked::Part(0..1));
        assert_eq!(read("bytes=10-19"), Asked::Part(10..20));
        assert_eq!(read("bytes=10-5000"), Asked::Part(10..1000));
        assert_eq!(read("bytes=-100"), Asked::Part(900..1000));
        assert_eq!(read("bytes=-5000"), Asked::Part(0..1000));
    }

    #[test]
    fn what_a_file_does_not_have_is_beyond() {
        for header in ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999-"] {
            assert_eq!(read(header), Asked::Beyond, "{header}");
        }
        assert_eq!(Asked::read(Some("bytes=0-"), 0), Asked::Beyond);
    }

    #[test]
    fn anything_else_asks_for_all_of_it() {
        for header in
            ["", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=9-3", "bytes=0-1,5-6", "lines=1-2", "bytes=+1-"]
        {
            assert_eq!(read(header), Asked::Whole, "{header}");
        }
        assert_eq!(Asked::read(None, 1000), Asked::Whole);
    }
}
