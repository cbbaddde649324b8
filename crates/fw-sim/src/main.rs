//! `fw-sim`: the Fireworks simulator as a process.

#![allow(
    clippy::print_stdout,
    reason = "the address on standard output is the program's result"
)]

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use fw_sim::Simulator;

/// A simulator of the Fireworks AI inference API. Prints the address it listens on, one line.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A knob of every reply, name=value; the crate documentation has the table.
    #[arg(long = "knob", value_name = "NAME=VALUE")]
    knobs: Vec<String>,
    /// A knob for one model, as model?name=value&name=value; the model is served too.
    #[arg(long = "model", value_name = "MODEL[?KNOBS]")]
    models: Vec<String>,
    /// A knob for one key, as key?name=value&name=value.
    #[arg(long = "key", value_name = "KEY?KNOBS")]
    keys: Vec<String>,
    /// Serve every model name.
    #[arg(long)]
    any_model: bool,
    /// Take every key, even none.
    #[arg(long)]
    any_key: bool,
    /// Answer as a provider that has OpenAI's chat completions and nothing else.
    #[arg(long)]
    openai: bool,
    /// Replicas of the prompt cache.
    #[arg(long, default_value_t = 4)]
    replicas: u32,
    /// Requests remembered for /sim/requests.
    #[arg(long, default_value_t = 256)]
    record: usize,
}

impl Arguments {
    fn simulator(&self) -> Result<Simulator, fw_sim::KnobError> {
        let mut simulator = Simulator::new()
            .replicas(self.replicas)
            .recorded_requests(self.record);
        if self.openai {
            simulator = simulator.openai();
        }
        for knob in &self.knobs {
            let (name, value) = knob.split_once('=').unwrap_or((knob, "true"));
            simulator = simulator.knob(name, value)?;
        }
        for model in &self.models {
            let (id, knobs) = checked(model)?;
            simulator = simulator.model(id, move |k| drop(k.set_all(&knobs)));
        }
        for key in &self.keys {
            let (id, knobs) = checked(key)?;
            simulator = simulator.key(id, move |k| drop(k.set_all(&knobs)));
        }
        if self.any_model {
            simulator = simulator.any_model();
        }
        if self.any_key {
            simulator = simulator.any_key();
        }
        Ok(simulator)
    }
}

/// Splits a name from its knobs, which must be right now rather than at the first request.
fn checked(text: &str) -> Result<(String, String), fw_sim::KnobError> {
    let (name, knobs) = text.split_once('?').unwrap_or((text, ""));
    fw_sim::Knobs::default().set_all(knobs)?;
    Ok((name.to_owned(), knobs.to_owned()))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let running = arguments.simulator()?.listen(arguments.listen).await?;
    println!("{}", running.addr());
    stop_signal().await?;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
