//! The password that making groups takes, read from a file.

use std::path::Path;

use anyhow::{Context, ensure};
use wire_protocol::control::{PASSWORD_LEN_MAX, Password};

use crate::limits::GROUPS_PASSWORD_CHARS_MIN;

/// The first line of the file.
///
/// # Errors
/// The file cannot be read, or the password is too short or too long.
pub fn read(path: &Path) -> anyhow::Result<Password> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the password in {}", path.display()))?;
    let password = text.lines().next().unwrap_or_default().trim();
    ensure!(
        password.chars().count() >= GROUPS_PASSWORD_CHARS_MIN && password.len() <= PASSWORD_LEN_MAX,
        "the first line of {} is the password that making groups takes: give it {GROUPS_PASSWORD_CHARS_MIN} characters or \
         more, and at most {PASSWORD_LEN_MAX} bytes",
        path.display()
    );
    Ok(Password(password.to_owned()))
}
