//! Files and folders that the person chose or dropped, as the browser hands them out.

use std::future::Future;

use js_sys::{Array, Function, Promise, Reflect};
use metainfo::FILES_MAX;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, DataTransferItem, DragEvent, File, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry, HtmlInputElement,
};

use super::browser;
use crate::messages::Picked;
use crate::sharing::{LeftOut, is_hidden};

/// What was picked, with its Files: one for each path.
pub(crate) struct PickedFiles {
    pub(crate) picked: Picked,
    pub(crate) files: Vec<File>,
    /// Of each of them the browser's handle, where it gave one, else nothing.
    pub(crate) handles: Vec<JsValue>,
}

impl PickedFiles {
    fn none() -> Self {
        Self {
            picked: Picked { paths: Vec::new(), left_out: LeftOut::default() },
            files: Vec::new(),
            handles: Vec::new(),
        }
    }

    fn add(&mut self, path: Vec<String>, file: File) {
        if is_hidden(&path) {
            self.picked.left_out.add_hidden(&path);
        } else {
            self.picked.paths.push(path);
            self.files.push(file);
            self.handles.push(JsValue::NULL);
        }
    }

    /// The one that was added last has this handle.
    fn set_handle(&mut self, handle: JsValue) {
        if let Some(last) = self.handles.last_mut() {
            *last = handle;
        }
    }

    /// One file by its handle.
    pub(crate) fn one(file: File, handle: JsValue) -> Self {
        let mut picked = Self::none();
        picked.add(vec![file.name()], file);
        picked.set_handle(handle);
        picked
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// One more is more than any torrent has; what comes of it is said where the torrent is made.
    fn is_full(&self) -> bool {
        self.files.len() > FILES_MAX
    }
}

/// What was chosen, and not chosen any more: the same can be chosen again.
pub(super) fn chosen(input: &HtmlInputElement) -> PickedFiles {
    let mut picked = PickedFiles::none();
    let list = input.files();
    let files = list.iter().flat_map(|list| (0..list.length()).filter_map(|at| list.get(at)));
    for file in files.take(FILES_MAX + 1) {
        let below = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        let path = match below.filter(|path| !path.is_empty()) {
            Some(path) => path.split('/').map(str::to_owned).collect(),
            None => vec![file.name()],
        };
        picked.add(path, file);
    }
    input.set_value("");
    picked
}

/// What another program gave.
pub(super) fn given(files: &Array) -> PickedFiles {
    let mut picked = PickedFiles::none();
    for file in files.iter().filter_map(|file| file.dyn_into::<File>().ok()).take(FILES_MAX + 1) {
        picked.add(vec![file.name()], file);
    }
    picked
}

/// What was dropped. A browser hands its entries out in the event's own task only, so that they are taken here; folders
/// are looked through later.
pub(super) fn dropped(transfer: &DataTransfer) -> impl Future<Output = PickedFiles> + use<> {
    let items = transfer.items();
    let items = (0..items.length()).filter_map(|at| items.get(at)).filter(|item| item.kind() == "file");
    let entries: Vec<(Entry, Option<Promise>)> = items
        .map(|item| {
            let entry = match item.webkit_get_as_entry() {
                Ok(Some(entry)) => Ok(entry),
                _ => Err(item.get_as_file().ok().flatten()),
            };
            (entry, handle_of(&item))
        })
        .collect();
    async move {
        let mut picked = PickedFiles::none();
        for (entry, handle) in entries {
            match entry {
                Ok(entry) if entry.is_file() => {
                    let before = picked.files.len();
                    walk(entry, &mut picked).await;
                    if let (true, Some(handle)) = (picked.files.len() > before, handle) {
                        picked.set_handle(JsFuture::from(handle).await.unwrap_or(JsValue::NULL));
                    }
                }
                Ok(entry) => walk(entry, &mut picked).await,
                Err(Some(file)) => picked.add(vec![file.name()], file),
                Err(None) => {}
            }
        }
        picked
    }
}

/// What was dropped, or the File alone.
type Entry = Result<FileSystemEntry, Option<File>>;

/// By which the file can be read again at a later visit; not every browser has one.
fn handle_of(item: &DataTransferItem) -> Option<Promise> {
    let get: Function = Reflect::get(item, &"getAsFileSystemHandle".into()).ok()?.dyn_into().ok()?;
    get.call0(item).ok()?.dyn_into().ok()
}

/// Everything at and below an entry, in the browser's order.
async fn walk(entry: FileSystemEntry, picked: &mut PickedFiles) {
    let mut ahead = vec![(vec![entry.name()], entry)];
    while let Some((path, entry)) = ahead.pop() {
        if picked.is_full() {
            return;
        }
        if is_hidden(&path) {
            picked.picked.left_out.add_hidden(&path);
        } else if entry.is_file() {
            match file_of(&entry.unchecked_into()).await {
                Ok(file) => picked.add(path, file),
                Err(_) => picked.picked.left_out.add_unreadable(&path),
            }
        } else {
            match entries_of(&entry.unchecked_into()).await {
                Ok(below) => {
                    ahead.extend(below.into_iter().rev().map(|entry| ([&path[..], &[entry.name()]].concat(), entry)))
                }
                Err(_) => picked.picked.left_out.add_unreadable(&path),
            }
        }
    }
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let file = Promise::new(&mut |found, failed| entry.file_with_callback_and_callback(&found, &failed));
    Ok(JsFuture::from(file).await?.unchecked_into())
}

/// A reader tells of a hundred entries or so each time, and of none when it has told of all.
async fn entries_of(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let (reader, mut all) = (folder.create_reader(), Vec::new());
    while all.len() <= FILES_MAX {
        let some = Array::from(&next_entries(&reader).await?);
        if some.length() == 0 {
            break;
        }
        all.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
    Ok(all)
}

async fn next_entries(reader: &FileSystemDirectoryReader) -> Result<JsValue, JsValue> {
    let entries = Promise::new(&mut |found, failed| {
        if let Err(error) = reader.read_entries_with_callback_and_callback(&found, &failed) {
            let _ = failed.call1(&JsValue::UNDEFINED, &error);
        }
    });
    JsFuture::from(entries).await
}

/// What the person drags over the window.
pub(super) enum Drag {
    /// Files.
    Over,
    /// Nothing any more.
    Away,
    /// Files, and let them go.
    Dropped(DataTransfer),
}

/// Tells of files that are dragged over any part of the window. Without this a browser would leave the page and show them.
pub(super) fn on_drag(happened: impl Fn(Drag) + Clone + 'static) {
    for name in ["dragenter", "dragover", "dragleave", "drop"] {
        let happened = happened.clone();
        let on_event = Closure::<dyn FnMut(DragEvent)>::new(move |event: DragEvent| {
            let Some(transfer) = event.data_transfer().filter(has_files) else {
                return;
            };
            event.prevent_default();
            match name {
                // It went from one element to another, and not out of the window.
                "dragleave" if !is_out(&event) => {}
                "dragleave" => happened(Drag::Away),
                "drop" => happened(Drag::Dropped(transfer)),
                _ => {
                    transfer.set_drop_effect("copy");
                    happened(Drag::Over);
                }
            }
        });
        let _ = browser::window().add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        // Lives as long as the page.
        on_event.forget();
    }
}

fn has_files(transfer: &DataTransfer) -> bool {
    transfer.types().includes(&"Files".into(), 0)
}

fn is_out(event: &DragEvent) -> bool {
    Reflect::get(event, &"relatedTarget".into()).is_ok_and(|to| to.is_null())
}
