//! A book by itself, and time that passes when it is told to.

use std::net::{IpAddr, Ipv4Addr};

use futures_util::FutureExt;
use wire_protocol::control::PeerName;
use wire_protocol::ids::PeerId;

use super::*;
use crate::capacity::Capacity;
use crate::shares::Who;
use crate::tracker::link_term::Cut;

const GROUP: GroupId = GroupId([1; 16]);
const ABSENCE_MAX: Duration = Duration::from_secs(60);

fn pair(a: u8, b: u8) -> Pair {
    let name = |peer| PeerName { member: MemberKey([peer; 32]), peer: PeerId([peer; 20]) };
    Pair::new(SwarmName { group: GROUP, file: FileId([2; 16]) }, name(a), name(b))
}

const DIALER: Side = side(1);
const ACCEPTOR: Side = side(2);

const fn side(member: u8) -> Side {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Side { session: SessionId(member as u64), who: Who { member: MemberKey([member; 32]), address } }
}

fn capacity() -> Capacity {
    Capacity { connections: 0, link_bytes: 1 << 30 }
}

fn book() -> LinkBook {
    LinkBook::new(ABSENCE_MAX, capacity().link_sides(), Arc::default())
}

/// A link that the relay attends to.
fn attended(book: &LinkBook, pair: Pair) -> (LinkId, LinkTerm) {
    let link = book.grant(pair, DIALER, ACCEPTOR, 0).unwrap();
    (link, book.attend(link).unwrap())
}

fn term(book: &LinkBook, link: LinkId) -> Term {
    *book.lock().links[&link].term.as_ref().unwrap().borrow()
}

#[test]
fn a_pair_has_one_link_at_a_time_whoever_dials() {
    let book = book();
    let (link, _link_term) = attended(&book, pair(1, 2));
    assert_eq!(book.grant(pair(2, 1), ACCEPTOR, DIALER, 0), Err(DialRefusal::AlreadyLinked));
    book.opened(link);
    assert_eq!(book.grant(pair(2, 1), ACCEPTOR, DIALER, 1_000_000), Err(DialRefusal::AlreadyLinked));
    book.ended(link);
    book.ended(link);
    assert!(book.grant(pair(2, 1), ACCEPTOR, DIALER, 1_000_000).is_ok());
}

#[test]
fn dials_that_lead_to_nothing_expire_and_are_bounded_until_then() {
    let book = book();
    for peer in 0..PENDING_DIALS_PER_SESSION {
        book.grant(pair(200, peer as u8), DIALER, ACCEPTOR, 0).unwrap();
    }
    assert_eq!(book.grant(pair(200, 100), DIALER, ACCEPTOR, 0), Err(DialRefusal::TooMany));
    assert!(book.grant(pair(200, 100), DIALER, ACCEPTOR, TOKEN_LIFETIME_MS + 1).is_ok());
    assert_eq!(book.lock().links.len(), 1);
    assert_eq!(book.lock().granted.len(), 1);
}

#[test]
fn a_link_is_attended_once_and_not_if_it_is_not_there() {
    let book = book();
    let (link, _link_term) = attended(&book, pair(1, 2));
    assert!(book.attend(link).is_none());
    assert!(book.attend(LinkId([9; 16])).is_none());
}

#[tokio::test]
async fn leaving_a_group_ends_the_links_there_and_no_others() {
    let book = book();
    let group = GroupId([7; 16]);
    let elsewhere = Pair { swarm: SwarmName { group, ..pair(1, 2).swarm }, ..pair(1, 2) };
    let (open, mut left) = attended(&book, pair(1, 2));
    book.opened(open);
    let (_, mut stays) = attended(&book, elsewhere);
    let granted = book.grant(pair(1, 3), DIALER, ACCEPTOR, 0).unwrap();
    book.member_left(GROUP, ACCEPTOR.member());
    assert_eq!(left.cut().await, Cut::Left);
    assert_eq!(stays.cut().now_or_never(), None);
    assert!(book.attend(granted).is_none(), "its tokens lead nowhere");
    book.member_gone(DIALER.member(), Instant::now());
    book.member_back(DIALER.member());
    assert_eq!(left.cut().await, Cut::Left, "over is over");
}

#[test]
fn the_side_that_is_away_for_longer_decides_and_coming_back_lifts_it() {
    let book = book();
    let (link, _link_term) = attended(&book, pair(1, 2));
    let first = Instant::now();
    let second = first + Duration::from_secs(5);
    book.member_gone(DIALER.member(), first);
    book.member_gone(ACCEPTOR.member(), second);
    assert_eq!(term(&book, link), Term::Until(first + ABSENCE_MAX));
    book.member_back(DIALER.member());
    assert_eq!(term(&book, link), Term::Until(second + ABSENCE_MAX));
    book.member_back(ACCEPTOR.member());
    assert_eq!(term(&book, link), Term::Open);
}

#[tokio::test]
async fn a_member_who_stays_away_loses_their_links_attended_before_or_after() {
    let book = LinkBook::new(Duration::ZERO, capacity().link_sides(), Arc::default());
    let (_, mut before) = attended(&book, pair(1, 2));
    let granted = book.grant(pair(1, 3), DIALER, ACCEPTOR, 0).unwrap();
    book.member_gone(ACCEPTOR.member(), Instant::now());
    assert_eq!(before.cut().await, Cut::Absent);
    assert_eq!(book.attend(granted).unwrap().cut().await, Cut::Absent);
}

#[test]
fn a_book_without_links_is_empty() {
    let book = book();
    let (link, _link_term) = attended(&book, pair(1, 2));
    let own = book.grant(pair(1, 4), DIALER, DIALER, 0).unwrap();
    book.member_gone(DIALER.member(), Instant::now());
    book.ended(link);
    book.ended(own);
    let Book { by_pair, links, sessions, members, peer_loads, .. } = &*book.lock();
    assert!(
        peer_loads.is_empty() && by_pair.is_empty() && links.is_empty() && sessions.is_empty() && members.is_empty()
    );
}
