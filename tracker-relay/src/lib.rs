//! Covey's server: tracker, relay and page. It introduces members to each other and carries their
//! bytes. It stores no contents, and what it carries is encrypted between members with a key that it
//! does not have.
//!
//! Read in this order:
//! - [`server`]: what is made at the start, of what [`opened`] has, and the end. [`accept`]: connections coming in,
//!   [`connections`]: how many there are. [`tls`]: those that are encrypted.
//!   [`proxies`]: who is at the other side of one, and [`front`]: what a proxy loses. [`check`]: all of that looked at from outside.
//! - [`http`]: the addresses. [`websocket`]: how a request becomes a WebSocket with every limit set.
//! - [`groups_password`]: what making groups may take; [`free_disk`]: how much disk stays free. [`control`]: a member's session. [`tracker`]: groups, files, swarms, dials.
//! - [`store`]: the database; [`backup`]: a copy of it. [`relay`]: two sockets made one pipe.
//! - [`limits`]: every bound with its arithmetic; [`capacity`]: those that depend on the machine, its [`memory`] and
//!   [`open_files`]; [`effective`]: all of them, for whoever asks. [`shares`]: what one member and one address may take of a budget;
//!   [`tally`]: how much each has; [`address`]: whom an address stands for. [`metrics`]: what is counted.

pub mod accept;
pub mod address;
pub mod args;
pub mod backup;
pub mod capacity;
pub mod check;
pub mod clock;
pub mod config;
pub mod connections;
pub mod control;
pub mod data_folder;
pub mod effective;
pub mod free_disk;
pub mod front;
pub mod groups_password;
pub mod http;
pub mod limits;
pub mod memory;
pub mod metrics;
pub mod names;
pub mod open_files;
pub mod opened;
pub mod private_file;
pub mod proxies;
pub mod random;
pub mod relay;
pub mod server;
pub mod server_key;
pub mod shares;
pub mod slug;
pub mod store;
pub mod tally;
pub mod tls;
pub mod tracker;
pub mod websocket;
