//! The connection to the server, and why there is none.

use membership::OfflineReason;
use wire_protocol::control::AnnounceRefusal;

use super::refusals::refusal_line;
use crate::words::words;

/// Why there is no connection, as a part of a sentence.
pub fn offline_reason(reason: &OfflineReason) -> String {
    let words = words();
    let said = match reason {
        OfflineReason::Unreachable => words.contact_unreachable(),
        OfflineReason::Lost => words.contact_lost(),
        OfflineReason::TimedOut => words.contact_timed_out(),
        OfflineReason::Restarting => words.contact_restarting(),
        OfflineReason::Refused(refusal) => return refusal_line(refusal),
        OfflineReason::Protocol(what) => words.contact_nonsense(what),
    };
    said.to_string()
}

/// What keeps this browser from the server: what the server says of that, if it does.
pub fn found_line(said: Option<&str>) -> String {
    let line = match said {
        Some(said) => words().contact_server_says(said),
        // An ordinary request gets through, a WebSocket does not.
        None => words().contact_no_websockets(),
    };
    line.to_string()
}

/// Others do not see this tab among those who have a file.
pub fn unseen_line(name: &str, reason: AnnounceRefusal) -> String {
    let words = words();
    let why = match reason {
        AnnounceRefusal::NoSuchFile => words.contact_unseen_no_file(),
        AnnounceRefusal::TooMany => words.contact_unseen_too_many(),
        AnnounceRefusal::SwarmFull => words.contact_unseen_full(),
        AnnounceRefusal::BadProgress => words.contact_unseen_nonsense(),
    };
    words.contact_unseen(name, &*why).to_string()
}

#[cfg(test)]
mod tests {
    use membership::why_unseen;
    use wire_protocol::control::{Refusal, RefusalCode};

    use super::*;
    use crate::words::in_german;

    #[test]
    fn the_page_says_what_the_command_line_says() {
        use OfflineReason::{Lost, Protocol, Refused, Restarting, TimedOut, Unreachable};
        let refusal = Refusal { code: RefusalCode::TooMany, message: "Too many logins.".to_owned() };
        for reason in [Unreachable, Lost, TimedOut, Restarting, Refused(refusal), Protocol("x".to_owned())] {
            assert_eq!(offline_reason(&reason), reason.to_string());
            assert_ne!(in_german(|| offline_reason(&reason)), reason.to_string());
        }
        use AnnounceRefusal::{BadProgress, NoSuchFile, SwarmFull, TooMany};
        for reason in [NoSuchFile, TooMany, SwarmFull, BadProgress] {
            let line = unseen_line("movie.mp4", reason);
            assert_eq!(line, format!("Others do not see what you have of movie.mp4: {}.", why_unseen(reason)));
            assert_ne!(in_german(|| unseen_line("movie.mp4", reason)), line);
        }
    }

    #[test]
    fn what_the_server_found_out_is_said_in_its_own_words() {
        let found = "Something in front of this server speaks TLS for it.";
        assert_eq!(found_line(Some(found)), found);
        assert!(in_german(|| found_line(Some(found))).contains(found));
        assert!(found_line(None).contains("tracker-relay check"));
    }
}
