//! Reading a tracker's dictionary: what is not of its kind is as if it were not there.

use bendy::decoding::{Decoder, DictDecoder, Object};

use super::failure::{AnswerError, Failure};
use super::response::RESPONSE_LEN_MAX;
use crate::RetryIn;

/// Nesting that is read: keys that are not known may nest.
pub(super) const DEPTH_MAX: usize = 16;

/// Calls `read` with every pair; a refusal is an error. What stands behind the dictionary is ignored.
pub(super) fn for_each_pair<'a>(
    body: &'a [u8],
    mut read: impl FnMut(&'a [u8], Object<'_, 'a>) -> Result<(), AnswerError>,
) -> Result<(), AnswerError> {
    if body.len() > RESPONSE_LEN_MAX {
        return Err(AnswerError::TooLong(body.len()));
    }
    let mut decoder = Decoder::new(body).with_max_depth(DEPTH_MAX);
    let Some(Object::Dict(mut dict)) = decoder.next_object()? else {
        return Err(AnswerError::NotBencode("no dictionary".to_owned()));
    };
    let mut failure: Option<Failure> = None;
    while let Some((key, value)) = dict.next_pair()? {
        match (key, value) {
            (b"failure reason", Object::Bytes(reason)) => {
                failure = Some(Failure { reason: crate::sentence(reason), retry: None });
            }
            (b"retry in", value) => {
                if let Some(failure) = &mut failure {
                    failure.retry = read_retry(&value);
                }
            }
            (key, value) => read(key, value)?,
        }
    }
    failure.map_or(Ok(()), |failure| Err(AnswerError::Refused(failure)))
}

fn read_retry(value: &Object<'_, '_>) -> Option<RetryIn> {
    match value {
        Object::Bytes(b"never") => Some(RetryIn::Never),
        Object::Bytes(digits) => std::str::from_utf8(digits).ok()?.parse().ok().map(RetryIn::Minutes),
        Object::Integer(minutes) => minutes.parse().ok().map(RetryIn::Minutes),
        _ => None,
    }
}

/// The numbers of a dictionary that are not negative.
pub(super) fn for_each_number(
    mut dict: DictDecoder<'_, '_>,
    mut read: impl FnMut(&[u8], u32),
) -> Result<(), AnswerError> {
    while let Some((key, value)) = dict.next_pair()? {
        if let Some(number) = number(&value) {
            read(key, number);
        }
    }
    Ok(())
}

pub(super) fn number(value: &Object<'_, '_>) -> Option<u32> {
    match value {
        Object::Integer(number) => number.parse().ok(),
        _ => None,
    }
}
