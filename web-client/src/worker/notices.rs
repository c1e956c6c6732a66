//! What happened that the person should know.

use super::scope::log;

/// Notices that are kept.
const NOTICES_MAX: usize = 8;

/// The last few, oldest first.
#[derive(Default)]
pub(super) struct Notices(Vec<String>);

impl Notices {
    /// One more; the console keeps all.
    pub(super) fn add(&mut self, text: String) {
        log(&text);
        self.0.push(text);
        if self.0.len() > NOTICES_MAX {
            self.0.remove(0);
        }
    }

    pub(super) fn all(&self) -> &[String] {
        &self.0
    }
}
