//! What the program wants. All of it works offline too.

use bytes::Bytes;
use wire_protocol::control::{
    Announce, DISPLAY_NAME_CHARS_MAX, DialRefusal, INFO_LEN_MAX, MESSAGE_LEN_MAX, MemberToTracker, Refusal,
    RefusalCode, Request, encode_from_member,
};
use wire_protocol::ids::{FileId, GroupId, InfoHash, PeerId, RequestId};
use wire_protocol::text::display_text;

use super::Conversation;
use super::outgoing::Outgoing;
use crate::event::ConversationEvent;
use crate::presence::SwarmKey;
use crate::publishing::Publication;
use crate::requests::Purpose;

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

    fn add_request(&mut self, id: RequestId, request: Request, purpose: Purpose) {
        self.requests.add(id, request, purpose);
        if self.is_online() {
            self.outbox.push_back(Outgoing::Request(id));
        }
    }

    /// Puts this peer into a file's swarm, or tells how far it is. The latest is kept and announced again
    /// after reconnects; what only moves the progress is sent at most every 3 s per file. (At most 1024
    /// files; more are ignored.)
    pub fn announce(&mut self, announce: Announce) {
        let key = (announce.group, announce.file);
        let is_online = self.is_online();
        if self.presences.set(announce, is_online) {
            self.outbox.push_back(Outgoing::Announce(key));
        }
    }

    /// Leaves a file's swarm.
    pub fn withdraw(&mut self, group: GroupId, file: FileId) {
        let was_told = self.presences.remove((group, file));
        if was_told && self.is_online() && self.outbox.len() < OUTBOX_MAX {
            self.outbox.push_back(Outgoing::Withdraw((group, file)));
        }
    }

    /// Asks for a relay link to a peer of a swarm that this peer is in. Answered by
    /// [`ConversationEvent::LinkGranted`] or [`ConversationEvent::DialRefused`] with the returned number.
    pub fn dial(&mut self, group: GroupId, file: FileId, to: PeerId) -> u32 {
        let is_online = self.is_online();
        let (dial, has_room) = self.dials.add(group, file, to);
        if has_room && is_online {
            self.outbox.push_back(Outgoing::Dial(dial));
        } else {
            self.dials.take(dial);
            self.events.push(ConversationEvent::DialRefused { dial, reason: DialRefusal::TooMany });
        }
        dial
    }

    /// Gives a file card its torrent: the info dictionary in parts, then the request. Done anew after a
    /// reconnect until the tracker answers; then [`ConversationEvent::Published`]. Publishing a file that is
    /// being published already is ignored.
    pub fn publish_torrent(&mut self, group: GroupId, file: FileId, info_hash: InfoHash, info: Bytes, pieces: u32) {
        if self.publishing.contains(file) {
            return;
        }
        let is_sound = !info.is_empty() && info.len() <= INFO_LEN_MAX;
        let request = self.new_request_id();
        let publication = Publication { group, file, info_hash, info, pieces, request };
        if !is_sound {
            let outcome =
                Err(refusal(RefusalCode::BadRequest, "the info dictionary is too long: choose longer pieces"));
            self.events.push(ConversationEvent::Published { file, outcome });
        } else if !self.publishing.add(publication) {
            let outcome = Err(refusal(RefusalCode::TooMany, "too many files are being published; try again later"));
            self.events.push(ConversationEvent::Published { file, outcome });
        } else if self.publishing.is_first(file) {
            self.queue_publication();
        }
    }

    /// Fetches a file's info dictionary. Answered by one [`ConversationEvent::Info`]; the caller compares its
    /// SHA-1 with the card's info-hash.
    pub fn fetch_info(&mut self, group: GroupId, file: FileId) {
        match self.fetches.begin((group, file)) {
            Some(offsets) => self.ask_for_info((group, file), offsets),
            None => {
                let info = Err(refusal(RefusalCode::TooMany, "too many files are being looked up; try again later"));
                self.events.push(ConversationEvent::Info { group, file, info });
            }
        }
    }

    pub(super) fn ask_for_info(&mut self, (group, file): SwarmKey, offsets: Vec<u32>) {
        for offset in offsets {
            let id = self.new_request_id();
            let purpose = Purpose::Fetch { group, file, offset };
            self.add_request(id, Request::ReadInfo { group, file, offset }, purpose);
        }
    }

    /// Changes what others call this person: now, and in every login from now on. Answered by
    /// [`ConversationEvent::Reply`] like any request.
    pub fn set_display_name(&mut self, name: &str) -> RequestId {
        self.config.display_name = display_text(name, DISPLAY_NAME_CHARS_MAX);
        self.request(Request::SetDisplayName { name: self.config.display_name.clone() })
    }
}

pub(super) fn refusal(code: RefusalCode, message: &str) -> Refusal {
    Refusal { code, message: message.to_owned() }
}

fn encoded_len(id: RequestId, request: &Request) -> usize {
    encode_from_member(&MemberToTracker::Request { id, request: request.clone() }).len()
}
