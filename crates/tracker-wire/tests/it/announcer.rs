//! The announcer in virtual time.

use std::time::Duration;

use tracker_wire::{Announcer, AnnouncerConfig, Ask, Event, RetryIn, TRACKERS_MAX, Terms, Transferred};

const MISSING: Transferred = Transferred { uploaded: 0, downloaded: 0, left: 1000 };
const COMPLETE: Transferred = Transferred { uploaded: 0, downloaded: 1000, left: 0 };

/// An announcer and a clock.
struct World {
    announcer: Announcer,
    now: Duration,
}

impl World {
    fn new(tiers: &[&[&str]], transferred: Transferred) -> Self {
        let tiers =
            tiers.iter().map(|tier| tier.iter().map(|name| format!("http://{name}/announce")).collect()).collect();
        let (info_hash, peer_id) = ([1; 20].into(), [2; 20].into());
        let config = AnnouncerConfig { info_hash, peer_id, key: 3, port: 6881, tiers, seed: 4 };
        Self { announcer: Announcer::new(config, transferred), now: Duration::ZERO }
    }

    /// The next ask; the clock goes on to it.
    fn next(&mut self) -> Ask {
        for _ in 0..1000 {
            if let Some(ask) = self.announcer.poll(self.now) {
                return ask;
            }
            let wake = self.announcer.wake_at().expect("something is to come");
            assert!(wake > self.now, "it wants to be called again without a pause");
            self.now = wake;
        }
        panic!("nothing comes");
    }

    fn idle(&mut self) {
        assert_eq!(self.announcer.poll(self.now), None);
    }

    fn answer(&mut self, ask: &Ask, interval: u32) {
        self.announcer.answered(self.now, ask.id, Terms { interval: Some(interval), ..Terms::default() });
    }

    fn fail(&mut self, ask: &Ask) {
        self.announcer.failed(self.now, ask.id, None);
    }

    /// How long it is quiet before the next ask.
    fn quiet(&mut self) -> (Duration, Ask) {
        let before = self.now;
        let ask = self.next();
        (self.now - before, ask)
    }
}

fn name(ask: &Ask) -> &str {
    ask.url.trim_start_matches("http://").trim_end_matches("/announce")
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_run_is_started_regular_completed_and_stopped() {
    let mut world = World::new(&[&["a"]], MISSING);
    let started = world.next();
    assert_eq!((started.announce.event, started.announce.numwant), (Some(Event::Started), Some(200)));
    assert_eq!((world.now, started.announce.transferred), (Duration::ZERO, MISSING));
    world.answer(&started, 1800);
    let (quiet, regular) = world.quiet();
    assert_eq!(regular.announce.event, None);
    assert!((seconds(1800)..=seconds(1980)).contains(&quiet), "{quiet:?}");
    world.answer(&regular, 1800);
    world.idle();
    world.announcer.set_transferred(world.now, COMPLETE);
    let completed = world.announcer.poll(world.now).expect("it says so at once");
    assert_eq!((completed.announce.event, completed.announce.transferred), (Some(Event::Completed), COMPLETE));
    world.answer(&completed, 1800);
    assert_eq!(world.quiet().1.announce.event, None);
    world.announcer.stop();
    let stopped = world.next();
    assert_eq!((stopped.announce.event, stopped.announce.numwant), (Some(Event::Stopped), Some(0)));
    assert!(!world.announcer.is_over());
    world.answer(&stopped, 1800);
    assert!(world.announcer.is_over());
    world.idle();
    assert_eq!(world.announcer.wake_at(), None);
}

#[test]
fn who_was_complete_from_the_beginning_never_says_completed() {
    let mut world = World::new(&[&["a"]], COMPLETE);
    let started = world.next();
    world.answer(&started, 60);
    world.announcer.set_transferred(world.now, COMPLETE);
    world.idle();
    for _ in 0..3 {
        let ask = world.next();
        assert_eq!(ask.announce.event, None);
        world.answer(&ask, 60);
    }
}

#[test]
fn completed_comes_after_started_at_every_tracker() {
    let mut world = World::new(&[&["a"]], MISSING);
    let started = world.next();
    world.announcer.set_transferred(world.now, COMPLETE);
    world.fail(&started);
    let again = world.next();
    assert_eq!(again.announce.event, Some(Event::Started));
    world.answer(&again, 1800);
    assert_eq!(world.announcer.poll(world.now).unwrap().announce.event, Some(Event::Completed));
}

#[test]
fn one_tracker_of_every_tier_is_asked() {
    let mut world = World::new(&[&["a"], &["b1", "b2", "b3"], &["c"]], MISSING);
    let asks: Vec<Ask> = std::iter::from_fn(|| world.announcer.poll(world.now)).collect();
    let mut names: Vec<&str> = asks.iter().map(|ask| &name(ask)[..1]).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn the_next_of_a_tier_is_asked_only_when_one_fails_and_who_answers_goes_to_the_front() {
    let mut world = World::new(&[&["a", "b", "c"]], MISSING);
    let first = world.next();
    world.idle();
    world.fail(&first);
    let second = world.announcer.poll(world.now).expect("at once");
    assert_ne!(second.url, first.url);
    world.answer(&second, 600);
    // The one that failed may be asked again, but the one that answered stays in use.
    for _ in 0..5 {
        let ask = world.next();
        assert_eq!((ask.url.as_str(), ask.announce.event), (second.url.as_str(), None));
        world.answer(&ask, 600);
    }
    // It fails: the others take over, and are told that we are new.
    let ask = world.next();
    world.fail(&ask);
    let other = world.announcer.poll(world.now).expect("at once");
    assert_ne!(other.url, second.url);
    assert_eq!(other.announce.event, Some(Event::Started));
}

#[test]
fn the_order_within_a_tier_is_the_seeds() {
    let firsts: std::collections::BTreeSet<String> = (0..40)
        .map(|seed| {
            let tiers = vec![["a", "b", "c"].map(|name| format!("udp://{name}:1")).to_vec()];
            let (info_hash, peer_id) = ([1; 20].into(), [2; 20].into());
            let config = AnnouncerConfig { info_hash, peer_id, key: 3, port: 1, tiers, seed };
            Announcer::new(config, MISSING).poll(Duration::ZERO).unwrap().url
        })
        .collect();
    assert_eq!(firsts.len(), 3);
}

#[test]
fn failures_back_off_from_15_seconds_to_half_an_hour() {
    let mut world = World::new(&[&["a"]], MISSING);
    let mut ask = world.next();
    for expected in [15, 30, 60, 120, 240, 480, 960, 1800, 1800, 1800] {
        world.fail(&ask);
        let (quiet, next) = world.quiet();
        assert_eq!(quiet, seconds(expected));
        ask = next;
    }
    world.answer(&ask, 60);
    let ask = world.next();
    world.fail(&ask);
    assert_eq!(world.quiet().0, seconds(15), "a success forgets the failures");
}

#[test]
fn an_answer_that_never_comes_is_a_failure() {
    let mut world = World::new(&[&["a", "b"]], MISSING);
    let first = world.next();
    let (quiet, second) = world.quiet();
    assert_eq!(quiet, first.answer_by);
    assert_ne!(first.url, second.url);
    // Too late: it changes nothing.
    world.answer(&first, 60);
    world.idle();
}

#[test]
fn retry_in_is_honoured() {
    let mut world = World::new(&[&["a"]], MISSING);
    for (minutes, expected) in [(0, 15), (7, 420), (100_000, 6_000_000)] {
        let ask = world.next();
        world.announcer.failed(world.now, ask.id, Some(RetryIn::Minutes(minutes)));
        world.announcer.need_peers(world.now);
        let before = world.now;
        world.idle();
        let ask = world.next();
        assert_eq!(world.now - before, seconds(expected));
        world.answer(&ask, 60);
    }
    let ask = world.next();
    world.announcer.failed(world.now, ask.id, Some(RetryIn::Never));
    world.announcer.need_peers(world.now);
    world.idle();
    assert_eq!(world.announcer.wake_at(), None);
    world.announcer.set_transferred(world.now, COMPLETE);
    world.idle();
}

#[test]
fn intervals_are_brought_within_a_minute_and_two_hours() {
    let mut world = World::new(&[&["a"]], MISSING);
    let mut ask = world.next();
    for (interval, least, most) in
        [(None, 1800, 1980), (Some(0), 60, 66), (Some(5), 60, 66), (Some(u32::MAX), 7200, 7920), (Some(900), 900, 990)]
    {
        world.announcer.answered(world.now, ask.id, Terms { interval, ..Terms::default() });
        let (quiet, next) = world.quiet();
        assert!((seconds(least)..=seconds(most)).contains(&quiet), "{interval:?}: {quiet:?}");
        ask = next;
    }
}

#[test]
fn who_needs_peers_asks_early_but_not_before_the_tracker_allows() {
    let mut world = World::new(&[&["a"]], MISSING);
    let mut ask = world.next();
    for (min_interval, expected) in [(None, 300), (Some(0), 60), (Some(120), 120), (Some(900), 900)] {
        let terms = Terms { interval: Some(1800), min_interval, tracker_id: None };
        world.announcer.answered(world.now, ask.id, terms);
        world.announcer.need_peers(world.now);
        world.announcer.need_peers(world.now);
        let (quiet, next) = world.quiet();
        assert_eq!((quiet, next.announce.event), (seconds(expected), None), "{min_interval:?}");
        ask = next;
    }
}

#[test]
fn each_tracker_gets_its_own_tracker_id() {
    let mut world = World::new(&[&["a"], &["b"]], MISSING);
    let (first, second) = (world.next(), world.next());
    let id = Some(b"id".to_vec());
    let terms = Terms { interval: Some(60), min_interval: None, tracker_id: id.clone() };
    world.announcer.answered(world.now, first.id, terms);
    world.answer(&second, 60);
    for _ in 0..4 {
        let ask = world.next();
        assert_eq!(ask.tracker_id, id.clone().filter(|_| ask.url == first.url));
        world.answer(&ask, 60);
    }
}

#[test]
fn stopped_goes_to_all_who_may_know_us_and_to_no_others() {
    let mut world = World::new(&[&["a"], &["b"], &["c"]], MISSING);
    let (answered, failed, open) = (world.next(), world.next(), world.next());
    world.answer(&answered, 1800);
    world.fail(&failed);
    world.announcer.stop();
    world.announcer.stop();
    let stops: Vec<Ask> = std::iter::from_fn(|| world.announcer.poll(world.now)).collect();
    assert!(stops.iter().all(|ask| ask.announce.event == Some(Event::Stopped)));
    let mut urls: Vec<&str> = stops.iter().map(|ask| ask.url.as_str()).collect();
    urls.sort_unstable();
    let mut expected = [answered.url.as_str(), open.url.as_str()];
    expected.sort_unstable();
    assert_eq!(urls, expected);
    world.fail(&stops[0]);
    assert!(!world.announcer.is_over());
    // The other one never answers.
    world.now = world.announcer.wake_at().unwrap();
    world.idle();
    assert!(world.announcer.is_over());
}

#[test]
fn urls_that_cannot_be_used_are_left_out() {
    let many: Vec<String> = (0..100).map(|number| format!("udp://t{number}.example:1")).collect();
    let odd = ["wss://a", "ftp://a", "", "é", "HTTP://a/announce", "http://b", "http://b"].map(str::to_owned).to_vec();
    let long = vec![format!("http://{}", "a".repeat(3000))];
    let (info_hash, peer_id) = ([1; 20].into(), [2; 20].into());
    let tiers = vec![odd, long, vec!["http://b".to_owned()], many];
    let config = AnnouncerConfig { info_hash, peer_id, key: 3, port: 0, tiers, seed: 4 };
    let mut announcer = Announcer::new(config, MISSING);
    assert_eq!(announcer.urls().take(3).collect::<Vec<_>>(), ["HTTP://a/announce", "http://b", "udp://t0.example:1"]);
    assert_eq!(announcer.urls().count(), TRACKERS_MAX);
    assert_eq!(std::iter::from_fn(|| announcer.poll(Duration::ZERO)).count(), 2, "of two tiers");
}

#[test]
fn nothing_is_asked_where_there_are_no_trackers() {
    let mut world = World::new(&[], MISSING);
    world.idle();
    assert_eq!(world.announcer.wake_at(), None);
    world.announcer.stop();
    assert!(world.announcer.is_over());
}
