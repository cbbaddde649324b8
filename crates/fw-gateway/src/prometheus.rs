//! `/metrics`: numbers for Prometheus, in its text format.

use std::fmt::{Display, Write};

use bytes::Bytes;
use fw_audit::LogMetrics;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};

/// The path it answers.
pub(crate) const PATH: &str = "/metrics";

/// The text exposition format, version 0.0.4.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What there is to count: the build, and the audit log if there is one.
pub(crate) fn reply(log: Option<&LogMetrics>) -> Response<Bytes> {
    let mut text = Text::default();
    text.metric("fw_build_info", "gauge", "Which build runs.");
    let version = env!("CARGO_PKG_VERSION");
    text.sample("fw_build_info", &format!("version=\"{version}\""), 1);
    if let Some(log) = log {
        audit(&mut text, log);
    }
    let mut response = Response::new(Bytes::from(text.0));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORMAT));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn audit(text: &mut Text, log: &LogMetrics) {
    for (name, value, help) in [
        (
            "queue_depth",
            log.queue_depth as f64,
            "Records that wait to be written.",
        ),
        (
            "queue_reserved",
            log.reserved as f64,
            "Places kept for the ends of requests.",
        ),
        (
            "lag_seconds",
            log.lag.as_secs_f64(),
            "How long the oldest record waits to be written.",
        ),
        (
            "healthy",
            f64::from(u8::from(log.healthy)),
            "Whether the log can be written to.",
        ),
    ] {
        text.value(&format!("fw_audit_{name}"), "gauge", value, help);
    }
    for (name, value, help) in [
        ("records_total", log.records, "Records written."),
        ("bytes_total", log.bytes, "Bytes written."),
        (
            "syncs_total",
            log.syncs,
            "Times that a file was synced to the disk.",
        ),
        ("segments_total", log.segments, "Files begun."),
        ("failures_total", log.failures, "Failed writes and syncs."),
        ("dropped_total", log.dropped, "Records that were not taken."),
        (
            "refused_total",
            log.refused,
            "Requests refused and replies broken off because they could not be recorded.",
        ),
    ] {
        text.value(&format!("fw_audit_{name}"), "counter", value, help);
    }
    let name = "fw_audit_commit_seconds";
    let commits = &log.commit_seconds;
    text.metric(name, "histogram", "How long commits took.");
    let bucket = format!("{name}_bucket");
    for (bound, count) in &commits.buckets {
        text.sample(&bucket, &format!("le=\"{bound}\""), count);
    }
    text.sample(&bucket, "le=\"+Inf\"", commits.count);
    text.sample(&format!("{name}_sum"), "", commits.sum);
    text.sample(&format!("{name}_count"), "", commits.count);

    // Its hash would be a new series with each record; `audit head` prints it.
    let help = "The number of the last line on the disk.";
    text.value("fw_audit_head", "gauge", log.head.seq, help);
}

#[derive(Default)]
struct Text(String);

// === impl Text ===

impl Text {
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }

    fn value(&mut self, name: &str, kind: &str, value: impl Display, help: &str) {
        self.metric(name, kind, help);
        self.sample(name, "", value);
    }
}
