//! Links as people paste them.

use wire_protocol::invite::{Invite, InviteError, NotWhole};
use wire_protocol::pasted::{DamagedIdentity, PASTED_LEN_MAX, find_identity, find_invite, find_secret, identity_link};

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODw";
const LINK: &str = "https://share.example/j/lively-otter#AAECAwQFBgcICQoLDA0ODw";

fn invite() -> Invite {
    Invite::new("https://share.example", "lively-otter", std::array::from_fn(|at| at as u8)).expect("it is one")
}

/// `LINK` stands for the link.
#[track_caller]
fn found_in(texts: &[&str]) {
    for text in texts {
        let pasted = text.replace("LINK", LINK);
        assert_eq!(find_invite(&pasted).as_ref(), Ok(&invite()), "{pasted}");
    }
}

#[test]
fn the_link_is_found_among_the_marks_of_sentences_quotations_and_chat_programs() {
    found_in(&[
        "LINK.",
        "LINK,",
        "LINK;",
        "LINK:",
        "LINK!",
        "LINK?",
        "(LINK)",
        "(LINK).",
        "LINK>",
        "LINK]",
        "<LINK>",
        "<URL:LINK>",
        "{LINK}",
        "'LINK'",
        "\"LINK\",",
        "`LINK`",
        "\u{201c}LINK\u{201d}",
        "\u{201e}LINK\u{201c}",
        "\u{2018}LINK\u{2019}",
        "«LINK»",
        "「LINK」",
        "LINK\u{2026}",
        "LINK…and so on",
        "LINK请打开",
        "链接：LINK。",
        "Link:LINK",
        "**LINK**",
        "LINK**",
        "*LINK*",
        "_LINK_",
        "__LINK__",
        "~~LINK~~",
        "||LINK||",
        "LINK - for you",
        "LINK- for you",
        "LINK--",
        "[the film](LINK)",
        "[LINK](LINK)",
        "[LINK](LINK \"the film\")",
        "<LINK|share.example>",
        "<a href=\"LINK\">LINK</a>",
        "&lt;LINK&gt;",
    ]);
}

#[test]
fn the_link_is_found_in_a_text_a_letter_and_behind_what_sites_add() {
    found_in(&[
        // Twice is once.
        "LINK LINK",
        "LINKLINK",
        "LINK\nLINK\n",
        // Text around it, and links to something else.
        "Look: LINK (only for you)",
        "https://example.com/ says that this is the film: LINK",
        "LINK https://example.com/#AAECAwQFBgcICQoLDA0ODx",
        "Hello Bo,\n\nhere is the film:\n\n   LINK\n\nAna\n",
        "native-peer download 'LINK'",
        "$ native-peer download \"LINK\" -o films",
        // What sites add.
        "LINK&fbclid=IwAR0x_y",
        "LINK?utm_source=chat",
        "LINK&amp;utm_medium=mail",
        "LINK/",
        "LINK:~:text=film",
        "LINK%20",
        "LINK%3E",
        "LINK%29.",
        "LINK#",
        // Blanks, and what cannot be seen.
        "\u{feff}LINK",
        "\u{a0}LINK\u{a0}",
        "LINK\u{200b}",
        "\u{200e}LINK\u{200f}\u{2060}",
        "LINK\u{3000}x",
        "\u{1b}[1mLINK\u{1b}[0m",
        "\t LINK \r\n",
        // Mail.
        "> LINK",
        "> > LINK\r\n> \r\n> Ana",
        "Ana wrote:\n| LINK",
    ]);
}

#[test]
fn what_programs_did_to_the_link_itself_is_undone() {
    for pasted in [
        LINK.replace('#', "%23"),
        LINK.replace('#', "?fbclid=abc#"),
        LINK.replace('#', "/?utm_source=a&utm_medium=b#"),
        LINK.replace('#', "&fbclid=abc#"),
        LINK.replace('#', "?fbclid=abc%23"),
        LINK.replace('#', ".#"),
        LINK.replace('#', "/#"),
        LINK.replace('#', "##"),
        LINK.replace('#', "\\#"),
        LINK.replace('/', "\\/"),
        LINK.replace("https://share.example", "HTTPS://Share.Example"),
        LINK.replace("https", "Https"),
        LINK.replace("lively-otter", "Lively-Otter"),
        LINK.replace("otter", "ot\u{ad}ter"),
        LINK.replace("AAEC", "AA\u{200b}EC"),
        LINK.replace("lively-otter", "lively\u{2011}otter"),
        LINK.replace("lively-otter", "lively%E2%80%8B-otter"),
        LINK.replace('#', "\u{ff03}"),
        LINK.replace("https://", ""),
        format!("open {}.", LINK.replace("https://", "")),
        format!("({})", LINK.replace("https://", "")),
        LINK.replace(':', "%3A").replace('/', "%2F").replace('#', "%23"),
        LINK.replace("://", ":/"),
        LINK.replace("://", ":///"),
        LINK.replace("://", "//"),
        LINK.replace("://", ":\\\\"),
        LINK.replace('#', "&#35;"),
        LINK.replace('#', "&#X23;"),
        LINK.replace('#', "&num;"),
        LINK.replace(':', "&colon;").replace("/j/", "&#47;j&sol;").replace('#', "&num;"),
    ] {
        assert_eq!(find_invite(&pasted).as_ref(), Ok(&invite()), "{pasted}");
    }
}

#[test]
fn a_link_that_was_broken_into_lines_is_whole() {
    for pasted in [
        LINK.replace("AwQF", "AwQF\n"),
        LINK.replace("AwQF", "AwQF\r\n"),
        LINK.replace("AwQF", "AwQF=\n"),
        LINK.replace("AwQF", "AwQF=\r\n"),
        LINK.replace("AwQF", "AwQF\\\n"),
        LINK.replace("AwQF", "AwQF\\\r\n    "),
        LINK.replace("lively-", "lively-\n"),
        LINK.replace("share.", "share.\n"),
        LINK.replace('#', "\n#"),
        LINK.replace('#', "#\n"),
        format!("> {}", LINK.replace("AwQF", "AwQF\n> ").replace("/j/", "/j/\n> ")),
        format!("> > Look: {}\n> > Ana", LINK.replace("AwQF", "AwQF\n> > ")),
        format!("    {}", LINK.replace("AwQF", "AwQF \n    ")),
        LINK.as_bytes().chunks(8).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n"),
        format!("{}\nSee you!", LINK.replace("AwQF", "AwQF\n")),
    ] {
        assert_eq!(find_invite(&pasted).as_ref(), Ok(&invite()), "{pasted}");
    }
    // What comes behind a whole one is no part of it.
    assert_eq!(find_invite(&format!("{LINK}\nAAAA")).as_ref(), Ok(&invite()));
    assert!(find_invite(&LINK.replace("AwQF", "AwQF\n\n")).is_err(), "a paragraph ends it");
}

#[test]
fn a_link_is_found_in_the_links_of_services_that_look_at_it_first() {
    let once = "https%3A%2F%2Fshare.example%2Fj%2Flively-otter%23AAECAwQFBgcICQoLDA0ODw";
    let twice = once.replace('%', "%25");
    for pasted in [
        format!(
            "https://eur01.safelinks.protection.outlook.com/?url={once}&data=05%7C01%7Cbo%40example.com&reserved=0"
        ),
        format!("https://slack-redir.net/link?url={once}"),
        format!("https://www.google.com/url?q={LINK}&sa=D"),
        format!("https://www.google.com/url?q={}&sa=D", LINK.replace('#', "%23")),
        format!("https://l.facebook.com/l.php?u={once}&h=AT0"),
        format!("https://safelinks.example/?url=https%3A%2F%2Fl.example%2F%3Fu%3D{twice}"),
    ] {
        assert_eq!(find_invite(&pasted).as_ref(), Ok(&invite()), "{pasted}");
    }
}

#[test]
fn without_its_scheme_a_name_is_https_and_an_address_http() {
    for (begin, server) in [
        ("share.example", "https://share.example"),
        ("Share.Example:8443", "https://share.example:8443"),
        ("share.example/Covey", "https://share.example/Covey"),
        ("192.168.1.7:8080", "http://192.168.1.7:8080"),
        ("[fd00::7]:8080", "http://[fd00::7]:8080"),
        ("localhost:8080", "http://localhost:8080"),
    ] {
        let found = find_invite(&format!("here: {begin}/j/lively-otter#{SECRET}"));
        assert_eq!(found.as_ref().map(Invite::server), Ok(server), "{begin}");
    }
    for no in ["ftp://share.example/j/a#", "ana@share.example/j/a#", "and/or/j/a#", "/j/a#"] {
        assert_eq!(find_invite(&format!("{no}{SECRET}")), Err(InviteError::NotFound), "{no}");
    }
}

#[test]
fn two_different_invites_in_a_text_are_named_without_their_secrets() {
    let other = LINK.replace("lively-otter", "brave-heron");
    let error = find_invite(&format!("{LINK} or {other}")).unwrap_err();
    let InviteError::Several { first, second } = &error else { panic!("{error}") };
    assert_eq!(first, "https://share.example/j/lively-otter#…");
    assert_eq!(second, "https://share.example/j/brave-heron#…");
    let newer = LINK.replace("AAEC", "BAEC");
    assert!(matches!(find_invite(&format!("{LINK}\n{newer}")), Err(InviteError::Several { .. })));
    // One of them is whole.
    let cut = &other[..other.len() - 3];
    assert_eq!(find_invite(&format!("{cut} {LINK}")), Ok(invite()));
    // A server may have several names.
    let elsewhere = LINK.replace("https://share.example", "http://192.168.1.7:8080");
    assert_eq!(find_invite(&format!("{LINK} {elsewhere}")), Ok(invite()));
}

#[test]
fn a_link_that_is_not_whole_says_what_is_there() {
    let seen = |text: &str| match find_invite(text) {
        Err(InviteError::NotWhole(NotWhole { seen, expected: 22 })) => Some(seen),
        _ => None,
    };
    for cut in 1..22 {
        assert_eq!(seen(&LINK[..LINK.len() - cut]), Some(22 - cut), "{cut} characters are missing");
    }
    assert_eq!(seen(&format!("{LINK}and")), Some(25));
    assert_eq!(seen(&LINK.replace("AAEC", "AA!C")), Some(2));
    // Each bit of a secret is in its link once, so of its last character only some are right.
    assert_eq!(seen(&LINK.replace("ODw", "ODx")), Some(22));
    assert_eq!(seen(&LINK.replace('#', "#!")), Some(0));
    let sentence = find_invite(&LINK[..LINK.len() - 2]).unwrap_err().to_string();
    assert!(
        sentence.starts_with("the link is not whole: behind the # it has 20 characters and should have 22"),
        "{sentence}"
    );
}

#[test]
fn a_groups_address_is_no_invite_and_says_whose_it_is() {
    let address = LINK.split('#').next().unwrap();
    let group = InviteError::NoSecret { server: "https://share.example".to_owned(), slug: "lively-otter".to_owned() };
    for around in
        ["ADDRESS", "ADDRESS.", "<ADDRESS>", "ADDRESS#", "ADDRESS#.", "ADDRESS%23", "ADDRESS/", "look: ADDRESS ok?"]
    {
        let pasted = around.replace("ADDRESS", address);
        assert_eq!(find_invite(&pasted), Err(group.clone()), "{pasted}");
        let bare = pasted.replace("https://", "");
        assert_eq!(find_invite(&bare), Err(group.clone()), "{bare}");
    }
    assert!(group.to_string().contains("Invite others"));
}

#[test]
fn what_is_no_invite_is_named_as_far_as_it_is_no_secret() {
    let seen = |text: &str| find_invite(text).unwrap_err();
    assert_eq!(seen(""), InviteError::NotFound);
    assert_eq!(seen("see you at the cabin"), InviteError::NotFound);
    assert_eq!(seen("lively-otter"), InviteError::NotFound);
    let long = format!("https://{}", "a".repeat(5000));
    for other in [
        "https://share.example/#AAECAwQFBgcICQoLDA0ODw",
        "https://share.example?x=AAEC#AAECAwQF",
        "https:///j/a#x",
        &long,
    ] {
        let error = seen(other);
        assert!(matches!(error, InviteError::NoSlug { .. }), "{other}: {error:?}");
        let sentence = error.to_string();
        assert!(!sentence.contains("AAEC") && sentence.len() < 300, "{sentence}");
    }
    assert_eq!(seen(&format!("https://share.example/j/Lively%20Otter#{SECRET}")), InviteError::BadSlug);
    assert_eq!(seen(&format!("https://share.example/j/a/b#{SECRET}")), InviteError::BadSlug);
    assert!(matches!(seen("https://share.example/j/#x"), InviteError::NoSlug { .. }));
    assert!(matches!(seen(&format!("https://ana:pw@share.example/j/a#{SECRET}")), InviteError::NoSlug { .. }));
}

#[test]
fn only_so_much_of_a_text_is_looked_at() {
    let far = format!("{}{LINK}", " ".repeat(PASTED_LEN_MAX));
    assert_eq!(find_invite(&far), Err(InviteError::NotFound));
    assert_eq!(find_invite(&format!("{LINK}{}", "\u{20ac}".repeat(PASTED_LEN_MAX))), Ok(invite()));
    let many = "https://share.example/j/a#x ".repeat(PASTED_LEN_MAX / 28);
    assert!(matches!(find_invite(&many), Err(InviteError::NotWhole(_))));
}

#[test]
fn an_identity_is_found_like_an_invite_and_is_none() {
    let seed = [0xfe; 32];
    let link = identity_link("https://share.example", &seed);
    let (begin, end) = link.split_at(50);
    for pasted in [
        link.clone(),
        format!("<{link}>."),
        format!("**{link}**"),
        format!("_{link}_"),
        format!("{link}&fbclid=abc"),
        format!("{begin}\n{end}"),
        format!("> {begin}=\r\n{end}"),
        format!("{begin}\u{200b}{end}\u{a0}"),
        link.replace('#', "%23"),
        format!("Open this: {link} (on your phone)"),
    ] {
        assert_eq!(find_identity(&pasted), Some(Ok(seed)), "{pasted}");
        assert_eq!(find_invite(&pasted), Err(InviteError::Identity), "{pasted}");
    }
    assert_eq!(find_identity(&link[..link.len() - 1]), Some(Err(DamagedIdentity)));
    assert_eq!(find_identity("https://share.example/#identity="), Some(Err(DamagedIdentity)));
    assert_eq!(find_identity(LINK), None);
    assert_eq!(find_secret::<3>("see key:AAEC.", "key:"), Some([0, 1, 2]));
    assert_eq!(find_secret::<3>("see key:AAECA.", "key:"), None);
}
