//! What says who is a member.

use ed25519_dalek::{Signer, SigningKey};
use wire_protocol::link::LinkToken;
use wire_protocol::ticket::{CLOCK_SLACK_MS, TICKET_LEN_MAX, TICKET_LIFETIME_MS_MAX, Ticket, TicketError};

use crate::samples::{link_token, ticket};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn open(sealed: &[u8], now_ms: u64) -> Result<Ticket, TicketError> {
    Ticket::open(sealed, &key(1).verifying_key(), now_ms)
}

#[test]
fn a_ticket_is_good_from_its_issue_to_its_expiry_give_or_take_five_minutes() {
    let ticket = ticket();
    let sealed = ticket.seal(&key(1));
    assert!(sealed.len() <= TICKET_LEN_MAX);
    let (from, until) = (ticket.issued_ms - CLOCK_SLACK_MS, ticket.expires_ms + CLOCK_SLACK_MS);
    for now_ms in [from, ticket.issued_ms, ticket.expires_ms, until] {
        assert_eq!(open(&sealed, now_ms), Ok(ticket.clone()));
    }
    assert_eq!(open(&sealed, from - 1), Err(TicketError::NotYetValid));
    assert_eq!(open(&sealed, until + 1), Err(TicketError::Expired));
    assert_eq!(open(&sealed, u64::MAX), Err(TicketError::Expired));
}

#[test]
fn a_ticket_is_good_for_its_tracker_only() {
    let sealed = ticket().seal(&key(2));
    assert_eq!(open(&sealed, ticket().issued_ms), Err(TicketError::BadSignature));
}

#[test]
fn no_tracker_can_make_a_ticket_that_is_good_for_longer_or_ends_before_it_begins() {
    for (issued_ms, expires_ms) in [(1, 2 + TICKET_LIFETIME_MS_MAX), (0, u64::MAX), (2, 1), (u64::MAX, 0)] {
        let sealed = Ticket { issued_ms, expires_ms, ..ticket() }.seal(&key(1));
        assert_eq!(open(&sealed, issued_ms), Err(TicketError::Malformed), "{issued_ms} to {expires_ms}");
    }
    let last = Ticket { issued_ms: u64::MAX - 1, expires_ms: u64::MAX, ..ticket() };
    assert_eq!(open(&last.seal(&key(1)), u64::MAX), Ok(last), "no time overflows");
}

#[test]
fn what_is_not_a_ticket_is_refused_before_any_signature_is_checked() {
    assert_eq!(open(&[], 0), Err(TicketError::Malformed));
    assert_eq!(open(&[1; 65], 0), Err(TicketError::Malformed));
    assert_eq!(open(&[1; TICKET_LEN_MAX + 1], 0), Err(TicketError::Malformed));
    assert_eq!(open(&[2; 100], 0), Err(TicketError::UnknownVersion));
    assert_eq!(open(&[1; 100], 0), Err(TicketError::BadSignature));
}

#[test]
fn a_signature_by_the_right_key_over_something_else_makes_nobody_a_member() {
    let sealed = ticket().seal(&key(1));
    let body = &sealed[65..];
    let signed = |bytes: &[u8], body: &[u8]| [&[1], &key(1).sign(bytes).to_bytes()[..], body].concat();
    assert_eq!(open(&signed(body, body), 0), Err(TicketError::BadSignature), "without the domain");
    let as_token = signed(&[b"covey link token v2\0", body].concat(), body);
    assert_eq!(open(&as_token, 0), Err(TicketError::BadSignature));
    let longer = [body, &[0]].concat();
    let trailing = signed(&[b"covey ticket v1\0", &longer[..]].concat(), &longer);
    assert_eq!(open(&trailing, ticket().issued_ms), Err(TicketError::Malformed));
}

#[test]
fn a_ticket_admits_to_no_link_and_a_token_is_no_ticket() {
    let mut token = link_token().seal(&key(1));
    token[0] = 1;
    assert_eq!(open(&token, 0), Err(TicketError::BadSignature));
    let mut ticket = ticket().seal(&key(1));
    ticket[0] = 2;
    assert!(LinkToken::open(&ticket, &key(1).verifying_key(), 0).is_err());
}
