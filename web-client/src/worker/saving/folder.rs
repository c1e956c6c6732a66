//! A folder that the person chose, and what is made below it.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
};

use super::failing::{name_of, writing};
use crate::saving::{Trouble, free_names};

/// A new folder, and the one below it that was used last.
pub(super) struct Folder {
    root: FileSystemDirectoryHandle,
    /// Path below the root.
    last: Option<(Vec<String>, FileSystemDirectoryHandle)>,
}

/// Why there is no file.
pub(super) enum NoFile {
    /// No page may write one of this name.
    Name,
    Trouble(Trouble),
}

impl Folder {
    /// Makes a new one in the chosen one: what is there already stays as it is.
    pub(super) async fn make(chosen: &FileSystemDirectoryHandle, name: &str) -> Result<Self, Trouble> {
        for name in free_names(name) {
            if is_free(chosen, &name).await? {
                return Ok(Self { root: enter(chosen, &name).await.map_err(writing)?, last: None });
            }
        }
        Err(Trouble::Other("there is one of every name".to_owned()))
    }

    /// A file in it, at a path below it.
    pub(super) async fn file(&mut self, path: &[String]) -> Result<FileSystemFileHandle, NoFile> {
        let Some((name, above)) = path.split_last() else {
            return Err(NoFile::Name);
        };
        if self.last.as_ref().is_none_or(|(last, _)| last != above) {
            let mut folder = self.root.clone();
            for part in above {
                folder = enter(&folder, part).await.map_err(no_file)?;
            }
            self.last = Some((above.to_vec(), folder));
        }
        let folder = self.last.as_ref().map_or(&self.root, |(_, folder)| folder);
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file = JsFuture::from(folder.get_file_handle_with_options(name, &options)).await.map_err(no_file)?;
        Ok(file.unchecked_into())
    }
}

async fn enter(folder: &FileSystemDirectoryHandle, name: &str) -> Result<FileSystemDirectoryHandle, JsValue> {
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    Ok(JsFuture::from(folder.get_directory_handle_with_options(name, &options)).await?.unchecked_into())
}

/// Whether nothing has that name.
async fn is_free(folder: &FileSystemDirectoryHandle, name: &str) -> Result<bool, Trouble> {
    match JsFuture::from(folder.get_directory_handle(name)).await {
        Ok(_) => Ok(false),
        Err(error) => match name_of(&error).as_str() {
            "NotFoundError" => Ok(true),
            // A file.
            "TypeMismatchError" => Ok(false),
            _ => Err(writing(error)),
        },
    }
}

fn no_file(error: JsValue) -> NoFile {
    match name_of(&error).as_str() {
        "TypeError" => NoFile::Name,
        _ => NoFile::Trouble(writing(error)),
    }
}
