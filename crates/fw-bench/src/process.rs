//! Contestants: processes of their own, so that each one's CPU time and memory can be told apart.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        signal::{Signal, kill},
    },
    time::{clock_getcpuclockid, clock_gettime},
    unistd::Pid,
};

use crate::Error;

/// Longest wait for a contestant to listen.
const START: Duration = Duration::from_secs(20);
/// Longest wait for a contestant to end.
const STOP: Duration = Duration::from_secs(5);

/// How a contestant is started, once or afresh for each memory measurement.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// What reports call it.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments; `{listen}` stands for the address on which it listens.
    pub arguments: Vec<String>,
    /// Variables of its environment.
    pub environment: Vec<(String, String)>,
}

/// A process that listens.
#[derive(Debug)]
pub struct Process {
    /// What reports call it.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    pid: Pid,
    child: Option<Child>,
}

// === impl Recipe ===

impl Recipe {
    /// Starts the process and waits until it accepts connections. Its output goes to a file in
    /// `directory`, as a service's does.
    pub fn start(&self, directory: &Path) -> Result<Process, Error> {
        let address = free_address()?;
        let log = directory.join(format!("{}.log", self.name));
        let output = File::create(&log)?;
        let listen = address.to_string();
        let child = Command::new(&self.program)
            .args(
                self.arguments
                    .iter()
                    .map(|part| part.replace("{listen}", &listen)),
            )
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", self.program.display()))?;
        let mut process = Process {
            name: self.name.clone(),
            address,
            pid: Pid::from_raw(child.id().try_into()?),
            child: Some(child),
        };
        let until = Instant::now() + START;
        while TcpStream::connect_timeout(&address, START).is_err() {
            let ended = match &mut process.child {
                Some(child) => child.try_wait()?,
                None => None,
            };
            if ended.is_some() || Instant::now() > until {
                let said = fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("{} does not listen on {address}:\n{said}", self.name).into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }
}

// === impl Process ===

impl Process {
    /// A process that somebody else started and will end.
    ///
    /// # Errors
    ///
    /// When `text` is not `NAME=ADDRESS:PORT:PID`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parts = text
            .split_once('=')
            .and_then(|(name, rest)| Some((name, rest.rsplit_once(':')?)));
        let (name, (address, pid)) =
            parts.ok_or_else(|| format!("`{text}` is not NAME=ADDRESS:PORT:PID"))?;
        let address = address
            .trim_start_matches("http://")
            .parse::<SocketAddr>()?;
        if !address.ip().is_loopback() {
            return Err(format!("{address} is not a loopback address").into());
        }
        Ok(Self {
            name: name.to_owned(),
            address,
            pid: Pid::from_raw(pid.parse()?),
            child: None,
        })
    }

    /// User and system time of the process so far, all its threads together, those that ended
    /// included. It is the sum that `/proc/PID/stat` shows in ticks of 10 ms, in nanoseconds.
    pub fn cpu_time(&self) -> Result<Duration, Error> {
        let time = clock_gettime(clock_getcpuclockid(self.pid)?)?;
        Ok(Duration::from(time))
    }

    /// Resident memory, in bytes.
    pub fn resident(&self) -> Result<u64, Error> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_ascii_whitespace().next())
            .ok_or("no VmRSS in /proc/PID/status")?;
        Ok(kilobytes.parse::<u64>()? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(child) = &mut self.child else {
            return;
        };
        // Only this child, by its id; it is not reaped yet, so the id cannot be another's.
        kill(self.pid, Signal::SIGTERM).ok();
        let until = Instant::now() + STOP;
        while matches!(child.try_wait(), Ok(None)) {
            if Instant::now() > until {
                child.kill().ok();
                child.wait().ok();
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A directory that goes away with its owner.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes a new directory below the system's own for temporary files.
    pub fn new() -> Result<Self, Error> {
        let path = std::env::temp_dir().join(format!("fw-bench-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Raises the limit of open files to what the system allows; children inherit it.
pub fn raise_open_files() -> Result<u64, Error> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    Ok(hard)
}

fn free_address() -> Result<SocketAddr, Error> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}
