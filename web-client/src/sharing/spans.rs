//! Which parts of which files some bytes of a torrent are, before there is an info dictionary that could tell.

use std::ops::Range;

/// The parts of `range` in the files that lie one behind the other and end at `ends`: each file's place and the bytes in
/// it. Files without bytes have no part.
pub fn spans(ends: &[u64], range: Range<u64>) -> impl Iterator<Item = (usize, Range<u64>)> + '_ {
    let first = ends.partition_point(|end| *end <= range.start);
    let begin = move |file: usize| if file == 0 { 0 } else { ends[file - 1] };
    let within = (first..ends.len()).take_while({
        let end = range.end;
        move |file| begin(*file) < end
    });
    within.filter_map(move |file| {
        let (from, to) = (range.start.max(begin(file)), range.end.min(ends[file]));
        (from < to).then(|| (file, from - begin(file)..to - begin(file)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_goes_over_the_borders_of_files_and_past_empty_ones() {
        let ends = [3, 3, 10, 10, 11];
        let all = |range| spans(&ends, range).collect::<Vec<_>>();
        assert_eq!(all(0..11), [(0, 0..3), (2, 0..7), (4, 0..1)]);
        assert_eq!(all(2..4), [(0, 2..3), (2, 0..1)]);
        assert_eq!(all(3..10), [(2, 0..7)]);
        assert_eq!(all(10..11), [(4, 0..1)]);
        assert_eq!(all(4..4), []);
        assert_eq!(all(11..20), []);
    }

    #[test]
    fn every_cut_gives_every_byte_once() {
        let ends = [5, 5, 6, 20];
        for cut in 0..=20 {
            let lens = [0..cut, cut..20].into_iter().flat_map(|range| spans(&ends, range));
            assert_eq!(lens.map(|(_, part)| part.end - part.start).sum::<u64>(), 20);
        }
    }
}
