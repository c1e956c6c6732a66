//! Why something was not saved.

/// What a browser says of it. The words for each are in [`crate::screen::saving`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The person or the browser did not allow it.
    #[error("it is not allowed")]
    Refused,
    /// The disk is full.
    #[error("there is no room")]
    NoRoom,
    /// Another program, or another tab, has it open.
    #[error("it is in use")]
    InUse,
    /// The place was moved or deleted meanwhile.
    #[error("the place is gone")]
    PlaceGone,
    /// What was downloaded cannot be read.
    #[error("the download cannot be read ({0})")]
    Unreadable(String),
    /// What was written is not what was given.
    #[error("other bytes were kept")]
    NotKept,
    /// The person does not want it any more.
    #[error("cancelled")]
    Cancelled,
    /// Something else: what the browser calls it.
    #[error("{0}")]
    Other(String),
}

impl Trouble {
    /// Of writing, by the name of the browser's error.
    pub fn of_writing(error: &str) -> Self {
        match error {
            "NotAllowedError" | "SecurityError" => Self::Refused,
            "QuotaExceededError" => Self::NoRoom,
            "NoModificationAllowedError" => Self::InUse,
            "NotFoundError" => Self::PlaceGone,
            "NotReadableError" => Self::Unreadable(error.to_owned()),
            other => Self::Other(other.to_owned()),
        }
    }
}
