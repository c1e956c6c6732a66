//! Bytes in URLs (RFC 3986).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode, percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// As they go into a URL.
pub(super) fn encode(bytes: &[u8]) -> PercentEncode<'_> {
    percent_encode(bytes, RESERVED)
}

/// `None`: a `%` without two hexadecimal digits. A `+` is itself: the values are bytes, no form.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut escapes = text.split(|byte| *byte == b'%').skip(1);
    let is_sound = |escape: &[u8]| escape.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    escapes.all(is_sound).then(|| percent_decode(text).collect())
}
