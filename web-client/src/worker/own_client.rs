//! Torrent files for the person's own BitTorrent clients.

use bytes::Bytes;
use membership::{MakePasskey, PersonalTorrent, Question, answer};
use metainfo::Info;
use wire_protocol::control::{Refusal, Reply, SwarmName};

use super::driver::Driver;
use super::pending::Purpose;
use super::scope::post;
use super::swarm::check_info;
use crate::messages::{OwnTorrent, Report, encode};
use crate::screen::own_client;
use crate::screen::refusals::refusal_line;

impl Driver {
    /// The person wants one. The info dictionary comes before the passkey: of too many passkeys the oldest is revoked.
    pub(super) fn make_own_torrent(&mut self, swarm: SwarmName) {
        self.own_torrents.insert(swarm);
        self.conversation.fetch_info(swarm);
    }

    /// A list of pieces came, perhaps for this.
    pub(super) fn on_info_of_own(&mut self, swarm: SwarmName, info: &Result<Bytes, Refusal>) {
        let group = self.conversation.groups().get(&swarm.group);
        let card = group.and_then(|group| group.file(swarm.file));
        let (true, Some(card)) = (self.own_torrents.remove(&swarm), card) else {
            return;
        };
        let info = info.as_ref().map_err(refusal_line);
        match info.and_then(|raw| check_info(card, raw.clone())) {
            Ok(info) => {
                let id = MakePasskey { group: swarm.group }.pose(&mut self.conversation);
                self.pending.add(id, Purpose::OwnTorrent(Box::new(info)));
            }
            Err(why) => {
                let notice = own_client::not_made(&card.name, &why);
                self.notice(notice);
            }
        }
    }

    /// The passkey came, or will not come. Only the page gets the file, once; it is in no snapshot and no log.
    pub(super) fn on_passkey(&mut self, info: Info, outcome: Result<Reply, Refusal>) {
        let name = info.name().to_owned();
        match answer::<MakePasskey>(outcome) {
            Ok(passkey) => {
                let (file_name, is_private) = (PersonalTorrent::file_name(&info), info.is_private());
                let bytes = PersonalTorrent::new(info, &self.server.origin, passkey).encode();
                self.notice(own_client::made(&file_name, is_private));
                post(&encode(&Report::OwnTorrent(OwnTorrent { name: file_name, bytes })));
            }
            Err(refusal) => self.notice(own_client::not_made(&name, &refusal_line(&refusal))),
        }
    }
}
