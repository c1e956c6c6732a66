//! Why a link is not to be, in order of blame.

use wire_protocol::ids::MemberKey;
use wire_protocol::ticket::TicketError;

/// Why a link does not open, or is to be closed. Nothing more is sent on it, whatever it is: the other side learns
/// no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// A stranger, or a member who looks for another peer: no swarm of ours matches. Not even one byte was sent.
    #[error("the first message is for no swarm of this peer")]
    NotForUs,
    /// A newer program, or not Covey at all. Not even one byte was sent.
    #[error("the first message is of an unknown version")]
    UnknownVersion,
    /// The other side: it answers with plain BitTorrent.
    #[error("the other side wants an unencrypted link")]
    Downgrade,
    /// The other side or the network: lengths that no message has.
    #[error("not a message of this protocol")]
    Malformed,
    /// The network, a relay that crosses links, or somebody without the group's key: what arrived is not what was sent
    /// to us here and now. Also for records: nothing after it can be read.
    #[error("what arrived does not decrypt")]
    Decrypt,
    /// Somebody in the middle: who answers does not know the group's key.
    #[error("the other side does not know the group's key")]
    WrongGroupKey,
    /// A member, or the tracker that vouched for them: they know the group's key and are not who they should be.
    #[error("the other side did not prove who it is: {0}")]
    Proof(#[from] ProofError),
    /// Nobody: a link cannot carry more records. A new one can.
    #[error("this link has carried all that it can")]
    Exhausted,
}

/// What is wrong with what somebody proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// They do not hold the member key that they show.
    #[error("its signature is wrong")]
    BadSignature,
    /// It is our own proof that comes back, or they play the wrong part.
    #[error("it plays the wrong part")]
    WrongSide,
    /// A member, but another one than whom the tracker or the group named.
    #[error("it is {}", .0.short())]
    OtherMember(MemberKey),
    /// The member that was expected, but another of their peers.
    #[error("it is another peer")]
    OtherPeer,
    /// What says that they are a member. [`TicketError::Expired`] and [`TicketError::NotYetValid`] mean that one of the two
    /// should ask the tracker for the time and a new ticket.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The ticket is somebody else's.
    #[error("its ticket is somebody else's")]
    OtherSubject,
    /// The ticket is for another group.
    #[error("its ticket is for another group")]
    OtherGroup,
    /// The ticket is older than the group's key: whoever holds it may have been removed since.
    #[error("its ticket is of epoch {0}, which is over")]
    OldEpoch(u32),
}

impl LinkError {
    /// Whether the other side should be tried again with a new ticket on either side, rather than doubted.
    pub fn is_out_of_date(&self) -> bool {
        use ProofError::{OldEpoch, Ticket};
        matches!(self, Self::Proof(Ticket(TicketError::Expired | TicketError::NotYetValid) | OldEpoch(_)))
    }

    /// Whether somebody pretends: another address or path leads to the same person or to the same fraud.
    pub fn is_impostor(&self) -> bool {
        matches!(self, Self::WrongGroupKey | Self::Proof(_)) && !self.is_out_of_date()
    }
}
