//! Randomness from the operating system: keys, ids, secrets, seeds.

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// A random number, to seed a generator.
pub fn seed() -> u64 {
    u64::from_le_bytes(bytes())
}
