//! What the server says no to.

use wire_protocol::control::{Refusal, RefusalCode};
use wire_protocol::text::display_text;

use crate::words::words;

/// A sentence of the server's, in characters.
const SENTENCE_CHARS_MAX: usize = 400;

/// What is wrong, and what to do: a sentence. Where one code stands for several, the server's own words are in it.
pub fn refusal_line(refusal: &Refusal) -> String {
    let (words, said) = (words(), display_text(&refusal.message, SENTENCE_CHARS_MAX));
    let line = match refusal.code {
        RefusalCode::BadLogin => words.refusals_bad_login(said),
        RefusalCode::UnknownGroup => words.refusals_unknown_group(),
        RefusalCode::BadInvite => words.refusals_bad_invite(),
        RefusalCode::NotAllowed => words.refusals_not_allowed(said),
        RefusalCode::UnknownFile => words.refusals_unknown_file(said),
        RefusalCode::BadRequest => words.refusals_bad_request(said),
        RefusalCode::TooMany => words.refusals_too_many(said),
        RefusalCode::ServerError => words.refusals_server_error(said),
        RefusalCode::UnknownVersion => words.refusals_unknown_version(),
        RefusalCode::InviteExpired => words.refusals_invite_expired(),
        RefusalCode::InviteRevoked => words.refusals_invite_revoked(),
        RefusalCode::InviteUsedUp => words.refusals_invite_used_up(),
        RefusalCode::StaleEpoch => words.refusals_stale_epoch(),
        RefusalCode::UnknownMember => words.refusals_unknown_member(),
        RefusalCode::UnknownInvite => words.refusals_unknown_invite(),
        RefusalCode::UnknownRequest => words.refusals_unknown_request(),
        RefusalCode::PasswordNeeded => words.refusals_password_needed(),
        RefusalCode::WrongPassword => words.refusals_wrong_password(),
        RefusalCode::InvitedOnly => words.refusals_invited_only(),
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::in_german;

    #[test]
    fn what_the_server_says_is_said_in_english_and_quoted_in_german_where_it_says_more_than_its_code() {
        let refusal = |code| Refusal { code, message: "The group has all the files it may have.".to_owned() };
        let full = refusal(RefusalCode::TooMany);
        assert_eq!(refusal_line(&full), full.message);
        let german = in_german(|| refusal_line(&full));
        assert!(german.starts_with("Das ist dem Server zu viel.") && german.contains(&full.message), "{german}");
        let gone = refusal(RefusalCode::InviteExpired);
        assert_eq!(refusal_line(&gone), "This link has expired. Ask whoever sent it for a new one.");
        assert!(in_german(|| refusal_line(&gone)).starts_with("Dieser Link ist abgelaufen."));
    }
}
