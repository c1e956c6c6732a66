//! Names from strangers, made safe to write to any disk and to show on any screen.

/// A bare file name in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// A bare file name in bytes: file systems take 255, and `.part` and ` (2)` must still fit behind it.
pub const NAME_BYTES_MAX: usize = 240;
/// What a file is called whose name has nothing left.
const NAMELESS: &str = "unnamed";
/// Longer than any extension that is worth keeping, bytes.
const EXTENSION_BYTES_MAX: usize = 16;
/// Device names that Windows opens instead of a file, with any extension.
const WINDOWS_DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// One path component out of any text: no separators, control characters, text-direction overrides,
/// no characters or names that Windows refuses, no `.` or `..`, at most [`NAME_CHARS_MAX`] characters and
/// [`NAME_BYTES_MAX`] bytes (the extension is kept). Never empty. A name that is fine stays as it is.
pub fn bare_name(text: &str) -> String {
    let replaced: String = text.chars().filter(|c| !is_invisible(*c)).map(replace_unsafe).collect();
    match trim(&replaced) {
        "" => NAMELESS.to_owned(),
        device if is_windows_device(device) => shorten(&format!("_{device}")),
        name => shorten(name),
    }
}

/// Windows drops dots and spaces at the end; spaces at the beginning are only there to mislead.
fn trim(name: &str) -> &str {
    name.trim_start().trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

fn replace_unsafe(c: char) -> char {
    match c {
        '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        c if c.is_control() => '_',
        c => c,
    }
}

/// Characters that turn the reading direction (`exe.gnp` would read `png.exe` backwards), separate
/// lines or take no room: a name must read as what it is.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
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
    if fits(name) {
        return name.to_owned();
    }
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= EXTENSION_BYTES_MAX => name.split_at(dot),
        _ => (name, ""),
    };
    let chars_max = NAME_CHARS_MAX - extension.chars().count();
    let bytes_max = NAME_BYTES_MAX - extension.len();
    let end = stem
        .char_indices()
        .take(chars_max)
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= bytes_max)
        .last()
        .unwrap_or(0);
    let stem = trim(&stem[..end]);
    format!("{stem}{extension}")
}

fn fits(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX && name.chars().count() <= NAME_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fine_name_stays_as_it_is() {
        for name in ["movie.mp4", ".profile", "Ünïcödé – фильм.mkv", "a..b", "con artist.txt", "電影.mp4"]
        {
            assert_eq!(bare_name(name), name);
        }
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for name in ["..", ".", "../../etc/passwd", "a/../b", "..\\..\\x", "C:\\x", "/etc/passwd", "a\0b", " .. "] {
            let safe = bare_name(name);
            assert!(!safe.contains(['/', '\\', '\0', ':']), "{name:?} became {safe:?}");
            assert!(safe != ".." && safe != "." && !safe.is_empty(), "{name:?} became {safe:?}");
        }
    }

    #[test]
    fn a_name_cannot_turn_the_reading_direction() {
        assert_eq!(bare_name("holiday\u{202E}gpj.exe"), "holidaygpj.exe");
    }

    #[test]
    fn a_name_is_a_file_on_windows_too() {
        assert_eq!(bare_name("CON"), "_CON");
        assert_eq!(bare_name("nul.txt"), "_nul.txt");
        assert_eq!(bare_name("com1.tar.gz"), "_com1.tar.gz");
        assert_eq!(bare_name("what?.mp4"), "what_.mp4");
        assert_eq!(bare_name("end. . "), "end");
    }

    #[test]
    fn a_long_name_keeps_its_extension_and_fits() {
        let name = bare_name(&format!("{}.mp4", "ж".repeat(1000)));
        assert!(name.ends_with("ж.mp4") && name.len() <= NAME_BYTES_MAX);
        let name = bare_name(&format!("{}.mp4", "a".repeat(1000)));
        assert_eq!(name.chars().count(), NAME_CHARS_MAX);
        assert_eq!(bare_name(&"x".repeat(500)).len(), NAME_CHARS_MAX);
    }

    #[test]
    fn nothing_left_is_unnamed() {
        assert_eq!(bare_name(""), "unnamed");
        assert_eq!(bare_name("\u{202E} ..."), "unnamed");
    }
}
