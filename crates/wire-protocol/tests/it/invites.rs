//! The link a person sends to a friend.

use wire_protocol::invite::{Invite, InviteError};

const SECRET: &str = "AAECAwQFBgcICQoLDA0ODw";

fn read(text: &str) -> Result<Invite, InviteError> {
    text.parse()
}

#[test]
fn an_invite_survives_being_sent() {
    for server in ["http://127.0.0.1:8080", "https://share.example", "https://share.example/covey", "http://[::1]:80"] {
        let invite = Invite::new(&format!("{server}/"), "lively-otter", std::array::from_fn(|at| at as u8)).unwrap();
        assert_eq!(invite.to_string(), format!("{server}/j/lively-otter#{SECRET}"));
        assert_eq!(read(&format!("  {invite}\n")).unwrap(), invite);
        assert_eq!((invite.server(), invite.slug()), (server, "lively-otter"));
    }
}

#[test]
fn a_broken_invite_says_what_is_broken() {
    let full = |rest: &str| read(&format!("https://share.example{rest}"));
    assert_eq!(read("lively-otter"), Err(InviteError::NotAUrl));
    assert_eq!(read("ftp://share.example/j/a#x"), Err(InviteError::NotAUrl));
    assert_eq!(read("https:///j/a#x"), Err(InviteError::NotAUrl));
    assert_eq!(read(&format!("https://{}", "a".repeat(5000))), Err(InviteError::NotAUrl));
    assert_eq!(full(""), Err(InviteError::NoSlug));
    assert_eq!(full("/j/#x"), Err(InviteError::NoSlug));
    assert_eq!(full("/j/lively-otter"), Err(InviteError::NoSecret));
    assert_eq!(full("/j/lively-otter#"), Err(InviteError::NoSecret));
    assert_eq!(full("/j/lively-otter#AAECAwQFBgcICQoLDA0OD"), Err(InviteError::BadSecret));
    assert_eq!(full("/j/lively-otter#AAECAwQFBgcICQoLDA0OD!"), Err(InviteError::BadSecret));
    assert_eq!(full(&format!("/j/Lively%20Otter#{SECRET}")), Err(InviteError::BadSlug));
    assert_eq!(full(&format!("/j/a/b#{SECRET}")), Err(InviteError::BadSlug));
    assert!(full(&format!("/j/lively-otter/#{SECRET}")).is_ok(), "a slash that a chat program added");
}

#[test]
fn the_secret_is_not_shown_and_not_what_the_tracker_sees() {
    let invite = read(&format!("https://share.example/j/lively-otter#{SECRET}")).unwrap();
    assert!(!format!("{invite:?}").contains(SECRET));
    let other = read("https://share.example/j/lively-otter#BAECAwQFBgcICQoLDA0ODw").unwrap();
    assert_ne!(invite.auth_key(), other.auth_key());
    let elsewhere = read(&format!("https://other.example/j/lively-otter#{SECRET}")).unwrap();
    assert_eq!(invite.auth_key(), elsewhere.auth_key(), "a tracker may have several names");
    assert_eq!(invite.seal_key(), elsewhere.seal_key());
    assert_ne!(invite.seal_key(), other.seal_key());
    assert_ne!(invite.seal_key(), invite.auth_key(), "what the tracker sees opens nothing");
}

#[test]
fn a_link_is_read_as_people_paste_it() {
    let link = format!("https://share.example/j/lively-otter#{SECRET}");
    let invite = read(&link).unwrap();
    for pasted in [
        format!("<{link}>"),
        format!("({link})."),
        format!("\"{link}\","),
        format!("'{link}'"),
        format!("\u{201c}{link}\u{201d}!"),
        format!("{link}\u{2026}"),
        format!("[the film]({link})"),
        format!("*{link}*"),
        format!("_{link}_"),
        format!("Look: {link} (only for you)"),
        format!("native-peer download '{link}' -o films"),
        link.replace('#', "%23"),
        link.replace('#', "?fbclid=abc#"),
        link.replace("otter", "otter/"),
        link.replace("https://share.example", "HTTPS://Share.Example"),
        link.replace("lively-otter", "Lively-Otter"),
    ] {
        assert_eq!(read(&pasted).as_ref(), Ok(&invite), "{pasted}");
    }
    let with_path = read(&format!("https://Share.example/Covey/j/lively-otter#{SECRET}")).unwrap();
    assert_eq!(with_path.server(), "https://share.example/Covey", "a path means another thing in capitals");
}

#[test]
fn a_link_that_lost_its_secret_says_so_whatever_is_behind_it() {
    for pasted in [
        "https://share.example/j/lively-otter.",
        "<https://share.example/j/lively-otter>",
        "https://share.example/j/lively-otter#.",
        "https://share.example/j/lively-otter%23",
    ] {
        assert_eq!(read(pasted), Err(InviteError::NoSecret), "{pasted}");
    }
    assert_eq!(read(&format!("xhttps://share.example/j/lively-otter#{SECRET}")), Err(InviteError::NotAUrl));
}
