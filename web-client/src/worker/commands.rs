//! What the person wants, carried out.

use wire_protocol::control::{DISPLAY_NAME_CHARS_MAX, SwarmName};
use wire_protocol::ids::{FileId, InfoHash};
use wire_protocol::invite::Invite;
use wire_protocol::text::display_text;

use super::clock::Now;
use super::driver::Driver;
use super::pending::{Purpose, Wish};
use super::sharing::Gathered;
use crate::address::slug_of;
use crate::messages::{Command, InviteProblem, Landing, LandingState};
use crate::screen::pasted;
use crate::tuning::Tuning;
use crate::words;

impl Driver {
    /// One command of the page, and what came beside it.
    pub(super) fn on_command(&mut self, command: Command, files: Gathered) {
        self.urgent = true;
        match command {
            // Only the first one counts, and it made this driver.
            Command::Start { .. } => {}
            Command::Speak(language) => words::speak(language),
            Command::Preview { invite } => self.preview(invite),
            Command::RefreshPreview => self.refresh_preview(),
            Command::Join { invite, display_name, message, tuning, plays } => {
                self.join(&invite, &display_name, Wish { message, tuning, plays });
            }
            Command::AskToJoin { slug, display_name, message } => self.ask(slug, &display_name, message),
            Command::MakeGroup { name, display_name, password } => self.make_group(&name, &display_name, password),
            Command::Withdraw(group) => self.withdraw_request(group),
            Command::Act { group, act } => self.act(group, act),
            Command::OpenGroup { slug } => {
                self.landing = None;
                self.wanted_group = Some(slug);
                self.settle_wanted_group();
            }
            Command::ShowHome => {
                self.landing = None;
                self.open_group = None;
                self.wanted_group = None;
                self.settle_watches();
            }
            Command::Share { place, picked, tuning } => self.share(place, &picked, files, tuning),
            Command::Download { group, file, tuning, plays } => self.download(group, file, tuning, plays),
            Command::MakeOwnTorrent { group, file } => self.make_own_torrent(SwarmName { group, file }),
            Command::Save { file, save } => self.save(file, save, files.place),
            Command::Tune { file, tuning } => self.tune(file, tuning),
            Command::ServeDownloads(serves) => self.serve_downloads(serves),
            Command::Read { address, range } => {
                if let Some(port) = files.into_port() {
                    self.open_feed(address, range.as_deref(), port);
                }
            }
            Command::Plays { file, bytes_per_second } => self.on_plays(file, bytes_per_second),
            Command::EndPlaying { file, is_closed } => self.end_playing(file, is_closed),
            Command::Stop { file } => self.stop(file),
            Command::OpenStored { torrent } => self.open_stored(InfoHash(torrent)),
            Command::RemoveStored { torrent } => self.remove_stored(InfoHash(torrent), false),
            Command::AskForShared { torrent } => self.hand_out_shared(InfoHash(torrent)),
            Command::ForgetShared { torrent } => self.forget_share(InfoHash(torrent)),
            Command::SetDisplayName(name) => self.rename(&name),
            Command::Dismiss(notice) => self.notices.dismiss(notice),
            Command::ShowIdentity => self.show_identity(),
            Command::TakeIdentity(secret) => self.take_identity(&secret),
            Command::Retry => self.retry(),
        }
    }

    pub(super) fn preview(&mut self, invite: String) {
        self.open_group = None;
        self.settle_watches();
        let state = match invite.parse::<Invite>() {
            Ok(parsed) => {
                self.ask_for_preview(&parsed, Purpose::Preview(invite.clone()));
                LandingState::Asking
            }
            Err(error) => LandingState::Failed(InviteProblem::Malformed(pasted::line(&error))),
        };
        let slug = slug_of(&invite).to_owned();
        self.landing = Some(Landing { invite, slug, state });
    }

    fn refresh_preview(&mut self) {
        // Without a connection the question would wait, and the offer is refreshed soon after it is back.
        if self.pending.has_refresh() || !self.conversation.is_online() {
            return;
        }
        if let Some(Landing { invite, state: LandingState::Offer(_), .. }) = self.landing.clone()
            && let Ok(parsed) = invite.parse::<Invite>()
        {
            self.ask_for_preview(&parsed, Purpose::Refresh(invite));
        }
    }

    fn join(&mut self, invite: &str, display_name: &str, wish: Wish) {
        let Ok(parsed) = invite.parse::<Invite>() else {
            return;
        };
        // Else it is pressed twice, or the page has moved on.
        if let Some(Landing { state, .. }) = &mut self.landing
            && let LandingState::Offer(offer) = state
        {
            *state = LandingState::Joining(offer.clone());
            self.rename(display_name);
            self.ask_to_join(parsed, wish);
        }
    }

    fn ask(&mut self, slug: String, display_name: &str, message: String) {
        if let Some(Landing { state: LandingState::Stranger { is_asking: is_asking @ false }, .. }) = &mut self.landing
        {
            *is_asking = true;
            self.rename(display_name);
            self.ask_without_invite(slug, message);
        }
    }

    pub(super) fn rename(&mut self, name: &str) {
        let name = display_text(name, DISPLAY_NAME_CHARS_MAX);
        if !name.is_empty() && name != self.conversation.display_name() {
            self.conversation.set_display_name(&name);
        }
    }

    fn tune(&mut self, file: FileId, tuning: Tuning) {
        if let Some(swarm) = self.swarms.key_of_file(file).and_then(|key| self.swarms.get_mut(key)) {
            swarm.tune(tuning, Now::read());
        }
    }

    fn stop(&mut self, file: FileId) {
        let key = self.swarms.key_of_file(file);
        if key.is_some_and(|key| self.stop_share(key)) {
            return;
        }
        let Some(swarm) = key.and_then(|key| self.swarms.remove(key)) else {
            return;
        };
        self.leave(swarm.id);
        self.forget_pieces(swarm);
    }

    fn retry(&mut self) {
        self.conversation.retry_now(Now::read().ms());
    }
}
