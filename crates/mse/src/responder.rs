//! The side that accepts.

use bytes::BytesMut;
use peer_wire::InfoHash;

use crate::KEY_LEN;
use crate::cipher::Ciphers;
use crate::error::MseError;
use crate::hashes::{HASH_LEN, obfuscated, req1};
use crate::inbox::Inbox;
use crate::key_exchange::KeyPair;
use crate::methods::{Method, Methods};
use crate::progress::{Established, Progress, VC, padding_len};
use crate::seed::Seed;

/// Reads what an initiator sends.
#[derive(Debug)]
pub struct Responder {
    own: Own,
    state: State,
}

#[derive(Debug)]
struct Own {
    served: Vec<InfoHash>,
    accepted: Methods,
    keys: KeyPair,
    padding: Vec<u8>,
    inbox: Inbox,
}

#[derive(Debug)]
enum State {
    /// Waits for the other side's public key.
    Key,
    /// Looks for the hash of the secret behind the padding.
    Padding([u8; KEY_LEN]),
    /// Waits for which torrent it is about.
    Torrent([u8; KEY_LEN]),
    /// Waits for what it offers, and the length of the padding behind it.
    Offer(Agreed),
    /// Waits for that padding, and the length of the initial payload.
    PayloadLen { agreed: Agreed, method: Method, padding: usize },
    /// Waits for that payload.
    Payload { agreed: Agreed, method: Method, len: usize },
}

#[derive(Debug)]
struct Agreed {
    info_hash: InfoHash,
    ciphers: Ciphers,
}

enum Step {
    On(State),
    Wait(State),
    Over { agreed: Agreed, method: Method, initial: BytesMut },
}

impl Responder {
    /// `served`: what may be admitted to be served here, in the order in which it is looked through.
    pub fn new(served: Vec<InfoHash>, accepted: Methods, seed: &Seed) -> Self {
        let (keys, padding) = (KeyPair::new(seed.private()), seed.padding().to_vec());
        Self { own: Own { served, accepted, keys, padding, inbox: Inbox::default() }, state: State::Key }
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
                Step::Over { agreed: Agreed { info_hash, mut ciphers }, method, initial } => {
                    send.extend(answer(&mut ciphers, method));
                    let established =
                        Box::new(Established::new(info_hash, method, ciphers, initial, own.inbox.into_rest()));
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
                let secret = self.keys.agree(&theirs)?;
                send.extend_from_slice(&self.keys.public);
                send.append(&mut self.padding);
                Ok(Step::On(State::Padding(secret)))
            }
            State::Padding(secret) => Ok(match self.inbox.skip_through(&req1(&secret))? {
                true => Step::On(State::Torrent(secret)),
                false => Step::Wait(State::Padding(secret)),
            }),
            State::Torrent(secret) => {
                let Some(named) = self.inbox.take_array::<HASH_LEN>() else {
                    return Ok(Step::Wait(State::Torrent(secret)));
                };
                let found = self.served.iter().find(|served| obfuscated(**served, &secret) == named);
                let info_hash = *found.ok_or(MseError::NotServed)?;
                Ok(Step::On(State::Offer(Agreed { info_hash, ciphers: Ciphers::responder(&secret, info_hash) })))
            }
            State::Offer(agreed) => self.on_offer(agreed),
            State::PayloadLen { mut agreed, method, padding } => {
                let Some(mut end) = self.inbox.take(padding + 2) else {
                    return Ok(Step::Wait(State::PayloadLen { agreed, method, padding }));
                };
                agreed.ciphers.receive.apply(&mut end);
                let len = usize::from(u16::from_be_bytes([end[padding], end[padding + 1]]));
                Ok(Step::On(State::Payload { agreed, method, len }))
            }
            State::Payload { mut agreed, method, len } => {
                let Some(mut initial) = self.inbox.take(len) else {
                    return Ok(Step::Wait(State::Payload { agreed, method, len }));
                };
                agreed.ciphers.receive.apply(&mut initial);
                Ok(Step::Over { agreed, method, initial })
            }
        }
    }

    fn on_offer(&mut self, mut agreed: Agreed) -> Result<Step, MseError> {
        let Some(mut offer) = self.inbox.take_array::<14>() else {
            return Ok(Step::Wait(State::Offer(agreed)));
        };
        agreed.ciphers.receive.apply(&mut offer);
        let [vc @ .., a, b, c, d, len_high, len_low] = offer;
        if vc != VC {
            return Err(MseError::Decrypt);
        }
        let offered = Methods::from_bits(u32::from_be_bytes([a, b, c, d]));
        let method = self.accepted.choose(offered).ok_or(MseError::NoCommonMethod)?;
        Ok(Step::On(State::PayloadLen { agreed, method, padding: padding_len([len_high, len_low])? }))
    }
}

fn answer(ciphers: &mut Ciphers, method: Method) -> Vec<u8> {
    let no_padding = [0; 2];
    let mut answer = [&VC[..], &method.bits().to_be_bytes(), &no_padding].concat();
    ciphers.send.apply(&mut answer);
    answer
}
