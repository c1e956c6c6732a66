//! Questions that the tracker has not answered yet, and what their answers mean for the page.

use std::collections::BTreeMap;

use membership::{Ask, Join, JoinOutcome, PreviewInvite, answer};
use wire_protocol::control::{InvitePreview, Refusal, RefusalCode, Reply};
use wire_protocol::ids::{GroupId, RequestId};
use wire_protocol::invite::{Invite, InviteError};
use wire_protocol::text::display_text;

use super::driver::Driver;
use super::landing::{offer, problem};
use crate::messages::{InviteProblem, Landing, LandingState};
use crate::tuning::Tuning;

/// What a request was for.
pub(super) enum Purpose {
    /// The landing page.
    Preview(String),
    /// The landing page, which shows an older answer.
    Refresh(String),
    /// The button on it.
    Join(Invite, Tuning),
}

/// All that wait.
#[derive(Default)]
pub(super) struct Pending(BTreeMap<RequestId, Purpose>);

impl Pending {
    /// A better answer to what is shown is on its way.
    pub(super) fn has_refresh(&self) -> bool {
        self.0.values().any(|purpose| matches!(purpose, Purpose::Refresh(_)))
    }
}

/// A sentence of the server's, of bounded length.
pub(super) fn sentence(refusal: &Refusal) -> String {
    display_text(&refusal.message, 400)
}

impl Driver {
    /// Asks what an invite leads to.
    pub(super) fn ask_for_preview(&mut self, invite: &Invite, purpose: Purpose) {
        let question = PreviewInvite { slug: invite.slug().to_owned(), auth: invite.auth_key() };
        let id = self.conversation.request(question.request());
        self.pending.0.insert(id, purpose);
    }

    /// Asks to be let in.
    pub(super) fn ask_to_join(&mut self, invite: Invite, tuning: Tuning) {
        let id = self.conversation.join(&invite, String::new());
        self.pending.0.insert(id, Purpose::Join(invite, tuning));
    }

    pub(super) fn on_reply(&mut self, id: RequestId, outcome: Result<Reply, Refusal>) {
        let Some(purpose) = self.pending.0.remove(&id) else {
            return;
        };
        self.urgent = true;
        match purpose {
            Purpose::Preview(invite) => match answer::<PreviewInvite>(outcome) {
                Ok(preview) => self.show(invite, LandingState::Offer(offer(preview))),
                Err(refusal) => self.show(invite, LandingState::Failed(problem(&refusal))),
            },
            Purpose::Refresh(invite) => self.on_refreshed(invite, answer::<PreviewInvite>(outcome)),
            Purpose::Join(invite, tuning) => match answer::<Join>(outcome) {
                Ok(JoinOutcome::Joined { group, .. }) => self.on_joined(&invite, group, tuning),
                Ok(JoinOutcome::Asked { .. }) => {
                    let why = "An admin of the group has to let you in first. Your request is with them: open the link \
                               again once they have accepted it.";
                    self.show(invite.to_string(), LandingState::Failed(InviteProblem::Other(why.to_owned())));
                }
                Err(refusal) => self.show(invite.to_string(), LandingState::Failed(problem(&refusal))),
            },
        }
    }

    /// Changes the landing page, if it still shows this invite.
    fn show(&mut self, invite: String, state: LandingState) {
        if self.landing.as_ref().is_some_and(|landing| landing.invite == invite) {
            self.landing = Some(Landing { invite, state });
        }
    }

    /// What is shown stays if there is nothing better: the person may have pressed the button meanwhile.
    fn on_refreshed(&mut self, invite: String, outcome: Result<InvitePreview, Refusal>) {
        if !matches!(&self.landing, Some(Landing { state: LandingState::Offer(_), .. })) {
            return;
        }
        match outcome {
            Ok(preview) => self.show(invite, LandingState::Offer(offer(preview))),
            Err(refusal) if matches!(refusal.code, RefusalCode::BadInvite | RefusalCode::UnknownGroup) => {
                self.show(invite, LandingState::Failed(problem(&refusal)));
            }
            Err(_) => {}
        }
    }

    fn on_joined(&mut self, invite: &Invite, group: GroupId, tuning: Tuning) {
        self.kept.add_invite(invite.slug(), &invite.to_string());
        self.landing = None;
        self.open_group = Some(group);
        let files = self.conversation.groups().get(&group).map_or(&[][..], |known| &known.files);
        // The person pressed "Join and download"; with several files they choose.
        if let [only] = files {
            let file = only.file;
            self.download(group, file, tuning);
        }
    }

    /// A group's page was asked for by its address, without an invite.
    pub(super) fn settle_wanted_group(&mut self) {
        let Some(slug) = self.wanted_group.clone() else {
            return;
        };
        let known = self.conversation.groups().iter().find(|(_, group)| group.slug == slug);
        if let Some((group, _)) = known {
            self.open_group = Some(*group);
            self.landing = None;
            self.wanted_group = None;
        } else if self.conversation.is_synced() {
            self.wanted_group = None;
            let why = InviteError::NoSecret.to_string();
            let invite = format!("{}/j/{slug}", self.server.origin);
            self.landing = Some(Landing { invite, state: LandingState::Failed(InviteProblem::Malformed(why)) });
        } else {
            return;
        }
        self.urgent = true;
    }
}
