//! What is said while a film is played.

use crate::format;
use crate::messages::Wait;
use crate::words::words;

/// Why a player has no picture yet, or no longer. `at`: seconds into the film; `None`: it has not begun.
pub fn wait_line(at: Option<f64>, wait: Option<Wait>) -> String {
    let (from, clock) = match at {
        Some(at) if at >= 1.0 => ("clock", format::clock(at)),
        _ => ("start", String::new()),
    };
    let line = match wait {
        None => words().playing_getting(from, clock),
        Some(Wait { people: 0 }) => words().playing_nobody(from, clock),
        Some(Wait { people }) => words().playing_waiting(from, clock, people),
    };
    line.to_string()
}

/// Why a file cannot be played while it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoService {
    /// The page came without HTTPS.
    Insecure,
    /// The browser refuses.
    Refused,
}

/// What that means, and what to do.
pub fn no_service_line(why: NoService) -> String {
    let line = match why {
        NoService::Insecure => words().playing_insecure(),
        NoService::Refused => words().playing_no_service(),
    };
    line.to_string()
}

/// What the browser says is wrong with what it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It does not know this kind of file, or what is in it.
    Unknown,
    /// It does not get on in the middle of it.
    Damaged,
    /// It did not get what it asked for.
    Stopped,
    /// It plays music only where it can be heard.
    NoSound,
}

impl Trouble {
    /// From the code of a `MediaError`, what the browser adds to it, and whether anything of it was played.
    pub fn of(code: u16, added: &str, has_played: bool) -> Self {
        match (code, has_played) {
            // Firefox, without a sound output. A film it plays without sound.
            _ if added.contains("MediaSinkAudio") || added.contains("MEDIASINK") => Self::NoSound,
            (2, _) => Self::Stopped,
            (3, true) => Self::Damaged,
            _ => Self::Unknown,
        }
    }

    /// As in `data-trouble`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Damaged => "damaged",
            Self::Stopped => "stopped",
            Self::NoSound => "no-sound",
        }
    }
}

/// What that means, and what to do.
pub fn trouble_line(name: &str, trouble: Trouble) -> String {
    let line = match trouble {
        Trouble::Unknown => words().playing_unknown(name),
        Trouble::Damaged => words().playing_damaged(name),
        Trouble::Stopped => words().playing_stopped(name),
        Trouble::NoSound => words().playing_no_sound(),
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_says_for_which_part_and_who_has_it() {
        let line = |at, people| wait_line(at, Some(Wait { people }));
        assert_eq!(line(Some(750.4), 2), "Waiting for the part at 12:30: 2 people have it.");
        assert_eq!(line(Some(0.0), 1), "Waiting for the beginning: 1 person has it.");
        assert!(line(None, 0).starts_with("Waiting for the beginning. Nobody here has it"));
        assert_eq!(wait_line(Some(3725.0), None), "Getting the part at 1:02:05 …");
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        assert_eq!(Trouble::of(4, "", false), Trouble::Unknown);
        assert_eq!(Trouble::of(3, "", false), Trouble::Unknown);
        assert_eq!(Trouble::of(3, "", true), Trouble::Damaged);
        assert_eq!(Trouble::of(2, "", true), Trouble::Stopped);
        let no_sound = "NS_ERROR_DOM_MEDIA_MEDIASINK_ERR (0x806e000b) - OnMediaSinkAudioError";
        assert_eq!(Trouble::of(3, no_sound, true), Trouble::NoSound);
        let line = trouble_line("film.avi", Trouble::Unknown);
        assert!(line.contains("film.avi") && line.contains("The download goes on"), "{line}");
    }
}
