//! The limits that somebody can run into, by name: in `/metrics`, and wherever one is told.

/// Makes the enum, the list of its variants and their names.
macro_rules! named {
    ($($limit:ident $name:literal),+ $(,)?) => {
        /// A limit that somebody can run into.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the name says it, and the constant of that name in limits.rs the rest")]
        pub enum Limit { $($limit),+ }

        impl Limit {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$limit),+];

            /// As the label of a metric.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$limit => $name),+ }
            }
        }
    };
}

named! {
    Connections "connections",
    ConnectionsOfAddress "connections_of_address",
    SessionsOfMember "sessions_of_member",
    SessionsWithoutGroup "sessions_without_group",
    RateOfMember "rate_of_member",
    RateOfAddress "rate_of_address",
    InviteFailures "invite_failures",
    AnnouncesOfSession "announces_of_session",
    WatchesOfSession "watches_of_session",
    PendingDials "pending_dials",
    LinksOfSession "links_of_session",
    LinksOfMember "links_of_member",
    LinksOfAddress "links_of_address",
    LinksToPeer "links_to_peer",
    Links "links",
    LinkBytes "link_bytes",
    LinksWaiting "links_waiting",
    LinksWaitingOfMember "links_waiting_of_member",
    LinksWaitingOfAddress "links_waiting_of_address",
    UsedTokens "used_tokens",
    InfoParts "info_parts",
    InfoPartsOfMember "info_parts_of_member",
    InfoPartsOfAddress "info_parts_of_address",
    InfoBytes "info_bytes",
    InfoBytesOfMember "info_bytes_of_member",
    FreeDisk "free_disk",
    GroupsOfMember "groups_of_member",
    MembersOfGroup "members_of_group",
    FilesOfGroup "files_of_group",
    InvitesOfGroup "invites_of_group",
    RequestsOfGroup "requests_of_group",
    RequestsOfMember "requests_of_member",
}
