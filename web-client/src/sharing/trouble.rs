//! Why a chosen file is not read any more.

/// What a browser says of it. A File is what its file was when it was chosen: browsers read it no more once its date is
/// another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It was deleted, or taken away.
    Gone,
    /// It was written to, or its disk gives nothing.
    Changed,
    /// Its date is the same, and its bytes are not.
    Damaged,
    /// Something else: what the browser calls it.
    Unreadable(String),
}

impl Trouble {
    /// By the name of the browser's error.
    pub fn of(error: &str) -> Self {
        match error {
            "NotFoundError" => Self::Gone,
            "NotReadableError" => Self::Changed,
            other => Self::Unreadable(other.to_owned()),
        }
    }
}
