//! Which of a torrent's files a person wants: `1,3`, `2-5`, `*.mkv`.

use std::ops::RangeInclusive;
use std::str::FromStr;

use glob::{MatchOptions, Pattern};

use crate::files::FileEntry;
use crate::info::Info;

/// The most parts of a selection.
const PARTS_MAX: usize = 1024;
/// The longest selection, bytes.
const LEN_MAX: usize = 16 * 1024;

/// Why a selection cannot be used. All are the person's to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// It selects nothing.
    #[error("no file is chosen: give numbers (1,3), ranges (2-5) or patterns (*.mkv)")]
    Empty,
    /// More than 1,024 parts, or 16 KiB.
    #[error("too many files are named one by one: use ranges (2-5) or patterns (*.mkv)")]
    TooLong,
    /// `0`, or a number that no torrent reaches.
    #[error("`{0}` is no number of a file: the first file is 1")]
    BadNumber(String),
    /// `5-2`.
    #[error("`{0}` is no range: its first number is the larger one")]
    Reversed(String),
    /// What `glob` says.
    #[error("`{part}` is no pattern: {why}")]
    BadPattern {
        /// As typed.
        part: String,
        /// In English.
        why: &'static str,
    },
    /// The torrent is smaller.
    #[error("there is no file {number}: the torrent has {files}")]
    NoSuchNumber {
        /// As typed.
        number: usize,
        /// Files of the torrent.
        files: usize,
    },
    /// A pattern that fits nothing.
    #[error("no file fits `{0}`")]
    NothingFits(String),
}

/// Files by number, as [`Info::numbered_files`] counts them, and by pattern. A pattern with a `/` is of the path below
/// the torrent's folder, another one of the name of a file or of a folder with all that is in it. `*`, `?`, `[a-z]` and
/// `**` are as in shells; case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSelection(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Numbers(RangeInclusive<usize>),
    Pattern(Pattern),
}

impl FromStr for FileSelection {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, SelectionError> {
        if text.len() > LEN_MAX {
            return Err(SelectionError::TooLong);
        }
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let parts = parts.take(PARTS_MAX + 1).map(parse_part).collect::<Result<Vec<_>, _>>()?;
        match parts.len() {
            0 => Err(SelectionError::Empty),
            1..=PARTS_MAX => Ok(Self(parts)),
            _ => Err(SelectionError::TooLong),
        }
    }
}

fn parse_part(text: &str) -> Result<Part, SelectionError> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    if !is_number(first) || !is_number(last) {
        let pattern =
            Pattern::new(text).map_err(|error| SelectionError::BadPattern { part: text.to_owned(), why: error.msg })?;
        return Ok(Part::Pattern(pattern));
    }
    let number = |text: &str| {
        let number = text.parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| SelectionError::BadNumber(text.to_owned()))
    };
    let range = number(first)?..=number(last)?;
    if range.is_empty() {
        return Err(SelectionError::Reversed(text.to_owned()));
    }
    Ok(Part::Numbers(range))
}

impl FileSelection {
    /// The indices of the chosen files in [`Info::files`], ascending, without padding.
    ///
    /// # Errors
    /// A number that is too large, or a pattern that fits nothing.
    pub fn choose(&self, info: &Info) -> Result<Vec<usize>, SelectionError> {
        let numbered: Vec<(usize, &FileEntry)> = info.numbered_files().map(|(_, index, file)| (index, file)).collect();
        let mut is_chosen = vec![false; numbered.len()];
        for part in &self.0 {
            part.choose(&numbered, &mut is_chosen)?;
        }
        let chosen = numbered.iter().zip(is_chosen).filter(|(_, is_chosen)| *is_chosen);
        Ok(chosen.map(|((index, _), _)| *index).collect())
    }
}

impl Part {
    fn choose(&self, files: &[(usize, &FileEntry)], is_chosen: &mut [bool]) -> Result<(), SelectionError> {
        match self {
            Self::Numbers(numbers) => {
                let (first, last) = (*numbers.start(), *numbers.end());
                let chosen = is_chosen.get_mut(first - 1..last);
                let missing = SelectionError::NoSuchNumber { number: last, files: files.len() };
                chosen.ok_or(missing)?.fill(true);
            }
            Self::Pattern(pattern) => {
                let mut fits_any = false;
                for ((_, file), is_chosen) in files.iter().zip(is_chosen) {
                    let fits = fits(pattern, &file.path);
                    *is_chosen |= fits;
                    fits_any |= fits;
                }
                if !fits_any {
                    return Err(SelectionError::NothingFits(pattern.as_str().to_owned()));
                }
            }
        }
        Ok(())
    }
}

fn fits(pattern: &Pattern, path: &[String]) -> bool {
    let options =
        MatchOptions { case_sensitive: false, require_literal_separator: true, require_literal_leading_dot: false };
    // The torrent's own folder is no part of what is chosen from; a lone file is its name.
    let below = if path.len() > 1 { &path[1..] } else { path };
    if !pattern.as_str().contains('/') {
        return below.iter().any(|part| pattern.matches_with(part, options));
    }
    (1..=below.len()).any(|depth| pattern.matches_with(&below[..depth].join("/"), options))
}

impl Info {
    /// The files that a person sees: their number (from 1), their index in [`Info::files`], and themselves.
    /// Padding is passed over.
    pub fn numbered_files(&self) -> impl Iterator<Item = (usize, usize, &FileEntry)> {
        let shown = self.files().iter().enumerate().filter(|(_, file)| !file.is_padding);
        shown.enumerate().map(|(number, (index, file))| (number + 1, index, file))
    }
}
