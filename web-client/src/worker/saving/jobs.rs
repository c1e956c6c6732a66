//! Saving all of a download, from its beginning to its end.

use std::rc::Rc;
use std::sync::Arc;

use js_sys::Array;
use metainfo::Info;
use peer_engine::PieceIndex;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemHandle, Url};

use super::Progress;
use super::assembled::Assembled;
use super::failing::reading;
use super::folder::{Folder, NoFile};
use super::reading::Reading;
use super::writable::{IntoFile, Writable, copy};
use crate::messages::{SaveAs, ToDownloads};
use crate::saving::{Trouble, wanted, write_zip};
use crate::worker::sharing::Content;
use crate::worker::storage::SourceReader;

/// What is to be saved.
pub(super) struct Job {
    pub(super) info: Arc<Info>,
    /// All of it.
    pub(super) whole: Blob,
    pub(super) save_as: SaveAs,
    pub(super) place: Option<FileSystemHandle>,
    pub(super) progress: Progress,
}

/// What became of it.
#[derive(Default)]
pub(super) struct Placed {
    /// Names that no page may write.
    pub(super) left_out: Vec<String>,
    pub(super) to_downloads: Option<ToDownloads>,
    pub(super) serving: Option<Serving>,
}

/// What others can be served from, instead of the browser's own copy.
pub(super) struct Serving {
    pub(super) reader: Rc<SourceReader>,
    pub(super) whole: Blob,
}

pub(super) async fn run(job: Job) -> Result<Placed, Trouble> {
    match (job.save_as, job.place.clone()) {
        (SaveAs::File, Some(place)) => into_file(&job, &place.unchecked_into()).await,
        (SaveAs::Folder, Some(place)) => into_folder(&job, &place.unchecked_into()).await,
        (SaveAs::Zip, Some(place)) => into_archive(&job, &place.unchecked_into()).await,
        (SaveAs::Zip, None) => for_downloads(&job).await,
        (SaveAs::File | SaveAs::Folder, None) => Err(Trouble::PlaceGone),
    }
}

async fn into_file(job: &Job, place: &FileSystemFileHandle) -> Result<Placed, Trouble> {
    let mut file = Writable::open(place).await?;
    copy(&job.whole, 0..job.whole.size() as u64, &mut file, 0, &job.progress).await?;
    let file = file.close().await?;
    Ok(Placed { serving: Some(serving(job, vec![file]).await?), ..Placed::default() })
}

async fn into_folder(job: &Job, chosen: &FileSystemDirectoryHandle) -> Result<Placed, Trouble> {
    let mut folder = Folder::make(chosen, job.info.name()).await?;
    let (mut files, mut left_out, mut done) = (Vec::new(), Vec::new(), 0);
    for file in wanted(&job.info) {
        let below = file.path.get(1..).unwrap_or_default();
        match folder.file(below).await {
            Ok(handle) => {
                let mut open = Writable::open(&handle).await?;
                copy(&job.whole, file.offset..file.offset + file.len, &mut open, done, &job.progress).await?;
                files.push(open.close().await?);
            }
            Err(NoFile::Name) => left_out.push(below.join("/")),
            Err(NoFile::Trouble(trouble)) => return Err(trouble),
        }
        done += file.len;
        job.progress.tell(done)?;
    }
    // Padding is in no file.
    let is_all = files.len() == job.info.files().len();
    let serving = if is_all { Some(serving(job, files).await?) } else { None };
    Ok(Placed { left_out, serving, ..Placed::default() })
}

async fn into_archive(job: &Job, place: &FileSystemFileHandle) -> Result<Placed, Trouble> {
    let files: Vec<_> = wanted(&job.info).cloned().collect();
    let file = Writable::open(place).await?;
    let mut into = IntoFile { file, whole: &job.whole, progress: &job.progress };
    write_zip(&files, &mut Reading::new(&job.whole), &mut into).await?;
    into.file.close().await?;
    Ok(Placed::default())
}

async fn for_downloads(job: &Job) -> Result<Placed, Trouble> {
    let files: Vec<_> = wanted(&job.info).cloned().collect();
    let mut archive = Assembled::new(&job.whole, &job.progress);
    write_zip(&files, &mut Reading::new(&job.whole), &mut archive).await?;
    let url = Url::create_object_url_with_blob(&archive.finish()?).map_err(reading)?;
    let to_downloads = ToDownloads { url, name: format!("{}.zip", job.info.name()) };
    super::one::forget_later(&to_downloads.url);
    Ok(Placed { to_downloads: Some(to_downloads), ..Placed::default() })
}

/// What was saved, once its first and its last piece are what they should be.
async fn serving(job: &Job, files: Vec<File>) -> Result<Serving, Trouble> {
    let parts: Array = files.iter().map(JsValue::from).collect();
    let whole = Blob::new_with_blob_sequence(&parts).map_err(reading)?;
    let reader = Rc::new(SourceReader::new(Rc::new(Content::new(files)), job.info.clone()));
    for piece in [0, job.info.layout().pieces().saturating_sub(1)] {
        reader.load(PieceIndex(piece), 0, 1).await.map_err(|_| Trouble::NotKept)?;
    }
    Ok(Serving { reader, whole })
}
