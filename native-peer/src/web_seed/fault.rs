//! What can be wrong with a web seed, and when it is asked again.

use std::time::Duration;

use reqwest::StatusCode;

use super::url::NoAddress;
use crate::http::HttpError;

/// The first wait, which doubles with every failure.
const WAIT_FIRST: Duration = Duration::from_secs(2);
/// No wait is longer, whatever a server wishes.
const WAIT_MAX: Duration = Duration::from_secs(10 * 60);

/// Why nothing comes from a web seed. All are its own fault but [`Fault::NoAddress`] and [`Fault::Http`], which may be the torrent's.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It has no such file, or does not give it to us.
    #[error("it answers {0}")]
    Refused(StatusCode),
    /// It may, later.
    #[error("it answers {status}")]
    Busy {
        status: StatusCode,
        /// As it wishes.
        after: Option<Duration>,
    },
    /// It has another length.
    #[error("the file that it has is not the torrent's")]
    OtherFile,
    /// Other bytes than were asked for.
    #[error("it sends another part of the file than was asked for")]
    OtherPart,
    /// Of large files that would be in vain.
    #[error("it sends whole files only, and one of them is large")]
    NoRanges,
    /// That is another file.
    #[error("it sends the file compressed")]
    Encoded,
    /// The body ended before its time.
    #[error("its answer ended too early")]
    Short,
    /// Nothing came for too long.
    #[error("it stopped sending")]
    Stalled,
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Nothing to ask for.
    #[error(transparent)]
    NoAddress(#[from] NoAddress),
}

impl Fault {
    /// When to ask again, after so many failures one after the other before; `None`: never.
    pub fn wait(&self, failures: u32) -> Option<Duration> {
        match self {
            Self::Busy { after: Some(after), .. } => Some((*after).clamp(WAIT_FIRST, WAIT_MAX)),
            Self::Busy { .. } | Self::Short | Self::Stalled => Some(backoff(failures)),
            Self::Http(error) if !error.is_final() => Some(backoff(failures)),
            _ => None,
        }
    }
}

/// Doubles with every failure.
fn backoff(failures: u32) -> Duration {
    (WAIT_FIRST * (1 << failures.min(16))).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_ten_minutes_and_a_servers_wish_is_heard_within_bounds() {
        let seconds = |fault: &Fault, failures| fault.wait(failures).map(|wait| wait.as_secs());
        let waits: Vec<_> = [0, 1, 2, 8, 9, u32::MAX].map(|failures| seconds(&Fault::Short, failures)).into();
        assert_eq!(waits, [2, 4, 8, 512, 600, 600].map(Some));
        let busy = |after| Fault::Busy { status: StatusCode::SERVICE_UNAVAILABLE, after };
        assert_eq!(seconds(&busy(Some(Duration::from_secs(30))), 9), Some(30));
        assert_eq!(seconds(&busy(Some(Duration::MAX)), 0), Some(600));
        assert_eq!(seconds(&busy(Some(Duration::ZERO)), 0), Some(2));
        assert_eq!(seconds(&busy(None), 1), Some(4));
        assert_eq!(Fault::Refused(StatusCode::NOT_FOUND).wait(0), None);
        assert_eq!(Fault::NoAddress(NoAddress::BadUrl).wait(0), None);
    }
}
