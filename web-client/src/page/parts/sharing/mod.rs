//! Sharing out of this tab, one component to a file.

mod again;
mod choosers;
mod drop_target;
mod receivers;
mod send_link;
mod share_card;

pub(in crate::page) use again::SharedAgain;
pub(in crate::page) use choosers::Choosers;
pub(in crate::page) use drop_target::DropTarget;
pub(in crate::page) use send_link::SendLink;
pub(in crate::page) use share_card::ShareCard;
