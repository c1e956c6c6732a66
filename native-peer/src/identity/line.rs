//! The secret as one line of text, which one device shows and another reads.

use data_encoding::BASE64URL_NOPAD;
use membership::Identity;
use sha1::{Digest, Sha1};

/// Begins it, so that nobody takes it for something else.
const PREFIX: &str = "covey-identity-1:";
const SEED_LEN: usize = 32;
/// Finds a slip of the hand, bytes.
const CHECKSUM_LEN: usize = 4;

/// `covey-identity-1:` and 48 characters of base64url: the secret, and the first 4 bytes of its SHA-1.
pub fn write(identity: &Identity) -> String {
    let seed = identity.seed();
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&[&seed[..], &checksum(&seed)].concat()))
}

/// Reads such a line, with white space around it.
///
/// # Errors
/// A sentence for the person.
pub fn read(line: &str) -> Result<Identity, &'static str> {
    let text = line.trim().strip_prefix(PREFIX).ok_or("It begins with covey-identity-1: and is one line.")?;
    let damaged = "Something is missing or changed in it: copy the whole line again.";
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| damaged)?;
    let (seed, sum) = bytes.split_first_chunk::<SEED_LEN>().ok_or(damaged)?;
    if *sum != checksum(seed) {
        return Err(damaged);
    }
    Ok(Identity::from_seed(*seed))
}

fn checksum(seed: &[u8; SEED_LEN]) -> [u8; CHECKSUM_LEN] {
    let digest: [u8; 20] = Sha1::digest([PREFIX.as_bytes(), seed].concat()).into();
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_survives_being_written_and_a_slip_is_found() {
        let line = write(&Identity::from_seed([7; 32]));
        assert_eq!(read(&format!("  {line}\n")).unwrap().seed(), [7; 32]);
        let slip = line.replacen("BwcH", "BwcX", 1);
        assert_ne!(slip, line);
        for wrong in [&slip, &line[..line.len() - 1], &line[5..], "covey-identity-1:", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
