//! The table.

use serde_json::json;

/// All that was measured.
pub struct Report {
    machine: String,
    rows: Vec<Row>,
}

/// One comparison.
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

/// A bound of the ratio Covey / yardstick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// A rate: the more the better.
    AtLeast(f64),
    /// Seconds or bytes: the less the better.
    AtMost(f64),
    /// Nobody has set one: the figure explains another.
    Open,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.covey / self.plain
    }

    fn verdict(&self) -> &'static str {
        let is_met = match self.aim {
            Aim::AtLeast(bound) => self.ratio() >= bound,
            Aim::AtMost(bound) => self.ratio() <= bound,
            Aim::Open => return "",
        };
        if is_met { "met" } else { "missed" }
    }

    fn aim_text(&self) -> String {
        match self.aim {
            Aim::AtLeast(bound) => format!(">= {bound}"),
            Aim::AtMost(bound) => format!("<= {bound}"),
            Aim::Open => "none".to_owned(),
        }
    }
}

impl Report {
    /// An empty one.
    pub fn new(machine: String) -> Self {
        Self { machine, rows: Vec::new() }
    }

    /// Adds a comparison, and says it at once.
    pub fn add(&mut self, row: Row) {
        eprintln!("    {}: {:.2} {} / {:.2} = {:.2}", row.what, row.covey, row.unit, row.plain, row.ratio());
        self.rows.push(row);
    }

    /// As a Markdown table, ready for docs/benchmarks.md.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.machine);
        text.push_str("| what | Covey | yardstick | its figure | ratio | aim | |\n|---|---|---|---|---|---|---|\n");
        for row in &self.rows {
            text.push_str(&format!(
                "| {} | {:.2} {unit} | {} | {:.2} {unit} | {:.2} | {} | {} |\n",
                row.what,
                row.covey,
                row.yardstick,
                row.plain,
                row.ratio(),
                row.aim_text(),
                row.verdict(),
                unit = row.unit,
            ));
        }
        text
    }

    /// As one JSON object.
    pub fn json(&self) -> serde_json::Value {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "what": row.what, "covey": row.covey, "yardstick": row.yardstick, "plain": row.plain,
                    "unit": row.unit, "ratio": row.ratio(), "aim": row.aim_text(), "verdict": row.verdict(),
                })
            })
            .collect();
        json!({"machine": self.machine, "rows": rows})
    }
}

/// The middle one of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
