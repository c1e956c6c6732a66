//! A BitTorrent peer on one link in the clear. It says what a test makes it say, and notes what it hears and when.
//! Programs behave well to each other; this is for seeing what they do with whoever does not.

mod counting;
mod ledger;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::BytesMut;
use peer_wire::{Decoder, ExtensionHandshake, HANDSHAKE_LEN, Handshake, InfoHash, Message, PeerId, Reserved};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

pub use counting::CountingProxy;
pub use ledger::Ledger;

use crate::wait::SOON;

/// What a client of today speaks.
pub const MODERN: Reserved = Reserved { fast: true, extensions: true };
/// BEP 3 and nothing else.
pub const PLAIN: Reserved = Reserved { fast: false, extensions: false };

const CHUNK_LEN: usize = 64 * 1024;

/// Which torrent, and how it greets.
#[derive(Debug, Clone, Copy)]
pub struct Greeting {
    pub info_hash: InfoHash,
    /// Of the torrent.
    pub pieces: u32,
    pub reserved: Reserved,
}

/// One link. Closed when it is dropped.
pub struct Probe {
    stream: TcpStream,
    decoder: Decoder,
    greeted_with: [u8; HANDSHAKE_LEN],
    heard: Vec<Heard>,
}

/// A message of the other side.
#[derive(Debug, Clone)]
pub struct Heard {
    pub at: Instant,
    pub message: Message,
}

impl Probe {
    /// Dials; both have shaken hands then.
    ///
    /// # Errors
    /// If nobody is there, or it closes.
    pub async fn dial(address: SocketAddr, greeting: Greeting) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        timeout(SOON, Self::greet(stream, greeting)).await.context("no handshake came")?
    }

    /// The next one that dials; both have shaken hands then.
    ///
    /// # Errors
    /// If nobody comes, or it does not speak BitTorrent in the clear.
    pub async fn accept(listener: &TcpListener, greeting: Greeting) -> Result<Self> {
        let (stream, _) = timeout(SOON, listener.accept()).await.context("nobody dials")??;
        timeout(SOON, Self::greet(stream, greeting)).await.context("no handshake came")?
    }

    async fn greet(mut stream: TcpStream, greeting: Greeting) -> Result<Self> {
        let Greeting { info_hash, pieces, reserved } = greeting;
        stream.set_nodelay(true)?;
        let mut id = *b"-XX0001-............";
        id[8..].fill_with(|| fastrand::alphanumeric() as u8);
        let ours = Handshake { reserved, info_hash, peer_id: PeerId(id) };
        stream.write_all(&ours.encode()).await?;
        let mut greeted_with = [0; HANDSHAKE_LEN];
        stream.read_exact(&mut greeted_with).await.context("it closed the connection without a handshake")?;
        let mut decoder = Decoder::new(pieces);
        decoder.push(bytes::Bytes::copy_from_slice(&greeted_with));
        let theirs = decoder.next_handshake()?.context("half a handshake")?;
        if theirs.info_hash != info_hash {
            bail!("it greets with another torrent");
        }
        Ok(Self { stream, decoder, greeted_with, heard: Vec::new() })
    }

    /// The other side's handshake, byte for byte.
    pub fn greeted_with(&self) -> &[u8; HANDSHAKE_LEN] {
        &self.greeted_with
    }

    /// Everything that came after the handshakes.
    pub fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// What the other side says of itself; waits for it.
    ///
    /// # Errors
    /// If it does not.
    pub async fn extensions(&mut self) -> Result<ExtensionHandshake> {
        let read = |message: &Message| match message {
            Message::Extended { id: 0, payload } => ExtensionHandshake::decode(payload),
            _ => None,
        };
        if let Some(said) = self.heard.iter().find_map(|heard| read(&heard.message)) {
            return Ok(said);
        }
        self.until("an extension handshake", read).await
    }

    /// Says these, in one write.
    ///
    /// # Errors
    /// If the link is closed.
    pub async fn say(&mut self, messages: impl IntoIterator<Item = Message>) -> Result<()> {
        let mut bytes = BytesMut::new();
        messages.into_iter().for_each(|message| message.encode(&mut bytes));
        Ok(self.stream.write_all(&bytes).await?)
    }

    /// Says this of itself.
    ///
    /// # Errors
    /// If the link is closed.
    pub async fn introduce(&mut self, handshake: &ExtensionHandshake) -> Result<()> {
        self.say([Message::Extended { id: 0, payload: handshake.encode().into() }]).await
    }

    /// The next message; `None`: the other side closed the link. May be dropped at any time.
    ///
    /// # Errors
    /// If it is none.
    pub async fn next(&mut self) -> Result<Option<Message>> {
        loop {
            if let Some(message) = self.decoder.next_message()? {
                self.heard.push(Heard { at: Instant::now(), message: message.clone() });
                return Ok(Some(message));
            }
            let mut chunk = BytesMut::with_capacity(CHUNK_LEN);
            // How it was closed is nobody's business here.
            if self.stream.read_buf(&mut chunk).await.unwrap_or(0) == 0 {
                return Ok(None);
            }
            self.decoder.push(chunk.freeze());
        }
    }

    /// The next message if it comes within this time; for who has to act when none does.
    ///
    /// # Errors
    /// If the link is closed.
    pub async fn next_within(&mut self, patience: Duration) -> Result<Option<Message>> {
        match timeout(patience, self.next()).await {
            Err(_) => Ok(None),
            Ok(message) => Ok(Some(message?.context("it closed the link")?)),
        }
    }

    /// Waits for what `find` finds in a message.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn until<T>(&mut self, what: &str, mut find: impl FnMut(&Message) -> Option<T>) -> Result<T> {
        let waiting = async {
            while let Some(message) = self.next().await? {
                if let Some(found) = find(&message) {
                    return Ok(found);
                }
            }
            bail!("{what}: it closed the link instead")
        };
        timeout(SOON, waiting).await.with_context(|| format!("{what} did not come"))?
    }

    /// Waits for this message.
    ///
    /// # Errors
    /// If it does not come.
    pub async fn until_said(&mut self, wanted: &Message) -> Result<()> {
        self.until(&format!("{wanted:?}"), |message| (message == wanted).then_some(())).await
    }

    /// Waits until the other side closes the link.
    ///
    /// # Errors
    /// If it does not.
    pub async fn until_closed(&mut self) -> Result<()> {
        let closing = async {
            while self.next().await?.is_some() {}
            Ok(())
        };
        timeout(SOON, closing).await.context("it does not close the link")?
    }
}
