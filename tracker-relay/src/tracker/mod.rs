//! The tracker: who is in which group, which files there are, and who is in whose swarm now.
//!
//! - [`ledger`]: everything durable goes through one writer, in one order. [`change`]: what each request changes;
//!   [`rules`], [`admission`]: what whoever runs the server allows. [`rates`], [`cost`], [`turns`]: how fast one may ask.
//! - [`bus`]: what was written is read from the log and published; [`notices`]: what only some are told.
//!   [`snapshot`]: what somebody who was away needs; [`own`]: the part of it that is theirs alone.
//! - [`hub`]: who is online ([`participant`]), and the groups that they follow ([`followed`]). Gone with the
//!   connection.
//! - [`swarms`], [`swarm`], [`reach`]: who has which file, how far, and where they may be tried.
//! - [`announced`], [`announces`], [`announce_rates`]: members' ordinary clients, which announce over HTTP.
//! - [`outbox`], [`queue`], [`watching`]: what waits for one member's socket, and what they were told of swarms.
//! - [`link_book`]: which pairs of peers have a link, or one on its way, and when one has to end; [`pair`]: its ends; [`peer_loads`]: how many
//!   one member has to one peer.

pub mod admission;
pub mod announce_rates;
pub mod announced;
pub mod announces;
pub mod bus;
pub mod change;
pub mod cost;
pub mod followed;
pub mod hub;
pub mod invite_failures;
pub mod ledger;
pub mod link_book;
pub mod link_term;
pub mod notices;
pub mod outbox;
pub mod own;
pub mod pair;
pub mod participant;
pub mod peer_loads;
pub mod questions;
pub mod queue;
pub mod rates;
pub mod reach;
pub mod refusals;
pub mod rules;
pub mod session_id;
pub mod snapshot;
pub mod swarm;
pub mod swarms;
pub mod turns;
pub mod watching;

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use tokio::sync::Semaphore;
use wire_protocol::ids::HistoryId;

use crate::metrics::Metrics;
use crate::shares::Shares;
use crate::store::Store;

/// Names the server's key in what it signs: there is one.
pub const KEY_ID: u32 = 1;

/// What every session works with.
#[derive(Debug)]
pub struct Tracker {
    /// Signs link tokens; logins are bound to its public half.
    pub key: SigningKey,
    /// How long a ticket is good for, at most `TICKET_LIFETIME_MS_MAX`.
    pub ticket_lifetime: Duration,
    /// Names the database: numbers of events are counted in it.
    pub history: HistoryId,
    /// How long a session may be in no group.
    pub groupless_max: Duration,
    /// For questions; changes go through the ledger.
    pub store: Store,
    /// Who may read a whole group now: not all readers at once, so that a login always finds one.
    pub catching_up: Semaphore,
    /// The one writer.
    pub ledger: ledger::Ledger,
    /// What was written and is not published yet.
    pub bus: Arc<bus::Bus>,
    /// Who is online, and what they follow.
    pub hub: Arc<hub::Hub>,
    /// Whom they may have links to.
    pub links: Arc<link_book::LinkBook>,
    /// How fast members and addresses ask.
    pub rates: rates::Rates,
    /// How fast ordinary clients announce.
    pub announce_rates: announce_rates::AnnounceRates,
    /// What info dictionaries on their way in take.
    pub info_parts: Arc<Shares>,
    /// Who guesses invites.
    pub invite_failures: invite_failures::InviteFailures,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}
