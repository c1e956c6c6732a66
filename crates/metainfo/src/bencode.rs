//! Values of a bencoded dictionary that are of the kind that they should be.

use bendy::decoding::{ListDecoder, Object};

use crate::error::InfoError;

/// Nesting that is read: info, files, file, path; unknown keys (BEP 52 `file tree`) nest deeper.
pub(crate) const DEPTH_MAX: usize = 64;

/// A string of bytes.
pub(crate) fn bytes<'a>(key: &'static str, value: Object<'_, 'a>) -> Result<&'a [u8], InfoError> {
    match value {
        Object::Bytes(bytes) => Ok(bytes),
        _ => Err(InfoError::WrongType(key)),
    }
}

/// A number that is not negative.
pub(crate) fn integer(key: &'static str, value: Object<'_, '_>) -> Result<u64, InfoError> {
    match value {
        Object::Integer(number) => number.parse().map_err(|_| InfoError::WrongType(key)),
        _ => Err(InfoError::WrongType(key)),
    }
}

/// The strings of a list; what else is in it is passed over.
pub(crate) fn strings(mut list: ListDecoder<'_, '_>, mut take: impl FnMut(&[u8])) -> Result<(), InfoError> {
    while let Some(object) = list.next_object()? {
        if let Object::Bytes(bytes) = object {
            take(bytes);
        }
    }
    Ok(())
}
