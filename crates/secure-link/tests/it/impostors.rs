//! Whoever is not who they should be, not where, not when, or not whole.

use std::sync::Arc;

use bytes::Bytes;
use secure_link::*;
use wire_protocol::control::Role;
use wire_protocol::ids::{GroupId, InfoHash, LinkId, PeerId};
use wire_protocol::ticket::{CLOCK_SLACK_MS, Ticket, TicketError};

use crate::world::*;

fn proof(error: ProofError) -> LinkError {
    LinkError::Proof(error)
}

#[test]
fn whoever_does_not_know_the_swarm_gets_no_answer() {
    let strangers: [fn(&mut Swarm); 3] = [
        |swarm| swarm.key = [0x62; 32].into(),
        |swarm| swarm.info_hash = InfoHash([9; 20]),
        |swarm| swarm.group = GroupId([9; 16]),
    ];
    for strange in strangers {
        let (mut dialer, mut acceptor) = (ann(), bob());
        strange(&mut dialer.swarm);
        assert_eq!(Attempt::new(dialer, bob()).fault(), Fault::Unanswered(LinkError::NotForUs));
        strange(&mut acceptor.swarm);
        assert_eq!(Attempt::new(ann(), acceptor).fault(), Fault::Unanswered(LinkError::NotForUs));
    }
}

#[test]
fn a_first_message_is_for_one_peer_and_replayed_to_another_it_gets_no_answer() {
    let [first, ..] = link().crossed;
    let other = Local { peer: PeerId([9; 20]), ..bob() };
    assert_eq!(accept(other, &first, None, LINK).unwrap_err(), LinkError::NotForUs);
    assert_eq!(accept(local(0xc3), &first, None, LINK).unwrap_err(), LinkError::NotForUs);
    assert_eq!(accept(ann(), &first, None, LINK).unwrap_err(), LinkError::NotForUs, "sent back to the dialer");
}

#[test]
fn a_first_message_replayed_to_its_own_peer_gets_an_answer_that_opens_nothing() {
    let link = link();
    let (_, again) = accept(bob(), &link.crossed[0], None, LINK).unwrap();
    let (stranger, _) = Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([9; 32]));
    assert_eq!(stranger.read(&mut Bytes::from(again), NOW_MS).unwrap_err(), LinkError::Decrypt);
    // The last message of then does not fit either: a responder has another seed each time.
    let mut input = Bytes::copy_from_slice(&link.crossed[0]);
    let Opening::Covey(first) = Greeting::new().read(&mut input).unwrap() else { panic!("not whole") };
    let key = bob().swarm.tag_key(bob().peer);
    let ((), first) = first.find([((), &key)]).unwrap();
    let (responder, _) = Responder::new(Arc::new(bob()), first, None, LINK, Seed::new([9; 32])).unwrap();
    let replayed = responder.read(&mut Bytes::copy_from_slice(&link.crossed[2]), NOW_MS);
    assert_eq!(replayed.unwrap_err(), LinkError::Decrypt);
}

#[test]
fn links_that_a_relay_crosses_do_not_open() {
    let attempt = Attempt { links: (LINK, LinkId([0xbc; 16])), ..Attempt::new(ann(), bob()) };
    assert_eq!(attempt.fault(), Fault::Unanswered(LinkError::Decrypt));
    let attempt = Attempt { links: (LINK, NO_LINK), ..Attempt::new(ann(), bob()) };
    assert_eq!(attempt.fault(), Fault::Unanswered(LinkError::Decrypt), "relayed to a TCP listener");
}

#[test]
fn a_member_who_is_not_the_expected_one_is_named() {
    let carl = contact(&local(0xc3)).member;
    // Whoever has taken Bob's place in the network, knowing his peer id.
    let impostor = || Local { peer: bob().peer, ..local(0xc3) };
    let attempt = Attempt { wanted: contact(&bob()), ..Attempt::new(ann(), impostor()) };
    let Fault::Dialer(error) = attempt.fault() else { panic!("the dialer finds out") };
    assert_eq!(error, proof(ProofError::OtherMember(carl)));
    assert!(error.is_impostor());
    let attempt = Attempt { expected: Some(contact(&bob())), ..Attempt::new(impostor(), bob()) };
    assert_eq!(attempt.fault(), Fault::Acceptor(proof(ProofError::OtherMember(carl))));
}

#[test]
fn a_tracker_that_lies_about_a_members_key_gets_no_link_to_that_member() {
    let wanted = Contact { member: key_of(&tracker()), peer: bob().peer };
    let attempt = Attempt { wanted, ..Attempt::new(ann(), bob()) };
    assert_eq!(attempt.fault(), Fault::Dialer(proof(ProofError::OtherMember(contact(&bob()).member))));
}

#[test]
fn another_peer_of_the_expected_member_is_refused() {
    let second = Local { peer: PeerId([9; 20]), ..ann() };
    let attempt = Attempt { expected: Some(contact(&ann())), ..Attempt::new(second, bob()) };
    assert_eq!(attempt.fault(), Fault::Acceptor(proof(ProofError::OtherPeer)));
}

#[test]
fn a_members_second_device_is_no_reflection() {
    let second = Local { peer: PeerId([9; 20]), ..ann() };
    assert!(Attempt::new(ann(), second).run().is_ok());
}

/// A ticket that proves nothing, the same for both sides.
fn refused_ticket(change: impl Fn(&mut Ticket), error: ProofError) {
    let with = |mut local: Local| {
        let mut ticket = ticket_for(&local.identity);
        change(&mut ticket);
        local.ticket = ticket.seal(&tracker());
        local
    };
    assert_eq!(Attempt::new(ann(), with(bob())).fault(), Fault::Dialer(proof(error)));
    assert_eq!(Attempt::new(with(ann()), bob()).fault(), Fault::Acceptor(proof(error)));
}

#[test]
fn a_ticket_is_for_its_subject_group_epoch_and_time() {
    let carl = contact(&local(0xc3)).member;
    refused_ticket(|ticket| ticket.subject = carl, ProofError::OtherSubject);
    refused_ticket(|ticket| ticket.group = GroupId([9; 16]), ProofError::OtherGroup);
    refused_ticket(|ticket| ticket.epoch = EPOCH - 1, ProofError::OldEpoch(EPOCH - 1));
    let expired = |ticket: &mut Ticket| ticket.expires_ms = NOW_MS - CLOCK_SLACK_MS - 1;
    refused_ticket(
        |ticket| {
            expired(ticket);
            ticket.issued_ms = ticket.expires_ms - 1000;
        },
        TicketError::Expired.into(),
    );
    refused_ticket(|ticket| ticket.issued_ms = NOW_MS + CLOCK_SLACK_MS + 1, TicketError::NotYetValid.into());
    refused_ticket(|ticket| ticket.expires_ms = u64::MAX, TicketError::Malformed.into());
}

#[test]
fn what_is_out_of_date_is_told_apart_from_fraud() {
    for error in [TicketError::Expired.into(), TicketError::NotYetValid.into(), ProofError::OldEpoch(1)] {
        assert!(proof(error).is_out_of_date() && !proof(error).is_impostor());
    }
    for error in [TicketError::BadSignature.into(), ProofError::OtherSubject, ProofError::WrongSide] {
        assert!(!proof(error).is_out_of_date() && proof(error).is_impostor());
    }
    for error in [LinkError::NotForUs, LinkError::Decrypt, LinkError::Malformed, LinkError::Downgrade] {
        assert!(!error.is_out_of_date() && !error.is_impostor());
    }
}

#[test]
fn each_side_goes_by_its_own_clock() {
    let late = NOW_MS + 4 * 3_600_000;
    let dialer = Attempt { now_ms: (late, NOW_MS), ..Attempt::new(ann(), bob()) };
    assert_eq!(dialer.fault(), Fault::Dialer(proof(TicketError::Expired.into())));
    let acceptor = Attempt { now_ms: (NOW_MS, late), ..Attempt::new(ann(), bob()) };
    assert_eq!(acceptor.fault(), Fault::Acceptor(proof(TicketError::Expired.into())));
}

#[test]
fn a_ticket_of_a_newer_epoch_is_good() {
    let mut dialer = ann();
    dialer.ticket = Ticket { epoch: EPOCH + 1, ..ticket_for(&dialer.identity) }.seal(&tracker());
    assert_eq!(Attempt::new(dialer, bob()).run().ok().unwrap().bob.peer.epoch, EPOCH + 1);
}

#[test]
fn nobody_makes_themselves_an_admin_or_a_member() {
    let mut dialer = ann();
    dialer.ticket = Ticket { role: Role::Admin, ..ticket_for(&dialer.identity) }.seal(&identity(0xa1));
    let refused = Fault::Acceptor(proof(TicketError::BadSignature.into()));
    assert_eq!(Attempt::new(dialer, bob()).fault(), refused, "signed by themselves");

    let mut dialer = ann();
    let position = 65 + 1 + 16 + 32;
    assert_eq!(dialer.ticket[position], 0, "the role");
    dialer.ticket[position] = 1;
    assert_eq!(Attempt::new(dialer, bob()).fault(), refused, "changed");

    let dialer = Local { ticket: Vec::new(), ..ann() };
    assert_eq!(Attempt::new(dialer, bob()).fault(), Fault::Acceptor(LinkError::Proof(TicketError::Malformed.into())));
}

#[test]
fn a_dialer_is_not_talked_into_plain_bittorrent() {
    let (initiator, first) = Initiator::new(Arc::new(ann()), contact(&bob()), NO_LINK, Seed::new([1; 32]));
    let plain = initiator.read(&mut Bytes::from_static(b"\x13BitTorrent protocol"), NOW_MS);
    assert_eq!(plain.unwrap_err(), LinkError::Downgrade);
    assert_ne!(first[0], 0x13);
}

#[test]
fn ones_own_messages_that_come_back_open_nothing() {
    let [first, answer, last] = link().crossed;
    let initiator = || Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([0x01; 32])).0;
    let responder = || accept(bob(), &first, None, LINK).unwrap().0;
    let dialer = |message: &[u8]| initiator().read(&mut Bytes::copy_from_slice(message), NOW_MS).unwrap_err();
    assert_eq!(dialer(&first), LinkError::Malformed);
    assert_eq!(dialer(&last), LinkError::Decrypt);
    let acceptor = |message: &[u8]| responder().read(&mut Bytes::copy_from_slice(message), NOW_MS).unwrap_err();
    assert_eq!(acceptor(&first), LinkError::Malformed);
    assert_eq!(acceptor(&answer), LinkError::Decrypt);
}

#[test]
fn lengths_that_no_message_has_are_refused_by_their_header() {
    for len in [0_u16, 1, 96, 600, 0x7fff, u16::MAX] {
        let header = Bytes::copy_from_slice(&len.to_be_bytes());
        let (initiator, first) = Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([1; 32]));
        assert_eq!(initiator.read(&mut header.clone(), NOW_MS).unwrap_err(), LinkError::Malformed, "{len}");
        let (responder, _) = accept(bob(), &first, None, LINK).unwrap();
        assert_eq!(responder.read(&mut header.clone(), NOW_MS).unwrap_err(), LinkError::Malformed, "{len}");
    }
}

#[test]
fn a_handshake_that_is_cut_off_waits() {
    let [first, answer, last] = link().crossed;
    for len in 0..answer.len() {
        let (initiator, _) = Initiator::new(Arc::new(ann()), contact(&bob()), LINK, Seed::new([0x01; 32]));
        let read = initiator.read(&mut Bytes::copy_from_slice(&answer[..len]), NOW_MS);
        assert!(matches!(read, Ok(Progress::More(_))), "{len}");
    }
    for len in 0..last.len() {
        let (responder, _) = accept(bob(), &first, None, LINK).unwrap();
        let read = responder.read(&mut Bytes::copy_from_slice(&last[..len]), NOW_MS);
        assert!(matches!(read, Ok(Progress::More(_))), "{len}");
    }
}
