//! Who reads a file that is played, and which piece is therefore fetched first.
//!
//! A browser opens a range at the beginning, gives it up for one at the end, comes back, and asks for the subtitles
//! meanwhile. Whoever asked last and waits is served first; when they have what they asked for, it is the others' turn
//! again. With nobody reading (the film is paused) what follows the last reading comes.

/// One range that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reader {
    id: u64,
    piece: u32,
    is_waiting: bool,
}

/// All of one torrent, in the order in which they asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readers {
    open: Vec<Reader>,
    last: Option<u32>,
}

impl Readers {
    /// A reader is at this piece, and waits for it or not. Who is not known yet asked last.
    pub fn on_at(&mut self, id: u64, piece: u32, is_waiting: bool) {
        let reader = Reader { id, piece, is_waiting };
        match self.open.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = reader,
            None => self.open.push(reader),
        }
        self.last = self.first();
    }

    /// Somebody is about to read from this piece on.
    pub fn expect(&mut self, piece: u32) {
        self.last.get_or_insert(piece);
    }

    /// It has got all, or was given up.
    pub fn on_gone(&mut self, id: u64) {
        self.open.retain(|reader| reader.id != id);
        self.last = self.first().or(self.last);
    }

    /// The piece that is fetched first; `None`: nobody has read.
    pub fn wanted(&self) -> Option<u32> {
        self.last
    }

    /// The piece that somebody waits for.
    pub fn waited_for(&self) -> Option<u32> {
        self.open.iter().rfind(|reader| reader.is_waiting).map(|reader| reader.piece)
    }

    fn first(&self) -> Option<u32> {
        self.waited_for().or_else(|| self.open.last().map(|reader| reader.piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_last_and_waits_comes_first() {
        let mut readers = Readers::default();
        assert_eq!((readers.wanted(), readers.waited_for()), (None, None));
        readers.on_at(1, 0, true);
        readers.on_at(2, 90, true);
        assert_eq!(readers.wanted(), Some(90), "the end of the film, where its index is");
        readers.on_at(2, 91, false);
        assert_eq!(readers.wanted(), Some(0), "which is here: the beginning again");
        readers.on_at(1, 1, true);
        readers.on_at(3, 50, true);
        assert_eq!(readers.wanted(), Some(50), "somebody seeks");
    }

    #[test]
    fn who_is_expected_is_fetched_for_until_somebody_reads() {
        let mut readers = Readers::default();
        readers.expect(4);
        assert_eq!((readers.wanted(), readers.waited_for()), (Some(4), None));
        readers.on_at(1, 9, true);
        readers.expect(4);
        assert_eq!(readers.wanted(), Some(9));
    }

    #[test]
    fn what_follows_the_last_reading_is_fetched_while_nobody_reads() {
        let mut readers = Readers::default();
        readers.on_at(1, 7, false);
        readers.on_gone(1);
        assert_eq!((readers.wanted(), readers.waited_for()), (Some(7), None));
        readers.on_at(2, 30, false);
        readers.on_at(3, 40, true);
        readers.on_gone(3);
        assert_eq!(readers.wanted(), Some(30));
    }
}
