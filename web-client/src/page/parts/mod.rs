//! The components, one to a file, from the page's top to its bottom.

mod advanced;
mod copy_field;
mod dialog;
mod download;
mod figures;
mod forgetful;
mod group;
mod header;
mod home;
mod identity;
mod landing;
mod make_group;
mod message_field;
mod name_field;
mod notices;
mod opening;
mod peers;
mod piece_map;
mod qr;
mod spoken;
mod status_line;
mod stored;
mod terminal_way;
mod too_big;
mod trouble;

pub(super) use forgetful::Forgetful;
pub(super) use group::Group;
pub(super) use header::Header;
pub(super) use home::Home;
pub(super) use identity::OfferedIdentity;
pub(super) use landing::LandingCard;
pub(super) use notices::Notices;
pub(super) use opening::Opening;
pub(super) use status_line::StatusLine;
pub(super) use stored::Stored;
pub(super) use trouble::Trouble;
