//! The tables.

use serde_json::{Value, json};

/// All that was measured.
pub struct Report {
    machine: String,
    /// The commit that this one is compared with.
    other: Option<String>,
    rows: Vec<Row>,
    comparisons: Vec<Comparison>,
    notes: Vec<String>,
}

/// Covey beside a plain yardstick.
pub struct Row {
    /// What was done.
    pub what: String,
    /// Covey's figure and the yardstick's, in `unit`.
    pub covey: f64,
    /// What it is measured against.
    pub yardstick: String,
    /// The yardstick's figure.
    pub plain: f64,
    /// Of both figures.
    pub unit: &'static str,
    /// What the ratio should be.
    pub aim: Aim,
}

/// This commit beside another.
pub struct Comparison {
    /// What was done.
    pub what: String,
    /// Of both figures.
    pub unit: &'static str,
    /// This commit's figures, one for each round.
    pub this: Vec<f64>,
    /// The other's, of the same rounds.
    pub other: Vec<f64>,
    /// What the ratio should be.
    pub aim: Aim,
}

/// A bound of a ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// A rate: the more the better.
    AtLeast(f64),
    /// Seconds or bytes: the less the better.
    AtMost(f64),
    /// Nobody has set one: the figure explains another.
    Open,
}

impl Aim {
    fn verdict(self, ratio: f64) -> &'static str {
        let is_met = match self {
            Aim::AtLeast(bound) => ratio >= bound,
            Aim::AtMost(bound) => ratio <= bound,
            Aim::Open => return "",
        };
        if is_met { "met" } else { "missed" }
    }

    fn text(self) -> String {
        match self {
            Aim::AtLeast(bound) => format!(">= {bound}"),
            Aim::AtMost(bound) => format!("<= {bound}"),
            Aim::Open => "none".to_owned(),
        }
    }
}

impl Row {
    fn ratio(&self) -> f64 {
        self.covey / self.plain
    }

    fn line(&self) -> String {
        format!(
            "| {} | {} {unit} | {} | {} {unit} | {:.2} | {} | {} |\n",
            self.what,
            figure(self.covey),
            self.yardstick,
            figure(self.plain),
            self.ratio(),
            self.aim.text(),
            self.aim.verdict(self.ratio()),
            unit = self.unit,
        )
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what, "covey": self.covey, "yardstick": self.yardstick, "plain": self.plain,
            "unit": self.unit, "ratio": self.ratio(), "aim": self.aim.text(),
            "verdict": self.aim.verdict(self.ratio()),
        })
    }
}

impl Comparison {
    fn ratio(&self) -> f64 {
        median(self.this.clone()) / median(self.other.clone())
    }

    /// The least and the greatest ratio of one round: how much to believe the ratio.
    fn spread(&self) -> (f64, f64) {
        let ratios = || self.this.iter().zip(&self.other).map(|(this, other)| this / other);
        (ratios().fold(f64::INFINITY, f64::min), ratios().fold(f64::NEG_INFINITY, f64::max))
    }

    fn line(&self) -> String {
        let (least, greatest) = self.spread();
        format!(
            "| {} | {} {unit} | {} {unit} | {:.2} | {least:.2} to {greatest:.2} | {} | {} |\n",
            self.what,
            figure(median(self.this.clone())),
            figure(median(self.other.clone())),
            self.ratio(),
            self.aim.text(),
            self.aim.verdict(self.ratio()),
            unit = self.unit,
        )
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what, "unit": self.unit, "this": self.this, "other": self.other, "ratio": self.ratio(),
            "aim": self.aim.text(), "verdict": self.aim.verdict(self.ratio()),
        })
    }
}

impl Report {
    /// An empty one.
    pub fn new(machine: String, other: Option<String>) -> Self {
        Self { machine, other, rows: Vec::new(), comparisons: Vec::new(), notes: Vec::new() }
    }

    /// Adds a comparison with a yardstick, and says it at once.
    pub fn add(&mut self, row: Row) {
        eprint!("    {}", row.line());
        self.rows.push(row);
    }

    /// Adds a comparison with the other commit, and says it at once. Without figures of both there is none.
    pub fn compare(&mut self, comparison: Comparison) {
        if comparison.this.is_empty() || comparison.other.is_empty() {
            return;
        }
        eprint!("    {}", comparison.line());
        self.comparisons.push(comparison);
    }

    /// Adds a sentence: what could not be measured and why, or what explains a figure.
    pub fn note(&mut self, sentence: String) {
        eprintln!("    {sentence}");
        self.notes.push(sentence);
    }

    /// As Markdown tables, ready for docs/benchmarks.md.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.machine);
        if !self.rows.is_empty() {
            text.push_str(
                "\n| what | Covey | yardstick | its figure | ratio | aim | |\n|---|---|---|---|---|---|---|\n",
            );
            text.extend(self.rows.iter().map(Row::line));
        }
        if let Some(other) = &self.other {
            text.push_str(&format!(
                "\n| what | this commit | {other} | ratio | its rounds | aim | |\n|---|---|---|---|---|---|---|\n"
            ));
            text.extend(self.comparisons.iter().map(Comparison::line));
        }
        if !self.notes.is_empty() {
            text.push('\n');
            text.extend(self.notes.iter().map(|note| format!("- {note}\n")));
        }
        text
    }

    /// As one JSON object.
    pub fn json(&self) -> Value {
        let rows: Vec<_> = self.rows.iter().map(Row::json).collect();
        let comparisons: Vec<_> = self.comparisons.iter().map(Comparison::json).collect();
        json!({
            "machine": self.machine, "rows": rows, "other": self.other, "comparisons": comparisons,
            "notes": self.notes,
        })
    }
}

/// The middle one of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Three significant digits, or whole.
fn figure(figure: f64) -> String {
    match figure.abs() {
        small if small < 10.0 => format!("{figure:.2}"),
        medium if medium < 100.0 => format!("{figure:.1}"),
        _ => format!("{figure:.0}"),
    }
}
