//! Links whose secret this browser knows.

use wire_protocol::control::InviteCard;
use wire_protocol::ids::{InviteId, MemberKey};
use wire_protocol::invite::SECRET_LEN;

/// Invites that can go on when a member is removed: those that this browser knows the secret of, and that the removed
/// did not make. They need the group's new key, which only whoever knows the secret can put in.
pub fn going_on(
    cards: &[InviteCard],
    removed: MemberKey,
    secret: impl Fn(InviteId) -> Option<[u8; SECRET_LEN]>,
) -> Vec<(InviteId, [u8; SECRET_LEN])> {
    let cards = cards.iter().filter(|card| card.created_by != removed);
    cards.filter_map(|card| Some((card.invite, secret(card.invite)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_that_are_known_here_and_not_the_removed_persons_go_on() {
        let (ana, bo) = (MemberKey([1; 32]), MemberKey([2; 32]));
        let card = |number, created_by| InviteCard {
            invite: InviteId([number; 16]),
            created_by,
            created_at_ms: 0,
            expires_at_ms: 0,
            uses_left: None,
            needs_accept: false,
            epoch: Some(0),
        };
        let cards = [card(1, ana), card(2, bo), card(3, ana)];
        let known = |invite: InviteId| (invite.0[0] != 3).then_some([invite.0[0]; SECRET_LEN]);
        assert_eq!(going_on(&cards, bo, known), [(InviteId([1; 16]), [1; SECRET_LEN])]);
    }
}
