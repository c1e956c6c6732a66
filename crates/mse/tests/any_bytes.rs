//! In whatever pieces bytes come, and whatever bytes they are.

mod sides;

use mse::{InfoHash, Initiator, Methods, MseError, Progress, Responder};
use proptest::prelude::*;
use sides::{done, more, seed};

const TORRENT: InfoHash = InfoHash([5; 20]);

/// What a side sends and hands on in the end.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    sent: Vec<u8>,
    payload: Vec<u8>,
    is_encrypted: bool,
}

fn finish<Side>(
    mut side: Side,
    chunks: &[&[u8]],
    read: impl Fn(Side, &[u8]) -> Result<Progress<Side>, MseError>,
) -> Result<Option<Outcome>, MseError> {
    let mut sent = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        match read(side, chunk)? {
            Progress::More { side: same, send } => {
                side = same;
                sent.extend(send);
            }
            Progress::Done { send, established } => {
                sent.extend(send);
                let mut payload = established.payload.to_vec();
                let mut ciphers = established.ciphers;
                for chunk in &chunks[at + 1..] {
                    let mut chunk = chunk.to_vec();
                    if let Some(ciphers) = &mut ciphers {
                        ciphers.receive.apply(&mut chunk);
                    }
                    payload.extend(chunk);
                }
                return Ok(Some(Outcome { sent, payload, is_encrypted: ciphers.is_some() }));
            }
        }
    }
    Ok(None)
}

/// What each side hears in a whole conversation, the peer wire's first words included.
struct Conversation {
    methods: Methods,
    padding: [u16; 2],
    by_initiator: Vec<u8>,
    by_responder: Vec<u8>,
}

impl Conversation {
    fn hold(methods: Methods, padding: [u16; 2]) -> Self {
        let mut conversation = Self { methods, padding, by_initiator: Vec::new(), by_responder: Vec::new() };
        let (initiator, first) = conversation.initiator();
        let (responder, key) = more(conversation.responder().read(&first).expect("a handshake"));
        let (initiator, offer) = more(initiator.read(&key).expect("a handshake"));
        let (selection, mut accepted) = done(responder.read(&offer).expect("a handshake"));
        let (_, mut dialed) = done(initiator.read(&selection).expect("a handshake"));
        let (mut request, mut answer) = (b"a request".to_vec(), b"an answer".to_vec());
        if let (Some(ours), Some(theirs)) = (&mut dialed.ciphers, &mut accepted.ciphers) {
            ours.send.apply(&mut request);
            theirs.send.apply(&mut answer);
        }
        conversation.by_initiator = [first, offer, request].concat();
        conversation.by_responder = [key, selection, answer].concat();
        conversation
    }

    fn initiator(&self) -> (Initiator, Vec<u8>) {
        Initiator::new(TORRENT, self.methods, &seed(3, self.padding[0]))
    }

    fn responder(&self) -> Responder {
        Responder::new(vec![TORRENT], Methods::ALL, &seed(4, self.padding[1]))
    }

    fn initiator_reads(&self, chunks: &[&[u8]]) -> Result<Option<Outcome>, MseError> {
        finish(self.initiator().0, chunks, Initiator::read)
    }

    fn responder_reads(&self, chunks: &[&[u8]]) -> Result<Option<Outcome>, MseError> {
        finish(self.responder(), chunks, Responder::read)
    }
}

fn split<'a>(bytes: &'a [u8], at: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = at.iter().map(|at| at.index(bytes.len() + 1)).collect();
    ends.extend([0, bytes.len()]);
    ends.sort_unstable();
    ends.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn methods() -> impl Strategy<Value = Methods> {
    prop_oneof![Just(Methods::ALL), Just(Methods::RC4)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_leads_to_the_same(
        methods in methods(),
        padding in prop::array::uniform2(0u16..=512),
        at in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let held = Conversation::hold(methods, padding);
        let whole = held.responder_reads(&[&held.by_initiator])?.unwrap();
        prop_assert_eq!(&whole.payload, b"a request");
        prop_assert_eq!(whole.is_encrypted, !methods.plaintext);
        prop_assert_eq!(&Some(whole), &held.responder_reads(&split(&held.by_initiator, &at))?);
        let whole = held.initiator_reads(&[&held.by_responder])?.unwrap();
        prop_assert_eq!(&whole.payload, b"an answer");
        prop_assert_eq!(&Some(whole), &held.initiator_reads(&split(&held.by_responder, &at))?);
    }

    #[test]
    fn a_damaged_byte_never_looks_like_another_torrent_nor_panics(
        padding in prop::array::uniform2(0u16..=512),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let held = Conversation::hold(Methods::RC4, padding);
        let whole = held.responder_reads(&[&held.by_initiator])?.unwrap();
        let mut damaged = held.by_initiator.clone();
        let place = at.index(damaged.len());
        damaged[place] ^= flip;
        // Padding means nothing; in what is carried damage is not seen; the rest fails, or waits for what never comes.
        let padded = 96..96 + usize::from(padding[0]);
        match held.responder_reads(&[&damaged]) {
            Ok(Some(outcome)) => {
                let carried = damaged.len() - b"a request".len();
                let lengths = carried - 8..carried;
                prop_assert!(
                    padded.contains(&place) && outcome == whole
                        || place >= carried && outcome.payload != whole.payload
                        || lengths.contains(&place)
                );
            }
            Ok(None) | Err(_) => prop_assert!(!padded.contains(&place)),
        }
        let mut damaged = held.by_responder.clone();
        let place = at.index(damaged.len());
        damaged[place] ^= flip;
        let _ = held.initiator_reads(&[&damaged]);
    }

    #[test]
    fn any_bytes_are_a_handshake_or_an_error_or_too_few(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let held = Conversation::hold(Methods::ALL, [0, 0]);
        prop_assert!(!matches!(held.responder_reads(&[&bytes]), Ok(Some(_))));
        prop_assert!(!matches!(held.initiator_reads(&[&bytes]), Ok(Some(_))));
        if bytes.len() >= 96 + 512 + 20 {
            prop_assert!(held.responder_reads(&[&bytes]).is_err());
            prop_assert!(held.initiator_reads(&[&bytes]).is_err());
        }
    }
}
