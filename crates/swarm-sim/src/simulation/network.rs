//! What is sent takes its time: uplink, half of the way, perhaps the relay, the other half, downlink.
//! Every line is a queue that serves what came first, in messages of at most a block or two.

use std::time::Duration;

use local_peer::Input;

use super::{Happening, Simulation};
use crate::link::{Delivery, LinkId};
use crate::node::NodeKey;
use crate::relay::transfer_time;

/// What an uplink sends in one turn, bytes: one block, its header and some requests.
const QUANTUM: usize = 17 * 1024;
/// A link's send buffer, bytes.
const SEND_BUFFER: usize = 512 * 1024;

impl Simulation {
    /// Gives a free uplink to the links in turn that have something and room, one message each, until a
    /// quantum is full. `true`: the node was asked to write, and may want
    /// something more.
    pub(super) fn send(&mut self, node: NodeKey) -> bool {
        if self.nodes[node.0].uplink_busy || !self.nodes[node.0].alive {
            return false;
        }
        let (mut taken, mut busy_for, mut was_asked) = (0, Duration::ZERO, false);
        while taken < QUANTUM {
            let this = &mut self.nodes[node.0];
            let Some(link) = this.turns.pop_front() else {
                break;
            };
            let end = self.links[link.0].of(node);
            let key = end.key;
            if !end.is_open || end.in_flight >= SEND_BUFFER {
                // A full buffer's turn comes again when something of it was delivered.
                continue;
            }
            let mut segments = self.spare.pop().unwrap_or_default();
            let written = this.mind.transmit(key, QUANTUM - taken, &mut segments, self.now);
            was_asked = true;
            if written == 0 {
                end.has_output = false;
                self.spare.push(segments);
                continue;
            }
            this.turns.push_back(link);
            let pieces = self.info.layout().pieces();
            let len = this.config.conduct.rewrite(&mut segments, pieces, &mut this.rng);
            if len == 0 {
                segments.clear();
                self.spare.push(segments);
                continue;
            }
            end.in_flight += len;
            taken += len;
            busy_for += transfer_time(len, this.config.up);
            this.record.sent += len as u64;
            self.sent += len as u64;
            let to = self.links[link.0].other(node);
            self.set_out(node, Delivery { link, to, segments, len }, busy_for);
        }
        if taken > 0 {
            self.nodes[node.0].uplink_busy = true;
            self.later(busy_for, Happening::UplinkFree(node));
        }
        was_asked
    }

    /// The last byte leaves the uplink `after` now.
    fn set_out(&mut self, from: NodeKey, delivery: Delivery, after: Duration) {
        if self.links[delivery.link.0].is_relayed {
            let to_relay = after + self.nodes[from.0].config.latency;
            self.later(to_relay, Happening::AtRelay(delivery));
        } else {
            let way = self.latency(from, delivery.to);
            self.head_for(delivery, after + way);
        }
    }

    pub(super) fn on_relay(&mut self, delivery: Delivery) {
        let out_at = self.relay.pass(delivery.len, self.now);
        let way = self.nodes[delivery.to.0].config.latency;
        self.head_for(delivery, out_at.since(self.now) + way);
    }

    /// Plans when the message would be in if the downlink had nothing else: in most cases that is when
    /// it is in, and one happening is enough.
    fn head_for(&mut self, delivery: Delivery, after: Duration) {
        let alone = transfer_time(delivery.len, self.nodes[delivery.to.0].config.down);
        let end = self.links[delivery.link.0].of(delivery.to);
        let at = (self.now + after + alone).max(end.last_arrival + Duration::from_micros(1));
        end.last_arrival = at;
        self.agenda.plan(at, Happening::Arrives(delivery));
    }

    pub(super) fn on_arrival(&mut self, delivery: Delivery) {
        let this = &mut self.nodes[delivery.to.0];
        let alone = transfer_time(delivery.len, this.config.down).as_micros() as u64;
        let begins = this.downlink_free_at.0.max(self.now.0.saturating_sub(alone));
        this.downlink_free_at.0 = begins + alone;
        if this.downlink_free_at > self.now {
            self.agenda.plan(this.downlink_free_at, Happening::Delivered(delivery));
        } else {
            self.on_delivered(delivery);
        }
    }

    pub(super) fn on_delivered(&mut self, delivery: Delivery) {
        let Some(delivery) = self.hold(delivery) else {
            return;
        };
        let Delivery { link, to, mut segments, len } = delivery;
        self.refuse_forgotten(link, to);
        self.free_send_buffer(link, to, len);
        for bytes in segments.drain(..) {
            // A segment may close the link; the driver knows after the batch only.
            let end = self.links[link.0].of(to);
            if end.is_open {
                let link = end.key;
                self.handle(to, Input::Received { link, bytes });
            }
        }
        self.spare.push(segments);
        if self.nodes[to.0].alive {
            self.drain(to);
        }
    }

    fn free_send_buffer(&mut self, link: LinkId, to: NodeKey, len: usize) {
        let from = self.links[link.0].other(to);
        let end = self.links[link.0].of(from);
        let was_full = end.in_flight >= SEND_BUFFER;
        end.in_flight -= len;
        if was_full && end.in_flight < SEND_BUFFER && end.has_output && end.is_open {
            self.nodes[from.0].turns.push_back(link);
            self.drain(from);
        }
    }
}
