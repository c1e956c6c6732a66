//! How many connections the operating system's limit on open files allows.

/// Share of the limit that connections may take: the database and the next accept need some too.
const SHARE_PERCENT: u64 = 80;
/// Where the limit is not known.
const FALLBACK: u64 = 1024;

/// Raises the limit as far as allowed and says how many connections fit.
pub fn connections_max() -> usize {
    let limit = raise().unwrap_or(FALLBACK);
    usize::try_from(limit * SHARE_PERCENT / 100).unwrap_or(usize::MAX).max(64)
}

#[cfg(unix)]
fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Some systems have no maximum; a million sockets are beyond this process's memory anyway.
    let wanted = maximum.unwrap_or(1 << 20).min(1 << 20);
    if current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(wanted), maximum };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            return Some(wanted);
        }
    }
    current.or(Some(wanted))
}

#[cfg(not(unix))]
fn raise() -> Option<u64> {
    None
}
