//! Why a link is over.

use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::metrics::Metrics;
use crate::tracker::link_term::Cut;

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// A side said goodbye, and the other has what was on its way.
    Closed,
    /// A side's connection broke.
    Lost,
    /// A receiver took nothing for too long.
    Stalled,
    /// A side has not been heard of for too long.
    Dead,
    /// A side sent what no link carries.
    BadMessage,
    /// The server stops.
    Stop,
    /// The tracker wants it to end.
    Cut(Cut),
}

impl LinkEnd {
    /// Counts it.
    pub fn count(self, metrics: &Metrics) {
        match self {
            Self::Closed => &metrics.link_closes_closed,
            Self::Lost => &metrics.link_closes_lost,
            Self::Stalled => &metrics.link_closes_stalled,
            Self::Dead => &metrics.link_closes_dead,
            Self::BadMessage => &metrics.link_closes_bad_message,
            Self::Stop => &metrics.link_closes_stop,
            Self::Cut(Cut::Left) => &metrics.link_closes_left,
            Self::Cut(Cut::Absent) => &metrics.link_closes_absent,
        }
        .inc();
    }

    /// What both sides are told.
    pub fn close_frame(self) -> (CloseCode, &'static str) {
        match self {
            Self::Closed => (CloseCode::Normal, ""),
            Self::Lost => (CloseCode::Away, "the other peer is gone"),
            Self::Stalled => (CloseCode::Away, "the receiver took nothing for too long"),
            Self::Dead => (CloseCode::Away, "a peer did not answer for too long"),
            Self::BadMessage => (CloseCode::Policy, "a link carries binary messages of at most 1 MiB"),
            Self::Stop => (CloseCode::Restart, "the server restarts"),
            Self::Cut(Cut::Left) => (CloseCode::Policy, "a peer or the file has left the group"),
            Self::Cut(Cut::Absent) => (CloseCode::Away, "a peer has been offline for too long"),
        }
    }
}
