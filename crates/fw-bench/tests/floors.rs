//! The load generator, the mock and the bare proxy agree about every load, over real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{net::SocketAddr, time::Duration};

use fw_bench::{
    Error, bare_proxy, mock,
    workload::{D5, Pattern, Probe, WINDOWS, Workload},
};
use tokio::net::TcpListener;

#[derive(Default)]
struct Edges {
    began: u32,
    ended: u32,
}

impl Probe for Edges {
    fn begin(&mut self) -> Result<(), Error> {
        self.began += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        self.ended += 1;
        Ok(())
    }
}

/// Starts the mock and a bare proxy before it.
async fn floors() -> (SocketAddr, SocketAddr) {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mock_at, proxy_at) = (upstream.local_addr().unwrap(), proxy.local_addr().unwrap());
    let authority = mock_at.to_string().parse().unwrap();
    tokio::spawn(mock::serve(upstream));
    tokio::spawn(bare_proxy::serve(proxy, authority));
    (mock_at, proxy_at)
}

fn shortened(workload: Workload) -> Workload {
    let shorten = |mut order: mock::Order| {
        order.chunks = 7;
        order.pause = order.pause.min(Duration::from_millis(20));
        order
    };
    Workload {
        connections: workload.connections.min(8),
        pattern: match workload.pattern {
            Pattern::Streams { order } => Pattern::Streams {
                order: shorten(order),
            },
            Pattern::Ramp { order, .. } => Pattern::Ramp {
                order: shorten(order),
                ramp: Duration::from_millis(40),
            },
            plain => plain,
        },
        ..workload
    }
}

#[tokio::test]
async fn every_load_runs_without_a_failed_request() {
    let (mock_at, proxy_at) = floors().await;
    for workload in WINDOWS.into_iter().chain([D5]) {
        for to in [mock_at, proxy_at] {
            let mut edges = Edges::default();
            let workload = shortened(workload);
            let window = workload
                .run(to, Duration::from_millis(30), &mut edges)
                .await;
            let window = window.unwrap_or_else(|error| panic!("{}: {error}", workload.name));
            assert_eq!((edges.began, edges.ended), (1, 1));
            assert!(window.requests >= 1, "{}", workload.name);
            match workload.pattern {
                Pattern::Closed => assert!(window.latency.quantiles().is_some()),
                Pattern::Open { .. } => assert_eq!(window.requests, 30),
                // The role, seven chunks, the one with the finish reason and [DONE].
                _ => assert_eq!(window.events, window.requests * 10),
            }
        }
    }
}

#[tokio::test]
async fn a_failed_request_voids_the_window() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = nobody.local_addr().unwrap().to_string().parse().unwrap();
    drop(nobody);
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy_at = proxy.local_addr().unwrap();
    tokio::spawn(bare_proxy::serve(proxy, authority));
    for workload in WINDOWS {
        let mut edges = Edges::default();
        let window = workload.run(proxy_at, Duration::from_millis(30), &mut edges);
        assert!(window.await.is_err(), "{}", workload.name);
    }
}
