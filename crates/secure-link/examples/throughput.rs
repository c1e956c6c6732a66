//! How fast records are sealed and opened, on one core: `cargo run --release -p secure-link --example throughput`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use secure_link::{Contact, Greeting, Initiator, LinkError, Local, NO_LINK, Opening, Progress, Responder, Seed, Swarm};
use secure_link::{MESSAGE_PLAIN_MAX, SecureLink};
use wire_protocol::control::Role;
use wire_protocol::ids::{GroupId, InfoHash, MemberKey, PeerId};
use wire_protocol::ticket::Ticket;

const NOW_MS: u64 = 1_700_000_000_000;
const GROUP: GroupId = GroupId([2; 16]);
const HEADER_LEN: usize = 13;
const BLOCK_LEN: usize = 16 * 1024;
const BLOCKS: usize = 65_536;
const HANDSHAKES: usize = 500;

#[expect(clippy::disallowed_methods, reason = "an example may have a clock")]
fn main() -> Result<(), LinkError> {
    let begun = Instant::now();
    for _ in 1..HANDSHAKES {
        black_box(open_link(false)?);
    }
    println!("a handshake, both sides: {:.2?}", begun.elapsed() / HANDSHAKES as u32);

    let block = [Bytes::from_static(&[7; HEADER_LEN]), Bytes::from_static(&[9; BLOCK_LEN])];
    let message: Vec<Bytes> = block.iter().cycle().take(2 * (MESSAGE_PLAIN_MAX / BLOCK_LEN)).cloned().collect();
    let what = [("one block a message", &block[..]), ("as many as fit into a message", &message)];
    for (has_aes, (name, segments)) in [false, true].into_iter().flat_map(|has_aes| what.map(|what| (has_aes, what))) {
        let (mut ann, mut bob) = open_link(has_aes)?;
        let (mut sealing, mut opening) = (0.0, 0.0);
        let (mut sealed, mut carried) = (Vec::new(), 0);
        while carried < BLOCKS * BLOCK_LEN {
            sealed.clear();
            let begun = Instant::now();
            ann.seal(black_box(segments), &mut sealed)?;
            sealing += begun.elapsed().as_secs_f64();
            let begun = Instant::now();
            carried += black_box(bob.open(black_box(&sealed))?).len();
            opening += begun.elapsed().as_secs_f64();
        }
        let rate = |seconds: f64| carried as f64 / seconds / 1e9;
        let cipher = if has_aes { "AES-256-GCM" } else { "ChaCha20-Poly1305" };
        println!("{cipher}, {name}: seal {:.2} GB/s, open {:.2} GB/s", rate(sealing), rate(opening));
    }
    Ok(())
}

/// Both ends of a link.
fn open_link(has_aes: bool) -> Result<(SecureLink, SecureLink), LinkError> {
    let (ann, bob) = (local(5, has_aes), local(6, has_aes));
    let contact = Contact { member: MemberKey(bob.identity.verifying_key().to_bytes()), peer: bob.peer };
    let key = bob.swarm.tag_key(bob.peer);
    let (initiator, first) = Initiator::new(ann, contact, NO_LINK, Seed::new([7; 32]));
    let Opening::Covey(first) = Greeting::new().read(&mut Bytes::from(first))? else { unreachable!("it is whole") };
    let ((), first) = first.find([((), &key)])?;
    let (responder, answer) = Responder::new(bob, first, None, NO_LINK, Seed::new([8; 32]))?;
    let Progress::Secured { send, secured: ann } = initiator.read(&mut Bytes::from(answer), NOW_MS)? else {
        unreachable!("it is whole")
    };
    let Progress::Secured { secured: bob, .. } = responder.read(&mut Bytes::from(send), NOW_MS)? else {
        unreachable!("it is whole")
    };
    Ok((ann.keys.link(), bob.keys.link()))
}

fn local(seed: u8, has_aes: bool) -> Arc<Local> {
    let (identity, tracker) = (SigningKey::from_bytes(&[seed; 32]), SigningKey::from_bytes(&[1; 32]));
    let subject = MemberKey(identity.verifying_key().to_bytes());
    let (role, expires_ms) = (Role::Member, NOW_MS + 1000);
    let ticket = Ticket { key_id: 1, group: GROUP, subject, role, epoch: 1, issued_ms: NOW_MS, expires_ms };
    let swarm = Swarm { group: GROUP, info_hash: InfoHash([3; 20]), key: [4; 32].into() };
    let (ticket, tracker) = (ticket.seal(&tracker), tracker.verifying_key());
    Arc::new(Local { identity, peer: PeerId([seed; 20]), ticket, swarm, epoch: 1, tracker, has_aes })
}
