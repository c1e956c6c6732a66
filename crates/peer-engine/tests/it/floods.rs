//! A peer that sends what nobody asked for is closed, and one that only talks is not.

use bytes::Bytes;
use peer_engine::{CloseReason, LinkKey, PieceSet, Timestamp};
use peer_wire::Message;

use crate::support::{Others, PIECES, engine};

/// Says a message up to so many times within a second; how often until the link was closed, and why.
fn flood(message: &Message, times: usize) -> Option<(usize, CloseReason)> {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES)), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveNone, Timestamp(0));
    for nth in 0..times {
        let now = Timestamp(nth as u64 * 1_000_000 / times as u64);
        others.say(&mut engine, link, message, now);
        others.heard(&mut engine, now);
        if let Some((closed, why)) = others.closed.pop() {
            assert_eq!(closed, link);
            return Some((nth + 1, why));
        }
    }
    None
}

/// Only blocks counted: a tab, which cannot slow a peer down, had to take everything else.
#[test]
fn a_flood_of_anything_that_nobody_asked_for_is_closed_within_some_hundred_kilobytes() {
    let long = Bytes::from(vec![b'i'; 60_000]);
    let floods = [
        (Message::Extended { id: 0, payload: long.clone() }, 60_006),
        (Message::Extended { id: 9, payload: long }, 60_006),
        (Message::Have(0), 9),
        (Message::KeepAlive, 4),
        (Message::Unknown(99), 5),
        (Message::Bitfield(vec![0].into()), 6),
        (Message::AllowedFast(0), 9),
        (Message::Interested, 5),
        (Message::Piece { piece: 0, begin: 0, data: vec![0; 16_384].into() }, 16_397),
    ];
    for (message, len) in floods {
        let (times, why) = flood(&message, 600_000 / len).unwrap_or_else(|| panic!("{message:?} may be sent for ever"));
        assert_eq!(why, CloseReason::TooMuch, "{message:?}");
        let bytes = times * len;
        assert!((200_000..350_000).contains(&bytes), "{bytes} bytes of {message:?}");
    }
}

/// Each costs as much work as a bitfield.
#[test]
fn a_flood_of_have_all_and_have_none_is_closed() {
    for message in [Message::HaveAll, Message::HaveNone] {
        let closed = flood(&message, 100_000);
        assert_eq!(closed.map(|(_, why)| why), Some(CloseReason::TooMuch), "{message:?}");
    }
}

#[test]
fn a_peer_that_tells_every_piece_once_and_talks_for_hours_stays() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES)), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveNone, Timestamp(0));
    (0..PIECES).for_each(|piece| others.say(&mut engine, link, &Message::Have(piece), Timestamp(0)));
    for minute in 0..600 {
        let now = Timestamp(minute * 60_000_000);
        let pex = Message::Extended { id: 1, payload: vec![b'x'; 30_000].into() };
        for message in [Message::KeepAlive, pex, Message::Choke, Message::Unchoke] {
            others.say(&mut engine, link, &message, now);
        }
        others.heard(&mut engine, now);
    }
    assert!(!others.closed.iter().any(|(closed, _)| *closed == LinkKey(1)), "{:?}", others.closed);
}
