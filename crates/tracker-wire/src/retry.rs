//! When a tracker that refused wants to be asked again (BEP 31).

/// `retry in` of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryIn {
    /// Not again in this run.
    Never,
    /// Not before so many minutes.
    Minutes(u32),
}
