//! The secret as one line of text, which one device shows and another reads: the link that pages show and open, too.

use data_encoding::BASE64URL_NOPAD;
use membership::Identity;
use sha1::{Digest, Sha1};
use wire_protocol::control::Origin;

/// Behind the address of a server's page.
const FRAGMENT: &str = "#identity=";
/// What earlier versions of this program wrote: `covey-identity-1:` and 48 characters of base64url, the secret and the
/// first 4 bytes of its SHA-1.
const PREFIX: &str = "covey-identity-1:";
const SEED_LEN: usize = 32;
/// Finds a slip of the hand, bytes.
const CHECKSUM_LEN: usize = 4;

/// `https://share.example/#identity=` and 43 characters of base64url.
pub fn write(identity: &Identity, page: &Origin) -> String {
    format!("{page}/{FRAGMENT}{}", BASE64URL_NOPAD.encode(&identity.seed()))
}

/// Reads such a line, with white space around it.
///
/// # Errors
/// A sentence for the person.
pub fn read(line: &str) -> Result<Identity, &'static str> {
    let line = line.trim();
    let (text, has_sum) = match (line.strip_prefix(PREFIX), line.split_once(FRAGMENT)) {
        (Some(text), _) => (text, true),
        (None, Some((_, text))) => (text, false),
        (None, None) => return Err("It is one line: a link with #identity= in it."),
    };
    let damaged = "Something is missing or changed in it: copy the whole line again.";
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| damaged)?;
    let (seed, sum) = bytes.split_first_chunk::<SEED_LEN>().ok_or(damaged)?;
    let is_whole = if has_sum { *sum == checksum(seed) } else { sum.is_empty() };
    if is_whole { Ok(Identity::from_seed(*seed)) } else { Err(damaged) }
}

fn checksum(seed: &[u8; SEED_LEN]) -> [u8; CHECKSUM_LEN] {
    let digest: [u8; 20] = Sha1::digest([PREFIX.as_bytes(), seed].concat()).into();
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the page reads and shows it.
    #[test]
    fn an_identity_is_a_link_that_a_page_opens_and_one_of_a_page_is_read() {
        let line = write(&Identity::from_seed([7; 32]), &"https://share.example".parse().unwrap());
        assert_eq!(line, "https://share.example/#identity=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
        assert_eq!(read(&format!("  {line}\n")).unwrap().seed(), [7; 32]);
        let (_, fragment) = line.split_once('/').unwrap();
        for wrong in
            [&line[..line.len() - 1], "https://share.example/#identity=", fragment.split('#').next().unwrap(), ""]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_of_an_earlier_version_is_read_and_a_slip_in_it_is_found() {
        let seed = [7; 32];
        let line = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&[&seed[..], &checksum(&seed)].concat()));
        assert_eq!(read(&format!("  {line}\n")).unwrap().seed(), seed);
        let slip = line.replacen("BwcH", "BwcX", 1);
        assert_ne!(slip, line);
        for wrong in [&slip, &line[..line.len() - 1], &line[5..], PREFIX] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
