//! The piece policy that downloads are made with.

/// Every policy by its name, the default one first.
pub const ALL: [&str; 5] = ["rarest-first", "random", "sequential", "equal-split", "equal-split=rate"];

/// What `COVEY_TEST_POLICY` names: for all downloads that do not choose by themselves.
pub fn from_environment() -> Option<String> {
    std::env::var("COVEY_TEST_POLICY").ok().filter(|name| !name.is_empty())
}
