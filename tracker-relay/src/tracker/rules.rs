//! What whoever runs the server allows.

use super::admission::Admission;

/// What whoever runs the server allows.
#[derive(Debug, Default)]
pub struct Rules {
    /// Who may make groups.
    pub admission: Admission,
}
