//! The relay: two sockets present the two tokens of one link, and become one byte pipe. It knows
//! nothing of what the bytes mean. Who may have a link is the tracker's: the link book says when one has to
//! end, from the first token on.
//!
//! - [`rendezvous`]: who waits for whom.
//! - [`splice`]: the pipe, of two [`direction`]s; [`link_end`]: why it is over.
//! - [`reframing`]: what one side sends as the other gets it; [`frame`]: what that consists of; [`link_memory`]: how large
//!   the buffers are.

pub mod direction;
pub mod frame;
pub mod link_end;
pub mod link_memory;
pub mod reframing;
pub mod rendezvous;
pub mod splice;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use wire_protocol::ids::LinkId;
use wire_protocol::link::{LinkToken, PAIRED, PAIRING_WAIT_MS, TOKEN_LEN_MAX};

use self::link_end::LinkEnd;
use self::link_memory::LinkMemory;
use self::rendezvous::{Meeting, NoMeeting, Rendezvous};
use self::splice::Pipe;
use crate::limits::{LINK_NEAR_MAX, LINK_UNREAD_MAX, LINK_UNSENT_MAX, TOKEN_DEADLINE};
use crate::metrics::Metrics;
use crate::tracker::link_book::LinkBook;
use crate::websocket::{Gate, Held, Socket, Upgrading, close};

/// The frame that tells a side that the other is there: binary, whole.
const PAIRED_FRAME: &[u8] = &[0x82, PAIRED.len() as u8, PAIRED[0]];

/// What every link works with.
#[derive(Debug)]
pub struct Relay {
    /// Who waits for whom.
    pub rendezvous: Rendezvous,
    /// What large buffers take.
    pub memory: Arc<LinkMemory>,
    /// Told when links open and end, and tells when one has to.
    pub links: Arc<LinkBook>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Cancelled when nobody new is let in any more.
    pub drain: CancellationToken,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
}

/// tungstenite's settings for a stranger and for whoever waits: a token, and small buffers.
fn token_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4096)
        .max_message_size(Some(TOKEN_LEN_MAX))
        .max_frame_size(Some(TOKEN_LEN_MAX))
}

impl Relay {
    /// One side of a link, from the upgrade to the end. The side that came first runs the pipe for
    /// both.
    pub async fn serve(&self, upgrading: Upgrading, held: Held, observed: IpAddr) {
        let Ok(Some(mut socket)) = timeout(TOKEN_DEADLINE, upgrading.socket(token_config(), TOKEN_LEN_MAX, held)).await
        else {
            return;
        };
        let upgraded = Instant::now();
        let token = match self.admit(&mut socket).await {
            Ok(token) => token,
            Err(reason) => return close(&mut socket, CloseCode::Policy, reason).await,
        };
        bound_kernel(socket.get_ref(), upgraded.elapsed());
        match self.rendezvous.meet(&token, observed, Box::new(socket)) {
            Ok(Meeting::Second) => {}
            Ok(Meeting::First(socket, partner)) => self.wait_and_splice(token.link, socket, partner).await,
            Err(NoMeeting::TokenUsed(mut socket)) => {
                self.metrics.links_used_token.inc();
                close(&mut socket, CloseCode::Policy, "this link token was used before").await;
            }
            Err(NoMeeting::TooMany(mut socket)) => {
                self.metrics.links_refused.inc();
                close(&mut socket, CloseCode::Again, "too many links here; try again later").await;
            }
        }
    }

    /// Reads and verifies the token.
    async fn admit(&self, socket: &mut Socket) -> Result<LinkToken, &'static str> {
        let bytes = match timeout(TOKEN_DEADLINE, socket.next()).await {
            Ok(Some(Ok(Message::Binary(bytes)))) => bytes,
            Ok(_) => {
                self.metrics.links_bad_token.inc();
                return Err("the first message is the link token");
            }
            Err(_) => {
                self.metrics.links_timeout.inc();
                return Err("the link token did not come in time");
            }
        };
        self.rendezvous.verify(&bytes).map_err(|error| {
            debug!(%error, "link token refused");
            self.metrics.links_bad_token.inc();
            "this link token is not valid (any more)"
        })
    }

    async fn wait_and_splice(&self, link: LinkId, mut socket: Box<Socket>, partner: rendezvous::Partner<'_>) {
        let Some(mut link_term) = self.links.attend(link) else {
            return self.refuse_cut(&mut socket).await;
        };
        let _ended = EndsLink { links: &self.links, link };
        let waiting = self.metrics.links_waiting.enter();
        let partner = tokio::select! {
            partner = timeout(Duration::from_millis(PAIRING_WAIT_MS), partner.arrives()) => partner.ok().flatten(),
            // Nothing is allowed before PAIRED: whatever comes is the end.
            _ = socket.next() => {
                self.metrics.links_gone.inc();
                return close(&mut socket, CloseCode::Protocol, "nothing may be sent before the link is paired").await;
            }
            _ = link_term.cut() => return self.refuse_cut(&mut socket).await,
            // The partner would not be let in.
            () = self.drain.cancelled() => {
                return close(&mut socket, CloseCode::Restart, "the server restarts").await;
            }
        };
        drop(waiting);
        let Some(partner) = partner else {
            self.metrics.links_timeout.inc();
            return close(&mut socket, CloseCode::Again, "the other peer did not come").await;
        };
        let (mut first, mut second) = (widen(*socket), widen(*partner));
        self.links.opened(link);
        self.metrics.links_paired.inc();
        if announce_pairing(&mut first, &mut second).await.is_err() {
            return self.metrics.links_gone.inc();
        }
        let _active = self.metrics.links_active.enter();
        let mut pipe = Pipe::new(first, second, &self.memory, &self.metrics);
        let end = tokio::select! {
            end = pipe.run() => end,
            cut = link_term.cut() => LinkEnd::Cut(cut),
            () = self.stop.cancelled() => LinkEnd::Stop,
        };
        debug!(link = %link.short(), ?end, "link ended");
        end.count(&self.metrics);
        pipe.say_goodbye(end).await;
    }

    /// The link is over before it has begun: somebody left, or nobody waits at the other end any more.
    async fn refuse_cut(&self, socket: &mut Socket) {
        self.metrics.links_cut.inc();
        close(socket, CloseCode::Policy, "this link is not wanted any more").await;
    }
}

/// Bounds what the kernel holds for a side that took `answer` from the upgrade to its token, which is no less than
/// the way there and back.
fn bound_kernel(gate: &Gate, answer: Duration) {
    gate.bound_unsent(LINK_UNSENT_MAX);
    if answer <= LINK_NEAR_MAX {
        gate.bound_unread(LINK_UNREAD_MAX);
    }
}

/// A socket of a stranger becomes one end of a link, which has frames and limits of its own. Nothing can be
/// lost in between, because nothing may be sent before PAIRED.
fn widen(socket: Socket) -> Gate {
    let mut gate = socket.into_inner();
    gate.open();
    gate
}

/// Both sides hear it before either's bytes can arrive.
async fn announce_pairing(first: &mut Gate, second: &mut Gate) -> std::io::Result<()> {
    first.write_all(PAIRED_FRAME).await?;
    second.write_all(PAIRED_FRAME).await
}

/// Tells the tracker that the pair may dial again, however the link ends.
struct EndsLink<'a> {
    links: &'a LinkBook,
    link: LinkId,
}

impl Drop for EndsLink<'_> {
    fn drop(&mut self) {
        self.links.ended(self.link);
    }
}
