//! The report: tables for people, JSON for machines, and the bar.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    compare::{BARE, DIRECT, GATEWAY, GATEWAY_PII, Outcome, Row},
    stats::{Quantiles, median},
};

/// One requirement and what was measured.
#[derive(Clone, Debug)]
pub struct Bar {
    /// The figure's name.
    pub figure: &'static str,
    /// What the bare proxy shows, as text.
    pub bare: String,
    /// What the gateway shows, as text.
    pub gateway: String,
    /// The figure that is compared with the limit.
    pub measured: Option<f64>,
    /// The limit.
    pub limit: Limit,
}

/// A limit on a figure.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// The figure may be as high as this.
    AtMost(f64),
    /// The figure may be as low as this.
    AtLeast(f64),
}

type Figure = fn(&Row) -> Option<f64>;

// === impl Bar ===

impl Bar {
    /// Whether the limit is kept; a figure that was not measured keeps nothing.
    #[must_use]
    pub fn is_met(&self) -> bool {
        match (self.measured, self.limit) {
            (Some(measured), Limit::AtMost(limit)) => measured <= limit,
            (Some(measured), Limit::AtLeast(limit)) => measured >= limit,
            (None, _) => false,
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.measured, self.is_met()) {
            (None, _) => "not measured",
            (_, true) => "PASS",
            (_, false) => "MISS",
        }
    }
}

// === impl Outcome ===

impl Outcome {
    /// The median of a figure over the rounds.
    #[must_use]
    pub fn median(&self, workload: &str, contestant: &str, figure: Figure) -> Option<f64> {
        median(self.of(workload, contestant).filter_map(figure))
    }

    /// The median over the rounds of one contestant's figure divided by another's.
    #[must_use]
    pub fn ratio(
        &self,
        workload: &str,
        contestant: &str,
        base: &str,
        figure: Figure,
    ) -> Option<f64> {
        self.paired(workload, contestant, base, figure, |own, base| own / base)
    }

    fn difference(
        &self,
        workload: &str,
        contestant: &str,
        base: &str,
        figure: Figure,
    ) -> Option<f64> {
        self.paired(workload, contestant, base, figure, |own, base| own - base)
    }

    fn paired(
        &self,
        workload: &str,
        contestant: &str,
        base: &str,
        figure: Figure,
        combine: fn(f64, f64) -> f64,
    ) -> Option<f64> {
        median(self.of(workload, contestant).filter_map(|own| {
            let mut bases = self.of(workload, base);
            let base = bases.find(|base| base.round == own.round)?;
            Some(combine(figure(own)?, figure(base)?))
        }))
    }

    fn of<'a>(
        &'a self,
        workload: &'a str,
        contestant: &'a str,
    ) -> impl Iterator<Item = &'a Row> + 'a {
        self.rows
            .iter()
            .filter(move |row| row.workload == workload && row.contestant == contestant)
    }

    /// The requirements, each as a ratio to the bare proxy where it is one.
    #[must_use]
    pub fn bars(&self) -> Vec<Bar> {
        let ratio_of = |title, gateway, workload, figure: Figure, unit: &str, limit| {
            let show = |contestant| {
                shown(
                    self.median(workload, contestant, figure),
                    &format!(" {unit}"),
                )
            };
            Bar {
                figure: title,
                bare: show(BARE),
                gateway: show(gateway),
                measured: self.ratio(workload, gateway, BARE, figure),
                limit,
            }
        };
        let ratio = |title, workload, figure, unit: &str, limit| {
            ratio_of(title, GATEWAY, workload, figure, unit, limit)
        };
        let with_pii = |title, workload, figure, unit: &str, limit| {
            ratio_of(title, GATEWAY_PII, workload, figure, unit, limit)
        };
        let first: Figure = |row| row.first.map(|first| first.p50 / 1e3);
        let idle: Figure = |row| Some(row.memory.idle as f64 / 1e6);
        let cpu = Row::cpu_per_request;
        let event = Row::cpu_per_event;
        let direct = self.median("C", DIRECT, first);
        let added = |figure: Option<f64>| shown(figure.zip(direct).map(|(a, b)| a - b), " ms");
        vec![
            ratio(
                "CPU per request, 1 KB (A), ratio",
                "A",
                cpu,
                "us",
                Limit::AtMost(1.3),
            ),
            ratio(
                "CPU per request, 16 KB (B), ratio",
                "B",
                cpu,
                "us",
                Limit::AtMost(1.3),
            ),
            ratio(
                "requests per second (A), ratio",
                "A",
                Row::request_rate,
                "/s",
                Limit::AtLeast(0.65),
            ),
            ratio(
                "CPU per event, paced (C), ratio",
                "C",
                event,
                "us",
                Limit::AtMost(1.2),
            ),
            ratio(
                "CPU per event, no pause (X), ratio",
                "X",
                event,
                "us",
                Limit::AtMost(1.2),
            ),
            Bar {
                figure: "first content added to direct (C), ms",
                bare: added(self.median("C", BARE, first)),
                gateway: added(self.median("C", GATEWAY, first)),
                measured: self.difference("C", GATEWAY, DIRECT, first),
                limit: Limit::AtMost(0.5),
            },
            ratio(
                "memory per slow stream (D5), ratio",
                "D5",
                Row::memory_per_stream,
                "KB",
                Limit::AtMost(1.3),
            ),
            Bar {
                figure: "resident memory idle, MB",
                bare: shown(self.median("D5", BARE, idle), " MB"),
                gateway: shown(self.median("D5", GATEWAY, idle), " MB"),
                measured: self.median("D5", GATEWAY, idle),
                limit: Limit::AtMost(15.0),
            },
            Bar {
                figure: "PII on: CPU added to a request of 1 KB (A), us",
                bare: shown(self.median("A", GATEWAY, cpu), " us without"),
                gateway: shown(self.median("A", GATEWAY_PII, cpu), " us"),
                measured: self.difference("A", GATEWAY_PII, GATEWAY, cpu),
                limit: Limit::AtMost(15.0),
            },
            with_pii(
                "PII on: CPU per event, paced (C), ratio",
                "C",
                event,
                "us",
                Limit::AtMost(1.5),
            ),
            with_pii(
                "PII on: CPU per event, no pause (X), ratio",
                "X",
                event,
                "us",
                Limit::AtMost(1.5),
            ),
            Bar {
                figure: "PII on: first content added (F), ms",
                bare: shown(self.median("F", GATEWAY, first), " ms without"),
                gateway: shown(self.median("F", GATEWAY_PII, first), " ms"),
                measured: self.difference("F", GATEWAY_PII, GATEWAY, first),
                limit: Limit::AtMost(0.05),
            },
        ]
    }

    /// The whole report in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::from("## The bar\n\n");
        let bars = self.bars();
        let rows = bars.iter().map(|bar| {
            let limit = match bar.limit {
                Limit::AtMost(limit) => format!("<= {limit}"),
                Limit::AtLeast(limit) => format!(">= {limit}"),
            };
            vec![
                bar.figure.to_owned(),
                bar.bare.clone(),
                bar.gateway.clone(),
                shown(bar.measured, ""),
                limit,
                bar.verdict().to_owned(),
            ]
        });
        table(
            &mut out,
            &["figure", "bare", "gateway", "measured", "bar", ""],
            rows,
        );
        self.figures(&mut out);
        out.push_str("\n## The loads\n\n");
        for workload in &self.workloads {
            let _ = writeln!(out, "- {}: {}", workload.name, workload.about);
        }
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let _ = writeln!(
            out,
            "\nMedians over {} rounds; {} worker threads a contestant on {cores} cores; {} void \
             windows; took {:.0} s.",
            self.rows.iter().map(|row| row.round + 1).max().unwrap_or(0),
            self.workers,
            self.voided.len(),
            self.took.as_secs_f64(),
        );
        for voided in &self.voided {
            let _ = writeln!(out, "\n- {voided}");
        }
        out
    }

    fn figures(&self, out: &mut String) {
        let plain: [(&str, Figure); 6] = [
            ("req/s", Row::request_rate),
            ("p50 us", |row| row.latency.map(|latency| latency.p50)),
            ("p99 us", |row| row.latency.map(|latency| latency.p99)),
            ("p99.9 us", |row| row.latency.map(|latency| latency.p999)),
            ("CPU us/request", Row::cpu_per_request),
            ("peak RSS MB", |row| Some(row.memory.loaded as f64 / 1e6)),
        ];
        let streamed: [(&str, Figure); 5] = [
            ("events/s", Row::event_rate),
            ("first content p50 us", |row| {
                row.first.map(|first| first.p50)
            }),
            ("delivery p50 us", |row| {
                row.delivery.map(|delivery| delivery.p50)
            }),
            ("delivery p99 us", |row| {
                row.delivery.map(|delivery| delivery.p99)
            }),
            ("CPU us/event", Row::cpu_per_event),
        ];
        let memory: [(&str, Figure); 5] = [
            ("idle MB", |row| Some(row.memory.idle as f64 / 1e6)),
            ("loaded MB", |row| Some(row.memory.loaded as f64 / 1e6)),
            ("KB/stream", Row::memory_per_stream),
            ("delivery p99 us", |row| {
                row.delivery.map(|delivery| delivery.p99)
            }),
            ("CPU us/event", Row::cpu_per_event),
        ];
        self.section(out, "Plain requests", &["L", "A", "B", "R"], &plain);
        self.section(out, "Streams", &["C", "F", "X"], &streamed);
        self.section(
            out,
            "Slow streams on a fresh process",
            &["D1", "D5"],
            &memory,
        );
    }

    fn section(
        &self,
        out: &mut String,
        title: &str,
        workloads: &[&str],
        figures: &[(&str, Figure)],
    ) {
        let mut rows = Vec::new();
        for workload in workloads {
            for contestant in &self.contestants {
                if self.of(workload, contestant).next().is_none() {
                    continue;
                }
                let mut row = vec![(*workload).to_owned(), contestant.clone()];
                for (name, figure) in figures {
                    let own = self.median(workload, contestant, *figure);
                    // The mock's CPU time is not a proxy's.
                    let hidden = contestant == DIRECT && name.starts_with("CPU");
                    let base = self.ratio(workload, contestant, BARE, *figure);
                    row.push(match (own, base) {
                        _ if hidden => "–".to_owned(),
                        (Some(own), Some(base)) if contestant != BARE && contestant != DIRECT => {
                            format!("{} ({base:.2}x)", number(own))
                        }
                        (own, _) => shown(own, ""),
                    });
                }
                rows.push(row);
            }
        }
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n## {title}\n");
        let mut heads = vec!["load", "contestant"];
        heads.extend(figures.iter().map(|(name, _)| *name));
        table(out, &heads, rows.into_iter());
    }

    /// The same as JSON: the bar, and every window as it was measured.
    #[must_use]
    pub fn json(&self) -> Value {
        let quantiles = |quantiles: Option<Quantiles>| {
            quantiles.map(|q| json!({"p50": q.p50, "p99": q.p99, "p999": q.p999}))
        };
        let bars: Vec<Value> = self
            .bars()
            .iter()
            .map(|bar| {
                let (at_most, at_least) = match bar.limit {
                    Limit::AtMost(limit) => (Some(limit), None),
                    Limit::AtLeast(limit) => (None, Some(limit)),
                };
                json!({
                    "figure": bar.figure,
                    "measured": bar.measured,
                    "at_most": at_most,
                    "at_least": at_least,
                    "verdict": bar.verdict(),
                })
            })
            .collect();
        let windows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "workload": row.workload,
                    "contestant": row.contestant,
                    "round": row.round,
                    "seconds": row.seconds,
                    "requests": row.requests,
                    "events": row.events,
                    "cpu_us": row.cpu,
                    "latency_us": quantiles(row.latency),
                    "first_chunk_us": quantiles(row.first),
                    "delivery_us": quantiles(row.delivery),
                    "resident_before_bytes": row.memory.idle,
                    "resident_peak_bytes": row.memory.loaded,
                    "streams": row.memory.streams,
                })
            })
            .collect();
        json!({
            "workers": self.workers,
            "took_seconds": self.took.as_secs_f64(),
            "voided": self.voided,
            "bars": bars,
            "windows": windows,
        })
    }
}

fn table(out: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |", heads.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(heads.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
}

fn shown(figure: Option<f64>, unit: &str) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| number(figure) + unit)
}

/// Three significant digits or so.
fn number(figure: f64) -> String {
    match figure.abs() {
        large if large >= 100.0 => format!("{figure:.0}"),
        middle if middle >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::compare::Memory;

    fn row(workload: &'static str, contestant: &str, round: u32, cpu: f64) -> Row {
        Row {
            workload,
            contestant: contestant.to_owned(),
            round,
            requests: 10,
            events: 0,
            seconds: 1.0,
            cpu,
            latency: None,
            first: None,
            delivery: None,
            memory: Memory {
                idle: 1_000_000,
                loaded: 2_000_000,
                streams: 0,
            },
        }
    }

    fn outcome() -> Outcome {
        let mut rows = Vec::new();
        // The machine is three times slower in the last round, for both alike.
        for (round, slow) in [(0, 1.0), (1, 1.0), (2, 3.0)] {
            rows.push(row("A", BARE, round, 100.0 * slow));
            rows.push(row("A", GATEWAY, round, 120.0 * slow));
        }
        Outcome {
            rows,
            voided: Vec::new(),
            workloads: Vec::new(),
            contestants: vec![BARE.to_owned(), GATEWAY.to_owned()],
            workers: 2,
            took: Duration::from_secs(1),
        }
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let outcome = outcome();
        let ratio = outcome.ratio("A", GATEWAY, BARE, Row::cpu_per_request);
        assert!((ratio.unwrap() - 1.2).abs() < 1e-9);
    }

    #[test]
    fn a_void_round_of_one_contestant_drops_the_round() {
        let mut outcome = outcome();
        outcome
            .rows
            .retain(|row| row.round != 0 || row.contestant == GATEWAY);
        outcome.rows[0].cpu = 1e9;
        let ratio = outcome.ratio("A", GATEWAY, BARE, Row::cpu_per_request);
        assert!((ratio.unwrap() - 1.2).abs() < 1e-9);
    }

    #[test]
    fn what_was_not_measured_is_not_passed() {
        let bars = outcome().bars();
        assert_eq!(bars[0].verdict(), "PASS");
        assert_eq!(bars[3].verdict(), "not measured");
        assert!(!bars[3].is_met());
        assert!(outcome().markdown().contains("| PASS |"));
        assert_eq!(outcome().json()["bars"][0]["verdict"], "PASS");
    }
}
