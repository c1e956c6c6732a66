//! Who waits for whom at the relay.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ed25519_dalek::VerifyingKey;
use tokio::sync::oneshot;
use wire_protocol::ids::LinkId;
use wire_protocol::link::{LinkSide, LinkToken, TokenError};

use crate::clock;
use crate::limits::{links_waiting, used_tokens};
use crate::metrics::Metrics;
use crate::shares::{Share, Shares, Who};
use crate::websocket::Socket;

/// Who waits for whom, and which tokens were used.
#[derive(Debug)]
pub struct Rendezvous {
    key: VerifyingKey,
    state: Mutex<State>,
    /// Of the sockets that wait.
    waiting: Arc<Shares>,
    /// Of the tokens that were used.
    used: Arc<Shares>,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<LinkId, oneshot::Sender<Box<Socket>>>,
    used: HashSet<(LinkId, LinkSide)>,
    /// Used tokens with their expiry, oldest first (near enough: all live equally long).
    used_until: VecDeque<Used>,
}

/// A used token, until it expires.
#[derive(Debug)]
struct Used {
    expires_at_ms: u64,
    link: LinkId,
    side: LinkSide,
    _share: Share,
}

/// What became of a socket with a valid token.
pub enum Meeting<'a> {
    /// It is the first: it waits for its partner.
    First(Box<Socket>, Partner<'a>),
    /// The first has it now.
    Second,
}

/// Why a valid token leads nowhere.
pub enum NoMeeting {
    /// It was used before.
    TokenUsed(Box<Socket>),
    /// More links than this relay carries, or than one member or address may have wait here.
    TooMany(Box<Socket>),
}

/// The place where the second side arrives. Dropping it stops the wait.
pub struct Partner<'a> {
    rendezvous: &'a Rendezvous,
    link: LinkId,
    socket: oneshot::Receiver<Box<Socket>>,
    _share: Share,
}

impl Partner<'_> {
    /// The partner's socket; `None` if it cannot come any more.
    pub async fn arrives(mut self) -> Option<Box<Socket>> {
        (&mut self.socket).await.ok()
    }
}

impl Drop for Partner<'_> {
    fn drop(&mut self) {
        self.rendezvous.lock().waiting.remove(&self.link);
    }
}

impl Rendezvous {
    /// For tokens signed by this key.
    pub fn new(key: VerifyingKey, metrics: &Arc<Metrics>) -> Self {
        let shares = |portions| Arc::new(Shares::new(portions, metrics.clone()));
        Self { key, state: Mutex::default(), waiting: shares(links_waiting()), used: shares(used_tokens()) }
    }

    /// Verifies a token's signature and expiry.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(&self, token: &[u8]) -> Result<LinkToken, TokenError> {
        LinkToken::open(token, &self.key, clock::now_ms())
    }

    /// Uses a token up: its socket, which comes from `observed`, waits, or goes to the one that waits.
    ///
    /// # Errors
    /// [`NoMeeting`], with the socket.
    pub fn meet(&self, token: &LinkToken, observed: IpAddr, socket: Box<Socket>) -> Result<Meeting<'_>, NoMeeting> {
        let &LinkToken { link, side, member, expires_at_ms, .. } = token;
        let who = Who { member, address: observed };
        let mut state = self.lock();
        state.forget_expired(clock::now_ms());
        if state.used.contains(&(link, side)) {
            return Err(NoMeeting::TokenUsed(socket));
        }
        let Ok(_share) = self.used.take(who, 1) else { return Err(NoMeeting::TooMany(socket)) };
        state.used.insert((link, side));
        state.used_until.push_back(Used { expires_at_ms, link, side, _share });
        let socket = match state.waiting.remove(&link) {
            // Comes back if the first has just stopped waiting; then this one waits in vain and
            // is told so.
            Some(first) => match first.send(socket) {
                Ok(()) => return Ok(Meeting::Second),
                Err(socket) => socket,
            },
            None => socket,
        };
        let Ok(_share) = self.waiting.take(who, 1) else { return Err(NoMeeting::TooMany(socket)) };
        let (first, partner) = oneshot::channel();
        state.waiting.insert(link, first);
        Ok(Meeting::First(socket, Partner { rendezvous: self, link, socket: partner, _share }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget_expired(&mut self, now_ms: u64) {
        while self.used_until.front().is_some_and(|used| used.expires_at_ms < now_ms) {
            let Some(Used { link, side, .. }) = self.used_until.pop_front() else { return };
            self.used.remove(&(link, side));
        }
    }
}
