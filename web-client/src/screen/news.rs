//! What happens while the tab is not looked at, and is worth a notification.

use std::collections::BTreeSet;

use wire_protocol::ids::{FileId, GroupId, MemberKey};

use crate::messages::{DownloadView, LandingState, Snapshot, Stage};
use crate::words::words;

/// What has been there already, so that everything is told once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    done: BTreeSet<FileId>,
    failed: BTreeSet<FileId>,
    asking: BTreeSet<(GroupId, MemberKey)>,
    /// The group whose admins were asked last.
    waiting_for: Option<String>,
}

impl Seen {
    /// What there is now.
    pub fn of(snapshot: &Snapshot) -> Self {
        let those = |is: fn(&Stage) -> bool| {
            let downloads = snapshot.downloads.iter().filter(move |download| is(&download.stage));
            downloads.map(|download| download.file).collect()
        };
        let asking = snapshot.groups.iter().flat_map(|group| {
            group
                .requests
                .iter()
                .filter(|request| !request.is_being_answered)
                .map(|request| (group.group, request.member))
        });
        let waiting_for = match snapshot.landing.as_ref().map(|landing| (&landing.slug, &landing.state)) {
            Some((slug, LandingState::Waiting(_))) => Some(slug.clone()),
            _ => None,
        };
        Self {
            done: those(|stage| matches!(stage, Stage::Done { .. })),
            failed: those(|stage| matches!(stage, Stage::Failed { .. })),
            asking: asking.collect(),
            waiting_for,
        }
    }

    /// What is new since `before`: a line each.
    pub fn news(&self, before: &Self, snapshot: &Snapshot) -> Vec<String> {
        let name_of = |file: &FileId| snapshot.downloads.iter().find(|view| view.file == *file).map(name);
        let done =
            self.done.difference(&before.done).filter_map(name_of).map(|name| words().news_complete(name).to_string());
        let failed = self
            .failed
            .difference(&before.failed)
            .filter_map(name_of)
            .map(|name| words().news_failed(name).to_string());
        let asking = self.asking.difference(&before.asking).filter_map(|(group, member)| {
            let group = snapshot.group(*group)?;
            let request = group.requests.iter().find(|request| request.member == *member)?;
            Some(words().news_asks(&request.name, &group.name).to_string())
        });
        done.chain(failed).chain(asking).chain(self.answer(before, snapshot)).collect()
    }

    fn answer(&self, before: &Self, snapshot: &Snapshot) -> Option<String> {
        let slug = before.waiting_for.as_ref().filter(|_| self.waiting_for.is_none())?;
        if let Some(group) = snapshot.groups.iter().find(|group| group.slug == *slug) {
            return Some(words().news_let_in(&group.name).to_string());
        }
        let landing = snapshot.landing.as_ref().filter(|landing| landing.slug == *slug)?;
        matches!(landing.state, LandingState::Refused(_)).then(|| words().news_not_let_in(slug).to_string())
    }
}

fn name(download: &DownloadView) -> String {
    download.name.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::{Asked, GroupView, Landing, RequestView};
    use crate::screen::tests::fetching;

    fn group(requests: Vec<RequestView>) -> GroupView {
        GroupView {
            group: GroupId([1; 16]),
            slug: "lively-otter".to_owned(),
            name: "Cabin trip".to_owned(),
            is_admin: true,
            invite: None,
            members: Vec::new(),
            files: Vec::new(),
            requests,
            invites: None,
            activity: Vec::new(),
        }
    }

    fn request(number: u8) -> RequestView {
        RequestView {
            member: MemberKey([number; 32]),
            name: format!("Person {number}"),
            mark: String::new(),
            message: String::new(),
            invited_by: None,
            was_removed: false,
            is_being_answered: false,
        }
    }

    fn told(before: &Snapshot, now: &Snapshot) -> Vec<String> {
        Seen::of(now).news(&Seen::of(before), now)
    }

    #[test]
    fn the_end_of_a_download_is_told_once() {
        let before = Snapshot { downloads: vec![fetching()], ..Snapshot::default() };
        let mut now = before.clone();
        now.downloads[0].stage = Stage::Done { url: "blob:x".to_owned() };
        assert_eq!(told(&before, &now), ["movie.mp4 is complete."]);
        assert!(told(&now, &now).is_empty());
        now.downloads[0].stage = Stage::Failed { reason: "no room".to_owned() };
        assert_eq!(told(&before, &now), ["The download of movie.mp4 has stopped: look at its tab."]);
    }

    #[test]
    fn everybody_who_asks_is_told_once() {
        let before = Snapshot { groups: vec![group(vec![request(1)])], ..Snapshot::default() };
        let now = Snapshot { groups: vec![group(vec![request(1), request(2)])], ..Snapshot::default() };
        assert_eq!(told(&before, &now), ["Person 2 asks to join Cabin trip."]);
        assert!(told(&now, &before).is_empty());
    }

    #[test]
    fn the_admins_answer_is_told() {
        let asked = Asked {
            group: GroupId([1; 16]),
            slug: "lively-otter".to_owned(),
            name: None,
            invited_by: None,
            message: String::new(),
        };
        let landing = |state| Some(Landing { invite: String::new(), slug: "lively-otter".to_owned(), state });
        let before = Snapshot { landing: landing(LandingState::Waiting(asked.clone())), ..Snapshot::default() };
        let let_in = Snapshot { groups: vec![group(Vec::new())], ..Snapshot::default() };
        assert_eq!(told(&before, &let_in), ["You have been let into Cabin trip."]);
        let refused = Snapshot { landing: landing(LandingState::Refused(asked)), ..Snapshot::default() };
        assert_eq!(told(&before, &refused), ["You were not let into lively-otter."]);
        assert!(told(&before, &Snapshot::default()).is_empty(), "the person went away from it");
    }
}
