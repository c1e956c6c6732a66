//! `bridge`: members fetch in their browsers, by way of this program and from each other, what ordinary clients have.
//!
//! ```text
//!   ordinary clients ◄─TCP─► swarm ── jobs ──► joint ◄── jobs ── swarm ◄─secure links─► members
//!                          (upstream)        Bridge, shelf      (downstream)
//! ```

mod behind;
mod groups;
mod joint;
mod shelf;
mod span;
mod torrent;

use crate::cli::{Bridge, Bridged, Setup};
use crate::failure::{Failure, Outcome, sentence};
use crate::report::Report;

pub use groups::beside;

/// Why a bridge ends, and how it goes on.
const QUOTA_USED_UP: &str = "The quota is used up. Run the command again with a larger --quota to go on.";

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn bridge(plan: Bridge, setup: &Setup, report: Report) -> Outcome {
    match &plan.what {
        Bridged::Torrent(wish) => torrent::bridge(&plan, wish, setup, report).await,
        Bridged::Groups(names) => groups::bridge(&plan, names, setup, report).await,
    }
}

fn unusable(why: &str) -> Failure {
    Failure::local_files("the cache of the bridge cannot be used", sentence(why))
}
