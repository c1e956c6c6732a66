//! Making a group: the server's password first, if it takes one, then the group with its first invite.

use membership::{Ask, InviteTerms, NewGroup, Question, UnlockGroups};
use wire_protocol::control::{NAME_CHARS_MAX, Password, Refusal};
use wire_protocol::ids::{GroupId, InviteId};
use wire_protocol::text::display_text;

use super::crypto::random;
use super::driver::Driver;
use super::pending::Purpose;
use super::vault::Link;
use crate::messages::{InviteWish, Making, MakingProblem};
use crate::screen::invites::USUAL_WISH;
use crate::screen::refusals::refusal_line;
use crate::screen::{making, sharing};

/// A group that the server has not answered about yet, and the link to it.
pub(super) struct NewcomersLink {
    group: GroupId,
    invite: InviteId,
    secret: [u8; wire_protocol::invite::SECRET_LEN],
}

impl Driver {
    /// The person wants a group of this name.
    pub(super) fn make_group(&mut self, name: &str, display_name: &str, password: Option<Password>) {
        if !self.making.begin() {
            return;
        }
        let name = display_text(name, NAME_CHARS_MAX);
        if name.is_empty() {
            self.making.is_under_way = false;
            self.making.problem = Some(MakingProblem::Nameless);
            return;
        }
        self.rename(display_name);
        match password {
            Some(password) => self.ask_raw(UnlockGroups { password }.request(), Purpose::Unlock(name)),
            None => self.create_group(name),
        }
    }

    fn create_group(&mut self, name: String) {
        let InviteWish { lifetime_s, uses, needs_accept } = USUAL_WISH;
        let (group, invite, secret) = (GroupId(random()), InviteId(random()), random());
        let terms = InviteTerms { invite, secret, lifetime_s, uses, needs_accept };
        let id = NewGroup { group, name, terms }.pose(&mut self.conversation);
        self.pending.add(id, Purpose::MakeGroup(NewcomersLink { group, invite, secret }));
    }

    /// What the person picked is shared in a group of its own. If the server wants a password first, that is asked for,
    /// and everything waits.
    pub(super) fn make_group_to_share(&mut self, name: String) {
        self.making.proposed = Some(name.clone());
        if self.making.begin() {
            self.create_group(name);
        }
    }

    /// The password was right, or not.
    pub(super) fn on_unlocked(&mut self, name: String, outcome: Result<(), Refusal>) {
        match outcome {
            Ok(()) => self.create_group(name),
            Err(refusal) => self.on_not_made(&refusal),
        }
    }

    /// The group is there, or not.
    pub(super) fn on_made(&mut self, made: NewcomersLink, outcome: Result<String, Refusal>) {
        match outcome {
            Ok(slug) => {
                self.making = Making::default();
                self.kept.add_link(made.invite, Link { slug, secret: made.secret });
                self.enter(made.group);
                self.share_what_waited(made.group);
            }
            Err(refusal) => self.on_not_made(&refusal),
        }
    }

    /// What was to be shared in it waits only if the person can do something about it.
    fn on_not_made(&mut self, refusal: &Refusal) {
        self.making.on_refused(refusal, refusal_line(refusal));
        let problem = self.making.problem.as_ref().filter(|problem| **problem != MakingProblem::WrongPassword);
        if let (Some(name), Some(problem)) = (&self.making.proposed, problem) {
            let line = sharing::not_shared_line(name, &making::problem_line(problem));
            self.to_share.clear();
            self.making = Making { takes_password: self.making.takes_password, ..Making::default() };
            self.notice(line);
        }
    }
}
