//! Names and texts from strangers: any text becomes one that can be shown and written.

use proptest::prelude::*;
use wire_protocol::text::{FILE_NAME_BYTES_MAX, display_text, file_name, printable};

/// Any text, and texts of the characters that the rules are about.
fn texts() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        ".",
        "-",
        " ",
        "/",
        "\\",
        ":",
        "\0",
        "\n",
        "CON",
        "com",
        "lpt",
        "1",
        "¹",
        "$",
        "aux",
        ".part",
        ".PART",
        "a",
        "é",
        "ж",
        "न",
        "\u{94D}",
        "م",
        "👩",
        "❤",
        "\u{FE0F}",
        "\u{200C}",
        "\u{200D}",
        "\u{202E}",
        "\u{AD}",
        "\u{3164}",
        "\u{E0061}",
        "\u{3000}",
        "\u{2028}",
        "                                        ",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]);
    prop_oneof![
        ".{0,60}",
        ".{190,400}",
        prop::collection::vec(any::<char>(), 0..300).prop_map(String::from_iter),
        prop::collection::vec(tricky, 0..60).prop_map(|parts| parts.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_text_becomes_one_file_name(text in texts()) {
        let name = file_name(&text);
        prop_assert!(!name.is_empty() && !name.starts_with(['.', '-', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
        prop_assert!(!name.contains(['<', '>', ':', '"', '|', '?', '*', '/', '\\']), "{name:?}");
        prop_assert!(!name.chars().any(char::is_control), "{name:?}");
        prop_assert!(!name.to_lowercase().ends_with(".part"), "{name:?}");
        let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
        prop_assert!(!["CON", "AUX", "COM1", "LPT¹", "CONIN$", "COM¹"].contains(&stem.as_str()), "{name:?}");
        prop_assert!(name.len() <= FILE_NAME_BYTES_MAX, "{name:?}");
        prop_assert_eq!(file_name(&name), name.clone());
        prop_assert_eq!(printable(&name, FILE_NAME_BYTES_MAX), name);
    }

    #[test]
    fn any_text_becomes_one_line(text in texts(), chars_max in 0..80_usize) {
        for (shown, again) in [
            (display_text(&text, chars_max), display_text(&display_text(&text, chars_max), chars_max)),
            (printable(&text, chars_max), printable(&printable(&text, chars_max), chars_max)),
        ] {
            prop_assert!(shown.chars().count() <= chars_max);
            prop_assert!(!shown.contains(['\n', '\u{1b}', '\u{202E}', '\u{2028}', '\u{200B}']), "{shown:?}");
            prop_assert_eq!(again, shown);
        }
        let shown = display_text(&text, chars_max);
        prop_assert_eq!(shown.trim(), &shown);
        prop_assert!(!shown.contains("  "));
    }
}
