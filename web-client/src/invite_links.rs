//! Links whose secret this browser knows.

use membership::KeptInvite;
use wire_protocol::control::InviteCard;
use wire_protocol::ids::{InviteId, MemberKey};
use wire_protocol::invite::SECRET_LEN;

/// Invites that can go on when a member is removed: those that this browser knows the secret of, and that the removed
/// did not make. They need the group's new key, which only whoever knows the secret can put in.
pub fn going_on(
    cards: &[InviteCard],
    removed: MemberKey,
    secret: impl Fn(InviteId) -> Option<[u8; SECRET_LEN]>,
) -> Vec<KeptInvite> {
    let cards = cards.iter().filter(|card| card.created_by != removed);
    let kept = |card: &InviteCard| {
        let InviteCard { invite, needs_accept, .. } = *card;
        Some(KeptInvite { invite, secret: secret(invite)?, needs_accept })
    };
    cards.filter_map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_that_are_known_here_and_not_the_removed_persons_go_on_and_ask_as_before() {
        let (ana, bo) = (MemberKey([1; 32]), MemberKey([2; 32]));
        let card = |number, created_by, needs_accept| InviteCard {
            invite: InviteId([number; 16]),
            created_by,
            created_at_ms: 0,
            expires_at_ms: 0,
            uses_left: None,
            needs_accept,
            epoch: Some(0),
        };
        let cards = [card(1, ana, false), card(2, bo, false), card(3, ana, false), card(4, ana, true)];
        let known = |invite: InviteId| (invite.0[0] != 3).then_some([invite.0[0]; SECRET_LEN]);
        let kept = |number, needs_accept| KeptInvite {
            invite: InviteId([number; 16]),
            secret: [number; SECRET_LEN],
            needs_accept,
        };
        assert_eq!(going_on(&cards, bo, known), [kept(1, false), kept(4, true)]);
    }
}
