//! The groups' logs, told one event after another, beside what members were shown and what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use wire_protocol::ids::{GroupId, MemberKey};

use super::effect::{Effect, What};
use super::kept::KeptGroup;
use super::model::Model;
use super::state::State;

/// One group as its log tells it.
#[derive(Debug, Default)]
pub struct Told {
    /// Up to here.
    pub seq: u64,
    pub state: State,
    effects: BTreeMap<Effect, u32>,
}

/// All groups, as far as they were read before.
#[derive(Debug, Default)]
pub struct Replay {
    /// Those that are open.
    pub open: BTreeMap<GroupId, Told>,
    /// Those that are closed, and have been looked at for the last time.
    pub closed: BTreeSet<GroupId>,
}

impl Replay {
    /// Tells what is new of all groups, and compares. Nothing may be on its way.
    ///
    /// # Errors
    /// What was acknowledged is not there, or twice; what was refused is there; somebody was shown something else.
    pub fn go_on(&mut self, groups: &[KeptGroup], model: &mut Model) -> Result<()> {
        for kept in groups {
            let (group, is_closed) = (kept.group, kept.state.is_none());
            let told = self.open.entry(group).or_default();
            // Of a closed group the server forgets the events after a while.
            let is_whole = tell(told, kept, model)?;
            ensure!(is_whole || is_closed, "the log of {group:?} has lost events");
            if is_whole {
                compare(told, group, model)?;
            }
            if let Some(state) = &kept.state {
                ensure!(*state == told.state, "{group:?}: its tables {state:?}, its log {:?}", told.state);
            } else {
                ensure!(somebody_ended(group, model), "nobody closed {group:?}");
                self.close(group, model);
            }
        }
        let lost = model.acknowledged.keys().find(|effect| !self.open.contains_key(&effect.group));
        ensure!(lost.is_none(), "acknowledged, and the group is not there: {lost:?}");
        Ok(())
    }

    /// From here on nothing happens in it.
    fn close(&mut self, group: GroupId, model: &mut Model) {
        self.open.remove(&group);
        self.closed.insert(group);
        model.forget(group);
    }

    /// Up to which number each group was told.
    pub fn heads(&self) -> BTreeMap<GroupId, u64> {
        self.open.iter().map(|(group, told)| (*group, told.seq)).collect()
    }

    /// The same of one member's groups.
    pub fn heads_of(&self, member: MemberKey) -> BTreeMap<GroupId, u64> {
        let is_in = |told: &Told| told.state.members.iter().any(|other| other.key == member);
        self.open.iter().filter(|(_, told)| is_in(told)).map(|(group, told)| (*group, told.seq)).collect()
    }
}

/// `false`: events are missing.
fn tell(told: &mut Told, kept: &KeptGroup, model: &mut Model) -> Result<bool> {
    for event in &kept.events {
        if event.seq != told.seq + 1 {
            return Ok(false);
        }
        if let Some(effect) = Effect::told(event, &told.state) {
            *told.effects.entry(effect).or_default() += 1;
        }
        told.state.apply(&event.change);
        told.seq = event.seq;
        model.report.events += 1;
        model.show(kept.group, told.seq, &told.state)?;
    }
    Ok(told.seq == kept.head)
}

/// Acknowledged and told, once each.
fn compare(told: &Told, group: GroupId, model: &Model) -> Result<()> {
    let acknowledged = model.acknowledged.iter().filter(|(effect, _)| effect.group == group);
    for (effect, count) in acknowledged {
        let times = told.effects.get(effect).copied().unwrap_or(0);
        let is_right = if effect.what == What::Joined { times <= *count } else { times == *count };
        ensure!(is_right, "acknowledged {count} times, happened {times} times: {effect:?}");
    }
    let unasked = told.effects.keys().find(|effect| !model.acknowledged.contains_key(effect));
    if let Some(unasked) = unasked {
        bail!("happened, and was not acknowledged: {unasked:?}; refused: {:?}", model.refused.get(unasked));
    }
    let beyond = model.shown.range((group, told.seq + 1)..=(group, u64::MAX)).next();
    ensure!(beyond.is_none(), "somebody was shown what the log has not: {beyond:?}, its end is {}", told.seq);
    Ok(())
}

/// Somebody closed it, or the last one left.
fn somebody_ended(group: GroupId, model: &Model) -> bool {
    let ends = |effect: &Effect| effect.group == group && matches!(effect.what, What::Closed | What::Left);
    model.acknowledged.keys().any(ends)
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::{GroupChange, GroupEvent, Member, Role};

    use super::*;

    const GROUP: GroupId = GroupId([9; 16]);
    const ANA: MemberKey = MemberKey([1; 32]);
    const BO: MemberKey = MemberKey([2; 32]);

    fn member(key: MemberKey) -> Member {
        Member { key, display_name: String::new(), role: Role::Admin }
    }

    /// Ana makes a group, Bo joins and leaves.
    fn kept(numbers: impl IntoIterator<Item = u64>) -> KeptGroup {
        let changes = [
            (ANA, GroupChange::Created { name: String::new() }),
            (ANA, GroupChange::Member(member(ANA))),
            (BO, GroupChange::Member(member(BO))),
            (BO, GroupChange::MemberLeft(BO)),
        ];
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let event = |seq: u64| {
            let (actor, change) = changes[seq as usize - 1].clone();
            GroupEvent { group: GROUP, seq, at_ms: 0, actor, change }
        };
        let events = numbers.iter().map(|seq| event(*seq)).collect();
        let mut state = State { members: vec![member(ANA)], ..State::default() };
        if numbers.last() == Some(&3) {
            state.members.push(member(BO));
        }
        KeptGroup { group: GROUP, head: *numbers.last().unwrap(), state: Some(state), events }
    }

    fn told(kept: KeptGroup, acknowledged: &[(MemberKey, What)]) -> Result<()> {
        let mut model = Model::default();
        for (by, what) in acknowledged {
            *model.acknowledged.entry(Effect { group: GROUP, by: *by, what: *what }).or_default() += 1;
        }
        Replay::default().go_on(&[kept], &mut model)
    }

    #[test]
    fn what_is_lost_or_done_twice_or_behind_a_refusal_is_found() {
        let all = [(ANA, What::Created), (BO, What::Joined), (BO, What::Left)];
        told(kept(1..=4), &all).unwrap();
        let error = |kept, acknowledged: &[_]| told(kept, acknowledged).unwrap_err().to_string();
        assert!(error(kept(1..=3), &all).contains("acknowledged 1 times, happened 0 times"));
        assert!(
            error(kept(1..=4), &[all[0], all[1], all[2], all[2]]).contains("acknowledged 2 times, happened 1 times")
        );
        assert!(error(kept(1..=4), &all[..2]).contains("was not acknowledged"));
        assert!(error(kept([1, 2, 4]), &all).contains("has lost events"));
    }

    #[test]
    fn what_somebody_was_shown_and_is_not_so_is_found() {
        let mut model = Model::default();
        model.show(GROUP, 1, &State { epoch: 7, ..State::default() }).unwrap();
        let error = Replay::default().go_on(&[kept(1..=4)], &mut model).unwrap_err().to_string();
        assert!(error.contains("was otherwise at number 1"), "{error}");
    }
}
