//! Pieces on disk. Everything that may wait for a disk runs on threads of its own ([`pool`]); the
//! task that owns the engine only sends jobs and takes answers.

mod before;
mod content;
mod kind;
mod open;
mod open_files;
mod part;
mod part_file;
mod part_folder;
mod pool;
pub mod positional;
mod root;
mod space;
mod stamp;
mod store;
mod target;

pub use content::{Content, Place, Where};
pub use kind::Kind;
pub use open::to_read;
pub use part::{OpenError, Part, finished, obstacle};
pub use pool::{Completion, StoragePool};
pub use root::Root;
pub use space::{free_bytes, writable};
pub use stamp::{FileStamp, is_deleted};
pub use store::{Deputy, Duty, Jobs, Store, deputy};
pub use target::{Target, find_target};
