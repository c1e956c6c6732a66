//! What a server's answer to a request for a part of a file is worth.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderName, RETRY_AFTER};

use super::fault::Fault;

/// The longest file of which all is read to get at a part, if the server sends whole files only, bytes.
const READ_OVER_MAX: u64 = 1 << 20;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Where it begins in the file, bytes.
    pub offset: u64,
    /// Bytes, at least 1.
    pub len: u64,
    /// Bytes of the file.
    pub file_len: u64,
}

impl Asked {
    /// As it is said to the server.
    pub fn range(&self) -> String {
        format!("bytes={}-{}", self.offset, self.offset + self.len - 1)
    }
}

/// How many bytes of the body come before what was asked for.
///
/// # Errors
/// [`Fault`]: what was asked for is not in the body.
pub fn judge(asked: &Asked, status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Result<u64, Fault> {
    match status {
        StatusCode::PARTIAL_CONTENT | StatusCode::OK => check_encoding(headers)?,
        StatusCode::RANGE_NOT_SATISFIABLE => return Err(Fault::OtherFile),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => return Err(busy(status, headers, now)),
        _ if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED => {
            return Err(busy(status, headers, now));
        }
        _ => return Err(Fault::Refused(status)),
    }
    if status == StatusCode::OK { whole_file(asked, headers) } else { part(asked, headers) }
}

fn check_encoding(headers: &HeaderMap) -> Result<(), Fault> {
    match text(headers, CONTENT_ENCODING) {
        Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => Err(Fault::Encoded),
        _ => Ok(()),
    }
}

fn whole_file(asked: &Asked, headers: &HeaderMap) -> Result<u64, Fault> {
    let len: Option<u64> = text(headers, CONTENT_LENGTH).and_then(|len| len.parse().ok());
    if len.is_some_and(|len| len != asked.file_len) {
        return Err(Fault::OtherFile);
    }
    if asked.len < asked.file_len && asked.file_len > READ_OVER_MAX {
        return Err(Fault::NoRanges);
    }
    Ok(asked.offset)
}

fn part(asked: &Asked, headers: &HeaderMap) -> Result<u64, Fault> {
    let range = text(headers, CONTENT_RANGE).and_then(parse_range).ok_or(Fault::OtherPart)?;
    let (first, last, file_len) = range;
    if file_len.is_some_and(|file_len| file_len != asked.file_len) {
        return Err(Fault::OtherFile);
    }
    if (first, last) != (asked.offset, asked.offset + asked.len - 1) {
        return Err(Fault::OtherPart);
    }
    Ok(0)
}

/// `bytes 0-499/1234`, and `*` for a length that is not known.
fn parse_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (unit, range) = text.split_once(' ')?;
    let (range, len) = range.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let len = if len == "*" { None } else { Some(len.parse().ok()?) };
    unit.eq_ignore_ascii_case("bytes").then_some((first.parse().ok()?, last.parse().ok()?, len))
}

fn busy(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Fault {
    let after = text(headers, RETRY_AFTER).and_then(|text| retry_after(text, now));
    Fault::Busy { status, after }
}

/// Seconds, or a date.
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Some(httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default()),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const MIB: u64 = 1 << 20;
    const PART: Asked = Asked { offset: 500, len: 100, file_len: 5 * MIB };

    fn judged(asked: Asked, status: u16, headers: &[(HeaderName, &str)]) -> Result<u64, Fault> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        judge(&asked, StatusCode::from_u16(status).unwrap(), &headers, UNIX_EPOCH)
    }

    #[test]
    fn the_part_that_was_asked_for_is_taken_and_no_other() {
        assert_eq!(PART.range(), "bytes=500-599");
        let answer = |range: &str| judged(PART, 206, &[(CONTENT_RANGE, range)]);
        assert_eq!(answer("bytes 500-599/5242880").unwrap(), 0);
        assert_eq!(answer("Bytes 500-599/*").unwrap(), 0);
        for other in
            ["bytes 0-99/5242880", "bytes 500-598/5242880", "bytes 500-/5242880", "500-599/5242880", "bytes */9"]
        {
            assert!(matches!(answer(other), Err(Fault::OtherPart)), "{other}");
        }
        assert!(matches!(answer("bytes 500-599/5242881"), Err(Fault::OtherFile)));
        assert!(matches!(judged(PART, 206, &[]), Err(Fault::OtherPart)), "several parts in one body, too");
    }

    #[test]
    fn a_whole_file_is_taken_if_it_was_asked_for_or_is_small() {
        let whole = Asked { offset: 0, len: 5 * MIB, file_len: 5 * MIB };
        assert_eq!(judged(whole, 200, &[(CONTENT_LENGTH, "5242880")]).unwrap(), 0);
        assert_eq!(judged(whole, 200, &[]).unwrap(), 0);
        assert!(matches!(judged(whole, 200, &[(CONTENT_LENGTH, "7")]), Err(Fault::OtherFile)));
        assert!(matches!(judged(PART, 200, &[(CONTENT_LENGTH, "5242880")]), Err(Fault::NoRanges)));
        let small = Asked { file_len: MIB, ..PART };
        assert_eq!(judged(small, 200, &[(CONTENT_LENGTH, "1048576")]).unwrap(), 500);
    }

    #[test]
    fn what_is_packed_is_no_part_of_the_file() {
        let range = (CONTENT_RANGE, "bytes 500-599/5242880");
        let answer = |encoding| judged(PART, 206, &[range.clone(), (CONTENT_ENCODING, encoding)]);
        assert!(matches!(answer("gzip"), Err(Fault::Encoded)));
        assert!(answer("identity").is_ok());
    }

    #[test]
    fn a_server_that_is_busy_says_how_long() {
        let after = |status, value| match judged(PART, status, &[(RETRY_AFTER, value)]) {
            Err(Fault::Busy { after, .. }) => after,
            other => panic!("{other:?}"),
        };
        assert_eq!(after(503, "120"), Some(Duration::from_secs(120)));
        assert_eq!(after(429, "Thu, 01 Jan 1970 00:01:00 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(after(503, "soon"), None);
        assert_eq!(after(500, "-1"), None);
        let past = judge(&PART, StatusCode::BAD_GATEWAY, &HeaderMap::new(), UNIX_EPOCH);
        assert!(matches!(past, Err(Fault::Busy { after: None, .. })));
    }

    #[test]
    fn a_file_that_is_not_there_or_too_short_is_not_asked_for_again() {
        for status in [204, 304, 400, 401, 403, 404, 410, 501] {
            assert!(matches!(judged(PART, status, &[]), Err(Fault::Refused(_))), "{status}");
        }
        assert!(matches!(judged(PART, 416, &[]), Err(Fault::OtherFile)));
    }
}
