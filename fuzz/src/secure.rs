//! Secure links: whatever arrives, a link opens only for who was there, and gives only what was sealed.

use std::sync::Arc;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use ed25519_dalek::SigningKey;
use secure_link::{
    Contact, Greeting, Initiator, LinkError, Local, NO_LINK, Opening, Progress, Responder, SecureLink, Secured, Seed,
    Swarm, TagKey,
};
use wire_protocol::control::Role;
use wire_protocol::ids::{GroupId, InfoHash, MemberKey, PeerId};
use wire_protocol::ticket::Ticket;

const NOW_MS: u64 = 1_700_000_000_000;
const GROUP: GroupId = GroupId([2; 16]);

/// What is done to one message of a handshake.
#[derive(Debug, Arbitrary)]
struct Meddling {
    /// Which message: first, answer, last, none.
    message: u8,
    /// Takes the bytes that follow for the message, or else changes the right one.
    replaces: bool,
    at: u16,
    xor: u8,
    /// So many bytes less; as many as 255 are none.
    cut: u8,
    /// Where the message is cut into chunks.
    cuts: [u16; 3],
    /// Both sides show the bytes that follow as their tickets.
    strange_tickets: bool,
}

/// Target: only the two who should be are linked, and whoever waits for more says so.
pub fn secure_handshake(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(meddling) = Meddling::arbitrary(&mut input) else {
        return;
    };
    let rest = input.take_rest();
    let strange = meddling.strange_tickets.then_some(rest);
    let (ann, bob) = (local(5, strange), local(6, strange));
    let contact = contact(&bob);
    let (initiator, first) = Initiator::new(Arc::new(ann), contact, NO_LINK, Seed::new([7; 32]));
    let (first, _) = meddling.meddle(0, first, rest);
    let Ok((responder, answer)) = accept(bob, &meddling.chunks(&first)) else {
        return;
    };
    let (answer, is_changed) = meddling.meddle(1, answer, rest);
    let Some((last, ann)) = run(initiator, &meddling.chunks(&answer), Initiator::read) else {
        return;
    };
    assert!(!is_changed && strange.is_none(), "an initiator believes what nobody said");
    assert_eq!(ann.peer.member, contact.member);
    let (last, is_changed) = meddling.meddle(2, last, rest);
    let Some((_, bob)) = run(responder, &meddling.chunks(&last), Responder::read) else {
        return;
    };
    assert!(!is_changed, "a responder believes what nobody said");
    exchange(ann, bob);
}

impl Meddling {
    /// The message as it arrives, and whether it is another one.
    fn meddle(&self, message: u8, mut bytes: Vec<u8>, rest: &[u8]) -> (Vec<u8>, bool) {
        if self.message % 4 != message {
            return (bytes, false);
        }
        if self.replaces {
            let is_changed = !rest.starts_with(&bytes);
            return (rest.to_vec(), is_changed);
        }
        let at = usize::from(self.at) % bytes.len();
        bytes[at] ^= self.xor;
        let cut = usize::from(self.cut) % 255;
        bytes.truncate(bytes.len().saturating_sub(cut));
        (bytes, self.xor != 0 || cut != 0)
    }

    fn chunks(&self, bytes: &[u8]) -> Vec<Bytes> {
        chunks(bytes, &self.cuts)
    }
}

fn chunks(bytes: &[u8], cuts: &[u16]) -> Vec<Bytes> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| usize::from(*cut) % (bytes.len() + 1)).collect();
    ends.push(bytes.len());
    ends.sort_unstable();
    let begins = [0].into_iter().chain(ends.clone());
    begins.zip(ends.clone()).map(|(begin, end)| Bytes::copy_from_slice(&bytes[begin..end])).collect()
}

fn accept(bob: Local, chunks: &[Bytes]) -> Result<(Responder, Vec<u8>), LinkError> {
    let keys: [(u8, TagKey); 2] = [(0, bob.swarm.tag_key(PeerId([9; 20]))), (1, bob.swarm.tag_key(bob.peer))];
    let mut greeting = Greeting::new();
    for chunk in chunks {
        if let Opening::Covey(first) = greeting.read(&mut chunk.clone())? {
            let (name, first) = first.find(keys.iter().map(|(name, key)| (*name, key)))?;
            assert_eq!(name, 1);
            return Responder::new(Arc::new(bob), first, None, NO_LINK, Seed::new([8; 32]));
        }
    }
    Err(LinkError::NotForUs)
}

/// Reads chunk by chunk; what both sides get from it, or nothing.
fn run<H>(
    mut side: H,
    chunks: &[Bytes],
    read: fn(H, &mut Bytes, u64) -> Result<Progress<H>, LinkError>,
) -> Option<(Vec<u8>, Secured)> {
    for chunk in chunks {
        let mut chunk = chunk.clone();
        match read(side, &mut chunk, NOW_MS) {
            Ok(Progress::More(more)) => {
                assert!(chunk.is_empty(), "what it needs, it takes");
                side = more;
            }
            Ok(Progress::Secured { send, secured }) => return Some((send, secured)),
            Err(error) => {
                assert!(!(error.is_impostor() && error.is_out_of_date()));
                return None;
            }
        }
    }
    None
}

/// A link that opened carries bytes both ways.
fn exchange(ann: Secured, bob: Secured) {
    let (mut ann, mut bob) = (ann.keys.link(), bob.keys.link());
    let segment = [Bytes::from_static(b"hello")];
    let (mut there, mut back) = (Vec::new(), Vec::new());
    ann.seal(&segment, &mut there).expect("a new link carries records");
    bob.seal(&segment, &mut back).expect("a new link carries records");
    assert_eq!(bob.open(&there).as_deref(), Ok(&b"hello"[..]));
    assert_eq!(ann.open(&back).as_deref(), Ok(&b"hello"[..]));
}

/// What is sealed, and what becomes of it on its way.
#[derive(Debug, Arbitrary)]
struct Stream {
    segments: [u16; 4],
    cuts: [u16; 6],
    damage: Option<Damage>,
}

#[derive(Debug, Arbitrary)]
enum Damage {
    Change {
        at: u16,
        xor: u8,
    },
    /// What comes before `from` is sent once more there.
    Replay {
        from: u16,
    },
    Drop {
        from: u16,
        len: u16,
    },
    /// What strangers put in.
    Insert {
        at: u16,
    },
}

/// Target: what opens is the beginning of what was sealed; all of it, if nothing was done to it.
pub fn secure_records(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(stream) = Stream::arbitrary(&mut input) else {
        return;
    };
    let Some((mut ann, mut bob)) = link() else {
        panic!("an honest handshake fails");
    };
    let segments: Vec<Bytes> =
        stream.segments.iter().zip(1_u8..).map(|(len, byte)| Bytes::from(vec![byte; usize::from(*len)])).collect();
    let mut sealed = Vec::new();
    for pair in segments.chunks(2) {
        ann.seal(pair, &mut sealed).expect("a new link carries records");
    }
    let honest = sealed.clone();
    if let Some(damage) = &stream.damage {
        damage.apply(&mut sealed, input.take_rest());
    }
    let plain = segments.concat();
    let mut opened = Vec::new();
    let mut end = Ok(());
    for chunk in chunks(&sealed, &stream.cuts) {
        match bob.open(&chunk) {
            Ok(bytes) => {
                assert!(end.is_ok() || bytes.is_empty(), "a broken link reads on");
                opened.extend_from_slice(&bytes);
            }
            Err(error) => end = Err(error),
        }
    }
    assert!(plain.starts_with(&opened), "{} bytes that were never sealed", opened.len());
    if sealed == honest {
        assert!(end.is_ok() && opened == plain);
    }
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>, rest: &[u8]) {
        let place = |at: u16| usize::from(at).min(bytes.len());
        match self {
            Self::Change { at, xor } => {
                let at = place(*at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= xor;
                }
            }
            Self::Replay { from } => {
                let from = place(*from);
                bytes.extend_from_within(..from);
                bytes[from..].rotate_right(from);
            }
            Self::Drop { from, len } => {
                let from = place(*from);
                let end = from.saturating_add(usize::from(*len)).min(bytes.len());
                bytes.drain(from..end);
            }
            Self::Insert { at } => {
                let at = place(*at);
                bytes.splice(at..at, rest.iter().copied());
            }
        }
    }
}

fn link() -> Option<(SecureLink, SecureLink)> {
    let (ann, bob) = (local(5, None), local(6, None));
    let (initiator, first) = Initiator::new(Arc::new(ann), contact(&bob), NO_LINK, Seed::new([7; 32]));
    let (responder, answer) = accept(bob, &[first.into()]).ok()?;
    let (last, ann) = run(initiator, &[answer.into()], Initiator::read)?;
    let (_, bob) = run(responder, &[last.into()], Responder::read)?;
    Some((ann.keys.link(), bob.keys.link()))
}

fn local(seed: u8, strange_ticket: Option<&[u8]>) -> Local {
    let (identity, tracker) = (SigningKey::from_bytes(&[seed; 32]), SigningKey::from_bytes(&[1; 32]));
    let subject = MemberKey(identity.verifying_key().to_bytes());
    let (role, expires_ms) = (Role::Member, NOW_MS + 1000);
    let ticket = Ticket { key_id: 1, group: GROUP, subject, role, epoch: 1, issued_ms: NOW_MS, expires_ms };
    let ticket = strange_ticket.map_or_else(|| ticket.seal(&tracker), <[u8]>::to_vec);
    let swarm = Swarm { group: GROUP, info_hash: InfoHash([3; 20]), key: [4; 32].into() };
    Local {
        identity,
        peer: PeerId([seed; 20]),
        ticket,
        swarm,
        epoch: 1,
        tracker: tracker.verifying_key(),
        has_aes: true,
    }
}

fn contact(local: &Local) -> Contact {
    Contact { member: MemberKey(local.identity.verifying_key().to_bytes()), peer: local.peer }
}

/// `message | replaces | at: u16 | xor | cut | cuts: 3 * u16 | strange_tickets`, then the rest.
pub(crate) fn handshake_seeds() -> Vec<(String, Vec<u8>)> {
    let head = |message: u8, replaces: u8, xor: u8, strange: u8| {
        vec![message, replaces, 40, 0, xor, 0, 3, 0, 60, 0, 200, 0, strange]
    };
    let (ann, bob) = (local(5, None), local(6, None));
    let (_, first) = Initiator::new(Arc::new(ann), contact(&bob), NO_LINK, Seed::new([7; 32]));
    let mut seeds = vec![
        ("honest".to_owned(), head(3, 0, 0, 0)),
        ("strange-tickets".to_owned(), [head(3, 0, 0, 1), local(5, None).ticket].concat()),
        ("plain".to_owned(), [&head(0, 1, 0, 0)[..], b"\x13BitTorrent protocol"].concat()),
        ("first".to_owned(), [head(0, 1, 0, 0), first].concat()),
    ];
    seeds.extend((0..3).map(|message| (format!("damaged-{message}"), head(message, 0, 1, 0))));
    seeds
}

/// `segments: 4 * u16 | cuts: 6 * u16 | damage`.
pub(crate) fn record_seeds() -> Vec<(String, Vec<u8>)> {
    let stream = |damage: &[u8]| {
        let segments = [13_u16, 16_384, 40_000, 1].map(u16::to_le_bytes).concat();
        let cuts = [1_u16, 2, 3, 17_000, 30_000, 50_000].map(u16::to_le_bytes).concat();
        [&segments[..], &cuts, damage].concat()
    };
    vec![
        ("honest".to_owned(), stream(&[0])),
        ("changed".to_owned(), stream(&[1, 0, 0, 0, 0, 100, 0, 1])),
        ("replayed".to_owned(), stream(&[1, 0, 0, 0, 64, 49, 64])),
        ("dropped".to_owned(), stream(&[1, 0, 0, 0, 128, 0, 0, 49, 64])),
        ("inserted".to_owned(), stream(&[1, 0, 0, 0, 192, 0, 0, 0, 0])),
    ]
}
