//! What has to hold whenever everybody is quiet: of the database, of what was acknowledged, and of what members see.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use wire_protocol::ids::{HistoryId, MemberKey};

use super::client::View;
use super::kept::Kept;
use super::model::Model;
use super::replay::Replay;
use super::state::State;

/// The checks of one database, from the first look at it on.
#[derive(Debug, Default)]
pub struct Checks {
    pub replay: Replay,
    history: Option<HistoryId>,
}

impl Checks {
    /// Holds what the server keeps against what was acknowledged and shown.
    ///
    /// # Errors
    /// What does not hold.
    pub fn compare(&mut self, kept: &Kept, model: &mut Model) -> Result<()> {
        ensure!(*self.history.get_or_insert(kept.history) == kept.history, "it is another history");
        self.replay.go_on(&kept.groups, model)?;
        // An id is there once at most: it is the key.
        let wrong: Vec<_> = kept.invites.symmetric_difference(&model.invites).collect();
        ensure!(wrong.is_empty(), "invites that were made and are not there, or the other way round: {wrong:?}");
        for (member, name) in &model.names {
            let is_called = kept.names.get(member);
            ensure!(is_called == Some(name), "{member:?} is called {is_called:?}, and not {name}");
        }
        self.compare_asks(kept, model)?;
        model.report.checks += 1;
        Ok(())
    }

    /// Whoever was told that they ask does, unless somebody has answered.
    fn compare_asks(&self, kept: &Kept, model: &Model) -> Result<()> {
        for ((group, member), answers) in &model.asks {
            let told = self.replay.open.get(group);
            let is_in = told.is_none_or(|told| told.state.members.iter().any(|other| other.key == *member));
            let is_answered = model.answers(*group, *member) != *answers;
            let is_there = kept.asking.contains(&(*group, *member));
            ensure!(is_in || is_answered || is_there, "{member:?} asked to join {group:?}, and does not any more");
        }
        Ok(())
    }

    /// What one member sees is what there is.
    ///
    /// # Errors
    /// It is not.
    pub fn compare_view(&self, member: MemberKey, view: &View) -> Result<()> {
        let expected = self.replay.heads_of(member);
        let seen: BTreeSet<_> = view.keys().copied().collect();
        ensure!(seen == expected.keys().copied().collect(), "{member:?} is in {expected:?} and sees {seen:?}");
        for (group, shown) in view {
            let Some(told) = self.replay.open.get(group) else { continue };
            let (state, seq) = (State::shown(shown), shown.seq);
            let is_same = state == told.state && seq == told.seq;
            ensure!(is_same, "{member:?} sees {group:?} at {seq} as {state:?}; it is {told:?}");
        }
        Ok(())
    }
}
