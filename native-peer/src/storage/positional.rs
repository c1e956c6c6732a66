//! Reading and writing at an offset, on any number of threads, without moving a cursor.

use std::fs::File;
use std::io;

use bytes::Bytes;

/// Fills the buffer.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::UnexpectedEof`] at the end of the file.
#[cfg(unix)]
pub fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Fills the buffer.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::UnexpectedEof`] at the end of the file.
#[cfg(windows)]
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        buffer = &mut buffer[read..];
        offset += read as u64;
    }
    Ok(())
}

/// Reads exactly `len` bytes into fresh memory, which is not zeroed first.
///
/// # Errors
/// As [`read_exact_at`].
#[cfg(unix)]
pub fn read_bytes_at(file: &File, len: usize, offset: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(len);
    while bytes.len() < len {
        let at = offset + bytes.len() as u64;
        let missing = len - bytes.len();
        // A vector may have more capacity than was asked for; never read past the end of the extent.
        let read = if bytes.capacity() == len {
            rustix::io::pread(file, rustix::buffer::spare_capacity(&mut bytes), at)
        } else {
            let mut rest = vec![0; missing];
            rustix::io::pread(file, &mut rest, at).inspect(|&read| bytes.extend_from_slice(&rest[..read]))
        };
        match read {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bytes.into())
}

/// Reads exactly `len` bytes.
///
/// # Errors
/// As [`read_exact_at`].
#[cfg(windows)]
pub fn read_bytes_at(file: &File, len: usize, offset: u64) -> io::Result<Bytes> {
    let mut bytes = vec![0; len];
    read_exact_at(file, &mut bytes, offset)?;
    Ok(bytes.into())
}

/// The most buffers that one call takes everywhere (`IOV_MAX` is at least 1024 on today's systems).
#[cfg(unix)]
const BUFFERS_MAX: usize = 1024;

/// Writes the blocks one after the other, in as few calls as there can be.
///
/// # Errors
/// What the operating system says.
#[cfg(unix)]
pub fn write_all_at(file: &File, blocks: &[Bytes], mut offset: u64) -> io::Result<()> {
    let mut slices: Vec<io::IoSlice<'_>> =
        blocks.iter().filter(|block| !block.is_empty()).map(|block| io::IoSlice::new(block)).collect();
    let mut rest = &mut slices[..];
    while !rest.is_empty() {
        let count = rest.len().min(BUFFERS_MAX);
        match rustix::io::pwritev(file, &rest[..count], offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                offset += written as u64;
                io::IoSlice::advance_slices(&mut rest, written);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes the blocks one after the other.
///
/// # Errors
/// What the operating system says.
#[cfg(windows)]
pub fn write_all_at(file: &File, blocks: &[Bytes], mut offset: u64) -> io::Result<()> {
    for block in blocks {
        let mut rest = &block[..];
        while !rest.is_empty() {
            match std::os::windows::fs::FileExt::seek_write(file, rest, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    offset += written as u64;
                    rest = &rest[written..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_written_in_order_and_read_back() {
        let file = tempfile::tempfile().unwrap();
        let blocks: Vec<Bytes> = (0..3_000_u32).map(|i| Bytes::from(vec![i as u8; (i % 7) as usize])).collect();
        write_all_at(&file, &blocks, 10).unwrap();
        let all = blocks.concat();
        assert_eq!(read_bytes_at(&file, all.len(), 10).unwrap(), all);
        let error = read_bytes_at(&file, all.len() + 1, 10).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
