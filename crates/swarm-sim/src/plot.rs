//! Completion curves as an SVG: how many have the file, over time, one line per run, with the lower bound.

use std::fmt::Write;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// In the legend.
    pub name: String,
    /// When each had the file, seconds, in order.
    pub completions: Vec<f64>,
    /// How many there are in all.
    pub of: usize,
}

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 210.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 56.0;
/// Told apart by people who do not tell red from green (Okabe and Ito).
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// The whole picture. `bound`: the lower bound of the last completion, seconds.
pub fn completion_curves(title: &str, curves: &[Curve], bound: Option<f64>) -> String {
    let latest =
        curves.iter().filter_map(|curve| curve.completions.last()).copied().fold(bound.unwrap_or(0.0), f64::max);
    let axis = Axis::up_to(latest * 1.04);
    let mut svg = head(title);
    grid(&mut svg, &axis);
    if let Some(bound) = bound {
        bound_line(&mut svg, axis.x(bound), bound);
    }
    for (nth, curve) in curves.iter().enumerate() {
        let colour = COLOURS[nth % COLOURS.len()];
        line(&mut svg, &axis, curve, colour);
        legend(&mut svg, nth, curve, colour);
    }
    svg.push_str("</svg>\n");
    svg
}

struct Axis {
    end: f64,
    step: f64,
}

impl Axis {
    /// Round steps of 1, 2 or 5, at most eight of them.
    fn up_to(latest: f64) -> Self {
        let rough = (latest / 8.0).max(1e-3);
        let power = 10f64.powi(rough.log10().floor() as i32);
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough);
        let step = step.unwrap_or(10.0 * power);
        Self { end: (latest / step).ceil().max(1.0) * step, step }
    }

    fn x(&self, seconds: f64) -> f64 {
        LEFT + seconds / self.end * (WIDTH - LEFT - RIGHT)
    }
}

fn y(share: f64) -> f64 {
    HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
}

fn head(title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"#222\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"17\" font-weight=\"600\">{}</text>\n",
        escaped(title)
    )
}

fn grid(svg: &mut String, axis: &Axis) {
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for percent in [0, 25, 50, 75, 100] {
        let y = y(f64::from(percent) / 100.0);
        put(svg, format_args!("<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#ddd\"/>"));
        put(
            svg,
            format_args!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{percent} %</text>", LEFT - 8.0, y + 5.0),
        );
    }
    let steps = (axis.end / axis.step).round() as u32;
    for step in 0..=steps {
        let seconds = f64::from(step) * axis.step;
        let x = axis.x(seconds);
        put(svg, format_args!("<path d=\"M{x:.1} {TOP}V{bottom}\" stroke=\"#eee\"/>"));
        let label = if axis.step < 1.0 { format!("{seconds:.1}") } else { format!("{seconds:.0}") };
        put(svg, format_args!("<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>", bottom + 20.0));
    }
    let middle = (LEFT + right) / 2.0;
    put(
        svg,
        format_args!(
            "<text x=\"{middle}\" y=\"{:.1}\" text-anchor=\"middle\">seconds from the start</text>",
            bottom + 44.0
        ),
    );
    put(svg, format_args!("<text x=\"{LEFT}\" y=\"{:.1}\" fill=\"#555\">have the whole file</text>", TOP - 8.0));
}

fn bound_line(svg: &mut String, x: f64, bound: f64) {
    let bottom = HEIGHT - BOTTOM;
    put(
        svg,
        format_args!(
            "<path d=\"M{x:.1} {TOP}V{bottom}\" stroke=\"#222\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"/>"
        ),
    );
    let (x, y) = (WIDTH - RIGHT + 16.0, TOP + 8.0);
    put(svg, format_args!("<path d=\"M{x} {y}h22\" stroke=\"#222\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"/>"));
    put(svg, format_args!("<text x=\"{}\" y=\"{}\">lower bound {bound:.1} s</text>", x + 30.0, y + 5.0));
}

/// A step up at every completion.
fn line(svg: &mut String, axis: &Axis, curve: &Curve, colour: &str) {
    let mut path = format!("M{:.1} {:.1}", axis.x(0.0), y(0.0));
    for (done, at) in curve.completions.iter().enumerate() {
        let share = (done + 1) as f64 / curve.of.max(1) as f64;
        // Writing to a string cannot fail.
        let _ = write!(path, "H{:.1}V{:.1}", axis.x(*at), y(share));
    }
    if curve.completions.len() == curve.of {
        let _ = write!(path, "H{:.1}", axis.x(axis.end));
    }
    put(svg, format_args!("<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
}

fn legend(svg: &mut String, nth: usize, curve: &Curve, colour: &str) {
    let (x, y) = (WIDTH - RIGHT + 16.0, TOP + 34.0 + 42.0 * nth as f64);
    put(svg, format_args!("<path d=\"M{x} {y}h22\" stroke=\"{colour}\" stroke-width=\"3\"/>"));
    put(svg, format_args!("<text x=\"{}\" y=\"{}\">{}</text>", x + 30.0, y + 5.0, escaped(&curve.name)));
    let last = match curve.completions.last() {
        Some(last) if curve.completions.len() == curve.of => format!("last {last:.1} s"),
        _ => format!("{} of {} done", curve.completions.len(), curve.of),
    };
    put(svg, format_args!("<text x=\"{}\" y=\"{}\" fill=\"#555\" font-size=\"12\">{last}</text>", x + 30.0, y + 21.0));
}

fn put(svg: &mut String, element: std::fmt::Arguments) {
    let _ = writeln!(svg, "{element}");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_and_the_bound_are_drawn() {
        let curve = |name: &str| Curve { name: name.into(), completions: vec![1.0, 2.0], of: 2 };
        let svg = completion_curves("a < b", &[curve("one"), curve("two")], Some(1.5));
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("a &lt; b") && svg.contains("lower bound 1.5 s"));
        assert_eq!(svg.matches("stroke-width=\"2\"").count(), 2);
    }

    #[test]
    fn the_axis_has_round_steps() {
        assert_eq!(Axis::up_to(61.0).step, 10.0);
        assert_eq!(Axis::up_to(61.0).end, 70.0);
        assert_eq!(Axis::up_to(0.9).step, 0.2);
    }
}
