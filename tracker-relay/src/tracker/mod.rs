//! The tracker: who is in which group, which files there are, and who is in whose swarm now.
//!
//! - [`ledger`]: everything durable goes through one writer, in one order; what it commits it publishes.
//! - [`change`]: what each request changes, one file per kind.
//! - [`hub`]: soft state: sessions, what they follow, swarms. Gone with the connection.
//! - [`link_book`]: which pairs of peers have a link, or one on its way, and when one has to end.
//! - [`outbox`]: the bounded queue between all of these and one member's socket.

pub mod change;
pub mod hub;
pub mod invite_failures;
pub mod ledger;
pub mod link_book;
pub mod outbox;
pub mod questions;
pub mod refusals;
pub mod snapshot;
pub mod swarm;
pub mod tenure;

use std::sync::Arc;

use ed25519_dalek::SigningKey;

use crate::metrics::Metrics;
use crate::store::Store;

/// What every session works with.
#[derive(Debug)]
pub struct Tracker {
    /// Signs link tokens; logins are bound to its public half.
    pub key: SigningKey,
    /// For questions; changes go through the ledger.
    pub store: Store,
    /// Which history the groups' event numbers belong to: random, made with the database.
    pub history: [u8; 16],
    /// The one writer.
    pub ledger: ledger::Ledger,
    /// Who is online, and whom they may have links to.
    pub hub: Arc<hub::Hub>,
    /// Who guesses invites.
    pub invite_failures: invite_failures::InviteFailures,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}
