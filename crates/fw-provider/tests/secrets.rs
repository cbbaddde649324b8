//! Keys appear nowhere but in the request.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fw_provider::{
    HttpVersions, LiteralKey, Provider, ProviderConfig, ProviderError, Secret, TargetConfig,
};
use http::Response;
use http_body_util::BodyExt;
use support::{Client, post, read_request, send, serve, text, whole};
use tracing_subscriber::fmt::MakeWriter;

const KEY: &str = "fw_Xq7vR2nobodyMaySeeThis";
const CLIENT_KEY: &str = "sk-Xq7vR2clientKeyThatNobodyMaySee";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn assert_clean(what: &str) {
    for part in ["Xq7vR2", "obodyMaySee"] {
        assert!(!what.contains(part), "{what}");
    }
}

fn assert_clean_error(error: &ProviderError) {
    assert_clean(&format!("{error} {error:?} {error:#?}"));
    let mut source = error.source();
    while let Some(error) = source {
        assert_clean(&format!("{error} {error:?}"));
        source = error.source();
    }
    let reply = error.to_api_error();
    assert_clean(&format!("{reply:?}"));
    assert_clean(&reply.to_json(fw_wire::ErrorShape::OpenAi));
}

// One test, because there is one subscriber for the process: hyper's own tasks
// run on threads of the runtime.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_never_shown() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .init();

    let mut target = TargetConfig::new("main", "fireworks");
    target.api_key = Some(LiteralKey::new(KEY));
    assert_clean(&format!("{target:?} {target:#?}"));
    let config = ProviderConfig::from_target(&target, |_| None).unwrap();
    assert_clean(&format!("{config:?} {config:#?}"));
    assert_clean(&format!("{:?}", Secret::new(KEY)));

    let good = serve(|request| async move {
        assert_eq!(
            request.headers()["authorization"],
            format!("Bearer {KEY}").as_str()
        );
        Response::new(text("fine"))
    })
    .await;
    let resetting = support::raw(|mut tcp| async move {
        let request = read_request(&mut tcp).await;
        assert!(request.contains(KEY));
        tcp.set_zero_linger().unwrap();
    })
    .await;
    let hanging = support::raw(|mut tcp| async move {
        loop {
            read_request(&mut tcp).await;
        }
    })
    .await;
    let request = || {
        let mut request = post("/v1/completions");
        let headers = request.headers_mut();
        headers.insert("authorization", CLIENT_KEY.parse().unwrap());
        headers.insert("x-api-key", CLIENT_KEY.parse().unwrap());
        headers.insert("cookie", CLIENT_KEY.parse().unwrap());
        request
    };
    let client = |config: ProviderConfig| -> Client {
        let client = Provider::new(config).unwrap();
        assert_clean(&format!("{client:?} {client:#?}"));
        client
    };

    for versions in [HttpVersions::Http1, HttpVersions::Http2] {
        let config = config.clone().base_url(good.url()).http_versions(versions);
        let response = send(&client(config), request()).await.unwrap();
        assert_clean(&format!("{response:?}"));
        assert_eq!(whole(response).await, "fine");
    }
    for (url, status) in [
        (resetting.url(), 502),
        (hanging.url(), 504),
        (format!("https://{}", hanging.address), 504),
        (format!("https://{}", good.address), 502),
        ("http://127.0.0.1:1".to_owned(), 502),
    ] {
        let config = config
            .clone()
            .base_url(&url)
            .timeout(Duration::from_millis(100))
            .connect_timeout(Duration::from_millis(50));
        let error = send(&client(config), request()).await.unwrap_err();
        assert_clean_error(&error);
        assert_eq!(error.to_api_error().status(), status, "{url}: {error:?}");
    }
    let breaking = support::raw(|mut tcp| async move {
        use tokio::io::AsyncWriteExt;
        read_request(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n12")
            .await
            .unwrap();
    })
    .await;
    let broken = send(&client(config.clone().base_url(breaking.url())), request())
        .await
        .unwrap();
    let error = broken.into_body().collect().await.unwrap_err();
    assert_clean_error(&error);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // The capture works, and it reaches below this crate.
    assert!(log.contains("fw_provider"), "{log}");
    assert!(log.contains("hyper_util"), "{log}");
    assert_clean(&log);
}
