//! How much of something there is for all, for one member and for one address.

use super::*;
use crate::shares::{Portion, Portions};

/// Of sockets that wait at the relay.
pub fn links_waiting() -> Portions {
    Portions {
        all: Portion { max: LINKS_WAITING_MAX, limit: Limit::LinksWaiting },
        member: Portion { max: LINKS_WAITING_PER_MEMBER, limit: Limit::LinksWaitingOfMember },
        address: Portion { max: LINKS_WAITING_PER_ADDRESS, limit: Limit::LinksWaitingOfAddress },
    }
}

/// Of tokens that are remembered as used.
pub fn used_tokens() -> Portions {
    Portions {
        all: Portion { max: USED_TOKENS_MAX, limit: Limit::UsedTokens },
        member: Portion { max: USED_TOKENS_PER_MEMBER, limit: Limit::UsedTokens },
        address: Portion { max: USED_TOKENS_PER_ADDRESS, limit: Limit::UsedTokens },
    }
}

/// Of info dictionaries on their way in.
pub fn info_parts() -> Portions {
    Portions {
        all: Portion { max: INFO_PARTS_BYTES, limit: Limit::InfoParts },
        member: Portion { max: INFO_PARTS_BYTES_OF_MEMBER, limit: Limit::InfoPartsOfMember },
        address: Portion { max: INFO_PARTS_BYTES_OF_ADDRESS, limit: Limit::InfoPartsOfAddress },
    }
}
