//! Records under the browser's own AES-GCM, which has the processor's instructions and answers later. What it answers goes on
//! in order.

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use secure_link::{Cutter, Finder, LinkError, LinkKeys, header};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::in_order::InOrder;
use crate::worker::crypto::Aes;
use crate::worker::scope::log;
use crate::worker::socket::Socket;

/// So many records are handed to the engine as one: a slow block keeps no more than these in memory.
const RECORDS_AT_ONCE: u32 = 2;

/// Both directions of a link.
pub(in crate::worker) struct BrowserCipher {
    sealer: Sealer,
    opener: Opener,
}

/// What becomes of a message: its number, and what it carries.
pub(in crate::worker) type Opening = (u64, Promise);

impl BrowserCipher {
    /// Hands the keys to the browser.
    pub(in crate::worker) async fn new(keys: LinkKeys, socket: Rc<Socket>) -> Result<Self, String> {
        let sealing = Aes::for_sealing(keys.sealing()).await?;
        let opening = Aes::for_opening(keys.opening()).await?;
        let sending = Rc::new(RefCell::new(Sending { socket, sealed: InOrder::default(), len: 0 }));
        Ok(Self {
            sealer: Sealer { aes: sealing, cutter: Cutter::default(), sending },
            opener: Opener { aes: opening, finder: Finder::default(), opened: InOrder::default() },
        })
    }

    /// Begins to open all records that are whole with this message. If something is wrong with it, that has its turn behind
    /// what came before.
    pub(super) fn open(&mut self, message: &[u8]) -> Option<Opening> {
        let Opener { aes, finder, opened } = &mut self.opener;
        let records = Array::new();
        let found = finder.find(message, |number, sealed| {
            let record = aes.open(number, sealed).map_err(|_| LinkError::Decrypt)?;
            records.push(&record);
            Ok(())
        });
        if found.is_ok() && records.length() == 0 {
            return None;
        }
        let number = opened.begin();
        if let Err(error) = found {
            let behind = opened.begin();
            opened.end(behind, Err(error));
        }
        Some((number, Promise::all(&records)))
    }

    /// The browser has opened them.
    pub(super) fn on_opened(&mut self, number: u64, records: Result<JsValue, JsValue>) {
        self.opener.opened.end(number, records.map(|records| records.unchecked_into()).map_err(|_| LinkError::Decrypt));
    }

    /// The next bytes whose turn it is.
    pub(super) fn next_opened(&mut self) -> Option<Result<Vec<Bytes>, LinkError>> {
        self.opener.opened.pop().map(|records| records.map(|records| plain(&records)))
    }

    /// Nothing is being opened.
    pub(super) fn is_idle(&self) -> bool {
        self.opener.opened.is_empty()
    }

    /// Plain bytes that are being sealed, and not with the socket yet.
    pub(super) fn sealing(&self) -> usize {
        self.sealer.sending.borrow().len
    }

    /// Seals all of `plain` and sends it as one message. It goes out even if the link is dropped meanwhile.
    ///
    /// # Errors
    /// [`LinkError::Exhausted`]: close the link.
    pub(super) fn seal_and_send(&mut self, plain: &[u8]) -> Result<(), LinkError> {
        let Sealer { aes, cutter, sending } = &mut self.sealer;
        let cuts = cutter.cut(0, plain.len())?;
        let (records, mut rest) = (Array::new(), plain);
        for (number, len) in cuts.clone() {
            let (record, behind) = rest.split_at(len);
            let sealed = aes.seal(number, record).map_err(|_| LinkError::Exhausted)?;
            records.push(&sealed);
            rest = behind;
        }
        let (sending, len) = (sending.clone(), plain.len());
        let number = sending.borrow_mut().begin(len);
        spawn_local(async move {
            let sealed = JsFuture::from(Promise::all(&records)).await;
            let message = sealed.map(|records| framed(cuts, &records.unchecked_into()));
            sending.borrow_mut().end(number, len, message);
        });
        Ok(())
    }
}

struct Opener {
    aes: Aes,
    finder: Finder,
    opened: InOrder<Result<Array, LinkError>>,
}

struct Sealer {
    aes: Aes,
    cutter: Cutter,
    sending: Rc<RefCell<Sending>>,
}

/// Messages that are being sealed, and where they go.
struct Sending {
    socket: Rc<Socket>,
    /// Without a message, if the browser refuses: then none goes out any more.
    sealed: InOrder<Option<Uint8Array>>,
    len: usize,
}

impl Sending {
    fn begin(&mut self, len: usize) -> u64 {
        self.len += len;
        self.sealed.begin()
    }

    fn end(&mut self, number: u64, len: usize, message: Result<Uint8Array, JsValue>) {
        self.len -= len;
        self.sealed.end(number, message.inspect_err(|why| log(&format!("the browser cannot seal: {why:?}"))).ok());
        while let Some(message) = self.sealed.pop() {
            match message {
                Some(message) => self.socket.send_array(&message),
                None => self.socket.close(),
            }
        }
    }
}

/// One message of these records.
fn framed(cuts: secure_link::Cuts, records: &Array) -> Uint8Array {
    let len = u32::try_from(cuts.sealed_len()).unwrap_or(u32::MAX);
    let message = Uint8Array::new_with_length(len);
    let mut at = 0;
    for ((_, plain), record) in cuts.zip(records.iter()) {
        let (header, sealed) = (header(plain), Uint8Array::new(&record));
        message.set(&Uint8Array::from(&header[..]), at);
        at += header.len() as u32;
        message.set(&sealed, at);
        at += sealed.length();
    }
    message
}

/// What opened records carry, a few of them in one.
fn plain(records: &Array) -> Vec<Bytes> {
    let groups = (0..records.length()).step_by(RECORDS_AT_ONCE as usize);
    groups.map(|begin| joined(&records.slice(begin, begin + RECORDS_AT_ONCE))).collect()
}

fn joined(records: &Array) -> Bytes {
    let records: Vec<Uint8Array> =
        records.iter().map(|record| Uint8Array::new(record.unchecked_ref::<ArrayBuffer>())).collect();
    let mut bytes = vec![0; records.iter().map(|record| record.length() as usize).sum()];
    let mut rest = &mut bytes[..];
    for record in records {
        let (place, behind) = rest.split_at_mut(record.length() as usize);
        record.copy_to(place);
        rest = behind;
    }
    bytes.into()
}
