//! When a session's tickets are due again: at about half of their life, so that a member without a connection for a
//! while still has one.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use wire_protocol::ids::GroupId;

use crate::random;

/// When a session's tickets are due again.
#[derive(Debug, Default)]
pub struct Renewals(BTreeMap<GroupId, Instant>);

impl Renewals {
    /// A ticket of this group that is good for `lifetime` has just been sent.
    pub fn sent(&mut self, group: GroupId, lifetime: Duration, now: Instant) {
        // Everybody comes at once after a restart; they need not all come back at once.
        let spread_ms = random::below(lifetime.as_millis() as usize / 8 + 1) as u64;
        self.0.insert(group, now + lifetime / 2 - Duration::from_millis(spread_ms));
    }

    /// The member is not in the group any more.
    pub fn forget(&mut self, group: GroupId) {
        self.0.remove(&group);
    }

    /// When the next one is due.
    pub fn next(&self) -> Option<Instant> {
        self.0.values().min().copied()
    }

    /// Whose are due now; each is said once.
    pub fn take_due(&mut self, now: Instant) -> Vec<GroupId> {
        self.0.extract_if(.., |_, at| *at <= now).map(|(group, _)| group).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: GroupId = GroupId([1; 16]);
    const OTHER: GroupId = GroupId([2; 16]);
    const LIFETIME: Duration = Duration::from_secs(6 * 3600);

    #[test]
    fn a_ticket_is_due_again_before_half_of_its_life_is_over_and_once() {
        let start = Instant::now();
        for _ in 0..100 {
            let mut renewals = Renewals::default();
            assert_eq!(renewals.next(), None);
            renewals.sent(GROUP, LIFETIME, start);
            renewals.sent(OTHER, 2 * LIFETIME, start);
            let due = renewals.next().unwrap();
            assert!(start + LIFETIME * 3 / 8 <= due && due <= start + LIFETIME / 2);
            assert_eq!(renewals.take_due(due - Duration::from_millis(1)), []);
            assert_eq!(renewals.take_due(due), [GROUP]);
            assert_eq!(renewals.take_due(due), []);
            renewals.forget(OTHER);
            assert_eq!(renewals.next(), None);
        }
    }
}
