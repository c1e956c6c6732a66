//! What people are called who have not said.

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

#[cfg(test)]
mod tests {
    use wire_protocol::control::DISPLAY_NAME_CHARS_MAX;
    use wire_protocol::text::display_text;

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
}
