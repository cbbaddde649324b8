use std::sync::Mutex;

use http_body_util::BodyExt;
use tokio::{runtime, task::yield_now, time};

use super::*;
use crate::exchange::scripted::{Reply, Scripted};

fn request() -> Request<Full<Bytes>> {
    Request::post("/v1/chat/completions")
        .header("x-request-id", "42")
        .body(Full::from("{\"prompt\":\"secret\"}"))
        .unwrap()
}

/// Lets spawned tasks do what they can without time going by.
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

fn share_of(rate: f64) -> f64 {
    let mirror = Mirror::new("canary").sample_rate(rate);
    let handle = MirrorHandle::new(mirror, ()).seed(7);
    let draws = 100_000;
    let sampled = (0..draws).filter(|_| handle.sampled()).count();
    sampled as f64 / f64::from(draws)
}

#[test]
fn the_share_is_exact_at_its_ends() {
    assert_eq!(share_of(0.0), 0.0);
    assert_eq!(share_of(-1.0), 0.0);
    assert_eq!(share_of(f64::NAN), 0.0);
    assert_eq!(share_of(1.0), 1.0);
    assert_eq!(share_of(7.0), 1.0);
}

#[test]
fn the_share_is_kept_in_the_long_run() {
    for rate in [0.01, 0.25, 0.5, 0.9] {
        // Five standard deviations.
        let tolerance = 5.0 * (rate * (1.0 - rate) / 100_000.0_f64).sqrt();
        let share = share_of(rate);
        assert!((share - rate).abs() < tolerance, "{rate}: {share}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_arrives_as_it_was_sent() {
    let service = Scripted::status(200);
    let handle = MirrorHandle::new(Mirror::new("canary"), service.clone());
    handle.send(request());
    assert_eq!(service.requests(), 0, "sent by the caller itself");
    settle().await;
    assert_eq!(handle.status().sent, 1);

    let (parts, body) = service.last_request().into_parts();
    let (expected, _) = request().into_parts();
    assert_eq!(parts.method, expected.method);
    assert_eq!(parts.uri, expected.uri);
    assert_eq!(parts.headers, expected.headers);
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(body, "{\"prompt\":\"secret\"}");
}

#[tokio::test(start_paused = true)]
async fn replies_are_read_to_the_end_and_dropped() {
    for (reply, failed) in [
        (Reply::Text(200, "hello"), 0),
        (Reply::Text(500, "no"), 0),
        (Reply::Endless(200, 1024 * 1024), 0),
        (Reply::Broken(200), 1),
        (Reply::Refused, 1),
    ] {
        let service = Scripted::new([reply]);
        let handle = MirrorHandle::new(Mirror::new("canary"), service.clone());
        handle.send(request());
        settle().await;
        assert_eq!(service.requests(), 1);
        assert_eq!(service.under_way(), 0, "{reply:?}");
        let status = handle.status();
        assert_eq!((status.in_flight, status.failed), (0, failed), "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_given_up_at_its_timeout() {
    for reply in [Reply::Silence, Reply::Stuck(200)] {
        let service = Scripted::new([reply]);
        let mirror = Mirror::new("canary").timeout(Duration::from_secs(3));
        let handle = MirrorHandle::new(mirror, service.clone());
        handle.send(request());
        settle().await;
        time::advance(Duration::from_millis(2_900)).await;
        settle().await;
        assert_eq!(handle.status().in_flight, 1);
        time::advance(Duration::from_millis(200)).await;
        settle().await;
        assert_eq!(handle.status().in_flight, 0);
        assert_eq!(handle.status().failed, 1);
        assert_eq!(service.under_way(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn copies_beyond_the_limit_are_dropped() {
    let service = Scripted::new([Reply::Silence]);
    let mirror = Mirror::new("canary").max_in_flight(3);
    let handle = MirrorHandle::new(mirror, service.clone());
    for _ in 0..5 {
        handle.send(request());
    }
    settle().await;
    let status = handle.status();
    assert_eq!((status.in_flight, status.sent, status.dropped), (3, 3, 2));
    assert_eq!(service.requests(), 3);

    time::advance(Duration::from_secs(6)).await;
    settle().await;
    assert_eq!(handle.status().in_flight, 0);
    handle.send(request());
    assert_eq!(handle.status().sent, 4);
}

#[tokio::test(start_paused = true)]
async fn a_destructor_may_send() {
    struct OnDrop(MirrorHandle<Scripted>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.send(request());
        }
    }
    let service = Scripted::status(200);
    drop(OnDrop(MirrorHandle::new(
        Mirror::new("canary"),
        service.clone(),
    )));
    settle().await;
    assert_eq!(service.requests(), 1);
}

#[test]
fn without_a_runtime_a_copy_is_dropped() {
    let handle = MirrorHandle::new(Mirror::new("canary"), Scripted::status(200));
    handle.send(request());
    let status = handle.status();
    assert_eq!((status.in_flight, status.sent, status.dropped), (0, 0, 1));
}

#[test]
fn the_end_of_the_runtime_ends_copies_under_way() {
    let service = Scripted::new([Reply::Silence]);
    let handle = MirrorHandle::new(Mirror::new("canary"), service.clone());
    let runtime = runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        handle.send(request());
        settle().await;
    });
    assert_eq!(handle.status().in_flight, 1);
    drop(runtime);
    assert_eq!(handle.status().in_flight, 0);
    assert_eq!(handle.status().failed, 1);
    assert_eq!(service.under_way(), 0);
}

/// Keeps all that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("fw_routing")
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let metadata = event.metadata();
        let mut log = self.0.lock().unwrap();
        *log += &format!("{} {}", metadata.level(), metadata.target());
        event.record(
            &mut |field: &tracing::field::Field, value: &dyn fmt::Debug| {
                *log += &format!(" {field}={value:?}");
            },
        );
        log.push('\n');
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn of_a_reply_only_status_time_and_length_are_logged() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    for mirror in [Mirror::new("a"), Mirror::new("b").log_response(true)] {
        for reply in [Reply::Text(200, "private"), Reply::Refused] {
            MirrorHandle::new(mirror.clone(), Scripted::new([reply])).send(request());
            settle().await;
        }
    }
    drop(guard);
    assert_eq!(
        *log.0.lock().unwrap(),
        "DEBUG fw_routing::mirror message=replied mirror=\"b\" status=200 milliseconds=0 bytes=7\n\
         DEBUG fw_routing::mirror message=no whole reply mirror=\"b\" fault=connect milliseconds=0\n"
    );
}
