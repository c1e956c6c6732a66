//! Text from strangers, made safe to show on any screen and to write to any disk. This is the one list of
//! characters that hide or mislead, and the one rule for file names; docs/decisions/0012-text-from-strangers.md
//! says why it is as it is.
//!
//! Every function here is total and idempotent: what came through once comes through again unchanged, so it
//! does not matter how many doors a name passes.

/// A file name in bytes of UTF-8: file systems take 255, and ` (2)` and what a download is called while it is not complete
/// must still fit behind it: `.part` here, `.crdownload` in a browser.
pub const FILE_NAME_BYTES_MAX: usize = 240;

/// What a file is called whose name has nothing left.
const NAMELESS: &str = "unnamed";
/// Longer than any extension that is worth keeping, bytes with the dot.
const EXTENSION_BYTES_MAX: usize = 16;
/// What a download is called while it is not complete.
const UNFINISHED: &str = ".part";
/// Names that Windows opens as a device instead of a file, with any extension.
const WINDOWS_DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
const ZERO_WIDTH_JOINER: char = '\u{200D}';
/// Shows the character before it as a picture.
const EMOJI_SELECTOR: char = '\u{FE0F}';

/// What a person or a group is called, or a sentence of somebody else's: one line of visible characters, every
/// run of white space one blank, none at the ends, at most `chars_max` characters. Empty if nothing is visible.
pub fn display_text(text: &str, chars_max: usize) -> String {
    let mut shown = String::new();
    let mut chars = 0;
    for c in visible(text).map(|c| if c.is_whitespace() { ' ' } else { c }) {
        if chars == chars_max {
            break;
        }
        if c == ' ' && (shown.is_empty() || shown.ends_with(' ')) {
            continue;
        }
        shown.push(c);
        chars += 1;
    }
    shown.truncate(trim_end(&shown).len());
    shown
}

/// Text whose blanks matter, such as a file name that is printed: one line of visible characters, at most
/// `chars_max`.
pub fn printable(text: &str, chars_max: usize) -> String {
    let mut shown: String = visible(text).take(chars_max).collect();
    shown.truncate(shown.trim_end_matches(is_joiner).len());
    shown
}

/// One path component out of any text. It has no separators and nothing that hides, that Windows refuses or that a browser
/// saves as something else; it is no hidden file, no option of a command, no device of Windows and no unfinished download;
/// it has at most [`FILE_NAME_BYTES_MAX`] bytes (the extension is kept), and is never empty. A name that is all that stays
/// as it is.
pub fn file_name(text: &str) -> String {
    let replaced: String = visible(text).filter(|c| !is_joiner(*c)).map(replace_unsafe).collect();
    let name = trim(&replaced);
    if name.is_empty() {
        return NAMELESS.to_owned();
    }
    let name = no_device(no_option(name));
    // The end may be cut off a name so that a device's is left.
    no_device(no_unfinished(no_backup(shorten(&name))))
}

/// The characters of a text that can be seen; what separates lines becomes a blank.
fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text.chars().peekable();
    let mut before = '\0';
    std::iter::from_fn(move || {
        loop {
            let c = match rest.next()? {
                '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
                c => c,
            };
            let is_shown = match c {
                ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => rest.peek().is_some_and(|after| joins(before, c, *after)),
                EMOJI_SELECTOR => is_emoji(before),
                c => !is_hidden(c),
            };
            if is_shown {
                before = c;
                return Some(c);
            }
        }
    })
}

/// Whether a joiner changes how the letters beside it are written. Anywhere else it makes two names of one.
fn joins(before: char, joiner: char, after: char) -> bool {
    let pictures = joiner == ZERO_WIDTH_JOINER && (is_emoji(before) || before == EMOJI_SELECTOR) && is_emoji(after);
    pictures || (is_joining_letter(before) && is_joining_letter(after))
}

fn is_joiner(c: char) -> bool {
    matches!(c, ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER)
}

/// Blocks of the scripts whose letters have joined and separate forms.
fn is_joining_letter(c: char) -> bool {
    matches!(c,
        '\u{0600}'..='\u{077F}' // Arabic, Syriac
        | '\u{07C0}'..='\u{07FF}' // N'Ko
        | '\u{0840}'..='\u{0DFF}' // Mandaic, Arabic, then Devanagari to Sinhala
        | '\u{1000}'..='\u{109F}' // Myanmar
        | '\u{1780}'..='\u{18AF}' // Khmer, Mongolian
        | '\u{1900}'..='\u{1CFF}' // Limbu to Vedic
        | '\u{A800}'..='\u{ABFF}' // Syloti Nagri to Meetei Mayek
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' // Arabic forms
        | '\u{11000}'..='\u{11FFF}' // Brahmi and its descendants
        | '\u{1E900}'..='\u{1E95F}' // Adlam
    ) && !is_hidden(c)
}

fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}'
        | '\u{2900}'..='\u{297F}' | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        | '\u{1F000}'..='\u{1FAFF}')
}

/// Characters that take no room, command a terminal or turn the reading direction (`exe.gnp` would read
/// `png.exe` backwards): a name must read as what it is. Unicode calls most of them `Default_Ignorable_Code_Point`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' // soft hyphen
            | '\u{034F}' // grapheme joiner
            | '\u{061C}' // Arabic letter mark
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // Hangul fillers
            | '\u{17B4}' | '\u{17B5}' // Khmer vowels that are not written
            | '\u{180B}'..='\u{180F}' // Mongolian selectors and separator
            | '\u{200B}' | '\u{200E}' | '\u{200F}' // zero width space, direction marks
            | '\u{202A}'..='\u{202E}' // embeddings and overrides
            | '\u{2060}'..='\u{206F}' // word joiner, invisible operators, isolates, deprecated formats
            | '\u{2800}' // blank braille
            | '\u{FE00}'..='\u{FE0E}' // selectors of variants; the next one is the emoji selector
            | '\u{FEFF}' // byte order mark
            | '\u{FDD0}'..='\u{FDEF}' // no characters
            | '\u{FFF0}'..='\u{FFFB}' // unassigned, interlinear annotation
            | '\u{13430}'..='\u{13440}' // Egyptian formats
            | '\u{16FE4}' // Khitan filler
            | '\u{1BCA0}'..='\u{1BCA3}' // shorthand formats
            | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}' // musical formats
            | '\u{E0000}'..='\u{E0FFF}' // tags, further selectors
        )
        // The last two of every plane are no characters.
        || u32::from(c) & 0xFFFE == 0xFFFE
}

fn replace_unsafe(c: char) -> char {
    match c {
        '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        // Signs above and below numbers, which Unicode calls formats: browsers save them as this.
        '\u{0600}'..='\u{0605}'
        | '\u{06DD}'
        | '\u{070F}'
        | '\u{0890}'
        | '\u{0891}'
        | '\u{08E2}'
        | '\u{110BD}'
        | '\u{110CD}' => '_',
        c => c,
    }
}

/// Windows drops dots and blanks at the end; blanks at the beginning are only there to mislead.
fn trim(name: &str) -> &str {
    name.trim_start().trim_end_matches(|c: char| c == '.' || c.is_whitespace() || is_joiner(c))
}

fn trim_end(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || is_joiner(c))
}

/// A dot in front hides a file, and a shell may run it; a dash makes it an option of the next command.
fn no_option(name: &str) -> String {
    match name.strip_prefix(['.', '-']) {
        Some(rest) => format!("_{rest}"),
        None => name.to_owned(),
    }
}

/// A tilde at an end is a home folder or an editor's old copy: browsers save it as something else.
fn no_backup(mut name: String) -> String {
    if name.ends_with('~') {
        name.replace_range(name.len() - 1.., "_");
    }
    if name.starts_with('~') {
        name.replace_range(..1, "_");
    }
    name
}

/// A complete file of such a name would be taken for another one's unfinished download.
fn no_unfinished(mut name: String) -> String {
    let at = name.len().saturating_sub(UNFINISHED.len());
    if name.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(UNFINISHED)) {
        name.replace_range(at..=at, "_");
    }
    name
}

fn no_device(name: String) -> String {
    if is_windows_device(&name) { format!("_{name}") } else { name }
}

fn is_windows_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device)
            .is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']) || ["¹", "²", "³"].contains(&number))
    });
    numbered || WINDOWS_DEVICES.contains(&stem.as_str())
}

/// Cuts the stem, not the extension.
fn shorten(name: &str) -> String {
    if name.len() <= FILE_NAME_BYTES_MAX {
        return name.to_owned();
    }
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= EXTENSION_BYTES_MAX => name.split_at(dot),
        _ => (name, ""),
    };
    let end = stem.floor_char_boundary(FILE_NAME_BYTES_MAX - extension.len());
    format!("{}{extension}", trim(&stem[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fine_name_stays_as_it_is() {
        for name in [
            "movie.mp4",
            "Ünïcödé – фильм.mkv",
            "a..b",
            "two  blanks.txt",
            "con artist.txt",
            "電影\u{3000}一.mp4",
            "Screen\u{202F}shot.png",
            "x.part1.rar",
            "Thumb❤\u{FE0F}.jpg",
        ] {
            assert_eq!(file_name(name), name);
            assert_eq!(printable(name, 200), name);
        }
    }

    /// Chromium writes `_` for a joiner: a tab and the command line would save two names of one.
    #[test]
    fn a_name_is_what_a_browser_saves() {
        for (name, safe) in [
            ("नमस्\u{200D}ते.txt", "नमस्ते.txt"),
            ("می\u{200C}خواهم.pdf", "میخواهم.pdf"),
            ("👩\u{200D}❤\u{FE0F}\u{200D}👨.jpg", "👩❤\u{FE0F}👨.jpg"),
            ("~x.txt", "_x.txt"),
            ("x.txt~", "x.txt_"),
            ("~", "_"),
            ("a~b~.txt", "a~b~.txt"),
            ("\u{06DD}5.txt", "_5.txt"),
            ("a\u{FFFE}b\u{1FFFF}.txt", "ab.txt"),
        ] {
            assert_eq!(file_name(name), safe);
            assert_eq!(file_name(safe), safe);
        }
        assert_eq!(printable("می\u{200C}خواهم.pdf", 200), "می\u{200C}خواهم.pdf");
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for name in ["..", ".", "../../etc/passwd", "a/../b", "..\\..\\x", "C:\\x", "/etc/passwd", "a\0b", " .. "] {
            let safe = file_name(name);
            assert!(!safe.contains(['/', '\\', '\0', ':']), "{name:?} became {safe:?}");
            assert!(safe != ".." && safe != "." && !safe.is_empty(), "{name:?} became {safe:?}");
        }
    }

    #[test]
    fn a_name_is_no_hidden_file_and_no_option() {
        assert_eq!(file_name(".bash_profile"), "_bash_profile");
        assert_eq!(file_name("\u{200B} .zshenv"), "_zshenv");
        assert_eq!(file_name("..x"), "_.x");
        assert_eq!(file_name("-rf"), "_rf");
        assert_eq!(file_name("\u{AD}--checkpoint-action=exec"), "_-checkpoint-action=exec");
    }

    #[test]
    fn a_name_is_a_file_on_windows_too() {
        let long_device = format!("aux{}b", " ".repeat(300));
        for (name, safe) in [
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com1.tar.gz", "_com1.tar.gz"),
            ("LPT² .txt", "_LPT² .txt"),
            ("conin$", "_conin$"),
            (&long_device, "_aux"),
            ("what?.mp4", "what_.mp4"),
            ("end. . ", "end"),
        ] {
            assert_eq!(file_name(name), safe);
        }
    }

    #[test]
    fn a_name_is_no_unfinished_download() {
        assert_eq!(file_name("movie.mp4.part"), "movie.mp4_part");
        assert_eq!(file_name("movie.mp4.PART. "), "movie.mp4_PART");
        assert_eq!(file_name(".part"), "_part");
        let cut_there = format!("{}.part{}", "a".repeat(235), "b".repeat(20));
        assert!(file_name(&cut_there).ends_with("_part"));
    }

    #[test]
    fn a_name_cannot_turn_the_reading_direction() {
        assert_eq!(file_name("holiday\u{202E}gpj.exe"), "holidaygpj.exe");
        assert_eq!(display_text("\u{202e}evil\u{2066} \u{7}  name\n", 40), "evil name");
    }

    #[test]
    fn what_cannot_be_seen_makes_no_second_name_of_one() {
        let hidden = "\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{17B4}\u{180B}\u{180E}\u{200B}\u{200C}\u{200D}\u{200E}\u{2060}\
            \u{2064}\u{206F}\u{2800}\u{3164}\u{FE00}\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF9}\u{FFFB}\u{1D173}\u{E0061}\u{E0100}\0\u{9b}";
        for c in hidden.chars() {
            assert_eq!(display_text(&format!("{c}A{c}na{c}"), 40), "Ana", "{c:?}");
            assert_eq!(file_name(&format!("{c}a{c}.txt{c}")), "a.txt", "{c:?}");
            assert_eq!(printable(&format!("a{c}b"), 40), "ab", "{c:?}");
        }
        assert_eq!(display_text("\u{200B}\u{2066} \u{3164}\n", 40), "");
    }

    #[test]
    fn a_long_name_keeps_its_extension_and_fits() {
        let name = file_name(&format!("{}.mp4", "ж".repeat(1000)));
        assert!(name.ends_with("ж.mp4") && name.len() <= FILE_NAME_BYTES_MAX);
        let name = file_name(&format!("{}.mp4", "a".repeat(1000)));
        assert_eq!(name.len(), FILE_NAME_BYTES_MAX);
        assert_eq!(file_name(&"x".repeat(500)).len(), FILE_NAME_BYTES_MAX);
        let fits = "x".repeat(FILE_NAME_BYTES_MAX);
        assert_eq!(file_name(&fits), fits);
    }

    #[test]
    fn nothing_left_is_unnamed() {
        assert_eq!(file_name(""), "unnamed");
        assert_eq!(file_name("\u{202E} ..."), "unnamed");
    }

    #[test]
    fn a_name_from_a_stranger_is_one_short_visible_line() {
        assert_eq!(display_text("  A\n\tB\u{202E}C\0 ", 40), "A BC");
        assert_eq!(display_text(&"é".repeat(100), 40), "é".repeat(40));
        assert_eq!(display_text("abc def", 4), "abc");
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\nd", 200), "a[2Jbc d");
        assert_eq!(printable("می\u{200C}خ", 3), "می");
    }
}
