//! Who waits for whom at the relay.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ed25519_dalek::VerifyingKey;
use tokio::sync::oneshot;
use wire_protocol::ids::LinkId;
use wire_protocol::link::{LinkSide, LinkToken, TokenError};

use crate::clock;
use crate::limits::{LINKS_WAITING_MAX, USED_TOKENS_MAX};
use crate::websocket::Socket;

/// Who waits for whom, and which tokens were used.
#[derive(Debug)]
pub struct Rendezvous {
    key: VerifyingKey,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<LinkId, oneshot::Sender<Box<Socket>>>,
    used: HashSet<(LinkId, LinkSide)>,
    /// Used tokens with their expiry, oldest first (near enough: all live equally long).
    used_until: VecDeque<(u64, LinkId, LinkSide)>,
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
    /// More links than this relay carries.
    TooMany(Box<Socket>),
}

/// The place where the second side arrives. Dropping it stops the wait.
pub struct Partner<'a> {
    rendezvous: &'a Rendezvous,
    link: LinkId,
    socket: oneshot::Receiver<Box<Socket>>,
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
    pub fn new(key: VerifyingKey) -> Self {
        Self { key, state: Mutex::default() }
    }

    /// Verifies a token's signature and expiry.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(&self, token: &[u8]) -> Result<LinkToken, TokenError> {
        LinkToken::open(token, &self.key, clock::now_ms())
    }

    /// Uses a token up: its socket waits, or goes to the one that waits.
    ///
    /// # Errors
    /// [`NoMeeting`], with the socket.
    pub fn meet(&self, token: &LinkToken, socket: Box<Socket>) -> Result<Meeting<'_>, NoMeeting> {
        let mut state = self.lock();
        state.forget_expired(clock::now_ms());
        if state.used.len() >= USED_TOKENS_MAX {
            return Err(NoMeeting::TooMany(socket));
        }
        if !state.used.insert((token.link, token.side)) {
            return Err(NoMeeting::TokenUsed(socket));
        }
        state.used_until.push_back((token.expires_at_ms, token.link, token.side));
        let socket = match state.waiting.remove(&token.link) {
            // Comes back if the first has just stopped waiting; then this one waits in vain and
            // is told so.
            Some(first) => match first.send(socket) {
                Ok(()) => return Ok(Meeting::Second),
                Err(socket) => socket,
            },
            None => socket,
        };
        if state.waiting.len() >= LINKS_WAITING_MAX {
            return Err(NoMeeting::TooMany(socket));
        }
        let (first, partner) = oneshot::channel();
        state.waiting.insert(token.link, first);
        Ok(Meeting::First(socket, Partner { rendezvous: self, link: token.link, socket: partner }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget_expired(&mut self, now_ms: u64) {
        while let Some(&(_, link, side)) = self.used_until.front().filter(|(expires, ..)| *expires < now_ms) {
            self.used_until.pop_front();
            self.used.remove(&(link, side));
        }
    }
}
