//! Which files a person wants.

use metainfo::{FileSelection, Info, SelectionError};

/// Seven files, of which the third is padding.
const FILES: [&str; 7] = ["Cover.jpg", "a.mkv", "PAD", "b.MKV", "extras/a.txt", "extras/deep/c.mkv", "readme"];

fn info() -> Info {
    let entries = FILES.map(|path| {
        let attributes = if path == "PAD" { "4:attr1:p" } else { "" };
        let parts: String = path.split('/').map(|part| format!("{}:{part}", part.len())).collect();
        format!("d{attributes}6:lengthi1e4:pathl{parts}ee")
    });
    let raw = format!("d5:filesl{}e4:name3:mkv12:piece lengthi16384e6:pieces20:{}e", entries.concat(), "x".repeat(20));
    Info::parse(raw.into()).expect("a sound torrent")
}

fn choose(text: &str) -> Result<Vec<&'static str>, SelectionError> {
    let chosen = text.parse::<FileSelection>()?.choose(&info())?;
    Ok(chosen.into_iter().map(|file| FILES[file]).collect())
}

#[test]
fn numbers_count_what_is_shown() {
    assert_eq!(choose("1,3").unwrap(), ["Cover.jpg", "b.MKV"]);
    assert_eq!(choose(" 2-4 , 3-3").unwrap(), ["a.mkv", "b.MKV", "extras/a.txt"]);
    assert_eq!(choose("1-6").unwrap().len(), 6);
}

#[test]
fn patterns_are_of_names_folders_and_paths() {
    assert_eq!(choose("*.mkv").unwrap(), ["a.mkv", "b.MKV", "extras/deep/c.mkv"]);
    assert_eq!(choose("extras").unwrap(), ["extras/a.txt", "extras/deep/c.mkv"]);
    assert_eq!(choose("extras/*").unwrap(), ["extras/a.txt", "extras/deep/c.mkv"]);
    assert_eq!(choose("extras/*.txt").unwrap(), ["extras/a.txt"]);
    assert_eq!(choose("**/c.*").unwrap(), ["extras/deep/c.mkv"]);
    assert_eq!(choose("[ab].mkv,1").unwrap(), ["Cover.jpg", "a.mkv", "b.MKV"]);
    assert_eq!(choose("READ?E").unwrap(), ["readme"]);
    assert_eq!(choose("*").unwrap().len(), 6);
}

#[test]
fn what_chooses_nothing_says_why() {
    let why = |text: &str| choose(text).unwrap_err();
    assert_eq!(why(""), SelectionError::Empty);
    assert_eq!(why(" , "), SelectionError::Empty);
    assert_eq!(why("0"), SelectionError::BadNumber("0".to_owned()));
    assert_eq!(why("1-99999999999999999999999"), SelectionError::BadNumber("99999999999999999999999".to_owned()));
    assert_eq!(why("5-2"), SelectionError::Reversed("5-2".to_owned()));
    assert_eq!(why("7"), SelectionError::NoSuchNumber { number: 7, files: 6 });
    assert_eq!(why("2-18446744073709551615"), SelectionError::NoSuchNumber { number: usize::MAX, files: 6 });
    assert_eq!(why("1,*.avi"), SelectionError::NothingFits("*.avi".to_owned()));
    assert_eq!(why("PAD"), SelectionError::NothingFits("PAD".to_owned()));
    assert_eq!(why("mkv"), SelectionError::NothingFits("mkv".to_owned()));
    assert!(matches!(why("[a"), SelectionError::BadPattern { .. }));
    assert_eq!(why(&"1,".repeat(1025)), SelectionError::TooLong);
    assert_eq!(why("x".repeat(20_000).as_str()), SelectionError::TooLong);
    assert!(why("***").to_string().starts_with("`***` is no pattern: "));
}
