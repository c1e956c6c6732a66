//! What is read of a download at once: a read costs a browser a millisecond or two, whatever its length, and a folder may
//! have ten thousands of small files.

use std::ops::Range;

/// Read in one go, at least, bytes.
pub const READ_LEN: u64 = 4 << 20;

/// The bytes that were read last.
#[derive(Debug, Default)]
pub struct Window {
    begin: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// What is to be read to have `wanted`; `None`: it is here. `total`: bytes that there are.
    pub fn needs(&self, wanted: &Range<u64>, total: u64) -> Option<Range<u64>> {
        let here = self.begin..self.begin + self.bytes.len() as u64;
        let is_here = here.start <= wanted.start && wanted.end <= here.end;
        (!is_here).then(|| wanted.start..wanted.end.max(wanted.start + READ_LEN).min(total))
    }

    /// That was read, from `begin` on.
    pub fn set(&mut self, begin: u64, bytes: Vec<u8>) {
        (self.begin, self.bytes) = (begin, bytes);
    }

    /// A part of it; `None`: it is not here.
    pub fn get(&self, wanted: &Range<u64>) -> Option<&[u8]> {
        let begin = usize::try_from(wanted.start.checked_sub(self.begin)?).ok()?;
        let len = usize::try_from(wanted.end.checked_sub(wanted.start)?).ok()?;
        self.bytes.get(begin..begin.checked_add(len)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_one_behind_the_other_are_read_in_one_go() {
        let mut window = Window::default();
        assert_eq!(window.needs(&(10..20), 100 << 20), Some(10..10 + READ_LEN));
        window.set(10, (0..READ_LEN).map(|at| at as u8).collect());
        assert_eq!(window.needs(&(20..30), 100 << 20), None);
        assert_eq!(window.get(&(20..23)), Some(&[10, 11, 12][..]));
        assert_eq!(window.get(&(9..11)), None);
        let behind = 10 + READ_LEN - 1..10 + READ_LEN + 1;
        assert_eq!(window.needs(&behind, behind.end), Some(behind));
    }

    #[test]
    fn nothing_is_there_without_a_read() {
        assert_eq!(Window::default().needs(&(0..0), 5), None);
        assert_eq!(Window::default().get(&(0..0)), Some(&[][..]));
    }
}
