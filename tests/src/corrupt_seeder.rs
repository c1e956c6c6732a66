//! A peer that joins like everybody, says that it has all of the file, and serves noise, or records that nobody can open. No program of
//! Covey's does that, so this one is written here, on the same protocol crates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail};
use bytes::BytesMut;
use membership::ConversationEvent;
use peer_wire::{Decoder, Handshake, Message, Reserved};
use secure_link::{Contact, Suite};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use wire_protocol::control::{Announce, LinkGrant, Offers, Progress, SwarmName, Torrent};
use wire_protocol::ids::{GroupId, PeerId};

use crate::member::Member;
use crate::pipe::{Pipe, Proof};
use crate::wait::SOON;

/// Ends with all its links when dropped.
pub struct CorruptSeeder {
    figures: Arc<Figures>,
    announced: watch::Receiver<bool>,
    task: JoinHandle<Result<()>>,
}

#[derive(Default)]
struct Figures {
    bytes_served: AtomicU64,
    links_opened: AtomicU64,
    links_closed: AtomicU64,
    /// Links whose records are AES-GCM.
    links_with_aes: AtomicU64,
}

/// What is wrong with what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Noise under a right tag.
    Blocks,
    /// The second record on each link.
    Records,
}

impl CorruptSeeder {
    /// Joins by `invite` under this name; returns once it is in the file's swarm as a seeder.
    ///
    /// # Errors
    /// If the tracker does not take it.
    pub async fn start(invite: &str, name: &str) -> Result<Self> {
        Self::begin(invite, name, Fault::Blocks).await
    }

    /// The same; what it sends on a link does not open.
    ///
    /// # Errors
    /// As there.
    pub async fn start_with_damaged_records(invite: &str, name: &str) -> Result<Self> {
        Self::begin(invite, name, Fault::Records).await
    }

    async fn begin(invite: &str, name: &str, fault: Fault) -> Result<Self> {
        let figures = Arc::new(Figures::default());
        let (announce, announced) = watch::channel(false);
        let task = tokio::spawn(run(invite.to_owned(), name.to_owned(), fault, figures.clone(), announce));
        let mut seeder = Self { figures, announced, task };
        seeder.wait_until_announced().await?;
        Ok(seeder)
    }

    async fn wait_until_announced(&mut self) -> Result<()> {
        tokio::select! {
            changed = self.announced.wait_for(|announced| *announced) => {
                if changed.is_ok() {
                    return Ok(());
                }
                (&mut self.task).await?.context("the corrupt seeder ended")
            }
            () = tokio::time::sleep(SOON) => bail!("the corrupt seeder did not get into the swarm"),
        }
    }

    /// Bytes of noise sent.
    pub fn bytes_served(&self) -> u64 {
        self.figures.bytes_served.load(Ordering::Relaxed)
    }

    /// Links that opened.
    pub fn links_opened(&self) -> u64 {
        self.figures.links_opened.load(Ordering::Relaxed)
    }

    /// Links that the other side closed.
    pub fn links_closed(&self) -> u64 {
        self.figures.links_closed.load(Ordering::Relaxed)
    }

    /// Links that opened and whose records are AES-GCM.
    pub fn links_with_aes(&self) -> u64 {
        self.figures.links_with_aes.load(Ordering::Relaxed)
    }
}

impl Drop for CorruptSeeder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A member that is in the file's swarm.
struct Seeder {
    member: Member,
    torrent: Torrent,
    peer: PeerId,
    proof: Proof,
    fault: Fault,
    figures: Arc<Figures>,
    /// Dropped with the seeder, which ends them.
    links: JoinSet<Result<()>>,
}

async fn run(
    invite: String,
    name: String,
    fault: Fault,
    figures: Arc<Figures>,
    announced: watch::Sender<bool>,
) -> Result<()> {
    let (mut member, group) = Member::join(&invite, &name).await?;
    let (swarm, torrent) = first_torrent(&mut member, group).await?;
    let mut id = [0; 12];
    fastrand::fill(&mut id);
    let peer = PeerId::covey(id);
    let progress = Progress::Pieces { have: torrent.pieces, total: torrent.pieces };
    let announce = Announce { swarm, peer, progress, listen: None, offers: Offers::default() };
    member.conversation.announce(announce);
    let proof = member.proof(swarm, torrent.info_hash, peer).await?;
    announced.send_replace(true);
    let mut seeder = Seeder { member, torrent, peer, proof, fault, figures, links: JoinSet::new() };
    loop {
        if let ConversationEvent::LinkGranted(grant) = seeder.member.next().await? {
            seeder.open_link(grant);
        }
    }
}

/// Waits until the group has a file with a torrent.
async fn first_torrent(member: &mut Member, group: GroupId) -> Result<(SwarmName, Torrent)> {
    loop {
        let files = member.conversation.groups().get(&group).map_or(&[][..], |group| &group.files);
        let found = files.iter().find_map(|card| Some((SwarmName { group, file: card.file }, card.torrent?)));
        if let Some(found) = found {
            return Ok(found);
        }
        member.next().await?;
    }
}

impl Seeder {
    fn open_link(&mut self, grant: LinkGrant) {
        let handshake = Handshake {
            reserved: Reserved { fast: true, extensions: false },
            info_hash: self.torrent.info_hash,
            peer_id: self.peer,
        };
        let (server, figures, pieces) = (self.member.server().to_owned(), self.figures.clone(), self.torrent.pieces);
        let (proof, fault) = (self.proof.clone(), self.fault);
        self.links.spawn(async move {
            let served = serve(&server, grant, (proof, fault), handshake, pieces, &figures).await;
            figures.links_closed.fetch_add(1, Ordering::Relaxed);
            served
        });
    }
}

/// Serves noise on one link until the other side closes it.
async fn serve(
    server: &str,
    grant: LinkGrant,
    (proof, fault): (Proof, Fault),
    handshake: Handshake,
    pieces: u32,
    figures: &Figures,
) -> Result<()> {
    let mut pipe = Pipe::pair(server, grant.token).await?;
    let contact = Contact { member: grant.peer.name.member, peer: grant.peer.name.peer };
    match grant.dial {
        Some(_) => pipe.initiate(&proof, contact, grant.link).await?,
        None => pipe.respond(&proof, contact, grant.link).await?,
    }
    figures.links_opened.fetch_add(1, Ordering::Relaxed);
    if pipe.suite() == Some(Suite::AesGcm) {
        figures.links_with_aes.fetch_add(1, Ordering::Relaxed);
    }
    let mut hello = BytesMut::from(&handshake.encode()[..]);
    Message::HaveAll.encode(&mut hello);
    Message::Unchoke.encode(&mut hello);
    pipe.send(hello.freeze()).await?;
    if fault == Fault::Records {
        pipe.damage_next();
    }
    let mut decoder = Decoder::new(pieces);
    let mut shook_hands = false;
    while let Some(chunk) = pipe.receive().await? {
        decoder.push(chunk);
        if !shook_hands {
            shook_hands = decoder.next_handshake()?.is_some();
        }
        let mut out = BytesMut::new();
        while let Some(message) = if shook_hands { decoder.next_message()? } else { None } {
            if let Message::Request(block) = message {
                let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(block.len as usize).collect();
                Message::Piece { piece: block.piece, begin: block.begin, data: noise.into() }.encode(&mut out);
                figures.bytes_served.fetch_add(u64::from(block.len), Ordering::Relaxed);
            }
        }
        if !out.is_empty() {
            pipe.send(out.freeze()).await?;
        }
    }
    Ok(())
}
