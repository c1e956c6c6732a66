//! Pieces on disk. Everything that may wait for a disk runs on threads of its own ([`pool`]); the
//! task that owns the engine only sends jobs and takes answers.

mod content;
mod part;
mod part_file;
mod part_folder;
mod pool;
pub mod positional;
mod root;
mod space;
mod stamp;
mod store;

pub use content::{Content, Place, Where};
pub use part::{Part, finished};
pub use part_file::{OpenError, Target, find_target};
pub use pool::{Completion, StoragePool};
pub use root::Root;
pub use space::free_bytes;
pub use stamp::{FileStamp, is_deleted};
pub use store::{Deputy, Duty, Jobs, Store, deputy};
