//! What the program wants. All of it works offline too.

use bytes::Bytes;
use wire_protocol::control::{
    Announce, AnnounceRefusal, DISPLAY_NAME_CHARS_MAX, DialRefusal, INFO_LEN_MAX, MESSAGE_LEN_MAX, MemberToTracker,
    PeerName, Refusal, RefusalCode, Request, SwarmName, encode_from_member,
};
use wire_protocol::ids::{InfoHash, RequestId};

use super::Conversation;
use super::outgoing::Outgoing;
use crate::event::{ConversationEvent, DialFailure};
use crate::publishing::Publication;
use crate::requests::Purpose;
use wire_protocol::text::display_text;

/// Withdrawals that may wait to be sent.
const OUTBOX_MAX: usize = 4096;

impl Conversation {
    /// Asks the tracker; answered by one [`ConversationEvent::Reply`] with the returned id. It is kept and
    /// sent again after reconnects until it is answered, and has one effect. More than 256 waiting requests,
    /// and one longer than a message, are refused at once.
    pub fn request(&mut self, request: Request) -> RequestId {
        let id = self.new_request_id();
        if self.requests.is_full() {
            self.refuse(id, RefusalCode::TooMany, "too many requests are waiting for the server; try again later");
        } else if encoded_len(id, &request) > MESSAGE_LEN_MAX {
            self.refuse(id, RefusalCode::BadRequest, "the request is too long");
        } else {
            self.add_request(id, request, Purpose::Program);
        }
        id
    }

    fn refuse(&mut self, id: RequestId, code: RefusalCode, message: &str) {
        self.events.push(ConversationEvent::Reply { id, outcome: Err(refusal(code, message)) });
    }

    pub(super) fn add_request(&mut self, id: RequestId, request: Request, purpose: Purpose) {
        self.requests.add(id, request, purpose);
        if self.is_online() {
            self.outbox.push_back(Outgoing::Request(id));
        }
    }

    /// Puts this peer into a file's swarm, or tells how far it is; meanwhile the swarm is watched. The latest is
    /// kept and announced again after reconnects; what only moves the progress is sent at most every 3 s per
    /// file. Answered only if refused, by [`ConversationEvent::AnnounceRefused`]; so is what is over 1024 files.
    pub fn announce(&mut self, announce: Announce) {
        let swarm = announce.swarm;
        let is_online = self.is_online();
        match self.presences.set(announce, is_online) {
            Some(true) => self.outbox.push_back(Outgoing::Announce(swarm)),
            Some(false) => {}
            None => {
                let reason = AnnounceRefusal::TooMany;
                self.events.push(ConversationEvent::AnnounceRefused { swarm, reason });
            }
        }
    }

    /// Leaves a file's swarm, and ends the watching that came with it.
    pub fn withdraw(&mut self, swarm: SwarmName) {
        let was_told = self.presences.remove(swarm);
        if was_told && self.is_online() && self.outbox.len() < OUTBOX_MAX {
            self.outbox.push_back(Outgoing::Withdraw(swarm));
        }
        if !self.watches.contains(swarm) {
            self.end_watching(swarm, was_told);
        }
    }

    /// From now on hears who is in a swarm of a group that this member is in: [`crate::Group::swarm`]. Kept, and
    /// said again after reconnects. `false`: 1024 are watched already.
    pub fn watch(&mut self, swarm: SwarmName) -> bool {
        if self.watches.add(swarm) {
            self.queue_watching(swarm);
        }
        self.watches.contains(swarm)
    }

    /// Ends watching; whoever is in the swarm goes on hearing.
    pub fn unwatch(&mut self, swarm: SwarmName) {
        if self.watches.remove(swarm) && !self.presences.contains(swarm) {
            self.end_watching(swarm, true);
        }
    }

    fn end_watching(&mut self, swarm: SwarmName, was_told: bool) {
        self.groups.forget_swarm(swarm);
        if was_told {
            self.queue_watching(swarm);
        }
    }

    fn queue_watching(&mut self, swarm: SwarmName) {
        let outgoing = Outgoing::Watching(swarm);
        if self.is_online() && self.outbox.len() < OUTBOX_MAX && !self.outbox.contains(&outgoing) {
            self.outbox.push_back(outgoing);
        }
    }

    /// Asks for a relay link to a peer of a swarm that this peer is in. Answered by
    /// [`ConversationEvent::LinkGranted`] or [`ConversationEvent::DialFailed`] with the returned number.
    pub fn dial(&mut self, swarm: SwarmName, to: PeerName) -> u32 {
        let (dial, has_room) = self.dials.add(swarm, to);
        let why = match (self.is_online(), has_room) {
            (true, true) => {
                self.outbox.push_back(Outgoing::Dial(dial));
                return dial;
            }
            (false, _) => DialFailure::Offline,
            (true, false) => DialFailure::Refused(DialRefusal::TooMany),
        };
        self.dials.take(dial);
        self.events.push(ConversationEvent::DialFailed { dial, why });
        dial
    }

    /// Gives a file card its torrent: the info dictionary in parts, then the request. Done anew after a
    /// reconnect until the tracker answers; then [`ConversationEvent::Published`]. Publishing a file that is
    /// being published already is ignored.
    pub fn publish_torrent(&mut self, swarm: SwarmName, info_hash: InfoHash, info: Bytes, pieces: u32) {
        if self.publishing.contains(swarm) {
            return;
        }
        let is_sound = !info.is_empty() && info.len() <= INFO_LEN_MAX;
        let request = self.new_request_id();
        let publication = Publication { swarm, info_hash, info, pieces, request };
        if !is_sound {
            let outcome =
                Err(refusal(RefusalCode::BadRequest, "the info dictionary is too long: choose longer pieces"));
            self.events.push(ConversationEvent::Published { swarm, outcome });
        } else if !self.publishing.add(publication) {
            let outcome = Err(refusal(RefusalCode::TooMany, "too many files are being published; try again later"));
            self.events.push(ConversationEvent::Published { swarm, outcome });
        } else if self.publishing.is_first(swarm) {
            self.queue_publication();
        }
    }

    /// Fetches a file's info dictionary. Answered by one [`ConversationEvent::Info`]; the caller compares its
    /// SHA-1 with the card's info-hash.
    pub fn fetch_info(&mut self, swarm: SwarmName) {
        match self.fetches.begin(swarm) {
            Some(offsets) => self.ask_for_info(swarm, offsets),
            None => {
                let info = Err(refusal(RefusalCode::TooMany, "too many files are being looked up; try again later"));
                self.events.push(ConversationEvent::Info { swarm, info });
            }
        }
    }

    pub(super) fn ask_for_info(&mut self, swarm: SwarmName, offsets: Vec<u32>) {
        for offset in offsets {
            let id = self.new_request_id();
            let request = Request::ReadInfo { group: swarm.group, file: swarm.file, offset };
            self.add_request(id, request, Purpose::Fetch { swarm, offset });
        }
    }

    /// Changes what others call this person, in all groups at this tracker and on all of the person's devices.
    /// Answered by [`ConversationEvent::Reply`] like any request.
    pub fn set_display_name(&mut self, name: &str) -> RequestId {
        let name = display_text(name, DISPLAY_NAME_CHARS_MAX);
        let id = self.request(Request::SetDisplayName { name: name.clone() });
        if self.requests.contains(id) {
            self.name.wish(id, name);
        }
        id
    }
}

pub(super) fn refusal(code: RefusalCode, message: &str) -> Refusal {
    Refusal { code, message: message.to_owned() }
}

fn encoded_len(id: RequestId, request: &Request) -> usize {
    encode_from_member(&MemberToTracker::Request { id, request: request.clone() }).len()
}
