//! However a stream is cut, the engine does the same.

use bytes::Bytes;
use peer_engine::{Direction, Input, LinkKey, Output, PieceSet, Timestamp};
use peer_wire::{Block, Message};
use proptest::prelude::*;

use crate::support::{PIECES, encode, engine, handshake, open};

const LINK: LinkKey = LinkKey(1);

/// A seeder's side of a conversation, with requests of its own and a block nobody asked for.
fn stream() -> Vec<u8> {
    let mut bytes = handshake(LINK, true).to_vec();
    let messages = [
        Message::HaveAll,
        Message::Unchoke,
        Message::Interested,
        Message::KeepAlive,
        Message::Request(Block { piece: 0, begin: 0, len: 16_384 }),
        Message::Piece { piece: 1, begin: 0, data: Bytes::from(vec![1; 16_384]) },
        Message::Have(PIECES - 1),
        Message::Choke,
    ];
    messages.iter().for_each(|message| bytes.extend_from_slice(&encode(message)));
    bytes
}

/// Everything that the engine does, as text.
fn run(chunks: Vec<Bytes>) -> String {
    let mut engine = engine(PieceSet::none(PIECES));
    open(&mut engine, LINK, Direction::Accepted, Timestamp(0));
    for bytes in chunks {
        engine.handle(Input::Received { link: LINK, bytes }, Timestamp(0));
    }
    let mut done = String::new();
    let mut sent = Vec::new();
    while let Some(output) = engine.poll_output() {
        done += &format!("{output:?}\n");
        if let Output::Transmit(link) = output {
            while engine.transmit(link, 1 << 20, &mut sent, Timestamp(0)) > 0 {}
        }
    }
    engine.check();
    done + &format!("{:?} {:?}", sent.concat(), engine.stats())
}

proptest! {
    #[test]
    fn any_split_of_a_stream_gives_the_same_output(cuts in prop::collection::vec(0usize..17_000, 0..40)) {
        let whole = Bytes::from(stream());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
        cuts.extend([0, whole.len()]);
        cuts.sort_unstable();
        let chunks = cuts.windows(2).map(|pair| whole.slice(pair[0]..pair[1])).collect();
        prop_assert_eq!(run(chunks), run(vec![whole]));
    }
}
