//! The side that dials.

use bytes::BytesMut;
use peer_wire::InfoHash;

use crate::cipher::Ciphers;
use crate::error::MseError;
use crate::hashes::{obfuscated, req1};
use crate::inbox::Inbox;
use crate::key_exchange::KeyPair;
use crate::methods::{Method, Methods};
use crate::progress::{Established, Progress, VC, padding_len};
use crate::seed::Seed;

/// Reads what a responder sends.
#[derive(Debug)]
pub struct Initiator {
    own: Own,
    state: State,
}

#[derive(Debug)]
struct Own {
    info_hash: InfoHash,
    offered: Methods,
    keys: KeyPair,
    inbox: Inbox,
}

#[derive(Debug)]
enum State {
    /// Waits for the other side's public key.
    Key,
    /// Looks for the encrypted VC behind the padding.
    Padding { ciphers: Ciphers, vc: [u8; VC.len()] },
    /// Waits for what was selected, and the length of the padding behind it.
    Selection(Ciphers),
    /// Waits for the end of that padding.
    End { ciphers: Ciphers, method: Method, padding: usize },
}

enum Step {
    On(State),
    Wait(State),
    Over(Method, Ciphers),
}

impl Initiator {
    /// With the first bytes to send. There is no payload within the handshake: the peer wire begins behind it.
    pub fn new(info_hash: InfoHash, offered: Methods, seed: &Seed) -> (Self, Vec<u8>) {
        let keys = KeyPair::new(seed.private());
        let first = [&keys.public, seed.padding()].concat();
        let own = Own { info_hash, offered, keys, inbox: Inbox::default() };
        (Self { own, state: State::Key }, first)
    }

    /// Takes what was received, in any split.
    ///
    /// # Errors
    /// [`MseError`]: close the connection.
    pub fn read(self, input: &[u8]) -> Result<Progress<Self>, MseError> {
        let Self { mut own, mut state } = self;
        own.inbox.push(input);
        let mut send = Vec::new();
        loop {
            state = match own.step(state, &mut send)? {
                Step::On(state) => state,
                Step::Wait(state) => return Ok(Progress::More { side: Self { own, state }, send }),
                Step::Over(method, ciphers) => {
                    let rest = own.inbox.into_rest();
                    let established = Box::new(Established::new(own.info_hash, method, ciphers, BytesMut::new(), rest));
                    return Ok(Progress::Done { send, established });
                }
            };
        }
    }
}

impl Own {
    fn step(&mut self, state: State, send: &mut Vec<u8>) -> Result<Step, MseError> {
        match state {
            State::Key => {
                let Some(theirs) = self.inbox.take_array() else {
                    return Ok(Step::Wait(State::Key));
                };
                self.on_key(&theirs, send)
            }
            State::Padding { ciphers, vc } => Ok(match self.inbox.skip_through(&vc)? {
                true => Step::On(State::Selection(ciphers)),
                false => Step::Wait(State::Padding { ciphers, vc }),
            }),
            State::Selection(mut ciphers) => {
                let Some(mut selection) = self.inbox.take_array::<6>() else {
                    return Ok(Step::Wait(State::Selection(ciphers)));
                };
                ciphers.receive.apply(&mut selection);
                let [a, b, c, d, len @ ..] = selection;
                let method = self.offered.selected(u32::from_be_bytes([a, b, c, d]));
                let method = method.ok_or(MseError::NoCommonMethod)?;
                Ok(Step::On(State::End { ciphers, method, padding: padding_len(len)? }))
            }
            State::End { mut ciphers, method, padding } => Ok(match self.inbox.take(padding) {
                Some(mut padding) => {
                    ciphers.receive.apply(&mut padding);
                    Step::Over(method, ciphers)
                }
                None => Step::Wait(State::End { ciphers, method, padding }),
            }),
        }
    }

    fn on_key(&self, theirs: &[u8; crate::KEY_LEN], send: &mut Vec<u8>) -> Result<Step, MseError> {
        let secret = self.keys.agree(theirs)?;
        let mut ciphers = Ciphers::initiator(&secret, self.info_hash);
        send.extend(req1(&secret));
        send.extend(obfuscated(self.info_hash, &secret));
        let no_lengths = [0; 4];
        let mut hidden = [&VC[..], &self.offered.bits().to_be_bytes(), &no_lengths].concat();
        ciphers.send.apply(&mut hidden);
        send.extend(hidden);
        let mut vc = VC;
        ciphers.receive.apply(&mut vc);
        Ok(Step::On(State::Padding { ciphers, vc }))
    }
}
