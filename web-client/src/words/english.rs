//! Tests: whether English is left in German.

/// Words of English sentences that German does not have.
const ENGLISH: [&str; 36] = [
    "the", "and", "of", "your", "you", "with", "is", "it", "its", "are", "this", "that", "not", "to", "for", "from",
    "by", "have", "has", "or", "be", "can", "on", "what", "who", "when", "here", "there", "no", "waiting", "files",
    "people", "open", "saved", "group", "invite",
];

/// The first such word in a text.
pub(crate) fn english_in(text: &str) -> Option<&'static str> {
    let words: Vec<_> = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect();
    ENGLISH.into_iter().find(|english| words.iter().any(|word| word == english))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn resources(language: &str) -> Vec<(PathBuf, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("words").join(language);
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
    }

    /// A line's text, without the message's name, variables and comments.
    fn said(line: &str) -> String {
        let line = if line.starts_with('#') { "" } else { line };
        let text = match line.split_once(" = ") {
            Some((_, text)) if !line.starts_with(' ') => text,
            _ => line.trim_start().strip_prefix("*").unwrap_or(line).split_once(']').map_or(line, |(_, text)| text),
        };
        let mut is_inside = false;
        let mut is_outside = |c: char| {
            is_inside = c == '{' || is_inside && c != '}';
            !is_inside
        };
        text.chars().filter(|c| is_outside(*c)).collect()
    }

    #[test]
    fn german_files_are_german_and_english_ones_are_not() {
        for (path, text) in resources("de") {
            for line in text.lines() {
                assert_eq!(english_in(&said(line)), None, "{}: {line}", path.display());
            }
        }
        let is_english = |(_, text): &(PathBuf, String)| text.lines().any(|line| english_in(&said(line)).is_some());
        assert!(resources("en").iter().filter(|resource| is_english(resource)).count() > 10, "the words are common");
    }

    #[test]
    fn a_line_says_what_is_not_its_name_nor_a_variable() {
        assert_eq!(said("waits-to-send = Warte auf { $names }."), "Warte auf }.");
        assert_eq!(said("       *[other] { $count } Leute"), " } Leute");
        assert_eq!(said("# the comment"), "");
    }
}
