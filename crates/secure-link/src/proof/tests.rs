//! Proofs that a handshake would never let through to here.

use wire_protocol::ids::{GroupId, InfoHash};

use super::*;

const NOW_MS: u64 = 1_700_000_000_000;
const GROUP: GroupId = GroupId([2; 16]);

fn local(seed: u8) -> Local {
    let (identity, tracker) = (SigningKey::from_bytes(&[seed; 32]), SigningKey::from_bytes(&[9; 32]));
    let subject = MemberKey(identity.verifying_key().to_bytes());
    let (role, expires_ms) = (Role::Member, NOW_MS + 1000);
    let ticket = Ticket { key_id: 1, group: GROUP, subject, role, epoch: 1, issued_ms: NOW_MS, expires_ms };
    let swarm = Swarm { group: GROUP, info_hash: InfoHash([3; 20]), key: [4; 32].into() };
    let (ticket, tracker) = (ticket.seal(&tracker), tracker.verifying_key());
    Local { identity, peer: PeerId([seed; 20]), ticket, swarm, epoch: 1, tracker, has_aes: false }
}

fn scene(side: LinkSide) -> Scene {
    Scene { side, noise_static: [5; 32], hash: [6; 32] }
}

fn check(proof: &[u8], scene: &Scene) -> Result<Proven, LinkError> {
    local(1).check(proof, scene, Expected::default(), NOW_MS)
}

#[test]
fn a_proof_is_good_for_its_side_its_key_and_its_handshake_only() {
    let acceptor = || scene(LinkSide::Acceptor);
    let proof = local(7).prove(&acceptor());
    assert_eq!(check(&proof, &acceptor()).unwrap().peer, PeerId([7; 20]));
    assert!((PROOF_LEN_MIN..=PROOF_LEN_MAX).contains(&proof.len()));
    let refused = |scene| check(&proof, &scene).unwrap_err();
    assert_eq!(refused(scene(LinkSide::Dialer)), ProofError::WrongSide.into());
    assert_eq!(refused(Scene { noise_static: [8; 32], ..acceptor() }), ProofError::BadSignature.into());
    assert_eq!(refused(Scene { hash: [8; 32], ..acceptor() }), ProofError::BadSignature.into());
}

#[test]
fn our_own_proof_that_comes_back_is_no_proof_whatever_is_written_on_it() {
    let ours = local(1).prove(&scene(LinkSide::Dialer));
    assert_eq!(check(&ours, &scene(LinkSide::Acceptor)), Err(ProofError::WrongSide.into()));
    let mut turned = ours;
    turned[0] = byte(LinkSide::Acceptor);
    assert_eq!(check(&turned, &scene(LinkSide::Acceptor)), Err(ProofError::BadSignature.into()));
}

#[test]
fn nobody_can_put_their_name_or_their_peer_id_on_anothers_proof() {
    let scene = scene(LinkSide::Dialer);
    let proof = local(7).prove(&scene);
    for at in [FIRST_LEN, FIRST_LEN + MEMBER_LEN, FIRST_LEN + MEMBER_LEN + PEER_LEN] {
        let mut changed = proof.clone();
        changed[at] ^= 1;
        assert_eq!(check(&changed, &scene), Err(ProofError::BadSignature.into()), "byte {at}");
    }
    let mut named = proof.clone();
    named[FIRST_LEN..FIRST_LEN + MEMBER_LEN].copy_from_slice(&local(8).identity.verifying_key().to_bytes());
    assert_eq!(check(&named, &scene), Err(ProofError::BadSignature.into()));
}

#[test]
fn keys_that_no_person_has_sign_nothing() {
    let scene = scene(LinkSide::Dialer);
    let mut proof = local(7).prove(&scene);
    // The neutral element: a signature under it is easy to make for any text, were it not for strict checks.
    let mut weak = [0; 32];
    weak[0] = 1;
    proof[FIRST_LEN..FIRST_LEN + MEMBER_LEN].copy_from_slice(&weak);
    assert_eq!(check(&proof, &scene), Err(ProofError::BadSignature.into()));
}

#[test]
fn a_proof_that_is_cut_is_malformed_and_one_without_a_ticket_has_a_bad_ticket() {
    let scene = scene(LinkSide::Dialer);
    let proof = local(7).prove(&scene);
    for len in 0..PROOF_LEN_MIN {
        assert_eq!(check(&proof[..len], &scene), Err(LinkError::Malformed), "{len}");
    }
    let bare = check(&proof[..PROOF_LEN_MIN], &scene).unwrap_err();
    assert_eq!(bare, ProofError::Ticket(wire_protocol::ticket::TicketError::Malformed).into());
    assert!(bare.is_impostor() && !bare.is_out_of_date());
}

#[test]
fn whatever_the_tracker_gave_us_as_a_ticket_can_be_shown() {
    let long = Local { ticket: vec![1; 100_000], ..local(7) };
    let proof = long.prove(&scene(LinkSide::Dialer));
    assert_eq!(proof.len(), PROOF_LEN_MAX);
    assert!(check(&proof, &scene(LinkSide::Dialer)).is_err());
}
