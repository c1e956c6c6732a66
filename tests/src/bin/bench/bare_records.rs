//! Encrypted bytes as a link of Covey carries them, for a worker that opens them: messages of eight records, each a length
//! in two bytes and what AES-256-GCM makes of the plain bytes.

use anyhow::{Result, anyhow};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Known to the worker, too. Nothing here is secret.
pub const KEY: [u8; 32] = [42; 32];
const RECORDS_PER_MESSAGE: usize = 8;
const RECORD_LEN: usize = 30_720;
const LENGTH_LEN: usize = 2;
const TAG_LEN: usize = 16;
const PLAIN_LEN: usize = RECORD_LEN - LENGTH_LEN - TAG_LEN;

/// All that carries so many plain bytes. The records are numbered, and each one's number is its nonce.
pub struct Messages {
    key: LessSafeKey,
    records: u64,
    /// Plain bytes.
    left: u64,
}

impl Messages {
    pub fn new(len: u64) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &KEY).map_err(|_| anyhow!("AES-256-GCM takes no such key"))?;
        Ok(Self { key: LessSafeKey::new(key), records: 0, left: len })
    }

    /// Appends the next record; `None`: nothing is left, or the cipher refuses.
    fn seal(&mut self, message: &mut Vec<u8>) -> Option<()> {
        let len = self.left.min(PLAIN_LEN as u64) as usize;
        if len == 0 {
            return None;
        }
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.records.to_be_bytes());
        message.extend(u16::try_from(len + TAG_LEN).ok()?.to_be_bytes());
        let begin = message.len();
        message.resize(begin + len, 7);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut message[begin..]).ok()?;
        message.extend_from_slice(tag.as_ref());
        self.left -= len as u64;
        self.records += 1;
        Some(())
    }
}

impl Iterator for Messages {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut message = Vec::with_capacity(RECORDS_PER_MESSAGE * RECORD_LEN);
        (0..RECORDS_PER_MESSAGE).map_while(|_| self.seal(&mut message)).last()?;
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plain_byte_is_in_one_record() {
        let len = 8 * PLAIN_LEN as u64 + 5;
        let messages: Vec<Vec<u8>> = Messages::new(len).unwrap().collect();
        let lengths: Vec<usize> = messages.iter().map(Vec::len).collect();
        assert_eq!(lengths, [240 * 1024, LENGTH_LEN + 5 + TAG_LEN]);
        let mut last = messages[1][LENGTH_LEN..].to_vec();
        let key = Messages::new(0).unwrap().key;
        let mut nonce = [0; 12];
        nonce[11] = 8;
        let opened = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut last).unwrap();
        assert_eq!(opened, [7; 5]);
    }
}
