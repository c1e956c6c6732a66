//! The files of a torrent: one, or a folder of them.

use std::collections::BTreeMap;

use bendy::decoding::{DictDecoder, ListDecoder, Object};
use peer_wire::text::file_name;

use crate::bencode::integer;
use crate::error::InfoError;

/// The most files of a torrent that is read or made.
pub const FILES_MAX: usize = 65_536;
/// The deepest path that is read.
pub(crate) const PATH_DEPTH_MAX: usize = 32;

/// One file of a torrent. Files lie one after the other in the torrent's bytes, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Where it belongs, each part a bare and safe name. Of a torrent with several files the first part
    /// is the torrent's name.
    pub path: Vec<String>,
    /// Where it begins in the torrent's bytes.
    pub offset: u64,
    /// Bytes.
    pub len: u64,
    /// BEP 47: zeros between two files, not to be written to disk.
    pub is_padding: bool,
}

/// The `files` list, below the folder `name`.
pub(crate) fn read_files(mut list: ListDecoder<'_, '_>) -> Result<Vec<FileEntry>, InfoError> {
    let (mut files, mut offset) = (Vec::new(), 0_u64);
    while let Some(object) = list.next_object()? {
        let Object::Dict(dict) = object else {
            return Err(InfoError::WrongType("files"));
        };
        if files.len() == FILES_MAX {
            return Err(InfoError::TooManyFiles);
        }
        let File { path, len, is_padding } = read_file(dict)?;
        let path = path.iter().map(|part| file_name(&String::from_utf8_lossy(part))).collect();
        files.push(FileEntry { path, offset, len, is_padding });
        offset = offset.checked_add(len).ok_or(InfoError::WrongType("length"))?;
    }
    Ok(files)
}

/// The paths of the `files` list as they stand there.
pub(crate) fn read_raw_paths<'a>(mut list: ListDecoder<'_, 'a>) -> Result<Vec<Vec<&'a [u8]>>, InfoError> {
    let mut paths = Vec::new();
    while let Some(object) = list.next_object()? {
        if let Object::Dict(dict) = object {
            paths.push(read_file(dict)?.path);
        }
    }
    Ok(paths)
}

/// As it stands in the torrent.
struct File<'a> {
    path: Vec<&'a [u8]>,
    len: u64,
    is_padding: bool,
}

fn read_file<'a>(mut dict: DictDecoder<'_, 'a>) -> Result<File<'a>, InfoError> {
    let (mut len, mut path, mut utf8_path, mut is_padding) = (None, None, None, false);
    while let Some((key, value)) = dict.next_pair()? {
        match (key, value) {
            (b"length", value) => len = Some(integer("length", value)?),
            (b"path", Object::List(list)) => path = Some(read_path(list)?),
            (b"path", _) => return Err(InfoError::WrongType("path")),
            (b"path.utf-8", Object::List(list)) => utf8_path = Some(read_path(list)?),
            (b"attr", Object::Bytes(attributes)) => is_padding = attributes.contains(&b'p'),
            _ => {}
        }
    }
    Ok(File {
        path: utf8_path.or(path).ok_or(InfoError::Missing("path"))?,
        len: len.ok_or(InfoError::Missing("length"))?,
        is_padding,
    })
}

fn read_path<'a>(mut list: ListDecoder<'_, 'a>) -> Result<Vec<&'a [u8]>, InfoError> {
    let mut path = Vec::new();
    while let Some(object) = list.next_object()? {
        let Object::Bytes(part) = object else {
            return Err(InfoError::WrongType("path"));
        };
        if path.len() == PATH_DEPTH_MAX {
            return Err(InfoError::PathTooDeep);
        }
        path.push(part);
    }
    if path.is_empty() {
        return Err(InfoError::Missing("path"));
    }
    Ok(path)
}

/// Puts all files below the folder `name` and gives a second file of the same path (making names safe
/// can do that, and some disks ignore case), and one that has the name of a folder of others, a name of its own.
pub(crate) fn place_below(name: &str, files: &mut [FileEntry]) {
    files.iter_mut().for_each(|file| file.path.insert(0, name.to_owned()));
    // The last number given for each path, 0: none is. 65 536 equal paths are not worth 65 536 tries each.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for file in files.iter().filter(|file| !file.is_padding) {
        numbers.insert(folded(&file.path), 0);
    }
    let is_free = |numbers: &BTreeMap<String, usize>, path: &str| {
        let below = format!("{path}/");
        let is_given = numbers.get(path).is_some_and(|number| *number > 0);
        !is_given && !numbers.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
    };
    for file in files.iter_mut().filter(|file| !file.is_padding) {
        let wanted = folded(&file.path);
        if is_free(&numbers, &wanted) {
            numbers.insert(wanted, 1);
            continue;
        }
        let mut number = numbers.get(&wanted).copied().unwrap_or_default().max(1);
        let renamed = loop {
            number += 1;
            let renamed = with_number(&file.path, number);
            if is_free(&numbers, &folded(&renamed)) {
                break renamed;
            }
        };
        numbers.insert(wanted, number);
        numbers.insert(folded(&renamed), 1);
        file.path = renamed;
    }
}

/// Equal for paths that are the same file on some disk.
fn folded(path: &[String]) -> String {
    path.join("/").to_lowercase()
}

fn with_number(path: &[String], number: usize) -> Vec<String> {
    let mut path = path.to_vec();
    if let Some(last) = path.last_mut() {
        let dot = last.rfind('.').filter(|dot| *dot > 0).unwrap_or(last.len());
        last.insert_str(dot, &format!(" ({number})"));
    }
    path
}
