//! What of a torrent can be played.

use metainfo::Info;

use super::media::Media;
use super::subtitles::subtitles_of;
use crate::messages::Playable;

/// More are not listed.
const PLAYABLE_MAX: usize = 256;

/// All that can, in the order of the torrent's files.
pub fn playable_of(info: &Info) -> Vec<Playable> {
    let files = || (0..).zip(info.files()).filter(|(_, file)| !file.is_padding && file.len > 0);
    let playable = files().filter_map(|(index, file)| {
        let kind = Media::of(file.path.last()?)?.kind;
        let paths = files().map(|(index, file)| (index, file.path.as_slice()));
        // The first part is the torrent's own name.
        let below = if file.path.len() > 1 { &file.path[1..] } else { &file.path };
        let subtitles = subtitles_of(&file.path, paths);
        Some(Playable { index, name: below.join("/"), size: file.len, kind, subtitles })
    });
    playable.take(PLAYABLE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use metainfo::{InfoBuilder, NewFile};

    use super::*;

    fn names(builder: InfoBuilder) -> Vec<(u32, String, usize)> {
        let mut builder = builder;
        for piece in 0..builder.layout().pieces() {
            builder.set_digest(piece, [0; 20]);
        }
        let playable = playable_of(&builder.finish().unwrap());
        playable.into_iter().map(|file| (file.index, file.name, file.subtitles.len())).collect()
    }

    #[test]
    fn a_film_is_listed_by_its_name_and_those_of_a_folder_with_their_subtitles() {
        let single = InfoBuilder::new("film.mp4", 1000, None).unwrap();
        assert_eq!(names(single), [(0, "film.mp4".to_owned(), 0)]);
        let file = |path: &[&str]| NewFile { path: path.iter().map(|part| (*part).to_owned()).collect(), len: 9 };
        let files = vec![file(&["1", "a.mkv"]), file(&["1", "a.srt"]), file(&["b.mp3"]), file(&["notes.txt"])];
        let folder = InfoBuilder::folder("season", files, None).unwrap();
        assert_eq!(names(folder), [(0, "1/a.mkv".to_owned(), 1), (2, "b.mp3".to_owned(), 0)]);
        assert!(names(InfoBuilder::new("notes.txt", 1000, None).unwrap()).is_empty());
    }
}
