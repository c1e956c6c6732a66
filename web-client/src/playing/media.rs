//! What can be played, by the end of its name.

use serde::{Deserialize, Serialize};

/// How it is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// With a picture.
    Film,
    Music,
}

/// A kind of file that is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    pub kind: Kind,
    /// As the browser calls it.
    pub content_type: &'static str,
}

impl Media {
    /// By the end of a file's name; `None`: nobody plays that.
    pub fn of(name: &str) -> Option<Self> {
        let (kind, content_type) = match extension(name)?.as_str() {
            "mp4" | "m4v" => (Kind::Film, "video/mp4"),
            "mov" => (Kind::Film, "video/quicktime"),
            "webm" => (Kind::Film, "video/webm"),
            "mkv" => (Kind::Film, "video/matroska"),
            "ogv" => (Kind::Film, "video/ogg"),
            "avi" => (Kind::Film, "video/x-msvideo"),
            "wmv" => (Kind::Film, "video/x-ms-wmv"),
            "mpg" | "mpeg" => (Kind::Film, "video/mpeg"),
            "ts" | "m2ts" => (Kind::Film, "video/mp2t"),
            "mp3" => (Kind::Music, "audio/mpeg"),
            "m4a" | "m4b" => (Kind::Music, "audio/mp4"),
            "aac" => (Kind::Music, "audio/aac"),
            "flac" => (Kind::Music, "audio/flac"),
            "ogg" | "oga" | "opus" => (Kind::Music, "audio/ogg"),
            "weba" => (Kind::Music, "audio/webm"),
            "wav" => (Kind::Music, "audio/wav"),
            "wma" => (Kind::Music, "audio/x-ms-wma"),
            _ => return None,
        };
        Some(Self { kind, content_type })
    }

    /// Whether it is known only once it is tried: browsers that play Matroska do not say so.
    pub fn is_to_be_tried(&self) -> bool {
        matches!(self.content_type, "video/matroska" | "video/quicktime")
    }
}

/// Whether a file holds subtitles.
pub fn is_subtitles(name: &str) -> bool {
    extension(name).is_some_and(|extension| matches!(extension.as_str(), "srt" | "vtt"))
}

fn extension(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty()).then(|| extension.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_played_is_told_by_its_name() {
        let content_type = |name| Media::of(name).map(|media| media.content_type);
        assert_eq!(content_type("film.mp4"), Some("video/mp4"));
        assert_eq!(content_type("Film.Part.2.MKV"), Some("video/matroska"));
        assert_eq!(content_type("song.flac"), Some("audio/flac"));
        assert_eq!(content_type("song.mp3"), Some("audio/mpeg"));
        assert_eq!(Media::of("song.mp3").map(|media| media.kind), Some(Kind::Music));
        for name in ["notes.txt", "mp4", ".mp4", "page.html", "film.mp4.exe", ""] {
            assert_eq!(Media::of(name), None, "{name}");
        }
    }

    #[test]
    fn subtitles_are_told_by_their_names() {
        assert!(is_subtitles("film.SRT") && is_subtitles("film.de.vtt"));
        assert!(!is_subtitles("film.txt") && !is_subtitles("srt"));
    }
}
