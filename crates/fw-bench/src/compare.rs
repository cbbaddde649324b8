//! The comparison: every contestant under every load, in interleaved windows.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, time};

use crate::{
    Error,
    process::{Process, Recipe, Scratch, raise_open_files},
    stats::Quantiles,
    workload::{D1, D5, Probe, WINDOWS, Workload},
};

/// The contestant whose figures are the floor.
pub const DIRECT: &str = "direct";
/// The contestant that is the yardstick.
pub const BARE: &str = "bare";
/// The contestant that is judged.
pub const GATEWAY: &str = "gateway";
/// The same with personal data redacted in requests and replies.
pub const GATEWAY_PII: &str = "gateway-pii";

/// The configuration under which the gateway is measured: one target, and the policies of `{chain}`.
const POLICY_CONFIG: &str = r#"pack:
  name: benchmark
  version: 1.0.0
  enabled: true
policies:
  chain: [{chain}]
providers:
  strategy: single
  targets:
    - id: mock
      provider: fireworks
      model: accounts/fireworks/models/gpt-oss-120b
      base_url: http://{mock}/inference/v1
      secret_key_ref:
        env: FIREWORKS_API_KEY
"#;

/// What is run, and how long.
#[derive(Debug)]
pub struct Plan {
    /// Rounds of interleaved windows.
    pub rounds: u32,
    /// Length of one window.
    pub window: Duration,
    /// Rounds of memory measurements, each on fresh processes.
    pub memory_rounds: u32,
    /// Runs the memory loads with few and short streams.
    pub small: bool,
    /// Names of the loads that are run; all when empty.
    pub only: Vec<String>,
    /// Worker threads of every contestant.
    pub workers: usize,
    /// The gateway's binary; without it only the floors run.
    pub gateway: Option<PathBuf>,
    /// Processes that somebody else started.
    pub others: Vec<Process>,
}

/// One window of one contestant.
#[derive(Clone, Debug)]
pub struct Row {
    /// The load's name.
    pub workload: &'static str,
    /// The contestant's name.
    pub contestant: String,
    /// The round, for ratios within it.
    pub round: u32,
    /// Requests answered.
    pub requests: u64,
    /// Events received.
    pub events: u64,
    /// Length of the window in seconds.
    pub seconds: f64,
    /// CPU time of the contestant's process in microseconds.
    pub cpu: f64,
    /// Whole replies.
    pub latency: Option<Quantiles>,
    /// First chunks.
    pub first: Option<Quantiles>,
    /// Chunks.
    pub delivery: Option<Quantiles>,
    /// Resident memory.
    pub memory: Memory,
}

/// Memory of a process. Its idle figure means something on a fresh process only.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes before the window.
    pub idle: u64,
    /// Most bytes during the window.
    pub loaded: u64,
    /// Streams that ran at once.
    pub streams: usize,
}

/// Everything that was measured.
#[derive(Debug)]
pub struct Outcome {
    /// Valid windows.
    pub rows: Vec<Row>,
    /// What voided windows, in words.
    pub voided: Vec<String>,
    /// Loads, for the legend.
    pub workloads: Vec<Workload>,
    /// Contestants in the order of the report.
    pub contestants: Vec<String>,
    /// Worker threads of every contestant.
    pub workers: usize,
    /// Wall time of the whole comparison.
    pub took: Duration,
}

/// Runs the comparison. `progress` is told one line for each window.
pub fn run(plan: Plan, mut progress: impl FnMut(&str)) -> Result<Outcome, Error> {
    let began = Instant::now();
    raise_open_files()?;
    let scratch = Scratch::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let this = std::env::current_exe()?;
    let mock = ours(&this, DIRECT, &["serve-mock"], plan.workers).start(scratch.path())?;
    let upstream = mock.address;
    let mut recipes = vec![ours(
        &this,
        BARE,
        &["serve-bare-proxy", "--upstream", &upstream.to_string()],
        plan.workers,
    )];
    if let Some(binary) = &plan.gateway {
        for (name, chain) in [(GATEWAY, ""), (GATEWAY_PII, "pii-detector")] {
            let file = scratch.path().join(format!("{name}.yaml"));
            let config = POLICY_CONFIG
                .replace("{mock}", &upstream.to_string())
                .replace("{chain}", chain);
            std::fs::write(&file, config)?;
            recipes.push(gateway(name, binary, &file, plan.workers));
        }
    }
    let mut bench = Bench {
        runtime,
        window: plan.window,
        rows: Vec::new(),
        voided: Vec::new(),
    };
    let wanted = |workload: &Workload| {
        plan.only.is_empty() || plan.only.iter().any(|name| name == workload.name)
    };
    let windows: Vec<Workload> = WINDOWS.into_iter().filter(wanted).collect();
    let ramps: Vec<Workload> = [D1, D5].into_iter().filter(wanted).collect();

    let mut contestants = vec![DIRECT.to_owned()];
    contestants.extend(recipes.iter().map(|recipe| recipe.name.clone()));
    contestants.extend(plan.others.iter().map(|process| process.name.clone()));
    let mut field = vec![mock];
    if !windows.is_empty() {
        for recipe in &recipes {
            field.push(recipe.start(scratch.path())?);
        }
        field.extend(plan.others);
        for round in 0..plan.rounds {
            for workload in &windows {
                for turn in 0..field.len() {
                    let process = &field[(turn + round as usize) % field.len()];
                    progress(&bench.measure(*workload, process, round));
                }
            }
        }
        // Only the mock is needed from here on.
        field.truncate(1);
    }
    for round in 0..plan.memory_rounds {
        for workload in &ramps {
            let workload = if plan.small {
                workload.small()
            } else {
                *workload
            };
            for turn in 0..recipes.len() {
                let recipe = &recipes[(turn + round as usize) % recipes.len()];
                let process = recipe.start(scratch.path())?;
                progress(&bench.measure(workload, &process, round));
            }
        }
    }
    Ok(Outcome {
        rows: bench.rows,
        voided: bench.voided,
        workloads: windows.into_iter().chain(ramps).collect(),
        contestants,
        workers: plan.workers,
        took: began.elapsed(),
    })
}

/// Runs one load against one process and says in words what it showed.
pub fn load(workload: Workload, length: Duration, process: &Process) -> Result<Row, Error> {
    raise_open_files()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(window(workload, length, process, 0))
}

struct Bench {
    runtime: Runtime,
    window: Duration,
    rows: Vec<Row>,
    voided: Vec<String>,
}

impl Bench {
    fn measure(&mut self, workload: Workload, process: &Process, round: u32) -> String {
        let outcome = self
            .runtime
            .block_on(window(workload, self.window, process, round));
        let at = format!("round {round}, {}, {}", workload.name, process.name);
        match outcome {
            Ok(row) => {
                let line = format!("{at}: {}", row.summary());
                self.rows.push(row);
                line
            }
            Err(error) => {
                let line = format!("{at}: void: {error}");
                self.voided.push(line.clone());
                line
            }
        }
    }
}

async fn window(
    workload: Workload,
    length: Duration,
    process: &Process,
    round: u32,
) -> Result<Row, Error> {
    let idle = process.resident()?;
    let mut meter = Meter {
        process,
        cpu: Duration::ZERO,
    };
    let mut loaded = idle;
    let measured = {
        let mut run = std::pin::pin!(workload.run(process.address, length, &mut meter));
        let mut look = time::interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                outcome = &mut run => break outcome?,
                _ = look.tick() => loaded = loaded.max(process.resident()?),
            }
        }
    };
    // Connections close now; let the other side see it before the next window begins.
    time::sleep(Duration::from_millis(50)).await;
    Ok(Row {
        workload: workload.name,
        contestant: process.name.clone(),
        round,
        requests: measured.requests,
        events: measured.events,
        seconds: measured.elapsed.as_secs_f64(),
        cpu: meter.cpu.as_secs_f64() * 1e6,
        latency: measured.latency.quantiles(),
        first: measured.first.quantiles(),
        delivery: measured.delivery.quantiles(),
        memory: Memory {
            idle,
            loaded,
            streams: measured.peak_streams,
        },
    })
}

/// Reads a process's CPU time at the edges of a window.
struct Meter<'a> {
    process: &'a Process,
    cpu: Duration,
}

impl Probe for Meter<'_> {
    fn begin(&mut self) -> Result<(), Error> {
        self.cpu = self.process.cpu_time()?;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        self.cpu = self.process.cpu_time()?.saturating_sub(self.cpu);
        Ok(())
    }
}

/// A contestant that is this program under another command.
fn ours(this: &Path, name: &str, command: &[&str], workers: usize) -> Recipe {
    let arguments = command.iter().chain(&["--listen", "{listen}"]);
    Recipe {
        name: name.to_owned(),
        program: this.to_owned(),
        arguments: arguments.map(|&part| part.to_owned()).collect(),
        environment: vec![worker_threads(workers)],
    }
}

fn gateway(name: &str, binary: &Path, config: &Path, workers: usize) -> Recipe {
    Recipe {
        name: name.to_owned(),
        program: binary.to_owned(),
        arguments: vec![
            "run".to_owned(),
            "--listen".to_owned(),
            "{listen}".to_owned(),
            "--policy-config".to_owned(),
            config.display().to_string(),
        ],
        environment: vec![
            worker_threads(workers),
            ("FIREWORKS_API_KEY".to_owned(), "fw_bench".to_owned()),
        ],
    }
}

/// Tokio reads the number of worker threads from the environment.
fn worker_threads(workers: usize) -> (String, String) {
    ("TOKIO_WORKER_THREADS".to_owned(), workers.to_string())
}

// === impl Row ===

impl Row {
    /// CPU microseconds per request.
    #[must_use]
    pub fn cpu_per_request(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.cpu / self.requests as f64)
    }

    /// CPU microseconds per streamed event.
    #[must_use]
    pub fn cpu_per_event(&self) -> Option<f64> {
        (self.events > 0).then(|| self.cpu / self.events as f64)
    }

    /// Requests per second.
    #[must_use]
    pub fn request_rate(&self) -> Option<f64> {
        (self.seconds > 0.0).then(|| self.requests as f64 / self.seconds)
    }

    /// Events per second.
    #[must_use]
    pub fn event_rate(&self) -> Option<f64> {
        (self.seconds > 0.0 && self.events > 0).then(|| self.events as f64 / self.seconds)
    }

    /// Kilobytes of resident memory per stream, above the idle process.
    #[must_use]
    pub fn memory_per_stream(&self) -> Option<f64> {
        let Memory {
            idle,
            loaded,
            streams,
        } = self.memory;
        (streams > 0).then(|| loaded.saturating_sub(idle) as f64 / 1024.0 / streams as f64)
    }

    /// One line for the person who watches.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut line = format!("{} requests in {:.2} s", self.requests, self.seconds);
        let mut add = |what: &str, figure: Option<f64>| {
            if let Some(figure) = figure {
                line.push_str(&format!(", {figure:.1} {what}"));
            }
        };
        if self.events > 0 {
            add("us CPU/event", self.cpu_per_event());
        } else {
            add("us CPU/request", self.cpu_per_request());
        }
        add("us p50", self.latency.map(|latency| latency.p50));
        add("us p50 first content", self.first.map(|first| first.p50));
        add(
            "us p50 delivery",
            self.delivery.map(|delivery| delivery.p50),
        );
        line
    }
}
