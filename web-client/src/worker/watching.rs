//! Whom the page of a group shows as sharing: the swarms of its files are watched while it is in front.

use std::collections::BTreeSet;

use wire_protocol::control::SwarmName;

use super::driver::Driver;

/// Files whose swarms are watched for that. Of further ones the counts are known.
const WATCHED_MAX: usize = 32;

impl Driver {
    /// Begins and ends watching. What is fetched or served is watched in any case.
    pub(super) fn settle_watches(&mut self) {
        let wanted = self.shown_swarms();
        let before = std::mem::replace(&mut self.watched, wanted.clone());
        for swarm in before.difference(&wanted).filter(|swarm| self.swarms.key_of(**swarm).is_none()) {
            self.conversation.unwatch(*swarm);
        }
        for swarm in wanted.difference(&before) {
            // If there are too many already, this one is not shown.
            self.conversation.watch(*swarm);
        }
    }

    fn shown_swarms(&self) -> BTreeSet<SwarmName> {
        let shown = self.open_group.and_then(|group| Some((group, self.conversation.groups().get(&group)?)));
        let Some((group, known)) = shown else {
            return BTreeSet::new();
        };
        known.files.iter().rev().take(WATCHED_MAX).map(|card| SwarmName { group, file: card.file }).collect()
    }
}
