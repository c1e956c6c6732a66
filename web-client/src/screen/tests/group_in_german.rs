//! The same of what is done in a group, and of who is in it.

use membership::{Deed, Happening};
use wire_protocol::control::{GoneReason, Role};
use wire_protocol::ids::{FileId, MemberKey};

use super::in_german::{NAME, both, group};
use crate::messages::{Act, MemberView, RequestView};
use crate::screen::{activity, acts, people};
use crate::words::{english_in, in_german};

fn member(number: u8, name: &str) -> MemberView {
    let (member, name, mark) = (MemberKey([number; 32]), name.to_owned(), String::new());
    MemberView { member, name, mark, is_me: number == 1, is_admin: true, is_sharing: true }
}

#[test]
fn what_is_done_in_a_group_and_who_is_in_it() {
    let (me, ana) = (member(1, "Bo"), member(2, "Ana"));
    let plain = MemberView { is_admin: false, ..ana.clone() };
    for (is_admin, members) in [
        (true, vec![me.clone()]),
        (true, vec![me.clone(), plain]),
        (true, vec![me.clone(), ana.clone()]),
        (false, vec![me.clone(), ana.clone()]),
    ] {
        let group = group(is_admin, members);
        let remove = acts::remove(&ana, "Hütte");
        for (english, german) in [
            (acts::leave(&group), in_german(|| acts::leave(&group))),
            (acts::close(&group), in_german(|| acts::close(&group))),
            (remove, in_german(|| acts::remove(&ana, "Hütte"))),
            (acts::remove_file(NAME), in_german(|| acts::remove_file(NAME))),
        ] {
            assert_eq!(english.lines.len(), german.lines.len());
            assert!(english.title != german.title && english.button != german.button);
            assert!(english.lines.iter().zip(&german.lines).all(|(english, german)| english != german));
            assert_eq!(english_in(&german.lines.join(" ")), None);
        }
        both(|| people::group_line(&group));
    }
    let key = MemberKey([2; 32]);
    let acts = [Act::Accept(key), Act::Refuse(key), Act::Promote(key), Act::EndOwnTorrents, Act::Leave, Act::Close];
    for act in acts.into_iter().chain([Act::RemoveFile(FileId([2; 16]))]) {
        both(|| acts::not_done(&act, "Ana", "x"));
    }
    for why in [GoneReason::Left, GoneReason::Removed, GoneReason::Closed] {
        both(|| acts::gone("Hütte", why));
    }
    both(|| people::member_line(&me));
    both(|| people::member_line(&ana));
    let request = |invited_by: Option<&str>, was_removed| RequestView {
        member: key,
        name: "Ana".to_owned(),
        mark: String::new(),
        message: String::new(),
        invited_by: invited_by.map(str::to_owned),
        was_removed,
        is_being_answered: false,
    };
    for request in [request(Some("Bo"), false), request(None, true)] {
        both(|| people::request_line(&request));
        both(|| people::waiting_line(std::slice::from_ref(&request)).unwrap_or_default());
    }
    let (joined, name) = (|member| Deed::Joined { member, name: "Bo".to_owned() }, || "Bo".to_owned());
    let role = |role| Deed::RoleChanged { member: MemberKey([3; 32]), name: name(), role };
    let deeds = [
        Deed::Created,
        joined(key),
        joined(MemberKey([3; 32])),
        Deed::Renamed { before: "Ana".to_owned(), name: name() },
        role(Role::Admin),
        role(Role::Member),
        Deed::Left,
        Deed::Removed { name: name() },
        Deed::FileAdded { file: FileId([2; 16]), name: NAME.to_owned() },
        Deed::FileRemoved { name: NAME.to_owned() },
    ];
    for deed in deeds {
        let happening = Happening { at_ms: 0, actor: key, actor_name: "Ana".to_owned(), deed };
        [key, MemberKey([1; 32])].into_iter().for_each(|reader| both(|| activity::line(&happening, reader)));
    }
}
