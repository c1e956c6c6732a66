//! One person on several devices.

use crate::format;
use crate::messages::Snapshot;

/// What the link is for.
pub const LINK_LINE: &str = "You are the same person there: same name, same groups. Open the link on the other device, or point its \
                             camera at the QR code.";

/// What has to be known before it is shown to anybody.
pub const SECRET_LINE: &str = "Whoever has this link is you, for good: they can do in your groups whatever you can. Send it to nobody \
                               but yourself.";

/// What is asked on the other device.
pub const OFFER_LINE: &str = "This address carries an identity. Say yes only if you made the link yourself, on your own other device: \
                              whoever made it can read what you do with it.";

/// What this browser loses. `None`: it has nothing to lose.
pub fn warning(snapshot: &Snapshot) -> Option<String> {
    let (name, groups) = (&snapshot.display_name, snapshot.groups.len());
    if groups == 0 && snapshot.asked.is_empty() {
        return None;
    }
    let what = match groups {
        0 => "has asked to join a group".to_owned(),
        1 => format!("is in the group {}", snapshot.groups[0].name),
        _ => {
            let names: Vec<_> = snapshot.groups.iter().map(|group| group.name.clone()).collect();
            format!("is in the groups {}", format::names(&names))
        }
    };
    Some(format!(
        "This browser is {name} now, who {what}. That identity is deleted here and cannot be brought back, unless another device of \
         yours has it."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::AskedView;

    #[test]
    fn a_fresh_browser_has_nothing_to_lose_and_any_other_is_warned() {
        let mut snapshot = Snapshot { display_name: "Lively Otter".to_owned(), ..Snapshot::default() };
        assert_eq!(warning(&snapshot), None);
        snapshot.asked.push(AskedView { slug: "lively-otter".to_owned(), is_refused: false });
        let said = warning(&snapshot).unwrap_or_default();
        assert!(said.starts_with("This browser is Lively Otter now, who has asked to join a group."), "{said}");
        assert!(said.contains("cannot be brought back"), "{said}");
    }
}
