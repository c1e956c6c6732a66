//! Members of a group, a tracker, and a handshake that can be tampered with.

use std::sync::Arc;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use secure_link::*;
use wire_protocol::control::Role;
use wire_protocol::ids::{GroupId, InfoHash, LinkId, MemberKey, PeerId};
use wire_protocol::ticket::Ticket;

pub const NOW_MS: u64 = 1_700_000_000_000;
pub const GROUP: GroupId = GroupId([0x11; 16]);
pub const INFO_HASH: InfoHash = InfoHash(*b"info-hash-of-a-movie");
pub const GROUP_KEY: [u8; 32] = [0x61; 32];
pub const EPOCH: u32 = 3;
pub const LINK: LinkId = LinkId([0xbb; 16]);

pub fn tracker() -> SigningKey {
    SigningKey::from_bytes(&[0xaa; 32])
}

/// A member's key.
pub fn identity(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn key_of(identity: &SigningKey) -> MemberKey {
    MemberKey(identity.verifying_key().to_bytes())
}

pub fn ticket_for(identity: &SigningKey) -> Ticket {
    Ticket {
        key_id: 1,
        group: GROUP,
        subject: key_of(identity),
        role: Role::Member,
        epoch: EPOCH,
        issued_ms: NOW_MS - 60_000,
        expires_ms: NOW_MS + 3_600_000,
    }
}

/// A member's peer in the one swarm.
pub fn local(seed: u8) -> Local {
    let identity = identity(seed);
    let ticket = ticket_for(&identity).seal(&tracker());
    let mut peer = *b"-CV0100-............";
    peer[8..].fill(seed);
    let swarm = Swarm { group: GROUP, info_hash: INFO_HASH, key: GROUP_KEY.into() };
    Local {
        identity,
        peer: PeerId(peer),
        ticket,
        swarm,
        epoch: EPOCH,
        tracker: tracker().verifying_key(),
        has_aes: false,
    }
}

pub fn ann() -> Local {
    local(0xa1)
}

pub fn bob() -> Local {
    local(0xb2)
}

pub fn contact(local: &Local) -> Contact {
    Contact { member: key_of(&local.identity), peer: local.peer }
}

/// What each side of an attempt believes, and how their bytes are changed on the way.
pub struct Attempt {
    pub dialer: Local,
    pub acceptor: Local,
    /// Whom the dialer wants.
    pub wanted: Contact,
    /// Whom the acceptor waits for.
    pub expected: Option<Contact>,
    pub links: (LinkId, LinkId),
    pub now_ms: (u64, u64),
}

/// One end of an open link.
#[derive(Debug)]
pub struct End {
    pub link: SecureLink,
    pub peer: Proven,
}

impl From<Secured> for End {
    fn from(secured: Secured) -> Self {
        Self { link: secured.keys.link(), peer: secured.peer }
    }
}

pub struct Link {
    pub ann: End,
    pub bob: End,
    /// All bytes that crossed, one message each.
    pub crossed: [Vec<u8>; 3],
}

/// Who found the fault.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// At the first message: the acceptor sent nothing.
    Unanswered(LinkError),
    Dialer(LinkError),
    Acceptor(LinkError),
}

impl Attempt {
    pub fn new(dialer: Local, acceptor: Local) -> Self {
        let (wanted, expected) = (contact(&acceptor), Some(contact(&dialer)));
        Self { dialer, acceptor, wanted, expected, links: (LINK, LINK), now_ms: (NOW_MS, NOW_MS) }
    }

    pub fn run(self) -> Result<Link, Fault> {
        let (ann, bob, crossed) = self.secured()?;
        Ok(Link { ann: ann.into(), bob: bob.into(), crossed })
    }

    /// Both ends, and all bytes that crossed.
    pub fn secured(self) -> Result<(Secured, Secured, [Vec<u8>; 3]), Fault> {
        let (initiator, first) =
            Initiator::new(Arc::new(self.dialer), self.wanted, self.links.0, Seed::new([0x01; 32]));
        let (responder, answer) =
            accept(self.acceptor, &first, self.expected, self.links.1).map_err(Fault::Unanswered)?;
        let (last, ann) =
            whole(initiator.read(&mut Bytes::from(answer.clone()), self.now_ms.0)).map_err(Fault::Dialer)?;
        let (nothing, bob) =
            whole(responder.read(&mut Bytes::from(last.clone()), self.now_ms.1)).map_err(Fault::Acceptor)?;
        assert!(nothing.is_empty());
        Ok((ann, bob, [first, answer, last]))
    }

    pub fn fault(self) -> Fault {
        match self.run() {
            Ok(_) => panic!("the link opens"),
            Err(fault) => fault,
        }
    }
}

/// What an acceptor with one peer does with a first message.
pub fn accept(
    acceptor: Local,
    first: &[u8],
    expected: Option<Contact>,
    link: LinkId,
) -> Result<(Responder, Vec<u8>), LinkError> {
    let mut input = Bytes::copy_from_slice(first);
    let Opening::Covey(first) = Greeting::new().read(&mut input)? else { panic!("not a whole first message") };
    let key = acceptor.swarm.tag_key(acceptor.peer);
    let ((), recognized) = first.find([((), &key)])?;
    Responder::new(Arc::new(acceptor), recognized, expected, link, Seed::new([0x02; 32]))
}

/// The handshake's end; it must not need more.
pub fn whole<H>(progress: Result<Progress<H>, LinkError>) -> Result<(Vec<u8>, Secured), LinkError> {
    match progress? {
        Progress::More(_) => panic!("the message is not whole"),
        Progress::Secured { send, secured } => Ok((send, secured)),
    }
}

/// An open link between the two.
pub fn link() -> Link {
    match Attempt::new(ann(), bob()).run() {
        Ok(link) => link,
        Err(fault) => panic!("{fault:?}"),
    }
}
