//! `fw-bench compare` runs the comparison; the other commands are its parts.

use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use fw_bench::{
    Error, bare_proxy,
    compare::{self, Plan},
    instructions, mock,
    process::Process,
    work,
    workload::{D1, D5, WINDOWS},
};
use tokio::net::TcpListener;

/// Compares fw-gateway with a bare hyper reverse proxy and with no proxy at all.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Runs the whole comparison and prints a Markdown report.
    Compare(Compare),
    /// Puts one load on one process, for profiling it meanwhile.
    Load(Load),
    /// Serves the mock upstream.
    ServeMock(Listen),
    /// Serves the bare proxy.
    ServeBareProxy {
        #[command(flatten)]
        listen: Listen,
        /// The upstream's host and port.
        #[arg(long)]
        upstream: http::uri::Authority,
    },
    /// Counts the instructions of the hot paths under valgrind and compares them with the recorded counts.
    Instructions,
    /// Does a piece of work some number of times, for profiling it meanwhile.
    Work {
        /// The name of the work.
        name: String,
        /// How often.
        times: u32,
    },
}

#[derive(Debug, Args)]
struct Listen {
    /// Where to listen; loopback is meant.
    #[arg(long)]
    listen: SocketAddr,
}

#[derive(Debug, Args)]
struct Compare {
    /// A few seconds in all, to see that everything runs; the figures are too short to quote.
    #[arg(long)]
    quick: bool,
    /// Rounds of interleaved windows.
    #[arg(long, default_value_t = 9)]
    rounds: u32,
    /// Milliseconds of one window. More rounds of shorter windows bear noise better than few long ones.
    #[arg(long, default_value_t = 1_000)]
    window: u64,
    /// Only these loads: L, A, B, R, C, X, D1, D5.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Worker threads of each contestant.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// The gateway's binary; built by cargo when it is not given.
    #[arg(long)]
    gateway: Option<PathBuf>,
    /// Leaves the gateway out.
    #[arg(long)]
    floors_only: bool,
    /// One more contestant that already runs: NAME=ADDRESS:PORT:PID.
    #[arg(long)]
    contestant: Vec<String>,
    /// Also writes every window as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Fails when the bar is missed.
    #[arg(long)]
    enforce: bool,
}

#[derive(Debug, Args)]
struct Load {
    /// The load's name.
    #[arg(long, default_value = "A")]
    workload: String,
    /// Seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The process: NAME=ADDRESS:PORT:PID.
    contestant: String,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Task::Compare(task) => compare(task),
        Task::Load(task) => load(&task),
        Task::ServeMock(Listen { listen }) => serve(listen, mock::serve),
        Task::ServeBareProxy {
            listen: Listen { listen },
            upstream,
        } => serve(listen, |listener| bare_proxy::serve(listener, upstream)),
        Task::Instructions => count_instructions(),
        Task::Work { name, times } => do_work(&name, times),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            writeln!(io::stderr(), "fw-bench: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

fn serve<F>(listen: SocketAddr, server: impl FnOnce(TcpListener) -> F) -> Result<ExitCode, Error>
where
    F: Future<Output = io::Result<()>>,
{
    // The number of worker threads comes from TOKIO_WORKER_THREADS, as the gateway's does.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        server(listener).await?;
        Ok(ExitCode::SUCCESS)
    })
}

fn count_instructions() -> Result<ExitCode, Error> {
    let Some(report) = instructions::count(&std::env::current_exe()?)? else {
        writeln!(
            io::stdout(),
            "valgrind is not here: no instructions are counted"
        )?;
        return Ok(ExitCode::SUCCESS);
    };
    writeln!(io::stdout(), "{}", report.markdown())?;
    Ok(if report.is_within() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn do_work(name: &str, times: u32) -> Result<ExitCode, Error> {
    let (_, work) = work::ALL
        .into_iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| {
            let names = work::ALL.map(|(name, _)| name).join(", ");
            format!("no work is called {name}; there are {names}")
        })?;
    work(times)?;
    Ok(ExitCode::SUCCESS)
}

fn load(task: &Load) -> Result<ExitCode, Error> {
    let process = Process::parse(&task.contestant)?;
    let workload = WINDOWS
        .into_iter()
        .chain([D1, D5])
        .find(|workload| workload.name == task.workload)
        .ok_or_else(|| format!("no load is called {}", task.workload))?;
    let row = compare::load(workload, Duration::from_secs(task.seconds), &process)?;
    writeln!(io::stdout(), "{}", row.summary())?;
    Ok(ExitCode::SUCCESS)
}

fn compare(task: Compare) -> Result<ExitCode, Error> {
    let gateway = match task.gateway {
        _ if task.floors_only => None,
        Some(binary) => Some(binary),
        None => Some(build_gateway()?),
    };
    let mut others = Vec::new();
    for contestant in &task.contestant {
        others.push(Process::parse(contestant)?);
    }
    let plan = Plan {
        rounds: if task.quick { 1 } else { task.rounds },
        window: Duration::from_millis(if task.quick { 200 } else { task.window }),
        memory_rounds: if task.quick { 1 } else { task.rounds.min(2) },
        small: task.quick,
        only: task.only,
        workers: task.workers,
        gateway,
        others,
    };
    let outcome = compare::run(plan, |line| {
        writeln!(io::stderr(), "{line}").ok();
    })?;
    if let Some(file) = task.json {
        fs::write(file, serde_json::to_vec_pretty(&outcome.json())?)?;
    }
    writeln!(io::stdout(), "{}", outcome.markdown())?;
    let missed = outcome.bars().iter().any(|bar| !bar.is_met());
    if !outcome.voided.is_empty() || task.enforce && missed {
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets cargo bring the gateway up to date, in the profile that this program was built in, so that no stale
/// binary is measured and none that was built in another way. Without cargo the binary beside this one is taken.
fn build_gateway() -> Result<PathBuf, Error> {
    let binary = std::env::current_exe()?.with_file_name("fw-gateway");
    let folder = binary.parent().and_then(Path::file_name);
    let profile = match folder.and_then(OsStr::to_str) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    if let Some(cargo) = std::env::var_os("CARGO") {
        let status = Command::new(cargo)
            .args(["build", "--profile", profile, "--package", "fw-gateway"])
            .args([
                "--manifest-path",
                concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            ])
            .status()?;
        if !status.success() {
            return Err("cargo could not build fw-gateway".into());
        }
    }
    if !binary.exists() {
        return Err(format!(
            "{} does not exist; run `cargo run --profile {profile} -p fw-bench -- compare`",
            binary.display()
        )
        .into());
    }
    Ok(binary)
}
