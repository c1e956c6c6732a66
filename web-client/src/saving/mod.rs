//! What is decided when a download is saved somewhere else than in the browser: which of its files can be, in which
//! order they are written, what a ZIP archive of them is made of, and what it means when that fails. Nothing here
//! touches a browser; the worker's `saving` carries it out.

mod archive;
mod plan;
mod trouble;
mod window;

pub use archive::{BY_REFERENCE, Part, Sink, Source, write_zip};
pub use plan::{STEP_LEN, free_names, is_folder, ready, saved_len, steps, wanted};
pub use trouble::Trouble;
pub use window::{READ_LEN, Window};
