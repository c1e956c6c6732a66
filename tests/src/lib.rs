//! Covey's programs together, from outside: real browsers, real processes, real BitTorrent clients.
//! Nothing here is a mock, and nothing waits for a fixed time: every wait is for an event, with a
//! deadline.
//!
//! [`Stage`] is where a test plays: it owns the temporary folder and remembers what to show when the
//! test fails. On it stand [`Tracker`]s, [`NativePeer`]s, [`Browser`]s, and in between [`Proxy`]s that
//! make the network slow or break it.
//!
//! Run them with `cargo xtask test`, which builds the programs and says where they are. With
//! `COVEY_TEST_POLICY=sequential` (or another piece policy) every download in them is made with that policy.

pub mod browser;
pub mod chaos;
pub mod content;
pub mod contributions;
pub mod corrupt_seeder;
pub mod devtools;
pub mod greedy_leecher;
pub mod hybrid;
pub mod member;
pub mod native_peer;
pub mod ordinary_client;
pub mod ordinary_tracker;
pub mod page_view;
pub mod pipe;
pub mod policy;
pub mod probe;
pub mod process;
pub mod programs;
pub mod proxy;
pub mod shared_file;
pub mod small_disk;
pub mod stage;
pub mod tap;
pub mod tracker;
pub mod wait;
pub mod web_server;

pub use browser::Browser;
pub use contributions::Contributions;
pub use corrupt_seeder::CorruptSeeder;
pub use greedy_leecher::GreedyLeecher;
pub use member::Member;
pub use native_peer::NativePeer;
pub use ordinary_client::{OrdinaryClient, Wire};
pub use ordinary_tracker::OrdinaryTracker;
pub use page_view::PageView;
pub use probe::{CountingProxy, Probe};
pub use process::Process;
pub use programs::Programs;
pub use proxy::Proxy;
pub use shared_file::{Shape, SharedFile};
pub use small_disk::SmallDisk;
pub use stage::Stage;
pub use tap::Tap;
pub use tracker::Tracker;
pub use web_server::WebServer;
