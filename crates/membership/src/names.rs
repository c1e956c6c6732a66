//! What people are called, and what of others' names is shown.

/// The first word of a friendly name.
const ADJECTIVES: [&str; 64] = [
    "Amber", "Bold", "Brave", "Bright", "Brisk", "Calm", "Candid", "Cheery", "Clever", "Cosy", "Crisp", "Curious",
    "Dapper", "Daring", "Eager", "Early", "Easy", "Fair", "Fancy", "Fleet", "Fond", "Frank", "Fresh", "Gentle", "Glad",
    "Golden", "Grand", "Happy", "Hardy", "Hearty", "Honest", "Jolly", "Keen", "Kind", "Lively", "Loyal", "Lucky",
    "Mellow", "Merry", "Mighty", "Mild", "Misty", "Neat", "Nimble", "Noble", "Patient", "Playful", "Plucky", "Polite",
    "Proud", "Quick", "Quiet", "Ready", "Rosy", "Silver", "Smart", "Snowy", "Spry", "Steady", "Sunny", "Swift", "Tidy",
    "Warm", "Witty",
];

/// The second word of a friendly name.
const ANIMALS: [&str; 64] = [
    "Badger",
    "Beaver",
    "Bison",
    "Bunting",
    "Camel",
    "Caribou",
    "Cheetah",
    "Condor",
    "Coyote",
    "Crane",
    "Curlew",
    "Deer",
    "Dolphin",
    "Dormouse",
    "Egret",
    "Elk",
    "Falcon",
    "Ferret",
    "Finch",
    "Fox",
    "Gazelle",
    "Gecko",
    "Gibbon",
    "Hare",
    "Hedgehog",
    "Heron",
    "Ibex",
    "Jackdaw",
    "Kestrel",
    "Kingfisher",
    "Koala",
    "Lark",
    "Lemur",
    "Lynx",
    "Magpie",
    "Marmot",
    "Marten",
    "Meerkat",
    "Mole",
    "Moose",
    "Narwhal",
    "Newt",
    "Ocelot",
    "Osprey",
    "Otter",
    "Owl",
    "Panda",
    "Penguin",
    "Plover",
    "Puffin",
    "Quail",
    "Rabbit",
    "Raven",
    "Robin",
    "Seal",
    "Sparrow",
    "Squirrel",
    "Stork",
    "Swan",
    "Tapir",
    "Turtle",
    "Walrus",
    "Wombat",
    "Wren",
];

/// A name for somebody who has not chosen one, such as `Lively Otter`. The same number gives the same name.
pub fn friendly_name(random: u64) -> String {
    let adjective = ADJECTIVES[(random % 64) as usize];
    let animal = ANIMALS[(random / 64 % 64) as usize];
    format!("{adjective} {animal}")
}

/// A name from somebody else, or a person's own before it is sent: one line without control characters and
/// text-direction overrides, no spaces at its ends or doubled, at most `chars_max` characters.
pub fn display_text(text: &str, chars_max: usize) -> String {
    let mut name = String::new();
    let shown = text.chars().filter(|c| !is_invisible(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut chars = 0;
    for c in shown {
        if chars == chars_max {
            break;
        }
        if c == ' ' && (name.is_empty() || name.ends_with(' ')) {
            continue;
        }
        name.push(c);
        chars += 1;
    }
    name.truncate(name.trim_end().len());
    name
}

/// A file name from somebody else: as [`display_text`], and one path component.
pub(crate) fn file_name(text: &str, chars_max: usize) -> String {
    let name = display_text(&text.replace(['/', '\\'], "_"), chars_max);
    if matches!(name.as_str(), "" | "." | "..") { "_".to_owned() } else { name }
}

/// Characters that hide, or turn the reading direction. (Joiners stay: some scripts and emoji need them.)
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::DISPLAY_NAME_CHARS_MAX;

    use super::*;

    #[test]
    fn every_number_is_a_friendly_name_that_can_be_used_as_it_is() {
        for random in (0..4096).chain([u64::MAX]) {
            let name = friendly_name(random);
            assert_eq!(display_text(&name, DISPLAY_NAME_CHARS_MAX), name);
            assert_eq!(name.split(' ').count(), 2);
        }
        assert_eq!(friendly_name(34 + 44 * 64), "Lively Otter");
    }

    #[test]
    fn no_friendly_word_is_there_twice() {
        for words in [ADJECTIVES, ANIMALS] {
            assert!(words.is_sorted() && words.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }

    #[test]
    fn a_name_from_a_stranger_is_one_short_visible_line() {
        assert_eq!(display_text("  A\n\tB\u{202E}C\0 ", 40), "A BC");
        assert_eq!(display_text(&"é".repeat(100), 40), "é".repeat(40));
        assert_eq!(display_text("\u{200B}\u{2066} \n", 40), "");
        assert_eq!(display_text("abc def", 4), "abc");
        assert_eq!(file_name("../a/b", 200), ".._a_b");
        assert_eq!(file_name("..", 200), "_");
    }
}
