//! What is read of a download at once: a read costs a browser a millisecond or two, whatever its length, and a folder may
//! have ten thousands of small files.

use std::ops::Range;

/// Read in one go, bytes.
pub const READ_LEN: u64 = 4 << 20;

/// Which bytes were read last.
#[derive(Debug, Default)]
pub struct Window {
    here: Range<u64>,
}

impl Window {
    /// What is to be read next for the beginning of `wanted`; `None`: that is here. `total`: bytes that there are.
    pub fn needs(&self, wanted: &Range<u64>, total: u64) -> Option<Range<u64>> {
        let is_here = wanted.is_empty() || self.here.contains(&wanted.start);
        (!is_here).then(|| wanted.start..(wanted.start + READ_LEN).min(total))
    }

    /// That was read.
    pub fn set(&mut self, here: Range<u64>) {
        self.here = here;
    }

    /// Where in it the beginning of `wanted` is, as much of that as is here.
    pub fn place(&self, wanted: &Range<u64>) -> Range<u64> {
        let begin = wanted.start.clamp(self.here.start, self.here.end);
        let end = wanted.end.clamp(begin, self.here.end);
        begin - self.here.start..end - self.here.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_one_behind_the_other_are_read_in_one_go() {
        let mut window = Window::default();
        let all = 100 << 20;
        assert_eq!(window.needs(&(10..20), all), Some(10..10 + READ_LEN));
        window.set(10..10 + READ_LEN);
        assert_eq!(window.needs(&(20..30), all), None);
        assert_eq!(window.place(&(20..30)), 10..20);
    }

    #[test]
    fn what_is_longer_comes_in_parts() {
        let mut window = Window::default();
        let mut wanted = 5..2 * READ_LEN + 6;
        let mut lens = Vec::new();
        while !wanted.is_empty() {
            if let Some(needed) = window.needs(&wanted, wanted.end) {
                window.set(needed);
            }
            let part = window.place(&wanted);
            lens.push(part.end - part.start);
            wanted.start += part.end - part.start;
        }
        assert_eq!(lens, [READ_LEN, READ_LEN, 1]);
    }

    #[test]
    fn nothing_is_there_without_a_read_and_nothing_needs_none() {
        assert_eq!(Window::default().needs(&(7..7), 100), None);
        assert_eq!(Window::default().place(&(7..9)), 0..0);
    }
}
