//! `/keeptrusts/providers/metrics`: how each target does.

use std::time::Duration;

use bytes::Bytes;
use fw_routing::{KeyStatus, MirrorStatus, TargetStatus};
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::health::json_reply;

/// The path it answers.
pub(crate) const PATH: &str = "/keeptrusts/providers/metrics";

/// Every target with its state and numbers, in the order of the configuration, and how the mirror's copies
/// fared, if there is one.
pub(crate) fn reply(targets: &[TargetStatus], mirror: Option<MirrorStatus>) -> Response<Bytes> {
    let targets: Vec<Value> = targets.iter().map(target).collect();
    let mut body = json!({ "targets": targets });
    if let Some(mirror) = mirror {
        body["mirror"] = json!({
            "in_flight": mirror.in_flight,
            "sent": mirror.sent,
            "failed": mirror.failed,
            "dropped": mirror.dropped,
        });
    }
    json_reply(StatusCode::OK, &body)
}

/// What is not known is `null`.
fn target(status: &TargetStatus) -> Value {
    json!({
        "id": &*status.id,
        "state": status.state.as_str(),
        "in_flight": status.in_flight,
        "latency_ms": status.latency.map(millis),
        "throughput": status.throughput.map(|rate| rounded(rate, 10.0)),
        "error_ratio": rounded(status.error_ratio, 1e4),
        "headroom": rounded(status.headroom, 1e4),
        "ready_in_seconds": status.ready_in.map(seconds),
        "requests": status.requests,
        "successes": status.successes,
        "failures": status.failures,
        "rate_limited": status.rate_limited,
        "others": status.others,
        "keys": status.keys.iter().map(key).collect::<Vec<_>>(),
    })
}

/// A key by its label. The key itself is not known here.
fn key(status: &KeyStatus) -> Value {
    json!({
        "name": status.name.as_deref(),
        "state": status.state.as_str(),
        "ready_in_seconds": status.ready_in.map(seconds),
    })
}

fn millis(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1e3, 1e3)
}

fn seconds(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64(), 1e3)
}

/// `value` in steps of one by `steps`.
fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use fw_routing::{FaultKind, TargetStats};

    use super::*;

    #[test]
    fn a_target_is_shown_with_its_numbers() {
        let now = Instant::now();
        let stats = Arc::new(TargetStats::new("main"));
        let fresh = reply(&[stats.status(now)], Some(MirrorStatus::default()));
        let fresh: Value = serde_json::from_slice(fresh.body()).unwrap();
        assert_eq!(fresh["mirror"]["sent"], 0);
        let fresh = &fresh["targets"][0];
        assert_eq!(fresh["id"], "main");
        assert_eq!(fresh["state"], "ready");
        assert_eq!(fresh["latency_ms"], Value::Null);

        let mut permit = stats.admit(now).unwrap();
        let _in_flight = stats.admit(now).unwrap();
        let content = now + Duration::from_millis(250);
        permit.first_content(content);
        permit.succeed(content + Duration::from_secs(2), Some(100));
        let limited = stats.admit(content).unwrap();
        let retry_after = Some(Duration::from_secs(10));
        limited.fail(content, FaultKind::RateLimited, retry_after);
        let shown = target(&stats.status(content));
        assert_eq!(shown["state"], "cooling");
        assert_eq!(shown["latency_ms"], 250.0);
        assert_eq!(shown["throughput"], 50.0);
        assert_eq!(shown["ready_in_seconds"], 10.0);
        assert_eq!(shown["in_flight"], 1);
        assert_eq!(shown["requests"], 3);
        assert_eq!(shown["successes"], 1);
        assert_eq!(shown["rate_limited"], 1);
        assert_eq!(shown["failures"], 0);
    }
}
