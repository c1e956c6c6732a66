#![doc = include_str!("../README.md")]

mod error;
mod frame;
mod greeting;
mod handshake;
mod message_len;
mod noise;
mod proof;
mod records;
mod swarm;

pub use error::{LinkError, ProofError};
pub use greeting::{FIRST_LEN, FirstMessage, Greeting, Opening, Recognized};
pub use handshake::{Contact, Initiator, NO_LINK, Progress, Responder, Secured};
pub use message_len::MessageLen;
pub use noise::Seed;
pub use proof::{Local, Proven};
pub use records::{Cuts, Cutter, Finder, LinkKeys, Suite, header};
pub use records::{MESSAGE_PLAIN_MAX, Opener, RECORD_PLAIN_MAX, Sealer, SecureLink, has_aes_instructions};
pub use swarm::{Swarm, TagKey};
