//! The wall clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What is added to the machine's clock, milliseconds.
static OFFSET_MS: AtomicI64 = AtomicI64::new(0);

/// Unix milliseconds.
pub fn now_ms() -> u64 {
    let machine = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    machine.saturating_add_signed(OFFSET_MS.load(Ordering::Relaxed))
}

/// What [`set_offset`] said, seconds.
pub fn offset() -> i64 {
    OFFSET_MS.load(Ordering::Relaxed) / 1000
}

/// From now on this process's clock is so far from the machine's.
pub fn set_offset(seconds: i64) {
    OFFSET_MS.store(seconds.saturating_mul(1000), Ordering::Relaxed);
}
