//! What was acknowledged, to whom and how often, and what everybody was ever shown.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use membership::InviteTerms;
use wire_protocol::control::{Refusal, RefusalCode, Reply};
use wire_protocol::ids::{GroupId, InviteId, MemberKey};

use super::board::{Board, Link};
use super::deeds::Deed;
use super::effect::{Effect, What};
use super::report::Report;
use super::state::State;

/// How exactly a client knows the server's clock, milliseconds.
const CLOCK_DOUBT_MS: u64 = 2_000;

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Posed {
    pub by: MemberKey,
    pub deed: Deed,
    /// How often the asker's requests at this door had been answered.
    pub answers: u32,
    /// The server's clock then, Unix milliseconds, if it has run since.
    pub at_ms: Option<u64>,
}

/// Everything that the checks need to know.
#[derive(Debug, Default)]
pub struct Model {
    pub board: Board,
    pub acknowledged: BTreeMap<Effect, u32>,
    /// And with which sentence last.
    pub refused: BTreeMap<Effect, Refusal>,
    /// What members were shown at a number of a group's log.
    pub shown: BTreeMap<(GroupId, u64), u64>,
    pub invites: BTreeSet<(GroupId, InviteId)>,
    pub names: BTreeMap<MemberKey, String>,
    /// Those who ask, and how many answers there were when they did.
    pub asks: BTreeMap<(GroupId, MemberKey), u32>,
    /// Ever.
    knocked: BTreeSet<(GroupId, MemberKey)>,
    /// Acceptances and refusals of somebody's requests.
    answers: BTreeMap<(GroupId, MemberKey), u32>,
    /// The disk is full, or was a moment ago.
    pub is_disk_full: bool,
    pub report: Report,
}

impl Model {
    /// How often somebody's requests to join a group were answered.
    pub fn answers(&self, group: GroupId, member: MemberKey) -> u32 {
        self.answers.get(&(group, member)).copied().unwrap_or(0)
    }

    /// A member is shown a group, or its log tells of it.
    ///
    /// # Errors
    /// It was otherwise under the same number.
    pub fn show(&mut self, group: GroupId, seq: u64, state: &State) -> Result<()> {
        let digest = state.digest();
        let first = *self.shown.entry((group, seq)).or_insert(digest);
        ensure!(first == digest, "{group:?} was otherwise at number {seq}; now it is {state:?}");
        self.report.views += 1;
        Ok(())
    }

    /// A group is closed: nothing comes of it any more.
    pub fn forget(&mut self, group: GroupId) {
        self.acknowledged.retain(|effect, _| effect.group != group);
        self.refused.retain(|effect, _| effect.group != group);
        self.shown.retain(|(of, _), _| *of != group);
        self.invites.retain(|(of, _)| *of != group);
        self.asks.retain(|(of, _), _| *of != group);
        self.board.strike(group);
    }

    /// The server has answered. `now_ms`: its clock, if it has run since the question.
    ///
    /// # Errors
    /// It should not have answered so.
    pub fn answered(&mut self, posed: Posed, outcome: &Result<Reply, Refusal>, now_ms: Option<u64>) -> Result<()> {
        self.check_expiry(&posed, outcome, now_ms)?;
        match outcome {
            Ok(reply) => self.acknowledge(posed, reply),
            Err(refusal) => self.refuse(&posed, refusal)?,
        }
        Ok(())
    }

    fn acknowledge(&mut self, posed: Posed, reply: &Reply) {
        let Posed { by, deed, answers, .. } = posed;
        self.report.acknowledge(deed.kind());
        if let Some((group, what)) = deed.effect() {
            self.promise(Effect { group, by, what });
        }
        match (deed, reply) {
            (Deed::Create { group, terms }, Reply::GroupCreated { slug }) => {
                self.board.groups.insert(group, slug.clone());
                self.invite(group, slug.clone(), terms, None);
            }
            (Deed::Invite { group, terms }, Reply::InviteCreated { expires_at_ms }) => {
                let slug = self.board.groups.get(&group).cloned();
                self.invite(group, slug.unwrap_or_default(), terms, Some(*expires_at_ms));
            }
            (Deed::Join(_) | Deed::Ask { .. }, Reply::Joined { group, .. }) => {
                self.promise(Effect { group: *group, by, what: What::Joined });
                self.end_ask(*group, by);
            }
            (Deed::Join(_) | Deed::Ask { .. }, Reply::Asked { group, .. }) => {
                self.asks.insert((*group, by), answers);
                self.board.asking.insert((*group, by));
            }
            (Deed::Withdraw { group }, _) => self.end_ask(group, by),
            (Deed::Accept { group, member } | Deed::Refuse { group, member }, _) => {
                *self.answers.entry((group, member)).or_default() += 1;
                self.board.asking.remove(&(group, member));
            }
            (Deed::Rename(name), _) => drop(self.names.insert(by, name)),
            (Deed::Close { group }, _) => self.board.strike(group),
            _ => {}
        }
    }

    fn promise(&mut self, effect: Effect) {
        *self.acknowledged.entry(effect).or_default() += 1;
    }

    fn invite(&mut self, group: GroupId, slug: String, terms: InviteTerms, expires_at_ms: Option<u64>) {
        let InviteTerms { invite, secret, needs_accept, .. } = terms;
        self.invites.insert((group, invite));
        if !slug.is_empty() {
            self.board.pass_on(Link { group, slug, invite, secret, needs_accept, expires_at_ms });
        }
    }

    fn end_ask(&mut self, group: GroupId, by: MemberKey) {
        self.asks.remove(&(group, by));
        self.board.asking.remove(&(group, by));
    }

    fn refuse(&mut self, Posed { by, deed, .. }: &Posed, refusal: &Refusal) -> Result<()> {
        self.report.refuse(refusal.code);
        if let Some((group, what)) = deed.effect() {
            self.refused.insert(Effect { group, by: *by, what }, refusal.clone());
        }
        match (refusal.code, deed) {
            (RefusalCode::ServerError, _) => {
                let is_typed = refusal.message.contains("disk is full");
                ensure!(self.is_disk_full && is_typed, "the server failed: {refusal} ({deed:?})");
                self.report.full_disk_refusals += 1;
            }
            (RefusalCode::UnknownGroup, _) => deed.door().into_iter().for_each(|group| self.board.strike(group)),
            (RefusalCode::UnknownRequest, Deed::Accept { group, member } | Deed::Refuse { group, member }) => {
                self.board.asking.remove(&(*group, *member));
            }
            (RefusalCode::UnknownRequest, Deed::Withdraw { group }) => drop(self.board.asking.remove(&(*group, *by))),
            _ => {}
        }
        Ok(())
    }

    /// An invite ends by the server's clock, whichever way that was set.
    fn check_expiry(&mut self, posed: &Posed, outcome: &Result<Reply, Refusal>, now_ms: Option<u64>) -> Result<()> {
        // Who has knocked before may have been taken in meanwhile.
        let is_first = posed.deed.door().is_some_and(|group| self.knocked.insert((group, posed.by)));
        let Deed::Join(link) = &posed.deed else { return Ok(()) };
        let (Some(expires_at_ms), Some(posed_at_ms), Some(now_ms)) = (link.expires_at_ms, posed.at_ms, now_ms) else {
            return Ok(());
        };
        match outcome {
            Ok(Reply::Joined { .. } | Reply::Asked { .. }) if is_first => {
                let is_over = expires_at_ms + CLOCK_DOUBT_MS < posed_at_ms;
                ensure!(!is_over, "an invite opened {} ms after its end: {link:?}", posed_at_ms - expires_at_ms);
                self.report.opened_in_time += 1;
            }
            Err(refusal) if refusal.code == RefusalCode::InviteExpired => {
                let is_over = expires_at_ms <= now_ms + CLOCK_DOUBT_MS;
                ensure!(is_over, "an invite was over {} ms before its end: {link:?}", expires_at_ms - now_ms);
            }
            _ => {}
        }
        Ok(())
    }
}
