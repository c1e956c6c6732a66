//! The page's end of the worker: commands go out, snapshots come in.

use std::collections::BTreeMap;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, MessagePort, Worker};
use wire_protocol::ids::FileId;

use super::bar::{self, Entry};
use super::outbox::Outbox;
use super::picking::PickedFiles;
use super::{again, browser, service};
use crate::address::{Address, parts_of, slug_of};
use crate::browser_name::browser_name;
use crate::capacity::Capacity;
use crate::identity_link::IdentitySecret;
use crate::messages::{Command, Connection, FileList, Keeping, Place, Report, Snapshot, decode, encode};
use crate::screen;
use crate::storing::Disk;
use crate::tuning::Tuning;
use crate::words::{self, Language};

/// It is named after the worker's binary.
const WORKER_URL: &str = "/worker_loader.js";

/// What the person wants to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ToPlay {
    /// What comes next, whatever it is called.
    Next,
    /// A file of a card's torrent.
    File(FileId, u32),
}

/// Where a player was taken out of the page that the person did not close: another view is in front, or another language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    pub(crate) of: ToPlay,
    /// Seconds.
    pub(crate) at: f64,
    pub(crate) is_paused: bool,
}

/// The peer in the worker, as components know it.
#[derive(Clone, Copy)]
pub(crate) struct Peer {
    snapshot: RwSignal<Snapshot>,
    language: RwSignal<Language>,
    capacity: RwSignal<Option<Capacity>>,
    tuning: RwSignal<Tuning>,
    /// For another device, while the person looks at it.
    identity: RwSignal<Option<IdentitySecret>>,
    /// Why another identity was not kept.
    identity_problem: RwSignal<Option<String>>,
    /// What the files of folders are called, where the person looked.
    files: RwSignal<BTreeMap<FileId, FileList>>,
    /// What was shared before and could not be read again, and what the browser calls the reason.
    not_read: RwSignal<Option<([u8; 20], String)>>,
    /// The group whose secret stands in the address bar until it is known that this browser keeps it.
    unhidden: RwSignal<Option<String>>,
    to_play: RwSignal<Option<ToPlay>>,
    pressed_ms: StoredValue<f64>,
    left: StoredValue<Option<Left>>,
    outbox: StoredValue<Outbox, LocalStorage>,
}

impl Peer {
    /// Starts the worker; the first command goes out when it is loaded.
    pub(crate) fn start() -> Self {
        let peer = Self {
            snapshot: RwSignal::new(screen::first_snapshot(&bar::address())),
            language: RwSignal::new(words::spoken()),
            capacity: RwSignal::new(None),
            tuning: RwSignal::new(browser::remembered_tuning()),
            identity: RwSignal::new(None),
            identity_problem: RwSignal::new(None),
            files: RwSignal::new(BTreeMap::new()),
            not_read: RwSignal::new(None),
            unhidden: RwSignal::new(None),
            to_play: RwSignal::new(None),
            pressed_ms: StoredValue::new(0.0),
            left: StoredValue::new(None),
            outbox: StoredValue::new_local(Outbox::new()),
        };
        let Ok(worker) = Worker::new(WORKER_URL) else {
            peer.on_no_worker();
            return peer;
        };
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| peer.on_message(&event));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // It is not loaded, or has stopped in the middle: no snapshot comes any more.
        let on_error = Closure::<dyn FnMut()>::new(move || peer.on_no_worker());
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // They live as long as the page.
        on_message.forget();
        on_error.forget();
        peer.outbox.update_value(|outbox| outbox.set_worker(worker));
        peer
    }

    /// The peer of the component's page.
    pub(crate) fn expect() -> Self {
        expect_context::<Self>()
    }

    /// What the page speaks.
    pub(crate) fn language(self) -> Signal<Language> {
        self.language.into()
    }

    /// The person chose another language. What runs goes on, and what was typed and not sent is gone.
    pub(crate) fn speak(self, language: Language) {
        browser::remember_language(language);
        browser::show_language(language);
        words::speak(language);
        self.send(&Command::Speak(language));
        self.language.set(language);
    }

    /// A part of the snapshot that tells only when it changed, or is said in another language.
    pub(crate) fn part<T>(self, of: impl Fn(&Snapshot) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| {
            self.language.track();
            self.snapshot.with(&of)
        })
    }

    /// A part of the snapshot as it is now.
    pub(crate) fn read<T>(self, of: impl FnOnce(&Snapshot) -> T) -> T {
        self.snapshot.with_untracked(of)
    }

    /// For another device; `None` until it was asked for.
    pub(crate) fn identity(self) -> Option<IdentitySecret> {
        self.identity.get()
    }

    /// The person has looked at it.
    pub(crate) fn forget_identity(self) {
        self.identity.set(None);
    }

    /// Why another identity was not kept.
    pub(crate) fn identity_problem(self) -> Option<String> {
        self.identity_problem.get()
    }

    /// What the files of a folder are called; `None` until the worker was asked.
    pub(crate) fn files_of(self, file: FileId) -> Memo<Option<FileList>> {
        Memo::new(move |_| self.files.with(|files| files.get(&file).cloned()))
    }

    /// Why what was shared before could not be read again.
    pub(crate) fn not_read(self, torrent: [u8; 20]) -> Memo<Option<String>> {
        Memo::new(move |_| self.not_read.get().filter(|(of, _)| *of == torrent).map(|(_, why)| why))
    }

    /// How big a file may be here; `None` until the browser has said.
    pub(crate) fn capacity(self) -> Option<Capacity> {
        self.capacity.get()
    }

    /// How the next download begins: as the person chose last.
    pub(crate) fn tuning(self) -> Signal<Tuning> {
        self.tuning.into()
    }

    /// The person chose; it holds for the next download too, in this tab or another.
    pub(crate) fn remember_tuning(self, tuning: Tuning) {
        self.tuning.set(tuning);
        browser::remember_tuning(&tuning);
    }

    /// Tells the worker what the person wants, as soon as it listens.
    pub(crate) fn send(self, command: &Command) {
        if matches!(command, Command::Join { .. } | Command::Download { .. } | Command::MakeGroup { .. }) {
            browser::keep_storage();
        }
        self.post(bytes_of(command).into(), Array::new());
    }

    /// The same, with a port that the worker answers on.
    pub(crate) fn send_with_port(self, command: &Command, port: &MessagePort) {
        self.post(Array::of2(&bytes_of(command), port).into(), Array::of1(port));
    }

    fn post(self, message: JsValue, handed_over: Array) {
        self.outbox.update_value(|outbox| outbox.send(message, handed_over));
    }

    /// What the person wants to play.
    pub(crate) fn to_play(self) -> Signal<Option<ToPlay>> {
        self.to_play.into()
    }

    /// The person pressed Play, or closed the player.
    pub(crate) fn play(self, what: Option<ToPlay>) {
        self.pressed_ms.set_value(browser::now_ms());
        self.left.set_value(None);
        // What was to be played before may be expected still, without a player that could say that it ends.
        if let Some(ToPlay::File(file, _)) = self.to_play.get_untracked()
            && !matches!(what, Some(ToPlay::File(now, _)) if now == file)
        {
            self.send(&Command::EndPlaying { file, is_closed: true });
        }
        // The same again begins anew.
        self.to_play.set(None);
        self.to_play.set(what);
    }

    /// It is known what [`ToPlay::Next`] is.
    pub(crate) fn play_next(self, file: FileId, index: u32) {
        self.to_play.set(Some(ToPlay::File(file, index)));
    }

    /// A player is taken out of the page, and may come back.
    pub(crate) fn leave_player(self, left: Left) {
        self.left.set_value(Some(left));
    }

    /// Where this one was when it was taken out.
    pub(crate) fn left_player(self, of: ToPlay) -> Option<Left> {
        let left = self.left.try_update_value(Option::take).flatten();
        left.filter(|left| left.of == of)
    }

    /// When the person pressed Play.
    pub(crate) fn pressed_ms(self) -> f64 {
        self.pressed_ms.get_value()
    }

    /// Shares what was picked. A File is a name for bytes on disk: the worker is given that, and reads.
    pub(crate) fn share(self, place: Place, picked: PickedFiles) {
        let PickedFiles { picked, files, handles } = picked;
        let command = Command::Share { place, picked, tuning: self.tuning.get_untracked() };
        self.send_beside(&command, files.iter().map(AsRef::as_ref).chain(&handles));
    }

    /// Tells the worker what the person wants, with Files or handles of files.
    pub(crate) fn send_beside<'a>(self, command: &Command, beside: impl IntoIterator<Item = &'a JsValue>) {
        let message = Array::of1(&bytes_of(command));
        for one in beside {
            message.push(one);
        }
        self.post(message.into(), Array::new());
    }

    /// Opens an invite of this server. Its secret stays in the address bar unless it is kept, so that it is neither read
    /// over a shoulder nor sent along with a screenshot, and never lost.
    pub(super) fn open_invite(self, invite: &str, entry: Entry) {
        if let Some((slug, secret)) = parts_of(invite) {
            let is_kept = bar::keep_secret(slug, secret);
            let is_hidden = is_kept && self.read(|snapshot| snapshot.keeping == Keeping::Works);
            bar::show_group(slug, Some(secret).filter(|_| !is_hidden), entry);
            self.unhidden.set((is_kept && !is_hidden).then(|| slug.to_owned()));
        }
        self.send(&Command::Preview { invite: invite.to_owned() });
    }

    /// Shows what an address leads to.
    pub(super) fn go_to(self, address: Address) {
        match address {
            Address::Invite(invite) => match self.known_group(slug_of(&invite)) {
                Some(slug) => self.send(&Command::OpenGroup { slug }),
                None => self.open_invite(&invite, Entry::Here),
            },
            Address::Group(slug) => self.send(&Command::OpenGroup { slug }),
            Address::Broken(link) => self.send(&Command::Preview { invite: link }),
            Address::Home | Address::Identity(_) => self.send(&Command::ShowHome),
        }
    }

    /// Leaves an invite that opens nothing for the group's own address.
    pub(super) fn ask_without_invite(self, slug: &str) {
        bar::forget_secret(slug);
        bar::show_group(slug, None, Entry::Here);
        self.go_to(Address::Group(slug.to_owned()));
    }

    fn known_group(self, slug: &str) -> Option<String> {
        self.read(|snapshot| snapshot.groups.iter().find(|group| group.slug == slug).map(|group| group.slug.clone()))
    }

    /// The browser has said that it keeps what it is given.
    fn hide_secret(self) {
        if let Some(slug) = self.unhidden.get_untracked() {
            self.unhidden.set(None);
            bar::show_group(&slug, None, Entry::Here);
        }
    }

    fn on_message(self, event: &MessageEvent) {
        let (bytes, beside) = match event.data().dyn_into::<Array>() {
            Ok(list) => (list.shift(), list.shift()),
            Err(bytes) => (bytes, JsValue::NULL),
        };
        match decode(&Uint8Array::new(&bytes).to_vec()) {
            Some(Report::SharedHandle { torrent, group }) => {
                spawn_local(async move {
                    let outcome = again::read(&beside).await;
                    match outcome {
                        Ok(file) => self.share(Place::Group(group), PickedFiles::one(file, beside)),
                        Err(error) => self.not_read.set(Some((torrent, error))),
                    }
                });
            }
            Some(Report::Ready { disk }) => spawn_local(async move { self.begin(disk).await }),
            Some(Report::Snapshot(snapshot)) => {
                let is_kept = snapshot.keeping == Keeping::Works;
                self.snapshot.set(*snapshot);
                if is_kept {
                    self.hide_secret();
                }
            }
            Some(Report::Identity(secret)) => self.identity.set(Some(secret)),
            Some(Report::OwnTorrent(torrent)) => browser::save_bytes(&torrent.bytes, &torrent.name),
            Some(Report::Download(file)) => browser::save(&file.url, &file.name),
            Some(Report::Files { file, list }) => self.files.update(|files| drop(files.insert(file, list))),
            Some(Report::IdentityTaken) => browser::begin_anew(),
            Some(Report::IdentityNotTaken(why)) => {
                self.identity_problem.set(Some(words::words().you_not_taken(why).to_string()));
            }
            None => {}
        }
    }

    fn on_no_worker(self) {
        // The page has asked for the machine's capacity as soon as the worker was there.
        let has_run = self.capacity.get_untracked().is_some();
        self.snapshot.update(|snapshot| snapshot.connection = Connection::NoWorker { has_run });
    }

    async fn begin(self, disk: Disk) {
        let capacity = Capacity::of(&browser::machine().await, disk);
        self.capacity.set(Some(capacity));
        // What the person did meanwhile comes after what the page was opened for.
        let waited = self.outbox.try_update_value(Outbox::open).unwrap_or_default();
        self.send(&Command::Start {
            server: browser::origin(),
            client: browser_name(&browser::user_agent()),
            capacity,
            is_behind_trunk: browser::is_behind_trunk(),
            is_encrypted: browser::is_encrypted(),
            language: words::spoken(),
        });
        self.go_to(bar::address());
        waited.into_iter().for_each(|(message, handed_over)| self.post(message, handed_over));
        service::begin().await;
    }
}

fn bytes_of(command: &Command) -> Uint8Array {
    Uint8Array::from(encode(command).as_slice())
}
