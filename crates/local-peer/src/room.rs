//! What all swarms of a program share.

/// Places for links: as a limit, as what is used of it, and as what is left.
///
/// A program has one limit. For every drain it takes what is left of it over *all* its swarms
/// ([`Room::left`]) and hands that to each, which takes from it what it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// Links that are on their way: dials, pairings, handshakes of the encryption. Browsers slow down beyond 6.
    pub connecting: usize,
    /// Links in all, those on their way and those that others opened included.
    pub links: usize,
}

impl Room {
    /// What is left of this limit if the swarms use so much ([`crate::LocalPeer::occupies`]).
    pub fn left(self, used: impl IntoIterator<Item = Room>) -> Room {
        used.into_iter().fold(self, |left, used| Room {
            connecting: left.connecting.saturating_sub(used.connecting),
            links: left.links.saturating_sub(used.links),
        })
    }

    /// One more link that is on its way has a place.
    pub(crate) fn has_place(self) -> bool {
        self.connecting > 0 && self.links > 0
    }
}
