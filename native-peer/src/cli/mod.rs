//! What was typed ([`args`]) and what it means (`plan`). Flags never travel further.

pub mod args;
mod bridge_args;
pub mod group_args;
mod group_plan;
mod keep_args;
mod plan;
pub mod target;
mod torrent_plan;
mod units;

pub use args::CommandLine;
pub use bridge_args::{Bridge, BridgeTerms, Bridged, CacheWish, TorrentWish};
pub use group_plan::{GroupPlan, GroupTask, GroupWish, IdentityTask, InGroup, InviteWish, JoinTarget};
pub use keep_args::Keep;
pub use plan::{Download, Existing, Fetch, Plan, Seeding, Setup, Share, Tuning};
pub use torrent_plan::{Create, InfoTarget, PeerSources, Seed, TorrentDownload, TorrentOrigin};
