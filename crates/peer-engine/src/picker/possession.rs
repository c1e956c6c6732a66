//! Pieces come and go without being fetched.

use super::Picker;

impl Picker {
    /// The piece is here without having been fetched. `false`: it was already, or is on its way.
    pub fn gain(&mut self, piece: u32) -> bool {
        if self.is_begun(piece) || !self.have.insert(piece) {
            return false;
        }
        self.open.remove(piece);
        self.suspects.remove(piece);
        self.lacking -= u32::from(self.wanted.contains(piece));
        true
    }

    /// The piece is not here any more. `false`: it was not.
    pub fn lose(&mut self, piece: u32) -> bool {
        if !self.have.remove(piece) {
            return false;
        }
        self.lacking += u32::from(self.wanted.contains(piece));
        self.reopen(piece);
        true
    }
}
