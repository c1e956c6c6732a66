//! A pipe to a peer that is a task of this program.

use std::collections::VecDeque;
use std::io;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::pipe;
use super::secure::Ends;

/// Segments that wait in either direction: of blocks, about 256 KiB.
const SEGMENTS_MAX: usize = 16;

/// What the peer holds. Each `Bytes` is at most 64 KiB long.
#[derive(Debug)]
pub struct FarEnd {
    /// What the swarm sends; `None`: it closed the link.
    pub receiver: mpsc::Receiver<Bytes>,
    pub sender: mpsc::Sender<Bytes>,
}

/// A link whose other end is in this program. Dropping either end closes it.
pub fn link_within() -> (Ends, FarEnd) {
    let (to_peer, receiver) = mpsc::channel(SEGMENTS_MAX);
    let (sender, from_peer) = mpsc::channel(SEGMENTS_MAX);
    let halves = (pipe::Reader::Memory(Reader(from_peer)), pipe::Writer::Memory(Writer(to_peer)));
    (Ends::plain(halves, Bytes::new()), FarEnd { receiver, sender })
}

#[derive(Debug)]
pub struct Reader(mpsc::Receiver<Bytes>);

impl Reader {
    /// The next bytes; `None`: the peer is gone.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.0.recv().await
    }
}

#[derive(Debug)]
pub struct Writer(mpsc::Sender<Bytes>);

impl Writer {
    /// Hands over the first of `segments`.
    ///
    /// # Errors
    /// The peer is gone.
    pub async fn write(&mut self, segments: &mut VecDeque<Bytes>) -> io::Result<usize> {
        let place = self.0.reserve().await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        let segment = segments.pop_front().unwrap_or_default();
        let written = segment.len();
        place.send(segment);
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn bytes_go_both_ways_until_either_end_is_dropped() {
        let (mut ends, mut far) = link_within();
        let mut segments = VecDeque::from([Bytes::from_static(b"one"), Bytes::from_static(b"two")]);
        assert_eq!(ends.sender.write(&mut segments).await.unwrap(), 3);
        assert_eq!((far.receiver.recv().await.unwrap(), segments.len()), (Bytes::from_static(b"one"), 1));
        far.sender.send(Bytes::from_static(b"three")).await.unwrap();
        assert_eq!(ends.receiver.next().await.unwrap(), "three");
        drop(far);
        assert!(ends.receiver.next().await.is_none());
        assert!(ends.sender.write(&mut segments).await.is_err());
        let (ends, mut far) = link_within();
        drop(ends);
        assert!(far.receiver.recv().await.is_none());
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_holds_a_bounded_amount() {
        let (mut ends, far) = link_within();
        let mut segments: VecDeque<Bytes> = (0..100).map(|_| Bytes::from_static(b"x")).collect();
        let writing = async { while ends.sender.write(&mut segments).await.is_ok() {} };
        assert!(writing.now_or_never().is_none());
        assert_eq!(segments.len(), 100 - SEGMENTS_MAX);
        drop(far);
    }
}
