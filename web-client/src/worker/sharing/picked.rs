//! From what a person picked to shares in a group, and to the group if there is none yet.

use std::rc::Rc;

use js_sys::Array;
use metainfo::{InfoBuilder, InfoError, NewFile};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, FileSystemHandle, MessagePort};
use wire_protocol::ids::{GroupId, PeerId};
use wire_protocol::text::{FILE_NAME_BYTES_MAX, file_name};

use super::content::len_of;
use super::{Card, Content, Share, Step};
use crate::messages::{Picked, Place};
use crate::screen::sharing as words;
use crate::sharing::{Pick, group_name, picks};
use crate::tuning::Tuning;
use crate::worker::crypto::random;
use crate::worker::driver::Driver;

/// Files and folders that are shared at once out of one tab.
const SHARES_MAX: usize = 64;

/// What came beside a command and cannot be made bytes of.
#[derive(Default)]
pub(in crate::worker) struct Gathered {
    files: Vec<File>,
    /// Of each of those the browser's handle, or nothing.
    handles: Vec<JsValue>,
    /// A place that the person chose.
    pub(in crate::worker) place: Option<FileSystemHandle>,
    port: Option<MessagePort>,
}

impl Gathered {
    /// From what the page posted.
    pub(in crate::worker) fn new(posted: &Array) -> Self {
        let mut gathered = Self { port: posted.get(0).dyn_into().ok(), ..Self::default() };
        for posted in posted.iter() {
            match posted.dyn_into::<File>() {
                Ok(file) => gathered.files.push(file),
                Err(other) => {
                    gathered.place = other.clone().dyn_into().ok().or(gathered.place);
                    gathered.handles.push(other);
                }
            }
        }
        gathered
    }

    pub(in crate::worker) fn into_port(self) -> Option<MessagePort> {
        self.port
    }
}

/// Something that is to be shared once its group is there.
pub(in crate::worker) struct ToShare {
    name: String,
    files: Option<u32>,
    content: Content,
    builder: InfoBuilder,
    /// Of a single file, where the browser gave one.
    handle: Option<JsValue>,
}

impl Driver {
    /// The person picked something: shares it.
    pub(in crate::worker) fn share(&mut self, place: Place, picked: &Picked, files: Gathered, tuning: Tuning) {
        if let Some(left_out) = picked.left_out.sentence() {
            self.notice(left_out);
        }
        let picks = picks(&picked.paths);
        let room = SHARES_MAX.saturating_sub(self.shares().count() + self.to_share.len());
        if picks.len() > room {
            self.notice(words::too_many_line(SHARES_MAX));
        }
        let mut ready = Vec::new();
        for pick in picks.iter().take(room) {
            match to_share(pick, &files) {
                Ok(share) => ready.push(share),
                Err(why) => self.notice(why),
            }
        }
        match place {
            Place::Group(group) => ready.into_iter().for_each(|share| self.begin_share(group, share, tuning)),
            Place::NewGroup if ready.is_empty() => {}
            Place::NewGroup => {
                self.to_share.extend(ready);
                self.share_tuning = tuning;
                self.make_group_to_share(group_name(&picks));
            }
        }
    }

    /// The group that was made is there.
    pub(in crate::worker) fn share_what_waited(&mut self, group: GroupId) {
        let (waited, tuning) = (std::mem::take(&mut self.to_share), self.share_tuning);
        waited.into_iter().for_each(|share| self.begin_share(group, share, tuning));
    }

    fn begin_share(&mut self, group: GroupId, to_share: ToShare, tuning: Tuning) {
        let ToShare { name, files, content, builder, handle } = to_share;
        let shown = file_name(&name);
        if shown != name {
            self.notice(words::renamed_line(&name, &shown, FILE_NAME_BYTES_MAX));
        }
        let content = Rc::new(content);
        let local = PeerId::covey(random());
        let known = self.kept.shares.find(group, &builder);
        let step = Step::Waiting(Box::new(builder), known.map(Box::new));
        let share = Share { content, files, handle, local, card: Card::default(), step, next_look: (0, 0) };
        self.add_share(group, &name, share, tuning);
        self.hash_next();
    }
}

/// What is to be known of a pick before it is shared.
///
/// # Errors
/// Why it cannot be: a sentence.
fn to_share(pick: &Pick, given: &Gathered) -> Result<ToShare, String> {
    let files: Vec<File> = pick.files.iter().filter_map(|place| given.files.get(*place).cloned()).collect();
    let total_len: u64 = files.iter().map(len_of).sum();
    if total_len == 0 {
        return Err(words::empty_line(&pick.name));
    }
    match &pick.paths {
        None => {
            let builder = InfoBuilder::new(&pick.name, total_len, None).map_err(|error| cannot(pick, &error))?;
            let handle = pick.files.first().and_then(|place| given.handles.get(*place));
            let handle = handle.filter(|handle| handle.is_object()).cloned();
            Ok(ToShare { name: pick.name.clone(), files: None, content: Content::new(files), builder, handle })
        }
        Some(paths) => {
            let new = |(path, file): (&Vec<String>, &File)| NewFile { path: path.clone(), len: len_of(file) };
            let list = paths.iter().zip(&files).map(new).collect();
            let builder = InfoBuilder::folder(&pick.name, list, None).map_err(|error| cannot(pick, &error))?;
            let count = files.len() as u32;
            let content = Content::new(in_order(&builder, paths, &files));
            Ok(ToShare { name: pick.name.clone(), files: Some(count), content, builder, handle: None })
        }
    }
}

/// The files in the order of the torrent's bytes.
fn in_order(builder: &InfoBuilder, paths: &[Vec<String>], files: &[File]) -> Vec<File> {
    let by_path: std::collections::BTreeMap<_, _> = paths.iter().zip(files).collect();
    builder.files().iter().filter_map(|file| by_path.get(&file.path).map(|file| (*file).clone())).collect()
}

fn cannot(pick: &Pick, error: &InfoError) -> String {
    words::no_torrent_line(&pick.name, error)
}
