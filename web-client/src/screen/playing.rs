//! What is said while a film is played.

use crate::format;
use crate::messages::Wait;

/// Why a player has no picture yet, or no longer. `at`: seconds into the film; `None`: it has not begun.
pub fn wait_line(at: Option<f64>, wait: Option<Wait>) -> String {
    let part = match at {
        Some(at) if at >= 1.0 => format!("the part at {}", format::clock(at)),
        _ => "the beginning".to_owned(),
    };
    match wait {
        None => format!("Getting {part} …"),
        Some(Wait { people: 0 }) => {
            format!("Waiting for {part}. Nobody who is here has it; it goes on by itself as soon as somebody does.")
        }
        Some(Wait { people: 1 }) => format!("Waiting for {part}: 1 person has it."),
        Some(Wait { people }) => format!("Waiting for {part}: {people} people have it."),
    }
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
pub fn no_service_line(why: NoService) -> &'static str {
    match why {
        NoService::Insecure => {
            "This page came without HTTPS, and browsers let such a page play only what is here as a whole. The download goes on, \
             and it plays as soon as all of it is here."
        }
        NoService::Refused => {
            "This browser does not let this page play what is still on its way, as in a private window or with site data \
             blocked. The download goes on, and it plays as soon as all of it is here."
        }
    }
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
}

impl Trouble {
    /// From the code of a `MediaError`, and whether anything of it was played.
    pub fn of(code: u16, has_played: bool) -> Self {
        match (code, has_played) {
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
        }
    }
}

/// What that means, and what to do.
pub fn trouble_line(name: &str, trouble: Trouble) -> String {
    match trouble {
        Trouble::Unknown => format!(
            "This browser cannot play {name}: it does not know this kind of film or music. The download goes on; once it is \
             saved, another program, such as VLC, plays it."
        ),
        Trouble::Damaged => format!(
            "This browser cannot play {name} any further: it does not understand what comes here. Go to another part of it, or \
             open it with another program, such as VLC, once it is saved."
        ),
        Trouble::Stopped => {
            format!(
                "Playing {name} was interrupted, since a part of it could not be read. Close the player, and press Play to try again."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_says_for_which_part_and_who_has_it() {
        let line = |at, people| wait_line(at, Some(Wait { people }));
        assert_eq!(line(Some(750.4), 2), "Waiting for the part at 12:30: 2 people have it.");
        assert_eq!(line(Some(0.0), 1), "Waiting for the beginning: 1 person has it.");
        assert!(line(None, 0).starts_with("Waiting for the beginning. Nobody who is here has it"));
        assert_eq!(wait_line(Some(3725.0), None), "Getting the part at 1:02:05 …");
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        assert_eq!(Trouble::of(4, false), Trouble::Unknown);
        assert_eq!(Trouble::of(3, false), Trouble::Unknown);
        assert_eq!(Trouble::of(3, true), Trouble::Damaged);
        assert_eq!(Trouble::of(2, true), Trouble::Stopped);
        let line = trouble_line("film.avi", Trouble::Unknown);
        assert!(line.contains("film.avi") && line.contains("The download goes on"), "{line}");
    }
}
