//! A tracker's refusal (BEP 3, 31), and answers that are none.

use bendy::encoding::Encoder;

use super::reading::DEPTH_MAX;
use crate::RetryIn;

/// The tracker gives no peers, and says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `failure reason`, for people. Read from a tracker it is safe to show.
    pub reason: String,
    /// `retry in`; `None`: the tracker does not say.
    pub retry: Option<RetryIn>,
}

impl Failure {
    /// The answer's body.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new().with_max_depth(DEPTH_MAX);
        encoder
            .emit_dict(|mut dict| {
                dict.emit_pair(b"failure reason", self.reason.as_str())?;
                match self.retry {
                    None => Ok(()),
                    Some(RetryIn::Never) => dict.emit_pair(b"retry in", "never"),
                    Some(RetryIn::Minutes(minutes)) => dict.emit_pair(b"retry in", minutes),
                }
            })
            .expect("strings and integers always encode");
        encoder.get_output().expect("the dictionary is closed")
    }
}

/// Why an answer is of no use. All but [`Self::Refused`] are the tracker's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Longer than [`RESPONSE_LEN_MAX`](super::RESPONSE_LEN_MAX).
    #[error("the answer is too long ({0} bytes)")]
    TooLong(usize),
    /// Not bencode, with keys that are not sorted, nested too deep, or cut off: a page for people, for example.
    #[error("the answer is not a tracker's: {0}")]
    NotBencode(String),
    /// A dictionary without anything that an answer has.
    #[error("the answer has no `{0}`")]
    Missing(&'static str),
    /// The tracker says no.
    #[error("{}", .0.reason)]
    Refused(Failure),
}

impl From<bendy::decoding::Error> for AnswerError {
    fn from(error: bendy::decoding::Error) -> Self {
        Self::NotBencode(crate::sentence(error.to_string().as_bytes()))
    }
}
