//! The components, one to a file, from the page's top to its bottom.

mod header;
mod status_line;
mod trouble;
mod notices;
mod home;
mod landing;
mod offer;
mod too_big;
mod name_field;
mod copy_field;
mod group;
mod files;
mod members;
mod download;
mod figures;
mod piece_map;
mod peers;

pub(super) use group::Group;
pub(super) use header::Header;
pub(super) use home::Home;
pub(super) use landing::LandingCard;
pub(super) use notices::Notices;
pub(super) use status_line::StatusLine;
pub(super) use trouble::Trouble;
