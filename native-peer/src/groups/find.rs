//! From what was typed to the group, person, invite or file that is meant; or a sentence that says what there is.

use std::sync::Arc;

use membership::Group;
use wire_protocol::control::{FileCard, InviteCard, JoinRequest};
use wire_protocol::ids::{GroupId, MemberKey};
use wire_protocol::text::file_name;

use crate::failure::{Failure, Outcome};
use crate::report::text::printable;

/// Candidates that a sentence names.
const NAMED_MAX: usize = 20;

/// Somebody, as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub key: MemberKey,
    pub name: String,
}

impl Person {
    /// `Ana (k7fq-2mza)`: names are not unique, and anybody can take any.
    pub fn shown(&self) -> String {
        format!("{} ({})", printable(&self.name), self.key.mark())
    }
}

/// The members of a group.
pub fn people(group: &Group) -> Vec<Person> {
    group.members.iter().map(|member| Person { key: member.key, name: member.display_name.clone() }).collect()
}

/// Who asks to join.
pub fn askers(requests: &[JoinRequest]) -> Vec<Person> {
    requests.iter().map(|asker| Person { key: asker.member, name: asker.display_name.clone() }).collect()
}

/// The group of this slug or name.
///
/// # Errors
/// There is none, or there are several of this name.
pub fn group(groups: &[(GroupId, Arc<Group>)], typed: &str) -> Outcome<(GroupId, Arc<Group>)> {
    let typed = typed.trim();
    if let Some(found) = groups.iter().find(|(_, group)| group.slug == typed) {
        return Ok(found.clone());
    }
    let named = matching(groups, typed, |(_, group)| &group.name);
    match named[..] {
        [found] => Ok(found.clone()),
        [] if groups.is_empty() => Err(Failure::unknown_group(
            format!("you are in no group named `{}`", printable(typed)),
            "You are in no group at this server. Join one with `native-peer group join`, or make one with `native-peer \
             group create NAME`; --server names another server.",
        )),
        [] => Err(Failure::unknown_group(
            format!("you are in no group named `{}`", printable(typed)),
            format!("Your groups: {}.", list(groups.iter().map(|(_, group)| shown_group(group)))),
        )),
        _ => Err(Failure::usage(
            format!("you are in several groups named `{}`", printable(typed)),
            format!("Name one by its two words: {}.", list(named.iter().map(|(_, group)| group.slug.clone()))),
        )),
    }
}

/// `lively-otter (Cabin trip)`.
pub fn shown_group(group: &Group) -> String {
    format!("{} ({})", printable(&group.slug), printable(&group.name))
}

/// The person of this mark or name. A mark goes first: anybody can call themselves by another's. `what` they do, for the
/// sentence: `is in the group`, `asks to join`.
///
/// # Errors
/// There is nobody, or several.
pub fn person(people: &[Person], typed: &str, what: &str) -> Outcome<Person> {
    let typed = typed.trim();
    if let Some(found) = people.iter().find(|person| is_mark(&person.key, typed)) {
        return Ok(found.clone());
    }
    let named = matching(people, typed, |person| &person.name);
    match named[..] {
        [found] => Ok(found.clone()),
        [] if people.is_empty() => {
            Err(Failure::usage(format!("nobody named `{}` {what}", printable(typed)), format!("Nobody {what} now.")))
        }
        [] => Err(Failure::usage(
            format!("nobody named `{}` {what}", printable(typed)),
            format!("Who {what}: {}.", list(people.iter().map(Person::shown))),
        )),
        _ => Err(Failure::usage(
            format!("several people are named `{}`", printable(typed)),
            format!("Name one by the mark: {}.", list(named.iter().map(|person| person.shown()))),
        )),
    }
}

/// With or without its dash.
fn is_mark(key: &MemberKey, typed: &str) -> bool {
    let mark = key.mark();
    typed.eq_ignore_ascii_case(&mark) || typed.eq_ignore_ascii_case(&mark.replace('-', ""))
}

/// The open invite whose id begins so.
///
/// # Errors
/// There is none, or several.
pub fn invite<'a>(open: &'a [InviteCard], typed: &str) -> Outcome<&'a InviteCard> {
    let begins = typed.trim().to_ascii_lowercase();
    let is_it = |card: &&InviteCard| !begins.is_empty() && card.invite.to_string().starts_with(&begins);
    let found: Vec<&InviteCard> = open.iter().filter(is_it).collect();
    let ids = |cards: &[&InviteCard]| list(cards.iter().map(|card| card.invite.short()));
    match found[..] {
        [found] => Ok(found),
        [] => Err(Failure::usage(
            format!("there is no open invite `{}`", printable(typed)),
            match open.is_empty() {
                true => "The group has no open invite that you may see.".to_owned(),
                false => format!("There is: {}.", ids(&open.iter().collect::<Vec<_>>())),
            },
        )),
        _ => Err(Failure::usage(
            format!("`{}` begins the ids of several invites", printable(typed)),
            format!("Type more of one: {}.", list(found.iter().map(|card| card.invite.to_string()))),
        )),
    }
}

/// The file of this name, or whose id begins so.
///
/// # Errors
/// There is none, or several.
pub fn file<'a>(files: &'a [FileCard], typed: &str) -> Outcome<&'a FileCard> {
    let typed = typed.trim();
    // As it is here, or as it is on the disk of whoever shares it.
    let safe = file_name(typed);
    let named = match matching(files, typed, |card| &card.name) {
        named if named.is_empty() => matching(files, &safe, |card| &card.name),
        named => named,
    };
    let found = match named.is_empty() {
        false => named,
        true => {
            let begins = typed.to_ascii_lowercase();
            files.iter().filter(|card| !begins.is_empty() && card.file.to_string().starts_with(&begins)).collect()
        }
    };
    let shown = |card: &FileCard| format!("{} ({})", printable(&card.name), card.file.short());
    match found[..] {
        [found] => Ok(found),
        [] => Err(Failure::usage(
            format!("the group has no file named `{}`", printable(typed)),
            match files.is_empty() {
                true => "It has no files.".to_owned(),
                false => format!("It has: {}.", list(files.iter().map(shown))),
            },
        )),
        _ => Err(Failure::usage(
            format!("`{}` means several files", printable(typed)),
            format!("Name one by the first characters of its id: {}.", list(found.iter().map(|card| shown(card)))),
        )),
    }
}

/// Those of exactly this name; if there are none, those of this name in other capitals.
fn matching<'a, T>(all: &'a [T], typed: &str, name: impl Fn(&T) -> &str) -> Vec<&'a T> {
    let exact: Vec<&T> = all.iter().filter(|one| name(one) == typed).collect();
    match exact.is_empty() {
        false => exact,
        true => all.iter().filter(|one| name(one).to_lowercase() == typed.to_lowercase()).collect(),
    }
}

fn list(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED_MAX);
    let mut text = names.take(NAMED_MAX).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::{FileId, InviteId};

    use super::*;
    use crate::exit_code::{NOT_ALLOWED, USAGE};

    fn a_group(id: u8, slug: &str, name: &str) -> (GroupId, Arc<Group>) {
        let group = Group { slug: slug.to_owned(), name: name.to_owned(), ..Group::default() };
        (GroupId([id; 16]), Arc::new(group))
    }

    fn somebody(key: u8, name: &str) -> Person {
        Person { key: MemberKey([key; 32]), name: name.to_owned() }
    }

    #[test]
    fn a_group_is_found_by_its_words_or_its_name_and_words_go_first() {
        let groups = [
            a_group(1, "lively-otter", "Cabin"),
            a_group(2, "bold-lark", "lively-otter"),
            a_group(3, "calm-elk", "Band"),
            a_group(4, "tidy-fox", "Band"),
        ];
        let find = |typed: &str| group(&groups, typed).map(|(id, _)| id.0[0]);
        assert_eq!(find("lively-otter"), Ok(1));
        assert_eq!(find(" cabin "), Ok(1), "capitals do not matter");
        assert_eq!(find("tidy-fox"), Ok(4));
        let several = find("Band").unwrap_err();
        assert_eq!(several.exit, USAGE);
        assert!(several.advice.contains("calm-elk, tidy-fox"), "{several}");
        let unknown = find("Choir").unwrap_err();
        assert_eq!(unknown.exit, NOT_ALLOWED);
        assert!(unknown.advice.contains("lively-otter (Cabin)"), "{unknown}");
        assert!(group(&[], "Choir").unwrap_err().advice.contains("group create"));
    }

    #[test]
    fn a_person_is_found_by_name_or_mark_and_two_of_one_name_are_told_apart() {
        let (ana, other) = (somebody(1, "Ana"), somebody(2, "Ana"));
        // Somebody who calls themselves by another's mark.
        let rogue = somebody(3, &ana.key.mark());
        let everybody = [rogue.clone(), ana.clone(), other.clone(), somebody(4, "Bo")];
        let find = |typed: &str| person(&everybody, typed, "is in the group");
        assert_eq!(find("bo").unwrap().key.0[0], 4);
        assert_eq!(find(&ana.key.mark()), Ok(ana.clone()));
        assert_eq!(find(&other.key.mark().replace('-', "").to_uppercase()), Ok(other.clone()));
        let several = find("Ana").unwrap_err();
        assert_eq!(several.exit, USAGE);
        assert!(several.advice.contains(&ana.key.mark()) && several.advice.contains(&other.key.mark()), "{several}");
        assert!(find("Cleo").unwrap_err().advice.contains("Bo ("));
        assert_eq!(person(&[], "Cleo", "asks to join").unwrap_err().advice, "Nobody asks to join now.");
    }

    #[test]
    fn an_invite_is_found_by_the_beginning_of_its_id() {
        let card = |id: [u8; 2]| InviteCard {
            invite: InviteId(std::array::from_fn(|at| id[at % 2])),
            created_by: MemberKey([1; 32]),
            created_at_ms: 0,
            expires_at_ms: 0,
            uses_left: None,
            needs_accept: false,
            epoch: None,
        };
        let open = [card([0xab, 0x01]), card([0xab, 0x02])];
        assert_eq!(invite(&open, "AB02"), Ok(&open[1]));
        assert_eq!(invite(&open, "ab").unwrap_err().exit, USAGE);
        for none in ["cd", ""] {
            assert!(invite(&open, none).unwrap_err().advice.contains("ab01ab01"), "{none}");
        }
    }

    #[test]
    fn a_file_is_found_by_its_name_or_the_beginning_of_its_id() {
        let card = |id: u8, name: &str| FileCard {
            file: FileId([id; 16]),
            name: name.to_owned(),
            size: 1,
            added_by: MemberKey([2; 32]),
            added_at_ms: 0,
            torrent: None,
        };
        let files = [card(0xa1, "movie.mp4"), card(0xb2, "movie.mp4"), card(0xc3, "song.mp3")];
        assert_eq!(file(&files, "song.mp3"), Ok(&files[2]));
        assert_eq!(file(&files, "b2b2"), Ok(&files[1]));
        assert!(file(&files, "movie.mp4").unwrap_err().advice.contains("movie.mp4 (a1a1a1a1)"));
        assert!(file(&files, "talk.mp3").unwrap_err().advice.contains("song.mp3"));
    }
}
