//! Who the person is here, and on their other devices.

mod offered;
mod you;

pub(in crate::page) use offered::OfferedIdentity;
pub(super) use you::You;
