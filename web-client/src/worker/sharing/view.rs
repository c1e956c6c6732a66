//! A share as the page shows it.

use super::{Share, Step};
use crate::messages::{ShareStage, ShareView};
use crate::worker::clock::Now;
use crate::worker::driver::Driver;
use crate::worker::swarm::{Phase, Swarm};
use crate::worker::view::{peer_view, swarm_view};

impl Driver {
    /// Everything that is shared out of this tab, oldest first.
    pub(in crate::worker) fn share_views(&self, now: Now) -> Vec<ShareView> {
        let shares = self.swarms.iter().filter_map(|swarm| Some((swarm, swarm.share.as_deref()?)));
        shares.map(|(swarm, share)| view(swarm, share, now)).collect()
    }
}

fn view(swarm: &Swarm, share: &Share, now: Now) -> ShareView {
    let seen = swarm.transfer().map(|transfer| transfer.peer.snapshot(now.timestamp())).unwrap_or_default();
    let pieces = seen.stats.pieces;
    ShareView {
        group: swarm.id.group,
        file: swarm.id.file,
        name: swarm.name.clone(),
        size: swarm.size,
        files: share.files,
        tuning: swarm.tuning,
        stage: stage(swarm, share, now),
        uploaded: seen.stats.uploaded,
        rate_up: seen.stats.rate_up,
        swarm: swarm_view(&seen, None),
        peers: seen.peers.into_iter().filter_map(|peer| peer_view(peer, pieces)).collect(),
    }
}

fn stage(swarm: &Swarm, share: &Share, now: Now) -> ShareStage {
    match (&swarm.phase, &share.step) {
        (Phase::Failed(reason), _) => ShareStage::Ended { reason: reason.clone() },
        (_, Step::Waiting(..)) => ShareStage::Waiting,
        (_, Step::Hashing(hashed)) => {
            ShareStage::Hashing { done: hashed.pace.done(), rate: hashed.pace.rate(now.ms()) }
        }
        (_, Step::Checking(_) | Step::Hashed(_) | Step::Ended) => ShareStage::Publishing,
        (_, Step::Serving(_)) => ShareStage::Serving,
    }
}
