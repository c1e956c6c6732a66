//! Where in a text a secret ends: its length is known.

use data_encoding::BASE64URL_NOPAD;

use crate::invite::NotWhole;

/// The `N` bytes in base64url that a text begins with. What a sentence, a bracket or a chat program put behind them is
/// ignored.
pub fn begins_with_secret<const N: usize>(text: &str) -> Result<[u8; N], NotWhole> {
    let expected = BASE64URL_NOPAD.encode_len(N);
    let end = text.find(|c| !is_base64url(c)).unwrap_or(text.len());
    let secret = match text[..end].split_at_checked(expected) {
        // They are in the alphabet of secrets, and make text cursive, or go on with a sentence.
        Some((secret, behind)) if behind.bytes().all(|byte| matches!(byte, b'_' | b'-')) => secret,
        _ => &text[..end],
    };
    let not_whole = NotWhole { seen: secret.len(), expected };
    let bytes = BASE64URL_NOPAD.decode(secret.as_bytes()).map_err(|_| not_whole)?;
    bytes.try_into().map_err(|_| not_whole)
}

fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// Closes a sentence, a quotation or a bracket, or marks text up: no character of a link that ends there.
pub fn is_around_links(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '-' | '/' | '%' | '#')
}
