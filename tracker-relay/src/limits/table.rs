//! The limits as a table, for whoever runs the server.

/// A limit, or a part of the configuration, as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// As it is written in the code, or on the command line.
    pub name: String,
    /// A number, or what was said.
    pub value: String,
    /// Empty: a count, or no number.
    pub unit: &'static str,
    /// What it is for, in sentences.
    pub what: String,
}

impl Entry {
    pub(super) fn limit(name: &str, value: f64, unit: &'static str, docs: &[&str]) -> Self {
        let unit = match unit {
            "count" => "",
            "tokens_per_second" => "tokens per second",
            unit => unit,
        };
        let sentences: Vec<&str> = docs.iter().map(|line| line.trim()).collect();
        // Links of the documentation are for who reads that.
        let what = sentences.join(" ").replace("[`", "").replace("`]", "").replace('`', "");
        Self { name: name.to_lowercase(), value: value.to_string(), unit, what }
    }
}

/// Defines constants, and a function `table` that has all of them: each with its documentation, and its unit behind the
/// value.
macro_rules! limits {
    ($( $(#[doc = $doc:literal])+ pub const $name:ident: $type:tt = $value:expr, $unit:ident; )+) => {
        $( $(#[doc = $doc])+ pub const $name: $type = $value; )+

        /// All limits, in the order of this file.
        pub fn table() -> Vec<Entry> {
            vec![$( Entry::limit(stringify!($name), limits!(@number $type, $name), stringify!($unit), &[$($doc),+]) ),+]
        }
    };
    (@number Duration, $name:ident) => { $name.as_secs_f64() };
    (@number f64, $name:ident) => { $name };
    (@number $type:tt, $name:ident) => { $name as f64 };
}

pub(super) use limits;
