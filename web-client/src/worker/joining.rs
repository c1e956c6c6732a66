//! Coming into a group: by an invite, or by asking and waiting for an admin.

use membership::{Ask, AskToJoin, Join, JoinOutcome, Question, WithdrawRequest};
use wire_protocol::control::{InvitePreview, Refusal, RefusalCode};
use wire_protocol::ids::GroupId;
use wire_protocol::invite::Invite;

use super::driver::Driver;
use super::landing::{offer, problem};
use super::pending::{Purpose, Wish};
use crate::messages::{Landing, LandingState, Offer};
use crate::screen::asking::{accepted_notice, refused_notice};

impl Driver {
    /// Asks to be let in.
    pub(super) fn ask_to_join(&mut self, invite: Invite, wish: Wish) {
        let id = Join { invite: invite.clone(), message: wish.message.clone() }.pose(&mut self.conversation);
        self.pending.add(id, Purpose::Join(invite, wish));
    }

    /// The same, without an invite.
    pub(super) fn ask_without_invite(&mut self, slug: String, message: String) {
        let request = AskToJoin { slug: slug.clone(), message: message.clone() }.request();
        self.ask_raw(request, Purpose::AskToJoin(slug, message));
    }

    /// Takes a request back, or takes note of a no, and shows again what it began with.
    pub(super) fn withdraw_request(&mut self, group: GroupId) {
        // Nobody waits for the answer: there is nothing to mend if it is gone already.
        self.conversation.request(WithdrawRequest { group }.request());
        self.asking.forget(group);
        self.begin_again();
    }

    /// Whoever waits for a request that is not there (any more) sees again what it began with.
    pub(super) fn begin_again(&mut self) {
        let asking = &self.asking;
        let over = self.landing.take_if(|landing| match &landing.state {
            LandingState::Waiting(asked) | LandingState::Refused(asked) => !asking.contains(asked.group),
            _ => false,
        });
        match over {
            Some(landing) if landing.invite.contains('#') => self.preview(landing.invite),
            Some(landing) => {
                self.landing = Some(Landing { state: LandingState::Stranger { is_asking: false }, ..landing });
            }
            None => {}
        }
    }

    // ------------------------------------------------------------ what the tracker says

    pub(super) fn on_previewed(&mut self, invite: String, outcome: Result<InvitePreview, Refusal>) {
        match outcome {
            Ok(preview) => {
                self.show(invite, LandingState::Offer(offer(preview)));
                self.settle_landing();
                self.enter_own_group();
            }
            Err(refusal) => self.on_bad_invite(invite, &refusal),
        }
    }

    /// Whoever waits for an answer goes on waiting, whatever has become of the link.
    fn on_bad_invite(&mut self, invite: String, refusal: &Refusal) {
        self.show(invite, LandingState::Stranger { is_asking: false });
        self.settle_landing();
        if let Some(Landing { state: state @ LandingState::Stranger { .. }, .. }) = &mut self.landing {
            *state = LandingState::Failed(problem(refusal));
        }
    }

    /// What is shown stays if there is nothing better: the person may have pressed the button meanwhile.
    pub(super) fn on_refreshed(&mut self, invite: String, outcome: Result<InvitePreview, Refusal>) {
        if !matches!(&self.landing, Some(Landing { state: LandingState::Offer(_), .. })) {
            return;
        }
        match outcome {
            Ok(preview) => self.show(invite, LandingState::Offer(offer(preview))),
            Err(refusal) if is_final(refusal.code) => {
                self.show(invite, LandingState::Failed(problem(&refusal)));
            }
            Err(_) => {}
        }
    }

    pub(super) fn on_join_answered(&mut self, invite: &Invite, wish: Wish, outcome: Result<JoinOutcome, Refusal>) {
        match outcome {
            Ok(JoinOutcome::Joined { group }) => self.on_joined(invite, group, &wish),
            Ok(JoinOutcome::Asked { group }) => {
                self.asking.on_asked(group, invite.slug(), wish.message);
                // A link that lets everybody in asks first for somebody who was removed.
                if let Some(Landing { state: LandingState::Joining(offer), .. }) = &self.landing {
                    let offer = LandingState::Offer(Offer { needs_accept: true, ..offer.clone() });
                    self.show(invite.to_string(), offer);
                }
                self.settle_landing();
            }
            Err(refusal) => self.show(invite.to_string(), LandingState::Failed(problem(&refusal))),
        }
    }

    pub(super) fn on_ask_answered(&mut self, slug: &str, message: String, outcome: Result<JoinOutcome, Refusal>) {
        let shown = self.landing.as_mut().filter(|landing| landing.slug == slug);
        match outcome {
            Ok(JoinOutcome::Joined { group }) => self.enter(group),
            Ok(JoinOutcome::Asked { group }) => {
                if let Some(landing) = shown {
                    landing.state = LandingState::Stranger { is_asking: false };
                }
                self.asking.on_asked(group, slug, message);
                self.settle_landing();
            }
            Err(refusal) => {
                if let Some(landing) = shown {
                    landing.state = LandingState::Failed(problem(&refusal));
                }
            }
        }
    }

    /// An admin let this person in.
    pub(super) fn on_join_accepted(&mut self, group: GroupId) {
        self.asking.forget(group);
        let Some(known) = self.conversation.groups().get(&group).cloned() else {
            return;
        };
        let landing = self.landing.as_ref().filter(|landing| landing.slug == known.slug);
        if let Some(landing) = landing {
            if landing.invite.contains('#') {
                let invite = landing.invite.clone();
                self.kept.add_invite(&known.slug, &invite);
            }
            self.enter(group);
        }
        self.notice(accepted_notice(&known.name));
    }

    /// An admin said no.
    pub(super) fn on_join_refused(&mut self, group: GroupId, slug: &str) {
        self.asking.on_refused(group);
        if self.landing.as_ref().is_some_and(|landing| landing.slug == slug) {
            self.settle_landing();
        } else {
            self.notice(refused_notice(slug));
        }
    }

    // ------------------------------------------------------------ what is shown

    /// Changes the landing page, if it still shows this invite.
    fn show(&mut self, invite: String, state: LandingState) {
        if let Some(landing) = self.landing.as_mut().filter(|landing| landing.invite == invite) {
            landing.state = state;
        }
    }

    /// The landing page shows how a request stands.
    pub(super) fn settle_landing(&mut self) {
        if let Some(landing) = &mut self.landing
            && let Some(state) = self.asking.settle(landing)
        {
            landing.state = state;
            self.urgent = true;
        }
    }

    /// Shows a group.
    pub(super) fn enter(&mut self, group: GroupId) {
        self.landing = None;
        self.wanted_group = None;
        self.making.problem = None;
        self.open_group = Some(group);
        self.look_at_invites();
        self.settle_watches();
        self.urgent = true;
    }

    fn on_joined(&mut self, invite: &Invite, group: GroupId, wish: &Wish) {
        self.kept.add_invite(invite.slug(), &invite.to_string());
        self.enter(group);
        let files = self.conversation.groups().get(&group).map_or(&[][..], |known| &known.files);
        // The person pressed "Join and download"; with several files they choose.
        if let [only] = files {
            let file = only.file;
            self.download(group, file, wish.tuning, wish.plays);
        }
    }

    /// Whoever is in the group needs no invite: they joined at an earlier visit, in another tab, or were let in meanwhile.
    pub(super) fn enter_own_group(&mut self) {
        let Some(Landing { invite, slug, state: LandingState::Offer(Offer { id: Some(group), .. }) }) = &self.landing
        else {
            return;
        };
        let group = *group;
        if self.conversation.groups().contains_key(&group) {
            // For others, whom they may invite by it.
            self.kept.add_invite(slug, invite);
            self.enter(group);
        }
    }

    /// A group's page was asked for by its address, without an invite.
    pub(super) fn settle_wanted_group(&mut self) {
        let Some(slug) = self.wanted_group.clone() else {
            return;
        };
        let known = self.conversation.groups().iter().find(|(_, group)| group.slug == slug);
        if let Some((group, _)) = known {
            self.enter(*group);
        } else if self.conversation.is_synced() {
            self.wanted_group = None;
            let invite = format!("{}/j/{slug}", self.server.origin);
            let state = LandingState::Stranger { is_asking: false };
            self.landing = Some(Landing { invite, slug, state });
            self.settle_landing();
            self.urgent = true;
        }
    }
}

/// The link opens nothing any more, whoever asks.
fn is_final(code: RefusalCode) -> bool {
    use RefusalCode::{BadInvite, InviteExpired, InviteRevoked, InviteUsedUp, UnknownGroup};
    matches!(code, BadInvite | UnknownGroup | InviteExpired | InviteRevoked | InviteUsedUp)
}
