//! Randomness of the operating system.

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// A number below `end`, which is not 0. The bias of a 64-bit remainder is far below what words or
/// jitter could show.
pub fn below(end: usize) -> usize {
    (u64::from_ne_bytes(bytes()) % end as u64) as usize
}
