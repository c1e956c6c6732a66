//! What this person has asked to join, and what of that stands on the landing page.

use wire_protocol::control::MyRequest;
use wire_protocol::ids::GroupId;

use crate::messages::{Asked, AskedView, Landing, LandingState};

/// Requests that are kept. The tracker lets one person wait for fewer.
const REQUESTS_MAX: usize = 256;

/// This person's requests, as the tracker told them and as they went on.
#[derive(Debug, Default)]
pub struct Asking(Vec<MyRequest>);

impl Asking {
    /// The tracker has told all.
    pub fn replace(&mut self, mut requests: Vec<MyRequest>) {
        requests.truncate(REQUESTS_MAX);
        self.0 = requests;
    }

    /// The tracker has taken a request.
    pub fn on_asked(&mut self, group: GroupId, slug: &str, message: String) {
        self.forget(group);
        if self.0.len() < REQUESTS_MAX {
            self.0.push(MyRequest { group, slug: slug.to_owned(), message, asked_at_ms: 0, is_refused: false });
        }
    }

    /// An admin said no.
    pub fn on_refused(&mut self, group: GroupId) {
        for request in self.0.iter_mut().filter(|request| request.group == group) {
            request.is_refused = true;
        }
    }

    /// It was withdrawn, or this person is in.
    pub fn forget(&mut self, group: GroupId) {
        self.0.retain(|request| request.group != group);
    }

    /// There is a request, answered or not.
    pub fn contains(&self, group: GroupId) -> bool {
        self.0.iter().any(|request| request.group == group)
    }

    /// For the list of groups, oldest first.
    pub fn views(&self) -> Vec<AskedView> {
        let views = self.0.iter();
        views.map(|request| AskedView { slug: request.slug.clone(), is_refused: request.is_refused }).collect()
    }

    /// What the landing page has to show, if it is something else than it shows: the answer came, or the page was
    /// loaded anew while the request waits. An invite that lets everybody in is not held up by a request.
    pub fn settle(&self, landing: &Landing) -> Option<LandingState> {
        let (name, invited_by) = match &landing.state {
            LandingState::Offer(offer) if offer.needs_accept => {
                (Some(offer.group.clone()), Some(offer.invited_by.clone()))
            }
            LandingState::Stranger { is_asking: false } => (None, None),
            LandingState::Waiting(asked) => (asked.name.clone(), asked.invited_by.clone()),
            _ => return None,
        };
        let request = self.0.iter().find(|request| request.slug == landing.slug)?;
        let MyRequest { group, slug, message, .. } = request.clone();
        let asked = Asked { group, slug, name, invited_by, message };
        let state = if request.is_refused { LandingState::Refused(asked) } else { LandingState::Waiting(asked) };
        (state != landing.state).then_some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Offer;

    const GROUP: GroupId = GroupId([1; 16]);

    fn landing(state: LandingState) -> Landing {
        Landing { invite: "https://share.example/j/lively-otter".to_owned(), slug: "lively-otter".to_owned(), state }
    }

    fn offer(needs_accept: bool) -> LandingState {
        let (group, invited_by) = ("Cabin trip".to_owned(), "Ana".to_owned());
        LandingState::Offer(Offer { needs_accept, group, invited_by, ..Offer::default() })
    }

    fn asked() -> Asking {
        let mut asking = Asking::default();
        asking.on_asked(GROUP, "lively-otter", "It's me".to_owned());
        asking
    }

    #[test]
    fn a_page_that_is_loaded_anew_while_the_request_waits_shows_that_it_waits() {
        let Some(LandingState::Waiting(waiting)) = asked().settle(&landing(offer(true))) else {
            panic!("it does not wait");
        };
        assert_eq!((waiting.name.as_deref(), waiting.invited_by.as_deref()), (Some("Cabin trip"), Some("Ana")));
        assert_eq!(waiting.message, "It's me");
        let stranger = LandingState::Stranger { is_asking: false };
        assert!(matches!(asked().settle(&landing(stranger)), Some(LandingState::Waiting(_))));
    }

    #[test]
    fn a_no_is_shown_in_place_of_the_wait_and_keeps_the_names() {
        let mut asking = asked();
        let waiting = asking.settle(&landing(offer(true))).expect("it waits");
        assert_eq!(asking.settle(&landing(waiting.clone())), None, "nothing new");
        asking.on_refused(GROUP);
        let Some(LandingState::Refused(refused)) = asking.settle(&landing(waiting)) else {
            panic!("it does not say no");
        };
        assert_eq!(refused.name.as_deref(), Some("Cabin trip"));
        assert!(asking.views()[0].is_refused);
    }

    #[test]
    fn a_link_that_lets_everybody_in_and_a_withdrawn_request_hold_nobody_up() {
        assert_eq!(asked().settle(&landing(offer(false))), None);
        let mut asking = asked();
        asking.forget(GROUP);
        assert_eq!(asking.settle(&landing(offer(true))), None);
        assert_eq!(asking.views(), []);
        assert!(!asking.contains(GROUP) && asked().contains(GROUP));
    }

    #[test]
    fn asking_twice_is_one_request_with_the_later_message() {
        let mut asking = asked();
        asking.on_refused(GROUP);
        asking.on_asked(GROUP, "lively-otter", "Please".to_owned());
        assert_eq!(asking.views(), [AskedView { slug: "lively-otter".to_owned(), is_refused: false }]);
    }
}
