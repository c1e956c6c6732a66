//! What the person gives instead of an argument: an invite, which command lines should not hold.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};

use wire_protocol::invite::{Invite, InviteError};
use wire_protocol::pasted::{PASTED_LEN_MAX, find_invite};

use crate::failure::{Failure, Outcome, sentence};

/// Where an invite may stand instead of on the command line.
const LINK_ENV: &str = "NATIVE_PEER_LINK";
/// A line on stdin, bytes.
const LINE_LEN_MAX: u64 = 4096;
/// Said to a person whose link is broken into lines, or cut off.
const NOT_WHOLE: &str = "This is not whole. Paste the rest of it, or press Enter: ";

/// From the command line, stdin (`-`), the environment, or the person.
///
/// # Errors
/// There is none.
pub fn find_target(typed: Option<String>) -> Outcome<String> {
    match typed {
        Some(dash) if dash == "-" => read_pasted(is_whole),
        Some(typed) => Ok(typed),
        None => match std::env::var(LINK_ENV) {
            Ok(link) if !link.trim().is_empty() => Ok(link),
            _ if can_ask() => {
                prompt("Invite: ");
                read_pasted(is_whole)
            }
            _ => Err(Failure::usage(
                "there is no invite",
                "Give it as an argument in quotes, as - on stdin, or in NATIVE_PEER_LINK.",
            )),
        },
    }
}

/// The invite in a text.
///
/// # Errors
/// There is none, and why.
pub fn parse_invite(text: &str) -> Outcome<Invite> {
    find_invite(text).map_err(|error| match error {
        InviteError::NoSecret { server, slug } => Failure::usage(
            format!("this is the address of the group {slug}, not an invite"),
            format!(
                "An invite goes on behind a #, which a browser's address bar does not show. Ask a member for the link: it is \
                 under \"Invite others\" on the group's page, and `native-peer group invite {slug}` prints one. Or ask to be \
                 let in: native-peer group join {slug} --server {server}"
            ),
        ),
        error => Failure::usage("this is not an invite", sentence(&error.to_string())),
    })
}

/// Whether nothing is missing of what stands in for an invite on stdin: another line would not help.
fn is_whole(text: &str) -> bool {
    match find_invite(text) {
        Ok(_) | Err(InviteError::Several { .. } | InviteError::Identity) => true,
        // A group's two words, or where a torrent is; or a letter whose link is further down.
        Err(InviteError::NotFound | InviteError::NoSlug { .. }) => text.trim().lines().count() == 1,
        Err(_) => false,
    }
}

/// Asks the person; `None`: nobody is there to answer.
///
/// # Errors
/// The terminal cannot be read.
pub fn ask(question: &str) -> Outcome<Option<String>> {
    if !can_ask() {
        return Ok(None);
    }
    prompt(question);
    read_line().map(Some)
}

/// Whether a person is there to answer.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Begins a line that the person ends.
pub fn prompt(question: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
}

/// What was pasted into stdin: a line, or as many as make it whole. Whoever writes it may keep stdin open.
///
/// # Errors
/// It cannot be read.
pub fn read_pasted(is_whole: impl Fn(&str) -> bool) -> Outcome<String> {
    let mut pasted = Vec::new();
    let mut stdin = BufReader::with_capacity(PASTED_LEN_MAX, std::io::stdin().lock().take(PASTED_LEN_MAX as u64));
    loop {
        let begin = pasted.len();
        let read = stdin.read_until(b'\n', &mut pasted);
        let is_end = read.map_err(|error| cannot_read(&error))? == 0;
        let text = String::from_utf8_lossy(&pasted);
        if is_end
            || (stdin.buffer().is_empty()
                && (is_whole(&text) || (can_ask() && pasted[begin..].trim_ascii().is_empty())))
        {
            return Ok(text.into_owned());
        }
        if stdin.buffer().is_empty() && can_ask() {
            prompt(NOT_WHOLE);
        }
    }
}

fn cannot_read(error: &std::io::Error) -> Failure {
    Failure::usage("cannot read stdin", sentence(&error.to_string()))
}

/// One line of stdin.
///
/// # Errors
/// It cannot be read.
fn read_line() -> Outcome<String> {
    let mut line = String::new();
    let mut stdin = BufReader::new(std::io::stdin().lock().take(LINE_LEN_MAX));
    stdin.read_line(&mut line).map_err(|error| cannot_read(&error))?;
    Ok(line)
}
