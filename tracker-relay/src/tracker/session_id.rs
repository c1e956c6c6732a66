//! What a session is called. Apart, because the hub, swarms and the link book name sessions and need not
//! know each other for it.

/// One control connection after login; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);
