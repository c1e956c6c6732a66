//! What the server counts, as Prometheus text. Labels are from fixed lists: never a member, a group
//! or an address.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::limits::Limit;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn inc(&self) {
        self.add(1);
    }

    /// `n` more.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// Counts one until the guard is dropped.
    pub fn enter(&self) -> Present<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Present(self)
    }

    /// Sets it.
    pub fn set(&self, value: usize) {
        self.0.store(value as i64, Ordering::Relaxed);
    }

    fn value(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Holds a [`Gauge`] up by one.
#[derive(Debug)]
pub struct Present<'a>(&'a Gauge);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Holds a gauge of [`Metrics`] up by one, wherever it goes.
#[derive(Debug)]
pub struct Counted {
    metrics: Arc<Metrics>,
    gauge: fn(&Metrics) -> &Gauge,
}

impl Counted {
    /// Counts one until it is dropped.
    pub fn new(metrics: Arc<Metrics>, gauge: fn(&Metrics) -> &Gauge) -> Self {
        gauge(&metrics).0.fetch_add(1, Ordering::Relaxed);
        Self { metrics, gauge }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.gauge)(&self.metrics).0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Upper ends of the histogram's buckets, microseconds.
const BUCKETS_US: [u64; 8] = [250, 1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000, 4_000_000];

/// How long things took.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS_US.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
}

impl Histogram {
    /// Counts one thing that began at `start`.
    pub fn observe_since(&self, start: Instant) {
        self.observe(start.elapsed());
    }

    fn observe(&self, took: Duration) {
        let us = took.as_micros() as u64;
        if let Some(bucket) = BUCKETS_US.iter().position(|&end| us <= end) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn render(&self, name: &str, out: &mut String) {
        let mut below = 0;
        for (end, bucket) in BUCKETS_US.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {below}", *end as f64 / 1e6);
        }
        let count = self.count.load(Ordering::Relaxed);
        let sum = self.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}");
    }
}

/// A [`Counter`] for each limit.
#[derive(Debug)]
pub struct PerLimit([Counter; Limit::ALL.len()]);

impl Default for PerLimit {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Counter::default()))
    }
}

impl PerLimit {
    /// Somebody has run into it.
    pub fn count(&self, limit: Limit) {
        self.0[limit as usize].inc();
    }

    fn render(&self, name: &str, out: &mut String) {
        for (limit, counter) in Limit::ALL.iter().zip(&self.0) {
            let _ = writeln!(out, "{name}{{limit=\"{}\"}} {}", limit.name(), counter.value());
        }
    }
}

macro_rules! metrics {
    ($( #[doc = $help:literal] $name:literal $kind:ident { $($field:ident $( ($labels:literal) )?),+ $(,)? } )+) => {
        /// All counts of one server.
        #[expect(missing_docs, reason = "each field is one line of a family below, which says what it counts")]
        #[derive(Debug, Default)]
        pub struct Metrics {
            $( $( pub $field: $kind, )+ )+
        }

        impl Metrics {
            /// Prometheus text format, version 0.0.4.
            pub fn render(&self) -> String {
                let mut out = String::with_capacity(8 * 1024);
                $(
                    let help = $help;
                    let _ = writeln!(out, "# HELP {}{help}\n# TYPE {} {}", $name, $name, metrics!(@type $kind));
                    $( metrics!(@line $kind, out, $name, self.$field $(, $labels)?); )+
                )+
                out
            }
        }
    };
    (@type Counter) => { "counter" };
    (@type Gauge) => { "gauge" };
    (@type Histogram) => { "histogram" };
    (@type PerLimit) => { "counter" };
    (@line PerLimit, $out:ident, $name:literal, $value:expr) => { $value.render($name, &mut $out) };
    (@line Histogram, $out:ident, $name:literal, $value:expr) => { $value.render($name, &mut $out) };
    (@line $kind:ident, $out:ident, $name:literal, $value:expr) => {
        let _ = writeln!($out, "{} {}", $name, $value.value());
    };
    (@line $kind:ident, $out:ident, $name:literal, $value:expr, $labels:literal) => {
        let _ = writeln!($out, "{}{{{}}} {}", $name, $labels, $value.value());
    };
}

metrics! {
    /// Connections open now.
    "tr_connections" Gauge {
        connections_http("kind=\"http\""), connections_control("kind=\"control\""), connections_link("kind=\"link\""),
    }
    /// Connections that have a place now.
    "tr_places_taken" Gauge { places_taken }
    /// Connections that may have a place at the same time.
    "tr_places_allowed" Gauge { places_allowed }
    /// Connections accepted.
    "tr_accepts_total" Counter { accepts_ok("result=\"ok\""), accepts_refused("result=\"refused\"") }
    /// Logins.
    "tr_auth_total" Counter { auth_ok("result=\"ok\""), auth_refused("result=\"refused\""), auth_timeout("result=\"timeout\"") }
    /// Members' sessions now.
    "tr_sessions" Gauge { sessions }
    /// Control messages read.
    "tr_control_messages_in_total" Counter { control_in }
    /// Control messages written.
    "tr_control_messages_out_total" Counter { control_out }
    /// The same in bytes.
    "tr_control_bytes_out_total" Counter { control_out_bytes }
    /// Sessions ended because they did not read.
    "tr_slow_consumer_disconnects_total" Counter { slow_consumers }
    /// Requests answered.
    "tr_requests_total" Counter {
        requests_ok("result=\"ok\""), requests_refused("result=\"refused\""),
        requests_repeated("result=\"repeated\""), requests_failed("result=\"failed\""),
    }
    /// How long jobs wait for the writer to take them.
    "tr_db_queue_seconds" Histogram { db_queue_seconds }
    /// Jobs that wait for the writer now.
    "tr_db_queue_jobs" Gauge { db_queue_jobs }
    /// Size of the database's files.
    "tr_db_bytes" Gauge { db_bytes("file=\"database\""), db_log_bytes("file=\"log\"") }
    /// Transactions of the writer, commit included.
    "tr_db_write_seconds" Histogram { db_write_seconds }
    /// Reads beside the writer.
    "tr_db_read_seconds" Histogram { db_read_seconds }
    /// Errors of the database.
    "tr_db_errors_total" Counter { db_errors }
    /// Old replies and events that were forgotten.
    "tr_pruned_rows_total" Counter { pruned_rows }
    /// Swarms with peers now.
    "tr_swarms" Gauge { swarms }
    /// Peers in swarms now.
    "tr_swarm_peers" Gauge { swarm_peers }
    /// Announces taken or refused.
    "tr_announces_total" Counter { announces_ok("result=\"ok\""), announces_refused("result=\"refused\"") }
    /// Watches of swarms that are not there, or too many.
    "tr_watches_refused_total" Counter { watches_refused }
    /// Dials granted or refused.
    "tr_dials_total" Counter {
        dials_granted("result=\"granted\""), dials_no_such_peer("result=\"no_such_peer\""),
        dials_linked("result=\"already_linked\""), dials_too_many("result=\"too_many\""),
        dials_not_announced("result=\"not_announced\""), dials_not_yours("result=\"not_yours\""),
    }
    /// Links spliced now.
    "tr_links_active" Gauge { links_active }
    /// Link sockets that wait for the other side now.
    "tr_links_waiting" Gauge { links_waiting }
    /// Link sockets by what came of them.
    "tr_links_total" Counter {
        links_paired("result=\"ok\""), links_timeout("result=\"timeout\""), links_bad_token("result=\"bad_token\""),
        links_used_token("result=\"used_token\""), links_refused("result=\"refused\""), links_gone("result=\"gone\""),
        links_cut("result=\"cut\""),
    }
    /// Payload carried.
    "tr_link_bytes_total" Counter { link_bytes }
    /// Links ended, by reason.
    "tr_link_closes_total" Counter {
        link_closes_closed("reason=\"closed\""), link_closes_lost("reason=\"lost\""), link_closes_stalled("reason=\"stalled\""),
        link_closes_dead("reason=\"dead\""), link_closes_bad_message("reason=\"bad_message\""), link_closes_stop("reason=\"stop\""),
        link_closes_left("reason=\"left\""), link_closes_absent("reason=\"absent\""),
    }
    /// Directions of links whose receiver takes nothing now.
    "tr_link_stalled" Gauge { links_stalled }
    /// Upgrades, messages and attempts refused, by reason.
    "tr_rejected_total" Counter {
        rejected_origin("reason=\"origin\""), rejected_upgrade("reason=\"upgrade\""), rejected_message("reason=\"message\""),
        rejected_rate("reason=\"rate\""), rejected_address("reason=\"address\""), rejected_invite("reason=\"invite\""),
    }
    /// Refused, cut or slowed down because of a limit, by its name.
    "tr_refused_total" PerLimit { refused }
    /// HTTP requests answered.
    "tr_http_requests_total" Counter { http_requests }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_prometheus() {
        let metrics = Metrics::default();
        metrics.link_bytes.add(7);
        metrics.db_write_seconds.observe(Duration::from_millis(2));
        let _present = metrics.sessions.enter();
        let text = metrics.render();
        assert!(text.contains(
            "# HELP tr_link_bytes_total Payload carried.\n# TYPE tr_link_bytes_total counter\ntr_link_bytes_total 7\n"
        ));
        assert!(text.contains("tr_db_write_seconds_bucket{le=\"0.004\"} 1\n"));
        assert!(text.contains("tr_sessions 1\n"));
        assert!(text.contains("tr_links_total{result=\"timeout\"} 0\n"));
    }
}
