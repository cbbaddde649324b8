use tokio::task::yield_now;

use super::{
    scripted::{NeverReady, Reply, Scripted},
    *,
};

const TIMEOUT: Duration = Duration::from_secs(5);

const LIMIT: u64 = 1024;

async fn ask(reply: Reply) -> Result<Exchanged, Fault> {
    let service = Scripted::new([reply]);
    let request = Request::new(Full::default());
    let result = exchange(service.clone(), request, TIMEOUT, LIMIT).await;
    assert_eq!(service.under_way(), 0, "the reply was not dropped");
    result
}

fn read(status: u16, bytes: u64) -> Result<Exchanged, Fault> {
    let status = StatusCode::from_u16(status).unwrap();
    Ok(Exchanged { status, bytes })
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_read_to_its_end() {
    assert_eq!(ask(Reply::Text(200, "hello")).await, read(200, 5));
    assert_eq!(ask(Reply::Text(503, "")).await, read(503, 0));
}

#[tokio::test(start_paused = true)]
async fn what_went_wrong_is_told() {
    let fault = |kind| Err(Fault::new(kind));
    assert_eq!(ask(Reply::Refused).await, fault(FaultKind::Connect));
    assert_eq!(ask(Reply::Broken(200)).await, fault(FaultKind::Reset));
}

#[tokio::test(start_paused = true)]
async fn everything_has_to_be_done_within_the_timeout() {
    let timed_out = Err(Fault::new(FaultKind::Timeout));
    for reply in [
        Reply::Silence,
        Reply::Stuck(200),
        Reply::After(TIMEOUT * 2, 200),
    ] {
        let started = time::Instant::now();
        assert_eq!(ask(reply).await, timed_out, "{reply:?}");
        assert_eq!(started.elapsed(), TIMEOUT, "{reply:?}");
    }
    let request = Request::new(Full::default());
    assert_eq!(
        exchange(NeverReady, request, TIMEOUT, LIMIT).await,
        timed_out
    );
}

#[tokio::test(start_paused = true)]
async fn a_long_reply_is_read_up_to_the_limit() {
    assert_eq!(ask(Reply::Endless(200, 100)).await, read(200, 1100));
}

#[tokio::test(start_paused = true)]
async fn a_body_of_empty_frames_does_not_outlive_the_timeout() {
    let asked = tokio::spawn(ask(Reply::Endless(200, 0)));
    // It begins here. It is never idle, so the clock has to be moved by hand.
    yield_now().await;
    time::advance(TIMEOUT * 2).await;
    assert_eq!(asked.await.unwrap(), Err(Fault::new(FaultKind::Timeout)));
}
