//! The member's side of the tracker: identity, login, the control conversation with reconnects and
//! resume. It contains no socket, clock or randomness of its own: time comes
//! in as milliseconds of any epoch that never goes back, randomness as seeds.
//!
//! # Contract of a [`Conversation`]'s driver
//!
//! ```text
//!   loop {
//!       if conversation.should_connect(now)      begin ONE attempt to open the WebSocket `/control`
//!                                                (subprotocol covey-control.v2)
//!       if conversation.should_disconnect()      close it, or give the attempt up; handle_disconnected
//!       while let Some(bytes) = poll_message()   send as one binary message, when the socket has room
//!       while let Some(event) = poll_event()     tell the program
//!       wait for the first of
//!           the socket opened                    handle_connected(now)
//!           a binary message came                handle_message(bytes, now)
//!           the socket closed or failed to open  handle_disconnected(now)
//!           poll_timeout() is reached            handle_timeout(now)
//!           a command of the program             request(…), announce(…), dial(…), …
//!   }
//! ```
//!
//! 1. Only [`Conversation::should_connect`] begins an attempt; it says `true` once per attempt. Every attempt
//!    ends in [`Conversation::handle_disconnected`], whether it ever connected or not.
//! 2. After every input and every command: drain `poll_message` (as far as the socket has room: what is
//!    not polled stays small) and `poll_event`, then sleep until `poll_timeout` at the latest. A timeout
//!    that lies in the past means: call `handle_timeout` now.
//! 3. Commands work offline too. Requests, watches, announces and publications are kept and sent, or sent
//!    again, on the next connection, requests with the same id, so that each has one effect. Dials are not:
//!    they end in [`ConversationEvent::DialFailed`].
//! 4. What is kept is bounded; what is over a bound is answered with a refusal, never dropped in silence.
//! 5. [`ConversationEvent::Refused`] is the end: the tracker will not have this member or this program.
//!
//! Whom to have a link with is decided by a [`local_peer::LocalPeer`]; [`candidates`] translates between the two.

mod asks;
mod backoff;
pub mod candidates;
mod conversation;
mod credentials;
mod dials;
mod event;
mod fetching;
mod group;
pub mod group_key;
mod groups;
mod happening;
mod heartbeat;
mod identity;
mod keyring;
mod names;
mod naming;
mod pace;
mod presence;
mod publishing;
mod requests;
mod secrets;
mod torrents;
mod watching;

pub use asks::{
    Accept, AddFile, Ask, AskToJoin, CloseGroup, Join, JoinOutcome, LeaveGroup, ListInvites, ListRequests, MakePasskey,
    MyRequests, NewGroup, NewLink, PreviewInvite, Question, RefuseRequest, Remove, RemoveFile, RevokeInvite,
    RevokePasskeys, SetRole, UnlockGroups, WithdrawRequest, answer,
};
pub use conversation::{Conversation, ConversationConfig, InviteTerms, KeptInvite};
pub use credentials::{Credentials, SwarmCredentials};
pub use event::{ConversationEvent, DialFailure, OfflineReason, why_unseen};
pub use group::{Group, SealedKey};
pub use happening::{Deed, HAPPENINGS_MAX, Happening};
pub use identity::{Identity, MemberIdentity};
pub use names::friendly_name;
pub use torrents::{PersonalTorrent, info_of};
