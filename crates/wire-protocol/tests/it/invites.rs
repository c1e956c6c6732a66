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
fn only_an_address_and_two_words_make_an_invite() {
    let new = |server: &str, slug: &str| Invite::new(server, slug, [7; 16]);
    assert!(matches!(new("share.example", "lively-otter"), Err(InviteError::NoSlug { .. })));
    assert!(matches!(new(&format!("https://{}", "a".repeat(5000)), "lively-otter"), Err(InviteError::NoSlug { .. })));
    assert_eq!(new("https://share.example", "Lively Otter"), Err(InviteError::BadSlug));
    let with_path = read(&format!("https://Share.example/Covey/j/lively-otter#{SECRET}")).unwrap();
    assert_eq!(with_path.server(), "https://share.example/Covey", "a path means another thing in capitals");
    assert_eq!(
        with_path.at("http://127.0.0.1").unwrap().to_string(),
        format!("http://127.0.0.1/j/lively-otter#{SECRET}")
    );
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
