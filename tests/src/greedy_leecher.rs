//! A leecher that asks one seeder for blocks without end, whatever happens to the file: no program of Covey's does
//! that. It tells until when it was served.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use bytes::BytesMut;
use membership::ConversationEvent;
use metainfo::Layout;
use peer_wire::{Block, Decoder, Handshake, Message, Reserved};
use secure_link::{Contact, NO_LINK};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wire_protocol::control::{Announce, FileCard, Offers, PeerName, Progress, SwarmName, Torrent};
use wire_protocol::ids::{MemberKey, PeerId};

use crate::member::Member;
use crate::pipe::{Pipe, Proof};
use crate::wait::{SOON, until};

/// Requests that wait for their block.
const PIPELINE: usize = 16;

/// A member that is in one file's swarm, without a piece of it.
pub struct GreedyLeecher {
    member: Member,
    swarm: SwarmName,
    torrent: Torrent,
    layout: Layout,
    peer: PeerId,
    /// As of the start: it is used whatever happens to the group.
    proof: Proof,
}

/// Where a seeder is.
#[derive(Debug, Clone)]
pub struct Seeder {
    name: PeerName,
    /// Empty: relay only.
    pub tcp: Vec<SocketAddr>,
}

impl Seeder {
    fn contact(&self) -> Contact {
        Contact { member: self.name.member, peer: self.name.peer }
    }
}

impl GreedyLeecher {
    /// Joins by `invite` and gets into the swarm of the file `name`.
    ///
    /// # Errors
    /// If the tracker does not take it.
    pub async fn start(invite: &str, who: &str, name: &str) -> Result<Self> {
        let (mut member, _) = Member::join(invite, who).await?;
        let (swarm, FileCard { size, torrent, .. }) = member.find_file(name).await?;
        let torrent = torrent.context("a file without a torrent")?;
        let layout = layout(size, torrent.pieces)?;
        let mut id = [0; 12];
        fastrand::fill(&mut id);
        let peer = PeerId::covey(id);
        let progress = Progress::Pieces { have: 0, total: torrent.pieces };
        let announce = Announce { swarm, peer, progress, listen: None, offers: Offers::default() };
        member.conversation.announce(announce);
        let proof = member.proof(swarm, torrent.info_hash, peer).await?;
        Ok(Self { member, swarm, torrent, layout, peer, proof })
    }

    /// The program of the person `who` as the tracker lists it in the swarm.
    ///
    /// # Errors
    /// If the connection breaks before it does.
    pub async fn find(&mut self, who: &str) -> Result<Seeder> {
        loop {
            if let Some(group) = self.member.conversation.groups().get(&self.swarm.group) {
                let mut peers = group.swarm(self.swarm.file).iter();
                if let Some(peer) = peers.find(|peer| group.name_of(peer.name.member) == who) {
                    return Ok(Seeder { name: peer.name, tcp: peer.tcp.clone() });
                }
            }
            self.member.next().await?;
        }
    }

    /// Connects straight to it.
    ///
    /// # Errors
    /// If nobody listens there.
    pub async fn connect(&self, seeder: &Seeder) -> Result<Leeching> {
        let address = seeder.tcp.first().context("it does not accept TCP")?;
        let mut pipe = Pipe::connect(*address).await?;
        pipe.initiate(&self.proof, seeder.contact(), NO_LINK).await?;
        Ok(self.leech(pipe))
    }

    /// The same with a seeder that may not have heard yet that this one is a member: it learns so from the tracker, in its own time.
    ///
    /// # Errors
    /// If it does not take the link in time.
    pub async fn connect_soon(&self, seeder: &Seeder) -> Result<Leeching> {
        until("a link to the seeder", SOON, async || Ok(self.connect(seeder).await.ok())).await
    }

    /// Dials it over the relay, once it knows this one.
    ///
    /// # Errors
    /// If it does not take the link in time.
    pub async fn dial_soon(&mut self, seeder: &Seeder) -> Result<Leeching> {
        until("a link over the relay", SOON, async || Ok(self.dial(seeder).await.ok())).await
    }

    /// Dials it over the relay.
    ///
    /// # Errors
    /// If the tracker refuses, or they are not paired.
    pub async fn dial(&mut self, seeder: &Seeder) -> Result<Leeching> {
        let asked = self.member.conversation.dial(self.swarm, seeder.name);
        let grant = loop {
            match self.member.next().await? {
                ConversationEvent::LinkGranted(grant) if grant.dial == Some(asked) => break grant,
                ConversationEvent::DialFailed { dial, why } if dial == asked => bail!("the dial failed: {why}"),
                _ => {}
            }
        };
        let mut pipe = Pipe::pair(self.member.server(), grant.token).await?;
        pipe.initiate(&self.proof, seeder.contact(), grant.link).await?;
        Ok(self.leech(pipe))
    }

    /// Whose it is.
    pub fn who(&self) -> MemberKey {
        self.member.conversation.member()
    }

    fn leech(&self, pipe: Pipe) -> Leeching {
        let reserved = Reserved { fast: true, extensions: false };
        let handshake = Handshake { reserved, info_hash: self.torrent.info_hash, peer_id: self.peer };
        let (last, served) = watch::channel(None);
        Leeching { served, task: tokio::spawn(leech(pipe, handshake, self.layout, last)) }
    }
}

/// The piece length is a power of two, so these two say what it is.
fn layout(size: u64, pieces: u32) -> Result<Layout> {
    let piece_len = size.div_ceil(u64::from(pieces)).next_power_of_two();
    Ok(Layout::new(size, piece_len)?)
}

/// One link; closed when it is dropped.
pub struct Leeching {
    /// When the last block came.
    served: watch::Receiver<Option<Instant>>,
    task: JoinHandle<Result<()>>,
}

impl Leeching {
    /// Waits for the next block.
    ///
    /// # Errors
    /// If the seeder closes instead.
    pub async fn until_served(&mut self) -> Result<()> {
        self.served.mark_unchanged();
        self.served.changed().await.context("the link is closed")
    }

    /// Waits until the seeder closes the link, and says when the last block came.
    pub async fn until_closed(mut self) -> Option<Instant> {
        // How the link broke is nobody's business here, nor is whether it has ended already.
        let _ = (&mut self.task).await;
        *self.served.borrow()
    }
}

impl Drop for Leeching {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Every block of the file, over and over.
fn all_blocks(layout: Layout) -> impl Iterator<Item = Block> {
    let blocks = move |piece| (0..layout.blocks(piece)).map(move |index| layout.block(piece, index));
    (0..layout.pieces()).cycle().flat_map(blocks)
}

async fn leech(
    mut pipe: Pipe,
    handshake: Handshake,
    layout: Layout,
    last: watch::Sender<Option<Instant>>,
) -> Result<()> {
    let mut hello = BytesMut::from(&handshake.encode()[..]);
    Message::HaveNone.encode(&mut hello);
    Message::Interested.encode(&mut hello);
    pipe.send(hello.freeze()).await?;
    let mut decoder = Decoder::new(layout.pieces());
    let mut blocks = all_blocks(layout);
    let mut shook_hands = false;
    while let Some(chunk) = pipe.receive().await? {
        decoder.push(chunk);
        if !shook_hands {
            shook_hands = decoder.next_handshake()?.is_some();
        }
        let mut out = BytesMut::new();
        while let Some(message) = if shook_hands { decoder.next_message()? } else { None } {
            let wanted = match message {
                Message::Unchoke => PIPELINE,
                Message::Piece { .. } => {
                    last.send_replace(Some(Instant::now()));
                    1
                }
                _ => 0,
            };
            blocks.by_ref().take(wanted).for_each(|block| Message::Request(block).encode(&mut out));
        }
        if !out.is_empty() {
            pipe.send(out.freeze()).await?;
        }
    }
    Ok(())
}
