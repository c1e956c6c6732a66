//! The secret as one line of text, which one device shows and another reads: the link that pages show and open, too.

use membership::Identity;
use sha1::{Digest, Sha1};
use wire_protocol::control::Origin;
use wire_protocol::pasted::{DamagedIdentity, find_identity, find_secret, identity_link};

use crate::failure::sentence;

/// What earlier versions of this program wrote: `covey-identity-1:` and 48 characters of base64url, the secret and the
/// first 4 bytes of its SHA-1.
const PREFIX: &str = "covey-identity-1:";
const SEED_LEN: usize = 32;
/// Finds a slip of the hand, bytes.
const CHECKSUM_LEN: usize = 4;

/// `https://share.example/#identity=` and 43 characters of base64url.
pub fn write(identity: &Identity, page: &Origin) -> String {
    identity_link(&page.to_string(), &identity.seed())
}

/// Reads such a line, with whatever was pasted around it.
///
/// # Errors
/// A sentence for the person.
pub fn read(text: &str) -> Result<Identity, String> {
    let damaged = || sentence(&DamagedIdentity.to_string());
    if text.contains(PREFIX) {
        let whole: [u8; SEED_LEN + CHECKSUM_LEN] = find_secret(text, PREFIX).ok_or_else(damaged)?;
        let (seed, sum) = whole.split_first_chunk::<SEED_LEN>().ok_or_else(damaged)?;
        return if *sum == checksum(seed) { Ok(Identity::from_seed(*seed)) } else { Err(damaged()) };
    }
    match find_identity(text) {
        Some(Ok(seed)) => Ok(Identity::from_seed(seed)),
        Some(Err(DamagedIdentity)) => Err(damaged()),
        None => Err("It is one line: a link with #identity= in it.".to_owned()),
    }
}

/// Whether nothing is missing of what stands in for a line: another one would not help.
pub fn is_whole(text: &str) -> bool {
    read(text).is_ok() || (find_identity(text).is_none() && text.trim().lines().count() == 1)
}

fn checksum(seed: &[u8; SEED_LEN]) -> [u8; CHECKSUM_LEN] {
    let digest: [u8; 20] = Sha1::digest([PREFIX.as_bytes(), seed].concat()).into();
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    /// As the page reads and shows it.
    #[test]
    fn an_identity_is_a_link_that_a_page_opens_and_one_of_a_page_is_read() {
        let line = write(&Identity::from_seed([7; 32]), &"https://share.example".parse().unwrap());
        assert_eq!(line, "https://share.example/#identity=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
        for pasted in [format!("  {line}\n"), format!("<{line}>."), line.replacen("Bwc", "Bwc=\r\n", 1)] {
            assert_eq!(read(&pasted).unwrap().seed(), [7; 32], "{pasted}");
        }
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
