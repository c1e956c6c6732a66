//! The peer in its dedicated worker: the browser's driver of the engine and of the control conversation.
//!
//! One thread, so no locks: every callback of the browser enters through [`Handle::run`], hands its input in,
//! and leaves after [`Driver::pump`] has drained everything. What a link has to
//! send goes out from the events that bring blocks, a few milliseconds of it together ([`crate::pace`]); a timer sends it when there is
//! no event.

mod acts;
mod boards;
mod clock;
mod commands;
mod contact;
mod control;
mod crypto;
mod database;
mod downloads;
mod driver;
mod elsewhere;
mod group_view;
mod identity;
mod joining;
mod landing;
mod link;
mod making;
mod notices;
mod own_client;
mod pending;
mod playing;
mod saving;
mod scope;
mod server_look;
mod sharing;
mod shelf;
mod socket;
mod storage;
mod swarm;
mod swarms;
mod timing;
mod transfer;
mod vault;
mod view;
mod watching;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;

use crate::messages::{Command, Report, decode, encode};
use crate::storing::Disk;
use crate::words;
use driver::Driver;
use sharing::Gathered;
use vault::Kept;

/// Commands that may come before the identity is read.
const EARLY_COMMANDS_MAX: usize = 16;
/// Trying the disk takes 30 ms, milliseconds.
const TRIAL_MAX_MS: u32 = 3_000;

/// What callbacks and tasks hold: they end harmlessly when the driver is gone.
#[derive(Clone)]
pub(in crate::worker) struct Handle(Weak<RefCell<Driver>>);

impl Handle {
    /// Enters the driver, and drains it before leaving.
    pub(in crate::worker) fn run(&self, input: impl FnOnce(&mut Driver)) {
        if let Some(driver) = self.0.upgrade() {
            let mut driver = driver.borrow_mut();
            input(&mut driver);
            driver.pump();
        }
    }
}

/// The worker's life: loaded, started, live.
#[derive(Default)]
struct Life {
    is_started: bool,
    early: Vec<(Command, Gathered)>,
    driver: Option<Rc<RefCell<Driver>>>,
}

impl Life {
    fn on_command(this: &Rc<RefCell<Self>>, command: Command, files: Gathered) {
        let mut life = this.borrow_mut();
        if let Some(driver) = life.driver.clone() {
            drop(life);
            let mut driver = driver.borrow_mut();
            driver.on_command(command, files);
            driver.pump();
        } else if let Command::Start { .. } = command {
            if !std::mem::replace(&mut life.is_started, true) {
                spawn_local(Self::start(this.clone(), command));
            }
        } else if life.early.len() < EARLY_COMMANDS_MAX {
            life.early.push((command, files));
        }
    }

    async fn start(this: Rc<RefCell<Self>>, command: Command) {
        let Command::Start { server, client, capacity, is_behind_trunk, is_encrypted, language } = command else {
            return;
        };
        words::speak(language);
        let Ok(origin) = server.parse() else {
            return scope::log(&format!("a page from {server} has no server to speak to"));
        };
        let kept = Kept::load().await;
        let driver = Rc::new_cyclic(|weak| {
            RefCell::new(Driver::new(
                Handle(weak.clone()),
                driver::Start { origin, client, capacity, is_behind_trunk, is_encrypted, kept },
            ))
        });
        let early = {
            let mut life = this.borrow_mut();
            life.driver = Some(driver.clone());
            std::mem::take(&mut life.early)
        };
        let mut driver = driver.borrow_mut();
        driver.look_at_shelf();
        early.into_iter().for_each(|(command, files)| driver.on_command(command, files));
        driver.pump();
    }
}

/// Begins to listen to the page.
pub fn run() {
    console_error_panic_hook::set_once();
    let life = Rc::new(RefCell::new(Life::default()));
    scope::on_message(move |bytes, beside| {
        if let Some(command) = decode(&bytes) {
            Life::on_command(&life, command, Gathered::new(&beside));
        }
    });
    let is_ready = Rc::new(Cell::new(false));
    let ready = move |disk| {
        if !is_ready.replace(true) {
            scope::post(&encode(&Report::Ready { disk }));
        }
    };
    let gave_up = ready.clone();
    spawn_local(async move { ready(storage::try_disk().await) });
    // A browser whose disk does not answer has none.
    Timeout::new(TRIAL_MAX_MS, move || gave_up(Disk::Failing)).forget();
}
