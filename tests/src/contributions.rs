//! Who gave how much, noted while a page is watched: rows of peers that are gone are gone.

use std::collections::BTreeMap;

use crate::page_view::PageView;

/// The most that each person was seen to have given, bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contributions(BTreeMap<String, u64>);

impl Contributions {
    /// Notes what the page shows now.
    pub fn note(&mut self, page: &PageView) {
        for peer in &page.peers {
            let from = page.downloaded_from(&peer.name);
            let most = self.0.entry(peer.name.clone()).or_default();
            *most = from.max(*most);
        }
    }

    /// Bytes from a person.
    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Those who gave anything.
    pub fn givers(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, bytes)| **bytes > 0).map(|(name, _)| name.as_str()).collect()
    }
}
