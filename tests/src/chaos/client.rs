//! A member's program: the real conversation over a real WebSocket, across the server's deaths, and a person who does
//! one thing after another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;
use futures_util::{SinkExt, StreamExt};
use membership::{Conversation, ConversationConfig, ConversationEvent, Group, Identity, OfflineReason};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{self, Message};
use wire_protocol::control::{self, Refusal, Reply};
use wire_protocol::ids::{GroupId, MemberKey, RequestId};

use super::deeds::{self, Deed};
use super::model::{Model, Posed};
use super::server::Status;
use super::state::State;
use crate::pipe::{self, Socket};

/// Requests of one person on their way.
const AT_ONCE: usize = 3;
/// For opening a WebSocket to a server that may just have died.
const OPEN_MAX: Duration = Duration::from_secs(5);
/// Then whoever waits for a view is shown what there is.
const VIEW_MAX: Duration = Duration::from_secs(10);

/// A member's groups as the program shows them.
pub type View = BTreeMap<GroupId, Arc<Group>>;

/// What the run tells a client.
pub enum Order {
    /// Begin nothing; say when everything is answered and all is told.
    Quiet(oneshot::Sender<()>),
    /// Show the groups once they are at these numbers (or after [`VIEW_MAX`]).
    Show(BTreeMap<GroupId, u64>, oneshot::Sender<View>),
    /// Go on.
    Go,
}

enum Mood {
    Busy,
    Quiet(Option<oneshot::Sender<()>>),
    Showing { expected: BTreeMap<GroupId, u64>, until: Instant, to: oneshot::Sender<View> },
}

/// A request, and under which of the server's lives it was sent first.
struct Pending {
    posed: Posed,
    starts: u64,
    is_sent_again: bool,
}

/// See the module.
pub struct Client {
    conversation: Box<Conversation>,
    url: String,
    socket: Option<Socket>,
    started: Instant,
    rng: Rng,
    pending: BTreeMap<RequestId, Pending>,
    /// The server's life that this connection is to, if that is sure.
    heard: Option<u64>,
    mood: Mood,
    model: Arc<Mutex<Model>>,
    server: watch::Receiver<Status>,
    orders: mpsc::Receiver<Order>,
}

impl Client {
    /// A new person.
    ///
    /// # Errors
    /// If the URL is none.
    pub fn new(
        number: usize,
        mut rng: Rng,
        url: String,
        model: Arc<Mutex<Model>>,
        server: watch::Receiver<Status>,
        orders: mpsc::Receiver<Order>,
    ) -> Result<Self> {
        let mut seed = || std::array::from_fn(|_| rng.u8(..));
        let config = ConversationConfig {
            identity: Identity::from_seed(seed()),
            display_name: format!("Person {number}"),
            client: "chaos".to_owned(),
            origin: url.parse()?,
            secret_seed: seed(),
            rng_seed: rng.u64(..),
        };
        let conversation = Box::new(Conversation::new(config, 0));
        let (started, pending) = (Instant::now(), BTreeMap::new());
        let (socket, heard, mood) = (None, None, Mood::Busy);
        Ok(Self { conversation, url, socket, started, rng, pending, heard, mood, model, server, orders })
    }

    /// Who this is.
    pub fn key(&self) -> MemberKey {
        self.conversation.member()
    }

    /// Until nobody gives orders any more.
    ///
    /// # Errors
    /// Whatever the server should not have said.
    pub async fn run(mut self) -> Result<()> {
        while !self.orders.is_closed() {
            self.connect_if_due().await;
            self.hear()?;
            self.report();
            self.act()?;
            self.say().await;
            self.wait().await;
        }
        Ok(())
    }

    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    async fn connect_if_due(&mut self) {
        let now_ms = self.now_ms();
        if !self.conversation.should_connect(now_ms) {
            return;
        }
        let starts = self.server.borrow().starts;
        let opened = timeout(OPEN_MAX, pipe::open(&self.url, "control", control::SUBPROTOCOL)).await;
        match opened {
            Ok(Ok(socket)) => {
                // It may have died and come back meanwhile: whose connection this is nobody knows then.
                let is_sure = self.server.borrow().starts == starts;
                (self.socket, self.heard) = (Some(socket), is_sure.then_some(starts));
                self.conversation.handle_connected(self.now_ms());
            }
            _ => self.disconnect(),
        }
    }

    fn disconnect(&mut self) {
        (self.socket, self.heard) = (None, None);
        self.conversation.handle_disconnected(self.now_ms());
    }

    /// Says all that there is to say.
    async fn say(&mut self) {
        if self.conversation.should_disconnect() {
            return self.disconnect();
        }
        let Some(socket) = &mut self.socket else { return };
        while let Some(message) = self.conversation.poll_message() {
            if socket.send(Message::Binary(message.into())).await.is_err() {
                return self.disconnect();
            }
        }
    }

    /// What the conversation has to tell.
    fn hear(&mut self) -> Result<()> {
        while let Some(event) = self.conversation.poll_event() {
            match event {
                ConversationEvent::Reply { id, outcome } => self.answered(id, &outcome)?,
                ConversationEvent::GroupChanged(id) => {
                    if let Some(group) = self.conversation.groups().get(&id) {
                        let (seq, state) = (group.seq, State::shown(group));
                        self.model().show(id, seq, &state)?;
                    }
                }
                ConversationEvent::Offline { reason: OfflineReason::Unreachable | OfflineReason::Lost, .. } => {
                    self.pending.values_mut().for_each(|pending| pending.is_sent_again = true);
                }
                ConversationEvent::Offline { reason, .. } => bail!("the connection ended otherwise: {reason}"),
                ConversationEvent::Refused(refusal) => bail!("the login was refused: {refusal}"),
                _ => {}
            }
        }
        Ok(())
    }

    fn answered(&mut self, id: RequestId, outcome: &Result<Reply, Refusal>) -> Result<()> {
        let pending = self.pending.remove(&id).context("an answer to nothing")?;
        let now_ms = self.server_ms().filter(|_| self.heard == Some(pending.starts));
        let mut model = self.model();
        if pending.is_sent_again {
            model.report.sent_again += 1;
            model.report.sent_again_acknowledged += u64::from(outcome.is_ok());
        }
        model.answered(pending.posed, outcome, now_ms)
    }

    /// The server's clock, Unix milliseconds, while this member is logged in.
    fn server_ms(&self) -> Option<u64> {
        self.conversation.tracker_time_ms(self.now_ms()).filter(|_| self.conversation.is_online())
    }

    /// Tells the run what it waits for.
    fn report(&mut self) {
        let is_settled = self.pending.is_empty() && self.conversation.is_synced();
        // Whoever gave the order may have failed meanwhile.
        match std::mem::replace(&mut self.mood, Mood::Busy) {
            Mood::Quiet(Some(to)) if is_settled => {
                let _ = to.send(());
                self.mood = Mood::Quiet(None);
            }
            Mood::Showing { expected, until, to } => {
                let view = self.conversation.groups();
                let numbers: BTreeMap<_, _> = view.iter().map(|(id, group)| (*id, group.seq)).collect();
                if (numbers == expected && is_settled) || Instant::now() >= until {
                    let _ = to.send(view.clone());
                    self.mood = Mood::Quiet(None);
                } else {
                    self.mood = Mood::Showing { expected, until, to };
                }
            }
            other => self.mood = other,
        }
    }

    /// Does something, if it is time.
    fn act(&mut self) -> Result<()> {
        if !matches!(self.mood, Mood::Busy) || !self.conversation.is_synced() {
            return Ok(());
        }
        while self.pending.len() < AT_ONCE {
            let deed = {
                let model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
                deeds::choose(&mut self.rng, &self.conversation, &model.board)
            };
            let Some(deed) = deed.filter(|deed| self.is_free_for(deed)) else { break };
            self.pose(deed)?;
        }
        Ok(())
    }

    /// Whether it has one outcome, whatever is on its way already.
    fn is_free_for(&self, deed: &Deed) -> bool {
        self.pending.values().all(|pending| {
            let other = &pending.posed.deed;
            let is_same_door = deed.door().is_some() && deed.door() == other.door();
            !is_same_door && !matches!((deed, other), (Deed::Rename(_), Deed::Rename(_)))
        })
    }

    fn pose(&mut self, deed: Deed) -> Result<()> {
        let by = self.key();
        let answers = deed.door().map_or(0, |group| self.model().answers(group, by));
        let posed = Posed { by, deed: deed.clone(), answers, at_ms: self.server_ms() };
        let id = deed.pose(&self.url, &mut self.conversation)?;
        let starts = self.heard.unwrap_or_default();
        let before = self.pending.insert(id, Pending { posed, starts, is_sent_again: false });
        ensure!(before.is_none(), "two requests with one id");
        Ok(())
    }

    /// Until there is something to do.
    async fn wait(&mut self) {
        let now_ms = self.now_ms();
        let due_ms = self.conversation.poll_timeout().unwrap_or(u64::MAX / 2);
        let due = Duration::from_millis(due_ms.saturating_sub(now_ms)).min(Duration::from_millis(200));
        let message = async {
            match &mut self.socket {
                Some(socket) => socket.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = message => self.take(message),
            () = tokio::time::sleep(due) => self.conversation.handle_timeout(self.started.elapsed().as_millis() as u64),
            order = self.orders.recv() => self.obey(order),
            _ = self.server.changed() => {
                if self.server.borrow_and_update().is_up {
                    self.conversation.retry_now(self.started.elapsed().as_millis() as u64);
                }
            }
        }
    }

    fn take(&mut self, message: Option<Result<Message, tungstenite::Error>>) {
        match message {
            Some(Ok(Message::Binary(bytes))) => {
                let now_ms = self.now_ms();
                self.conversation.handle_message(&bytes, now_ms);
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => self.disconnect(),
            Some(Ok(_)) => {}
        }
    }

    fn obey(&mut self, order: Option<Order>) {
        self.mood = match order {
            Some(Order::Quiet(to)) => Mood::Quiet(Some(to)),
            Some(Order::Show(expected, to)) => Mood::Showing { expected, until: Instant::now() + VIEW_MAX, to },
            Some(Order::Go) | None => Mood::Busy,
        };
    }

    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
