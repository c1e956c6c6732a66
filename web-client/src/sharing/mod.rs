//! What is decided when files are shared out of a tab: which of them are taken, in which steps they are hashed, what is
//! read ahead of those who fetch them, and what it means when one cannot be read. Nothing here touches a browser.

mod again;
mod hash_plan;
mod pace;
mod picking;
mod read_plan;
mod spans;
mod trouble;

pub use again::{SharedRecord, same_torrent, spots};
pub use hash_plan::{HashPlan, LANES};
pub use pace::Pace;
pub use picking::{LeftOut, Pick, group_name, is_hidden, picks};
pub use read_plan::{Look, ReadPlan};
pub use spans::spans;
pub use trouble::Trouble;
