//! What the subcommands do.

mod audit;
mod classify;
mod convert;
mod demo;
mod error;
mod input;
mod redact;
mod run;

use std::future::Future;
use std::net::SocketAddr;

use tokio::net::TcpListener;

pub use self::audit::{Terminal, audit};
pub use self::classify::classify;
pub use self::convert::convert;
pub use self::demo::demo;
pub use self::error::CommandError;
pub use self::redact::redact;
pub use self::run::run;

use crate::cli::ServeArgs;
use crate::gateway::Gateway;
use crate::serve::{Drained, serve};

/// Starts a runtime and runs `main` on it.
fn block_on(main: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::runtime)?
        .block_on(main)
}

/// Listens, says so, serves until a stop signal, drains.
async fn listen_and_serve(
    address: SocketAddr,
    gateway: Gateway,
    args: &ServeArgs,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), CommandError> {
    let stop = stop_signal()?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| CommandError::listen(address, error))?;
    let address = listener
        .local_addr()
        .map_err(|error| CommandError::listen(address, error))?;
    listening(address);

    let draining = gateway.clone();
    let stop = async move {
        stop.await;
        draining.start_draining();
    };
    let probes = tokio::spawn(gateway.probes());
    let drained = serve(listener, gateway.into_service(), stop, args.drain()).await;
    probes.abort();
    match drained {
        Drained::Complete => tracing::info!("drained"),
        Drained::DeadlinePassed { connections } => {
            tracing::warn!(connections, "drain deadline passed, connections cut");
        }
    }
    Ok(())
}

/// Resolves on SIGTERM or Ctrl-C.
///
/// The handlers are installed when this is called, not when it is first polled, so that a signal
/// during the start is not lost.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()> + Send, CommandError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::runtime)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::runtime)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()> + Send, CommandError> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
