//! One open link as the swarm's task holds it.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use peer_engine::LinkKey;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::queue::{Incoming, LinkChannels, TaskEnd, WriterEnd, queue};
use super::secure::{Ends, Receiver, Sender};

/// A closing link has this long to write what was promised.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// An open link. Dropping it closes the pipe at once; [`Link::close`] writes what is queued first.
#[derive(Debug)]
pub struct Link {
    queue: TaskEnd,
    reader: AbortOnDropHandle<()>,
    writer: AbortOnDropHandle<()>,
}

impl Link {
    /// Begins to read and write.
    pub fn start(key: LinkKey, ends: Ends, channels: &LinkChannels) -> Self {
        let (queue, end) = queue(key, channels.rooms.clone());
        let Ends { receiver, sender } = ends;
        Self {
            queue,
            reader: AbortOnDropHandle::new(tokio::spawn(receive(key, receiver, channels.incoming.clone()))),
            writer: AbortOnDropHandle::new(tokio::spawn(send(sender, end))),
        }
    }

    /// Bytes that the link takes now; `None`: wait for its notice of room.
    pub fn room(&self) -> Option<usize> {
        self.queue.room()
    }

    /// Queues bytes, at most the room that there was.
    pub fn send(&self, segments: Vec<Bytes>, bytes: usize) {
        self.queue.send(segments, bytes);
    }

    /// Writes what is queued, for a few seconds, and closes. Nothing more is read.
    pub async fn close(self) {
        let Self { queue, reader, writer } = self;
        drop((queue, reader));
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, writer).await;
    }
}

/// All that a link receives passes here, whatever it goes over, and is opened here. At most one chunk of a link waits
/// for a place in the channel.
async fn receive(key: LinkKey, mut receiver: Receiver, incoming: mpsc::Sender<Incoming>) {
    while let Some(bytes) = receiver.next().await {
        if incoming.send(Incoming::Received(key, bytes)).await.is_err() {
            return;
        }
    }
    // Fails only if nobody is left who wants to know.
    let _ = incoming.send(Incoming::Closed(key)).await;
}

/// All that a link sends passes here, whatever it goes over, and is sealed here.
async fn send(mut sender: Sender, mut end: WriterEnd) {
    let mut segments = VecDeque::new();
    while let Some(batch) = end.next_batch().await {
        segments.extend(batch);
        // The reader sees the broken connection, too, and reports it.
        if write_all(&mut sender, &mut segments, &mut end).await.is_err() {
            return;
        }
    }
    sender.close().await;
}

async fn write_all(sender: &mut Sender, segments: &mut VecDeque<Bytes>, end: &mut WriterEnd) -> io::Result<()> {
    loop {
        // What came meanwhile goes into the same write.
        while let Some(batch) = end.try_next_batch() {
            segments.extend(batch);
        }
        if segments.is_empty() {
            return sender.flush().await;
        }
        end.written(sender.write(segments).await?);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::links::pipe::Pipe;
    use crate::links::queue::BATCHES_MAX;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dialed = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (dialed, listener.accept().await.unwrap().0)
    }

    fn plain(stream: TcpStream) -> Ends {
        Ends::plain(Pipe::Tcp(stream).split(), Bytes::new())
    }

    fn channels(places: usize) -> (LinkChannels, mpsc::Receiver<Incoming>, mpsc::Receiver<LinkKey>) {
        let (incoming, received) = mpsc::channel(places);
        let (rooms, notices) = mpsc::channel(16);
        (LinkChannels { incoming, rooms }, received, notices)
    }

    #[tokio::test]
    async fn a_link_whose_peer_does_not_read_queues_a_bounded_amount_and_tells_when_it_has_room() {
        let (near, mut far) = pair().await;
        let (channels, _received, mut notices) = channels(4);
        let link = Link::start(LinkKey(1), plain(near), &channels);
        let block = Bytes::from(vec![7; 16 << 10]);
        let mut sent = 0_usize;
        // Until neither the sockets' buffers nor the backlog take more.
        loop {
            while link.room().is_some() {
                link.send(vec![block.clone(); 4], 4 * block.len());
                sent += 4 * block.len();
            }
            match tokio::time::timeout(Duration::from_millis(300), notices.recv()).await {
                Ok(key) => assert_eq!(key, Some(LinkKey(1))),
                Err(_) => break,
            }
        }
        assert!(link.room().is_none());
        let mut buffer = vec![0; 1 << 20];
        let mut read = 0;
        while notices.try_recv().is_err() {
            read += far.read(&mut buffer).await.unwrap();
        }
        assert!(link.room().is_some(), "room after {read} bytes");
        let closing = tokio::spawn(link.close());
        while let Ok(1..) = far.read(&mut buffer[..]).await.inspect(|len| read += len) {}
        closing.await.unwrap();
        assert_eq!(read, sent, "closing writes what was promised");
    }

    #[tokio::test]
    async fn small_batches_are_bounded_by_number() {
        let (near, _far) = pair().await;
        let (channels, _received, _notices) = channels(4);
        let link = Link::start(LinkKey(1), plain(near), &channels);
        // Without an await the writer cannot take any (this runtime has one thread).
        let mut batches = 0;
        while link.room().is_some() {
            link.send(vec![Bytes::from_static(b"have")], 4);
            batches += 1;
        }
        assert!(batches <= BATCHES_MAX, "{batches}");
    }

    #[tokio::test]
    async fn silent_links_do_not_keep_others_from_being_read() {
        let (channels, mut received, _notices) = channels(2);
        let mut links = Vec::new();
        for key in 1..=5 {
            let (near, far) = pair().await;
            links.push((Link::start(LinkKey(key), plain(near), &channels), far));
        }
        tokio::task::yield_now().await;
        links[4].1.write_all(b"hello").await.unwrap();
        let Some(Incoming::Received(LinkKey(5), bytes)) = received.recv().await else { panic!("not received") };
        assert_eq!(bytes, "hello");
        let (_link, far) = links.remove(0);
        drop(far);
        assert!(matches!(received.recv().await, Some(Incoming::Closed(LinkKey(1)))));
    }
}
