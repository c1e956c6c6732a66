//! A session's requests: one at a time, each answered after its change is on disk and its events are on their way.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout};
use tracing::warn;
use wire_protocol::control::{InfoPart, Refusal, RefusalCode, Reply, Request, TrackerToMember};
use wire_protocol::ids::RequestId;

use super::session::Session;
use crate::limits::{Limit, PUBLISHED_WAIT_MAX};
use crate::names;
use crate::tracker::invite_failures::{Guess, NextInvite};
use crate::tracker::ledger::{Answer, Asked};
use crate::tracker::{Tracker, refusals};

/// Refusals of one session before which it is looked up whether the request was done before. Programs keep 256 requests
/// that wait for their answer, and some of their own.
pub const REPEATS_PER_SESSION: u32 = 512;

/// The request that is being worked on.
pub struct Pending {
    id: RequestId,
    /// They are called so if it succeeds.
    new_name: Option<String>,
    /// A refusal of it counts as one.
    guess: Option<Guess>,
    answer: BoxFuture<'static, Answer>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What somebody may be guessing with a request.
fn guess_of(request: &Request) -> Option<Guess> {
    match request {
        Request::JoinGroup { .. } | Request::PreviewInvite { .. } | Request::AskToJoin { .. } => Some(Guess::Invite),
        Request::UnlockGroups { .. } => Some(Guess::Password),
        _ => None,
    }
}

impl Session {
    /// Answers a question, or hands a change to the ledger.
    pub(super) async fn request(&mut self, id: RequestId, request: Request) {
        let guess = guess_of(&request);
        if let Some(guess) = guess {
            match self.tracker.invite_failures.look_at(guess, self.member(), self.observed()) {
                NextInvite::Now => {}
                NextInvite::After(pause) => tokio::time::sleep(pause).await,
                NextInvite::Refused => {
                    self.tracker.metrics.rejected_invite.inc();
                    self.tracker.metrics.refused.count(Limit::InviteFailures);
                    return self.refuse(id, refusals::too_many_invite_failures()).await;
                }
            }
        }
        match request {
            Request::PreviewInvite { slug, auth } => {
                let outcome = self.tracker.preview(self.member(), &slug, &auth).await;
                self.count_guess(Guess::Invite, &outcome);
                self.push_reply(id, outcome);
            }
            Request::ListInvites { group } => {
                let outcome = self.tracker.list_invites(self.member(), group).await;
                self.push_reply(id, outcome);
            }
            Request::ListRequests { group } => {
                let outcome = self.tracker.list_requests(self.member(), group).await;
                self.push_reply(id, outcome);
            }
            Request::MyRequests => {
                let outcome = self.tracker.list_own_requests(self.member()).await;
                self.push_reply(id, outcome);
            }
            Request::ReadInfo { group, file, offset } => {
                let outcome = self.tracker.read_info(self.member(), group, file, offset).await;
                self.push_reply(id, outcome);
            }
            request => {
                let info = match &request {
                    Request::PublishTorrent { file, .. } => self.info_parts.take(*file),
                    _ => Ok(None),
                };
                let info = match info {
                    Ok(info) => info,
                    Err(refusal) => return self.refuse(id, refusal).await,
                };
                let new_name = match &request {
                    Request::SetDisplayName { name } => Some(names::display_name(name)),
                    _ => None,
                };
                let asked = Asked { member: self.member(), newcomer_name: self.login_name.clone(), id, request, info };
                let answer = Box::pin(answer_to(self.tracker.clone(), asked));
                self.pending = Some(Pending { id, new_name, guess, answer });
            }
        }
    }

    /// A part of an info dictionary. It is taken in only for a card of the member's own that waits for it.
    pub(super) async fn info_part(&mut self, part: InfoPart) {
        let InfoPart { file, offset, bytes } = part;
        if offset == 0 {
            let who = self.who();
            match self.tracker.waits_for_info(who.member, file).await {
                Ok(true) => match self.tracker.info_parts.take(who, 0) {
                    Ok(share) => self.info_parts.begin(file, share, Instant::now()),
                    Err(limit) => self.info_parts.refuse(file, refusals::no_room_for_torrents(limit)),
                },
                Ok(false) => self.info_parts.ignore(file),
                Err(refusal) => self.info_parts.refuse(file, refusal),
            }
        }
        if self.info_parts.add(file, offset, &bytes).is_err() {
            self.tracker.metrics.rejected_message.inc();
        }
    }

    /// The pending request's answer is there, and its events are on their way.
    pub(super) fn reply(&mut self, answer: Answer) {
        let Some(pending) = self.pending.take() else { return };
        let Answer { outcome, moved, .. } = answer;
        if let Some(guess) = pending.guess {
            self.count_guess(guess, &outcome);
        }
        if let Some(name) = pending.new_name.filter(|_| outcome.is_ok()) {
            self.login_name = name;
        }
        if let Ok(Reply::Joined { group, .. }) = outcome
            && moved.is_empty()
        {
            // They are in it already, and are told again what it is made of.
            self.tracker.hub.follow(self.presence.participant(), group, None);
        }
        self.push_reply(pending.id, outcome);
    }

    /// Refuses what the ledger has not seen. If it is sent again, and was done before the connection broke, it stays done,
    /// and whoever asks must not be told otherwise. A session looks that up so often and no more, which is enough for what
    /// a program sends again when it is back; so whoever asks too fast for long costs nothing.
    pub(super) async fn refuse(&mut self, id: RequestId, refusal: Refusal) {
        let mut before = None;
        if let Some(left) = self.repeats_left.checked_sub(1) {
            self.repeats_left = left;
            before = self.tracker.earlier_reply(self.member(), id).await;
        }
        self.push_reply(id, before.ok_or(refusal));
    }

    pub(super) fn push_reply(&self, id: RequestId, outcome: Result<Reply, Refusal>) {
        self.pump.outbox().push(&TrackerToMember::Reply { id, outcome });
    }

    fn count_guess(&self, guess: Guess, outcome: &Result<Reply, Refusal>) {
        let is_guess = outcome.as_ref().is_err_and(|refusal| {
            matches!(refusal.code, RefusalCode::BadInvite | RefusalCode::UnknownGroup | RefusalCode::WrongPassword)
        });
        if is_guess {
            self.tracker.invite_failures.count(guess, self.member(), self.observed());
        }
    }

    fn observed(&self) -> IpAddr {
        self.presence.participant().observed
    }
}

/// The ledger's answer, once what it wrote is on its way to everybody, the asker included.
async fn answer_to(tracker: Arc<Tracker>, asked: Asked) -> Answer {
    // The ledger drops the sender only when the database failed.
    let answer =
        tracker.ledger.request(asked).await.await.unwrap_or_else(|_| Answer::refused(refusals::server_error()));
    let on_their_way = async {
        for (group, span) in &answer.moved {
            tracker.bus.published(*group, span.last).await;
        }
    };
    if timeout(PUBLISHED_WAIT_MAX, on_their_way).await.is_err() {
        warn!("events are on disk but not published yet; the reply goes before them");
    }
    answer
}

/// Never, while nothing is pending.
pub async fn answer_of(pending: &mut Option<Pending>) -> Answer {
    match pending {
        Some(pending) => (&mut pending.answer).await,
        None => std::future::pending().await,
    }
}
