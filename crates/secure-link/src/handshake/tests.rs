//! Somebody in the middle who has everything but the group's key.

use ed25519_dalek::SigningKey;
use wire_protocol::control::Role;
use wire_protocol::ids::{GroupId, InfoHash};
use wire_protocol::ticket::Ticket;

use super::*;
use crate::greeting::{Greeting, Opening};
use crate::swarm::Swarm;

const NOW_MS: u64 = 1_700_000_000_000;
const GROUP: GroupId = GroupId([2; 16]);

fn local(seed: u8, group_key: [u8; 32]) -> Local {
    let (identity, tracker) = (SigningKey::from_bytes(&[seed; 32]), SigningKey::from_bytes(&[9; 32]));
    let subject = MemberKey(identity.verifying_key().to_bytes());
    let (role, expires_ms) = (Role::Admin, NOW_MS + 1000);
    let ticket = Ticket { key_id: 1, group: GROUP, subject, role, epoch: 1, issued_ms: NOW_MS, expires_ms };
    let swarm = Swarm { group: GROUP, info_hash: InfoHash([3; 20]), key: group_key.into() };
    let (ticket, tracker) = (ticket.seal(&tracker), tracker.verifying_key());
    Local { identity, peer: PeerId([seed; 20]), ticket, swarm, epoch: 1, tracker, has_aes: false }
}

fn contact(local: &Local) -> Contact {
    Contact { member: MemberKey(local.identity.verifying_key().to_bytes()), peer: local.peer }
}

/// The first message, as somebody takes it who answers whatever comes.
fn taken(first: &[u8], key: TagKey) -> Recognized {
    match Greeting::new().read(&mut Bytes::copy_from_slice(first)) {
        Ok(Opening::Covey(first)) => first.recognized_anyway(key),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tracker_that_names_a_key_of_its_own_and_answers_itself_is_found_out_before_anything_is_said() {
    let ann = Arc::new(local(5, [4; 32]));
    // The tracker signs a ticket for itself, and tells Ann that this is Bob.
    let middle = local(6, [0; 32]);
    let (initiator, first) = Initiator::new(ann, contact(&middle), NO_LINK, Seed::new([1; 32]));
    let first = taken(&first, middle.swarm.tag_key(middle.peer));
    let (_, answer) = Responder::new(Arc::new(middle), first, None, NO_LINK, Seed::new([2; 32])).unwrap();
    let refused = initiator.read(&mut Bytes::from(answer), NOW_MS).unwrap_err();
    assert_eq!(refused, LinkError::WrongGroupKey);
    assert!(refused.is_impostor());
}

#[test]
fn an_answer_that_was_seen_in_another_handshake_proves_nothing() {
    let (ann, bob) = (Arc::new(local(5, [4; 32])), local(6, [4; 32]));
    let key = bob.swarm.tag_key(bob.peer);
    let contact = contact(&bob);
    let bob = Arc::new(bob);
    let [(_, first), (other, _)] =
        [1, 3].map(|seed| Initiator::new(ann.clone(), contact, NO_LINK, Seed::new([seed; 32])));
    let (_, answer) = Responder::new(bob, taken(&first, key), None, NO_LINK, Seed::new([2; 32])).unwrap();
    assert_eq!(other.read(&mut Bytes::from(answer), NOW_MS).unwrap_err(), LinkError::Decrypt);
}

#[test]
fn whoever_finishes_a_handshake_without_the_groups_key_does_not_get_in() {
    let bob = local(6, [4; 32]);
    let key = bob.swarm.tag_key(bob.peer);
    let contact = contact(&bob);
    // As if somebody had found a tag: all the rest is the tracker's own.
    let middle = Arc::new(local(5, [0; 32]));
    let (mut initiator, first) = Initiator::new(middle, contact, NO_LINK, Seed::new([1; 32]));
    initiator.key = key.clone();
    let (responder, answer) =
        Responder::new(Arc::new(bob), taken(&first, key), None, NO_LINK, Seed::new([2; 32])).unwrap();
    let Progress::Secured { send, .. } = initiator.read(&mut Bytes::from(answer), NOW_MS).unwrap() else {
        panic!("not whole")
    };
    assert_eq!(responder.read(&mut Bytes::from(send), NOW_MS).unwrap_err(), LinkError::Decrypt);
}

#[test]
fn keys_of_small_order_end_a_handshake() {
    let bob = local(6, [4; 32]);
    let key = bob.swarm.tag_key(bob.peer);
    let (_, first) = Initiator::new(Arc::new(local(5, [4; 32])), contact(&bob), NO_LINK, Seed::new([1; 32]));
    let mut first = taken(&first, key);
    first.noise[..KEY_LEN].fill(0);
    let refused = Responder::new(Arc::new(bob), first, None, NO_LINK, Seed::new([2; 32])).unwrap_err();
    assert_eq!(refused, LinkError::Decrypt);
}
