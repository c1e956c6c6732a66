//! What the person gives instead of an argument: an invite, which command lines should not hold.

use std::io::{BufRead, IsTerminal, Read, Write};

use wire_protocol::invite::{Invite, InviteError};

use crate::failure::{Failure, Outcome, sentence};

/// Where an invite may stand instead of on the command line.
const LINK_ENV: &str = "NATIVE_PEER_LINK";
/// A line on stdin, bytes.
const LINE_LEN_MAX: u64 = 4096;

/// From the command line, stdin (`-`), the environment, or the person.
///
/// # Errors
/// There is none.
pub fn find_target(typed: Option<String>) -> Outcome<String> {
    match typed {
        Some(dash) if dash == "-" => read_line(),
        Some(typed) => Ok(typed),
        None => match std::env::var(LINK_ENV) {
            Ok(link) if !link.trim().is_empty() => Ok(link),
            _ => ask("Invite: ")?.ok_or_else(|| {
                Failure::usage(
                    "there is no invite",
                    "Give it as an argument in quotes, as - on stdin, or in NATIVE_PEER_LINK.",
                )
            }),
        },
    }
}

/// What an invite says.
///
/// # Errors
/// It is none, and why.
pub fn parse_invite(text: &str) -> Outcome<Invite> {
    text.parse().map_err(|error: InviteError| Failure::usage("this is not an invite", sentence(&error.to_string())))
}

/// Asks the person; `None`: nobody is there to answer.
///
/// # Errors
/// The terminal cannot be read.
pub fn ask(question: &str) -> Outcome<Option<String>> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
    read_line().map(Some)
}

/// One line of stdin.
///
/// # Errors
/// It cannot be read.
pub fn read_line() -> Outcome<String> {
    let mut line = String::new();
    let mut stdin = std::io::BufReader::new(std::io::stdin().lock().take(LINE_LEN_MAX));
    stdin.read_line(&mut line).map_err(|error| Failure::usage("cannot read stdin", sentence(&error.to_string())))?;
    Ok(line)
}
