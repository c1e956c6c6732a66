//! What some members are told apart from events, because it is nobody else's business. A notice says what to look at,
//! not what is there: lost or doubled it does no harm that the next login does not mend.

use wire_protocol::ids::{GroupId, MemberKey};

use crate::store::passkeys::PasskeyHash;

/// Something to tell after a commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// What is theirs alone in a group (key, ticket, who needs a key) may have changed.
    LookAgain {
        /// Which group.
        group: GroupId,
        /// Whose; `None`: everybody's who follows the group.
        member: Option<MemberKey>,
    },
    /// Passkeys are revoked: what announced with them leaves the swarms.
    PasskeysRevoked {
        /// In which group.
        group: GroupId,
        /// Which.
        passkeys: Vec<PasskeyHash>,
    },
    /// A request to join was refused.
    JoinRefused {
        /// Who asked.
        member: MemberKey,
        /// For which group.
        group: GroupId,
        /// The group's.
        slug: String,
    },
}
