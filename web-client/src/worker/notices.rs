//! What happened that the person should know.

use super::scope::log;
use crate::messages::Notice;

/// Notices that are kept.
const NOTICES_MAX: usize = 8;

/// The last few, oldest first.
#[derive(Default)]
pub(super) struct Notices {
    list: Vec<Notice>,
    last: u64,
}

impl Notices {
    /// One more; the console keeps all.
    pub(super) fn add(&mut self, text: String) {
        log(&text);
        self.last += 1;
        self.list.push(Notice { id: self.last, text });
        if self.list.len() > NOTICES_MAX {
            self.list.remove(0);
        }
    }

    /// The person has read it.
    pub(super) fn dismiss(&mut self, id: u64) {
        self.list.retain(|notice| notice.id != id);
    }

    pub(super) fn all(&self) -> &[Notice] {
        &self.list
    }
}
