//! What is done with one group, and the list of all.

use membership::{
    Accept, CloseGroup, Group, LeaveGroup, ListRequests, MyRequests, RefuseRequest, RemoveFile, RevokeInvite, SetRole,
};
use serde_json::{Value, json};
use wire_protocol::control::Role;
use wire_protocol::ids::{GroupId, MemberKey};

use super::find::{self, Person};
use super::{removal, show, torrent};
use crate::cli::InGroup;
use crate::failure::{Failure, Outcome};
use crate::invites::{self, InviteStore};
use crate::report::text::{people, printable};
use crate::server::Server;

/// Shows all groups of the person, and what they have asked to join.
pub async fn list(server: &Server) -> Outcome {
    let groups = server.groups().await?;
    let requests = server.ask("your requests", MyRequests).await?;
    if groups.is_empty() && requests.is_empty() {
        let url = server.session.server().as_str();
        server.report.note(&format!("You are in no group at {url}."));
    }
    for (_, group) in &groups {
        print(server, show::group(group, server.own.key()));
    }
    for request in &requests {
        print(server, show::own_request(request));
    }
    Ok(())
}

/// Does something with one group.
pub async fn run(server: &Server, group: GroupId, known: &Group, task: InGroup) -> Outcome {
    match task {
        InGroup::Members => {
            known.members.iter().for_each(|member| print(server, show::member(member, server.own.key())));
            Ok(())
        }
        InGroup::Files => files(server, known),
        InGroup::Leave => leave(server, group, known).await,
        InGroup::Close => {
            server.ask("closing the group", CloseGroup { group }).await?;
            let who = people(known.members.len());
            did(server, known, "close", None, &format!("{} is closed for everybody ({who}).", named(known)));
            Ok(())
        }
        InGroup::Requests => requests(server, group, known).await,
        InGroup::Accept(who) => accept(server, group, known, &who).await,
        InGroup::Refuse(who) => refuse(server, group, known, &who).await,
        InGroup::Remove { who, keep_invites } => removal::remove(server, group, known, &who, keep_invites).await,
        InGroup::Promote(who) => set_role(server, group, known, &who, Role::Admin).await,
        InGroup::Demote(who) => set_role(server, group, known, &who, Role::Member).await,
        InGroup::Invite(wish) => {
            let made = invites::make(server, group, &known.slug, &wish).await?;
            server.report.invite(&made, &[], wish.qr);
            Ok(())
        }
        InGroup::Invites => open_invites(server, group, known).await,
        InGroup::Revoke(typed) => revoke(server, group, known, &typed).await,
        InGroup::Torrent { file, output } => torrent::write(server, group, known, &file, output).await,
        InGroup::RevokeTorrents => torrent::revoke(server, group, known).await,
        InGroup::RemoveFile(typed) => {
            let card = find::file(&known.files, &typed)?;
            server.ask("removing the file", RemoveFile { group, file: card.file }).await?;
            let name = printable(&card.name);
            did_with(server, known, "remove-file", json!({"name": name, "id": card.file.to_string()}));
            server.report.note(&format!("{name} is not in {} any more.", named(known)));
            Ok(())
        }
    }
}

fn files(server: &Server, known: &Group) -> Outcome {
    if known.files.is_empty() {
        server.report.note(&format!(
            "{} has no files. Share one with `native-peer share FILE --group {}`.",
            named(known),
            known.slug
        ));
    }
    known.files.iter().for_each(|card| print(server, show::file(card, known)));
    Ok(())
}

async fn leave(server: &Server, group: GroupId, known: &Group) -> Outcome {
    server.ask("leaving the group", LeaveGroup { group }).await?;
    let then = match successor(known, server.own.key()) {
        Successor::Nobody => " You were the only member, so it is closed.".to_owned(),
        Successor::Promoted(name) => format!(" {} is its admin now.", printable(name)),
        Successor::NotNeeded => String::new(),
    };
    did(server, known, "leave", None, &format!("You have left {}.{then}", named(known)));
    Ok(())
}

/// Who is the admin of a group that the person `own` leaves.
#[derive(Debug, PartialEq, Eq)]
enum Successor<'a> {
    /// Another one is already.
    NotNeeded,
    /// Who has been in it for longest.
    Promoted(&'a str),
    /// It is empty.
    Nobody,
}

fn successor(known: &Group, own: MemberKey) -> Successor<'_> {
    let mut others = known.members.iter().filter(|member| member.key != own);
    let Some(oldest) = others.clone().next() else {
        return Successor::Nobody;
    };
    match others.any(|member| member.role == Role::Admin) {
        true => Successor::NotNeeded,
        false => Successor::Promoted(&oldest.display_name),
    }
}

async fn requests(server: &Server, group: GroupId, known: &Group) -> Outcome {
    let requests = server.ask("the requests", ListRequests { group }).await?;
    if requests.is_empty() {
        server.report.note(&format!("Nobody asks to join {}.", named(known)));
    }
    let now_ms = invites::now_ms();
    requests.iter().for_each(|request| print(server, show::request(request, known, now_ms)));
    Ok(())
}

async fn asker(server: &Server, group: GroupId, who: &str) -> Outcome<Person> {
    let requests = server.ask("the requests", ListRequests { group }).await?;
    find::person(&find::askers(&requests), who, "asks to join")
}

async fn accept(server: &Server, group: GroupId, known: &Group, who: &str) -> Outcome {
    let person = asker(server, group, who).await?;
    let member = person.key;
    server.ask_now("letting them in", group, || Accept { group, member }).await?;
    did(server, known, "accept", Some(&person), &format!("{} is in {} now.", person.shown(), named(known)));
    Ok(())
}

async fn refuse(server: &Server, group: GroupId, known: &Group, who: &str) -> Outcome {
    let person = asker(server, group, who).await?;
    server.ask("the answer", RefuseRequest { group, member: person.key }).await?;
    let words = format!("{} is told no. They may ask again.", person.shown());
    did(server, known, "refuse", Some(&person), &words);
    Ok(())
}

async fn set_role(server: &Server, group: GroupId, known: &Group, who: &str, role: Role) -> Outcome {
    let person = find::person(&find::people(known), who, "is in the group")?;
    let (what, now) = match role {
        Role::Admin => ("promote", "an admin"),
        Role::Member => ("demote", "an ordinary member"),
    };
    let is_so = known.role(person.key) == Some(role);
    server.ask("the change of role", SetRole { group, member: person.key, role }).await?;
    let already = if is_so { "already" } else { "now" };
    let words = format!("{} is {now} of {} {already}.", person.shown(), named(known));
    did(server, known, what, Some(&person), &words);
    Ok(())
}

async fn open_invites(server: &Server, group: GroupId, known: &Group) -> Outcome {
    let (open, kept) = invites::open_and_kept(server, group).await?;
    if open.is_empty() {
        let is_admin = known.role(server.own.key()) == Some(Role::Admin);
        let whose = if is_admin { "There is no open invite" } else { "You have no open invite" };
        server.report.note(&format!(
            "{whose} to {}. Make one with `native-peer group invite {}`.",
            named(known),
            known.slug
        ));
    }
    let now_ms = invites::now_ms();
    for card in &open {
        let is_kept = kept.iter().any(|kept| kept.invite == card.invite);
        print(server, show::invite(card, known, server.own.key(), is_kept, now_ms));
    }
    Ok(())
}

async fn revoke(server: &Server, group: GroupId, known: &Group, typed: &str) -> Outcome {
    let (open, _) = invites::open_and_kept(server, group).await?;
    let card = find::invite(&open, typed)?;
    server.ask("revoking the invite", RevokeInvite { group, invite: card.invite }).await?;
    InviteStore::open(&server.data).forget(card.invite);
    did_with(server, known, "revoke", json!({"id": card.invite.to_string()}));
    let id = card.invite.short();
    server.report.note(&format!("The invite {id} opens nothing any more. Whoever came by it stays in the group."));
    Ok(())
}

// ------------------------------------------------------------ saying what was done

/// `"Cabin trip" (lively-otter)`.
pub fn named(group: &Group) -> String {
    format!("\"{}\" ({})", printable(&group.name), printable(&group.slug))
}

fn print(server: &Server, (line, object): (String, Value)) {
    server.report.result(&line, || object);
}

/// Says that it is done, and with whom.
pub fn did(server: &Server, group: &Group, what: &str, person: Option<&Person>, words: &str) {
    let with =
        person.map_or_else(|| json!({}), |person| json!({"name": printable(&person.name), "mark": person.key.mark()}));
    did_with(server, group, what, with);
    server.report.note(words);
}

/// The object of what was done, with these fields beside.
pub fn did_with(server: &Server, group: &Group, what: &str, mut fields: Value) {
    server.report.object(|| {
        for (name, value) in [("v", json!(1)), ("t", json!("did")), ("what", json!(what)), ("group", json!(group.slug))]
        {
            fields[name] = value;
        }
        fields
    });
}

/// Commands of admins fail at the server with its words; this says sooner what to do.
///
/// # Errors
/// The person is no admin of the group.
pub fn check_admin(server: &Server, known: &Group) -> Outcome {
    if known.role(server.own.key()) == Some(Role::Admin) {
        return Ok(());
    }
    let admins: Vec<String> = known
        .members
        .iter()
        .filter(|member| member.role == Role::Admin)
        .map(|member| printable(&member.display_name))
        .collect();
    Err(Failure::not_allowed(
        format!("you are no admin of {}", named(known)),
        format!("Ask one of its admins: {}.", admins.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::Member;

    use super::*;

    #[test]
    fn the_last_admins_successor_is_who_has_been_there_for_longest() {
        let member = |key: u8, role| Member { key: MemberKey([key; 32]), display_name: format!("M{key}"), role };
        let after = |members: &[Member]| {
            let group = Group { members: members.to_vec(), ..Group::default() };
            format!("{:?}", successor(&group, MemberKey([1; 32])))
        };
        let (own, second, third) = (member(1, Role::Admin), member(2, Role::Member), member(3, Role::Member));
        assert_eq!(after(&[own.clone(), second.clone(), third.clone()]), "Promoted(\"M2\")");
        assert_eq!(after(&[own.clone(), second, Member { role: Role::Admin, ..third }]), "NotNeeded");
        assert_eq!(after(&[own]), "Nobody");
    }
}
