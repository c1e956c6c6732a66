//! Which subtitles belong to a film: those that lie beside it, and of them one by itself, if it is named alike.

use serde::{Deserialize, Serialize};

use super::media::is_subtitles;
use crate::words::words;

/// More are not offered.
const SUBTITLES_MAX: usize = 32;

/// Subtitles of a film.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subtitles {
    /// Which file of the torrent.
    pub index: u32,
    /// What the player's menu says: `de`, or the whole name.
    pub label: String,
    /// Shown without being chosen.
    pub is_chosen: bool,
}

/// Of the file `film`, among the torrent's files by their paths.
pub fn subtitles_of<'a>(film: &[String], files: impl Iterator<Item = (u32, &'a [String])>) -> Vec<Subtitles> {
    let Some((name, folder)) = film.split_last() else {
        return Vec::new();
    };
    let (stem, unnamed) = (stem(name), words().playing_subtitles().to_string());
    let beside = files.filter_map(|(index, path)| {
        let (name, of) = path.split_last()?;
        // Many keep them in a folder of their own, which lies there too.
        let is_beside = of == folder || of.split_last().is_some_and(|(last, above)| above == folder && is_folder(last));
        (is_beside && is_subtitles(name)).then_some((index, name))
    });
    let mut found: Vec<Subtitles> = beside
        .take(SUBTITLES_MAX)
        .map(|(index, name)| {
            let own = self::stem(name);
            let rest = own.to_lowercase().starts_with(&stem.to_lowercase()).then(|| own.get(stem.len()..)).flatten();
            let label = match rest.map(|rest| rest.trim_matches(['.', '-', '_', ' '])) {
                Some("") => unnamed.clone(),
                Some(rest) => rest.to_owned(),
                None => name.clone(),
            };
            Subtitles { index, label, is_chosen: rest.is_some() }
        })
        .collect();
    // The shortest name that is alike: `film.srt` before `film.de.srt`.
    let chosen = found.iter().enumerate().filter(|(_, subtitles)| subtitles.is_chosen);
    let chosen = chosen.min_by_key(|(_, subtitles)| (subtitles.label != unnamed, subtitles.index)).map(|(at, _)| at);
    for (at, subtitles) in found.iter_mut().enumerate() {
        subtitles.is_chosen = Some(at) == chosen;
    }
    found
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn is_folder(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "subs" | "subtitles" | "subtitle" | "sub")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(film: &str, files: &[&str]) -> Vec<(u32, String, bool)> {
        let path = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        let files: Vec<_> = files.iter().map(|file| path(file)).collect();
        let found = subtitles_of(&path(film), (0..).zip(files.iter().map(Vec::as_slice)));
        found.into_iter().map(|subtitles| (subtitles.index, subtitles.label, subtitles.is_chosen)).collect()
    }

    #[test]
    fn subtitles_beside_a_film_are_offered_and_those_named_alike_are_shown() {
        let files =
            ["s/one.mkv", "s/one.de.srt", "s/one.srt", "s/two.srt", "other/one.srt", "s/Subs/one-en.vtt", "s/x.txt"];
        assert_eq!(
            of("s/one.mkv", &files),
            [
                (1, "de".to_owned(), false),
                (2, "Subtitles".to_owned(), true),
                (3, "two.srt".to_owned(), false),
                (5, "en".to_owned(), false),
            ]
        );
    }

    #[test]
    fn without_any_that_is_named_alike_none_is_shown_by_itself() {
        assert_eq!(of("s/film.mp4", &["s/film.mp4", "s/english.srt"]), [(1, "english.srt".to_owned(), false)]);
        assert_eq!(of("film.mp4", &["film.mp4"]), []);
    }

    #[test]
    fn letters_of_several_bytes_do_not_matter() {
        assert_eq!(of("s/ÉTÉ.mp4", &["s/été.fr.srt"]), [(0, "fr".to_owned(), true)]);
        assert_eq!(of("s/İ.mp4", &["s/i̇.srt"]).len(), 1);
    }
}
