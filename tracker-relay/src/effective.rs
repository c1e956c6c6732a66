//! What the server would run with: what was said, what that comes to on this machine, and every limit. For people and for
//! programs.

use std::fmt::Write;

use clap::{CommandFactory, ValueEnum};
use serde_json::{Value, json};

use crate::args::Args;
use crate::capacity::Capacity;
use crate::clock;
use crate::config::Config;
use crate::free_disk::FreeDisk;
use crate::limits::{self, Entry};

/// Widths of the columns of names and of values.
const COLUMNS: (usize, usize) = (32, 24);
/// Shown for what was not said and has no default.
const NOTHING: &str = "-";

/// What the server would run with.
#[derive(Debug)]
pub struct Effective {
    /// Each flag.
    pub configuration: Vec<Entry>,
    /// Each limit, first those that depend on the machine.
    pub limits: Vec<Entry>,
}

impl Effective {
    /// Of a configuration, on this machine.
    pub fn new(config: &Config) -> Self {
        let capacity = Capacity::new(config.max_connections, config.link_bytes);
        Self {
            configuration: configuration(config, capacity),
            limits: of_machine(capacity).chain(limits::table()).collect(),
        }
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (title, entries) in [("configuration", &self.configuration), ("limits", &self.limits)] {
            let _ = writeln!(text, "{title}");
            for Entry { name, value, unit, what } in entries {
                let (name_width, value_width) = COLUMNS;
                let value = format!("{value} {unit}");
                let _ = writeln!(text, "  {name:name_width$} {:value_width$} {what}", value.trim_end());
            }
        }
        text
    }

    /// For programs. What has a unit, or is a count, is a number.
    pub fn to_json(&self) -> Value {
        let list = |entries: &[Entry]| -> Vec<Value> {
            let object = |entry: &Entry| {
                let value = entry.value.parse::<f64>().map_or_else(|_| json!(entry.value), number_of);
                json!({ "name": entry.name, "value": value, "unit": entry.unit, "what": entry.what })
            };
            entries.iter().map(object).collect()
        };
        json!({ "v": 1, "configuration": list(&self.configuration), "limits": list(&self.limits) })
    }
}

fn number_of(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 2f64.powi(53) { json!(number as i64) } else { json!(number) }
}

/// Each flag with its help's first sentence.
fn configuration(config: &Config, capacity: Capacity) -> Vec<Entry> {
    let command = Args::command();
    let flags = command.get_arguments().filter(|flag| flag.get_env().is_some());
    flags
        .map(|flag| {
            let id = flag.get_id().as_str();
            let (value, unit) = value(config, capacity, id);
            let what = flag.get_help().map(ToString::to_string).unwrap_or_default();
            Entry { name: id.replace('_', "-"), value, unit, what }
        })
        .collect()
}

/// What a flag comes to.
fn value(config: &Config, capacity: Capacity, flag: &str) -> (String, &'static str) {
    const SECONDS: &str = "seconds";
    const BYTES: &str = "bytes";
    let seconds = |time: std::time::Duration| (time.as_secs().to_string(), SECONDS);
    let text = |text: String| (if text.is_empty() { NOTHING.to_owned() } else { text }, "");
    let list = |list: Vec<String>| text(list.join(","));
    let said = |value: Option<String>| text(value.unwrap_or_default());
    match flag {
        "listen" => text(config.listen.to_string()),
        "tls_cert" => said(config.tls.as_ref().map(|tls| tls.certificate.display().to_string())),
        "tls_key" => said(config.tls.as_ref().map(|tls| tls.key.display().to_string())),
        "admin_listen" => said(config.admin_listen.map(|address| address.to_string())),
        "data" => text(config.data.display().to_string()),
        "new_history" => text(config.new_history.to_string()),
        "public_url" => said(config.public_origin.as_ref().map(ToString::to_string)),
        "page" => said(config.page.as_ref().map(|folder| folder.display().to_string())),
        "allow_origin" => list(config.allow_origins.clone()),
        "trusted_proxy" => list(config.trusted_proxies.iter().map(ToString::to_string).collect()),
        "groups" => said(config.groups.to_possible_value().map(|value| value.get_name().to_owned())),
        // Never the password itself.
        "groups_password_file" => text(if config.groups_password.is_some() { "read" } else { "" }.to_owned()),
        "torrents_of_member" => (config.quotas.of_member.to_string(), BYTES),
        "torrents" => (config.quotas.of_all.to_string(), BYTES),
        "min_free_disk" => (FreeDisk::new(config.data.clone(), config.min_free_disk).floor().to_string(), BYTES),
        "max_connections" => text(capacity.connections.to_string()),
        "link_memory" => (capacity.link_bytes.to_string(), BYTES),
        "groupless_session" => seconds(config.groupless_max),
        "drain_max" => seconds(config.drain_max),
        "link_absence" => seconds(config.link_absence_max),
        "clock_offset" => (clock::offset().to_string(), SECONDS),
        "ticket_lifetime" => seconds(config.ticket_lifetime),
        _ => text(String::new()),
    }
}

/// Limits that depend on the machine, or on a flag.
fn of_machine(capacity: Capacity) -> impl Iterator<Item = Entry> {
    let entry = |name: &str, value: usize, unit, what: &str| Entry {
        name: name.to_owned(),
        value: value.to_string(),
        unit,
        what: what.to_owned(),
    };
    let Capacity { connections, .. } = capacity;
    [
        entry("connections", connections, "", "Connections open at the same time."),
        entry("connections_of_address", capacity.connections_of_address(), "", "The same of one address, IPv6 by /64."),
        entry("links", capacity.links(), "", "Links at the same time."),
        entry("large_buffers", capacity.large_buffers(), "bytes", "What large buffers of links take together."),
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn effective(flags: &[&str]) -> Effective {
        let args = Args::parse_from(["tracker-relay"].iter().chain(flags));
        Effective::new(&args.into_config().unwrap())
    }

    #[test]
    fn every_flag_says_what_it_comes_to_and_every_limit_what_it_is_for() {
        let Effective { configuration, limits } = effective(&[]);
        let nothing_said = [
            "tls-cert",
            "tls-key",
            "admin-listen",
            "public-url",
            "page",
            "allow-origin",
            "trusted-proxy",
            "groups-password-file",
        ];
        for Entry { name, value, what, .. } in &configuration {
            assert_eq!(value == NOTHING, nothing_said.contains(&&**name), "{name}: {value}");
            assert!(!what.is_empty(), "{name}");
        }
        assert!(limits.iter().all(|entry| !entry.what.is_empty() && entry.value.parse::<f64>().is_ok()));
        assert!(limits.len() > 90, "{}", limits.len());
    }

    #[test]
    fn a_person_and_a_program_are_told_the_same() {
        let effective = effective(&["--max-connections", "100", "--drain-max", "7"]);
        let text = effective.to_text();
        let line = text.lines().find(|line| line.trim().starts_with("drain-max")).unwrap();
        assert!(line.contains("7 seconds") && line.contains("SIGTERM"), "{line}");
        let json = effective.to_json();
        let find = |list: &str, name: &str| {
            let list = json[list].as_array().unwrap();
            list.iter().find(|entry| entry["name"] == name).cloned().unwrap()
        };
        assert_eq!(find("configuration", "drain-max")["value"], 7);
        assert_eq!(find("limits", "connections_of_address")["value"], 25);
        assert_eq!(find("limits", "info_parts_bytes")["unit"], "bytes");
        assert_eq!(find("limits", "link_tick")["value"], 5);
    }
}
