//! ChaCha20 (RFC 8439, section 2.4), four blocks at a time: with WASM's vector instructions nearly as fast as that sounds. No
//! well-kept library has it for them, and in a tab it is most of what a link costs.

mod lanes;

use lanes::Lanes;
use zeroize::{Zeroize, Zeroizing};

/// Four blocks, bytes.
const WIDE_LEN: usize = 4 * BLOCK_LEN;
const BLOCK_LEN: usize = 64;
/// "expand 32-byte k"
const SIGMA: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const DOUBLE_ROUNDS: usize = 10;

/// A key.
pub(crate) struct ChaCha20 {
    key: Zeroizing<[u32; 8]>,
}

impl ChaCha20 {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self { key: Zeroizing::new(words(key)) }
    }

    /// The key of a message's Poly1305 (section 2.6).
    pub(crate) fn mac_key(&self, nonce: &[u8; 12]) -> [u8; 32] {
        let mut key = [0; 32];
        self.apply(nonce, 0, &mut key);
        key
    }

    /// Adds the key stream from block `counter` on.
    pub(crate) fn apply(&self, nonce: &[u8; 12], mut counter: u32, bytes: &mut [u8]) {
        let nonce = words(nonce);
        let (wide, rest) = bytes.as_chunks_mut::<WIDE_LEN>();
        for chunk in wide {
            self.apply_wide(&nonce, counter, chunk);
            counter = counter.wrapping_add(4);
        }
        if !rest.is_empty() {
            let mut last = [0; WIDE_LEN];
            last[..rest.len()].copy_from_slice(rest);
            self.apply_wide(&nonce, counter, &mut last);
            rest.copy_from_slice(&last[..rest.len()]);
            last.zeroize();
        }
    }

    fn apply_wide(&self, nonce: &[u32; 3], counter: u32, bytes: &mut [u8; WIDE_LEN]) {
        let stream = self.stream(nonce, counter);
        let (quarters, _) = bytes.as_chunks_mut::<16>();
        for (group, rows) in stream.as_chunks::<4>().0.iter().enumerate() {
            for (block, four_words) in Lanes::transpose(*rows).into_iter().enumerate() {
                four_words.xor_into(&mut quarters[block * 4 + group]);
            }
        }
    }

    /// Sixteen words, each of four blocks.
    fn stream(&self, nonce: &[u32; 3], counter: u32) -> [Lanes; 16] {
        let mut begin = [Lanes::splat(0); 16];
        let fixed = SIGMA.iter().chain(self.key.iter());
        for (row, word) in begin.iter_mut().zip(fixed) {
            *row = Lanes::splat(*word);
        }
        begin[12] = Lanes::new([0, 1, 2, 3].map(|block| counter.wrapping_add(block)));
        for (row, word) in begin[13..].iter_mut().zip(nonce) {
            *row = Lanes::splat(*word);
        }
        let mut state = begin;
        for _ in 0..DOUBLE_ROUNDS {
            double_round(&mut state);
        }
        for (row, begin) in state.iter_mut().zip(begin) {
            *row = row.plus(begin);
        }
        state
    }
}

#[inline(always)]
fn double_round(state: &mut [Lanes; 16]) {
    quarter_round(state, 0, 4, 8, 12);
    quarter_round(state, 1, 5, 9, 13);
    quarter_round(state, 2, 6, 10, 14);
    quarter_round(state, 3, 7, 11, 15);
    quarter_round(state, 0, 5, 10, 15);
    quarter_round(state, 1, 6, 11, 12);
    quarter_round(state, 2, 7, 8, 13);
    quarter_round(state, 3, 4, 9, 14);
}

#[inline(always)]
fn quarter_round(state: &mut [Lanes; 16], a: usize, b: usize, c: usize, d: usize) {
    state[a] = state[a].plus(state[b]);
    state[d] = state[d].xor(state[a]).rotate_16();
    state[c] = state[c].plus(state[d]);
    state[b] = state[b].xor(state[c]).rotate::<12>();
    state[a] = state[a].plus(state[b]);
    state[d] = state[d].xor(state[a]).rotate_8();
    state[c] = state[c].plus(state[d]);
    state[b] = state[b].xor(state[c]).rotate::<7>();
}

fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u32; WORDS] {
    let mut words = [0; WORDS];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8439, section 2.4.2: the text with 114 bytes, whose first block has the number 1.
    #[test]
    fn the_standards_example_comes_out() {
        let key: [u8; 32] = std::array::from_fn(|at| at as u8);
        let nonce = [0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0];
        let mut text = *b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        ChaCha20::new(&key).apply(&nonce, 1, &mut text);
        assert_eq!(text[..8], [0x6e, 0x2e, 0x35, 0x9a, 0x25, 0x68, 0xf9, 0x80]);
        assert_eq!(text[106..], [0x8e, 0xed, 0xf2, 0x78, 0x5e, 0x42, 0x87, 0x4d]);
    }
}
