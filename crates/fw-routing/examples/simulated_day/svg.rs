//! The plot: where `adaptive` sends requests while the targets have their bad hours, and how all strategies fared.

use std::fmt::{self, Write};

use crate::day::{BUCKET, FLEET, Fault, Incident, Measures, Pattern};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = 920.0;

/// The first target's row, and the height of one.
const LANES: f64 = 72.0;
const LANE: f64 = 46.0;
/// Height of a row of bars.
const ROW: f64 = 24.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:16px;font-weight:600}\
    .small{font-size:11px;fill:#666}.end{text-anchor:end}.mid{text-anchor:middle}.own{font-weight:700}";

/// The plot as a document of its own.
pub(crate) fn plot(pattern: &Pattern, results: &[Measures]) -> Result<String, fmt::Error> {
    let bars = LANES + LANE * FLEET.len() as f64 + 76.0;
    let height = bars + 20.0 + ROW * results.len() as f64 + 20.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <style>{STYLE}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    if let Some(shown) = results.first() {
        lanes(&mut svg, pattern, shown)?;
    }
    all_bars(&mut svg, bars, results)?;
    svg.push_str("</svg>\n");
    Ok(svg)
}

// === The day ===

fn lanes(svg: &mut String, pattern: &Pattern, shown: &Measures) -> fmt::Result {
    let name = shown.strategy;
    writeln!(
        svg,
        "<text class=\"title\" x=\"30\" y=\"30\">A day: what went wrong, and each target's share of the requests under {name}</text>"
    )?;
    let mut x = LEFT;
    for kind in [Kind::Slow, Kind::Away, Kind::Broken, Kind::Limited] {
        writeln!(
            svg,
            "<rect x=\"{x}\" y=\"45\" width=\"14\" height=\"14\" fill=\"{}\"/><text class=\"small\" x=\"{}\" \
             y=\"56\">{}</text>",
            kind.colour(),
            x + 20.0,
            kind.legend()
        )?;
        x += 190.0;
    }
    let bottom = LANES + LANE * FLEET.len() as f64;
    let at = |seconds: f64| LEFT + (RIGHT - LEFT) * seconds / pattern.length.as_secs_f64();
    for (place, sheet) in FLEET.iter().enumerate() {
        let base = LANES + LANE * (place + 1) as f64;
        writeln!(
            svg,
            "<text class=\"end\" x=\"{}\" y=\"{}\">{}</text>",
            LEFT - 12.0,
            base - 14.0,
            sheet.name
        )?;
        for incident in pattern.incidents.iter().filter(|it| it.target == place) {
            band(svg, incident, base, at)?;
        }
        area(svg, shown, place, base, at)?;
        writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{base}\" y2=\"{base}\" stroke=\"#999\"/>"
        )?;
    }
    for hour in (0..=24).step_by(3) {
        let x = at(f64::from(hour) * 3600.0);
        if x <= RIGHT + 0.5 {
            writeln!(
                svg,
                "<text class=\"small mid\" x=\"{x:.1}\" y=\"{}\">{hour}:00</text>",
                bottom + 17.0
            )?;
        }
    }
    Ok(())
}

/// A fault's time in its target's row.
fn band(svg: &mut String, incident: &Incident, base: f64, at: impl Fn(f64) -> f64) -> fmt::Result {
    let from = at(incident.from.as_secs_f64());
    let to = at((incident.from + incident.length).as_secs_f64()).min(RIGHT);
    let kind = Kind::of(incident.fault);
    writeln!(
        svg,
        "<rect x=\"{from:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{}\" fill=\"{}\"><title>{:?}</title></rect>",
        base - LANE + 4.0,
        to - from,
        LANE - 4.0,
        kind.colour(),
        incident.fault
    )
}

/// A target's share of the requests over the day; a full row is all of them.
fn area(
    svg: &mut String,
    shown: &Measures,
    place: usize,
    base: f64,
    at: impl Fn(f64) -> f64,
) -> fmt::Result {
    let mut path = format!("M{LEFT} {base}");
    let bucket = BUCKET.as_secs_f64();
    for (index, shares) in shown.shares.iter().enumerate() {
        let total: u32 = shares.iter().sum();
        let share = f64::from(shares[place]) / f64::from(total.max(1));
        let y = base - share * (LANE - 4.0);
        let from = at(index as f64 * bucket);
        let to = at((index + 1) as f64 * bucket).min(RIGHT);
        write!(path, "L{from:.1} {y:.1}H{to:.1}")?;
    }
    writeln!(
        svg,
        "<path d=\"{path}V{base}Z\" fill=\"#223\" fill-opacity=\"0.6\"/>"
    )
}

/// Faults by how they look from outside.
#[derive(Clone, Copy)]
enum Kind {
    Slow,
    Away,
    Broken,
    Limited,
}

impl Kind {
    const fn of(fault: Fault) -> Self {
        match fault {
            Fault::Slow(_) => Self::Slow,
            Fault::Refused | Fault::Down | Fault::Flapping(_) | Fault::Hang | Fault::Silent => {
                Self::Away
            }
            Fault::Errors(_) | Fault::Cuts(_) => Self::Broken,
            Fault::Limit(_) | Fault::Squeeze(_) => Self::Limited,
        }
    }

    const fn colour(self) -> &'static str {
        match self {
            Self::Slow => "#f6cf71",
            Self::Away => "#ee8a82",
            Self::Broken => "#c3a2dc",
            Self::Limited => "#93c4e8",
        }
    }

    const fn legend(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Away => "down, hanging or silent",
            Self::Broken => "some errors or cut streams",
            Self::Limited => "less limit or capacity",
        }
    }
}

// === The strategies ===

fn all_bars(svg: &mut String, top: f64, results: &[Measures]) -> fmt::Result {
    let mut sorted: Vec<&Measures> = results.iter().collect();
    sorted.sort_by(|a, b| b.success().total_cmp(&a.success()));
    for (row, measures) in sorted.iter().enumerate() {
        let own = if row == 0 { " own" } else { "" };
        writeln!(
            svg,
            "<text class=\"end{own}\" x=\"{}\" y=\"{}\">{}</text>",
            LEFT - 12.0,
            top + 35.0 + ROW * row as f64,
            measures.strategy
        )?;
    }
    let panel = Panel {
        sorted: &sorted,
        top,
        width: 180.0,
    };
    let failed = |it: &Measures| (1.0 - it.success()) * 1e4;
    panel.draw(svg, LEFT, "replies not whole, of 10,000", failed, 0)?;
    let first_token = |it: &Measures| it.first_token(0.99).as_secs_f64();
    panel.draw(
        svg,
        LEFT + 260.0,
        "first token, p99, seconds",
        first_token,
        2,
    )?;
    panel.draw(
        svg,
        LEFT + 520.0,
        "USD per 1,000 replies",
        Measures::cost,
        2,
    )
}

/// One measure of all strategies, side by side.
struct Panel<'a> {
    sorted: &'a [&'a Measures],
    top: f64,
    width: f64,
}

impl Panel<'_> {
    fn draw(
        &self,
        svg: &mut String,
        left: f64,
        title: &str,
        measure: impl Fn(&Measures) -> f64,
        digits: usize,
    ) -> fmt::Result {
        writeln!(
            svg,
            "<text class=\"title\" style=\"font-size:14px\" x=\"{left}\" y=\"{}\">{title}</text>",
            self.top
        )?;
        // The one strategy without any alternative would make all others look alike.
        let most = self
            .sorted
            .iter()
            .filter(|it| it.strategy != "single")
            .map(|it| measure(it))
            .fold(f64::MIN_POSITIVE, f64::max);
        for (row, measures) in self.sorted.iter().enumerate() {
            let value = measure(measures);
            let y = self.top + 21.0 + ROW * row as f64;
            let beyond = value > most;
            let length = self.width * if beyond { 1.06 } else { value / most };
            let colour = match measures.strategy {
                "adaptive" => "#2a6f97",
                _ if beyond => "#d9b8b5",
                _ => "#b5c9d6",
            };
            writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{y}\" width=\"{length:.1}\" height=\"{}\" fill=\"{colour}\"/>\
                 <text class=\"small\" x=\"{:.1}\" y=\"{}\">{value:.digits$}</text>",
                ROW - 6.0,
                left + length + 6.0,
                y + 13.0
            )?;
        }
        Ok(())
    }
}
