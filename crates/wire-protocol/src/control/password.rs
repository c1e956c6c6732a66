//! A password on its way to the tracker.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the operator of a server gives to those who may make groups there. At most `PASSWORD_LEN_MAX` bytes. Shown to
/// nobody, logs included.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
