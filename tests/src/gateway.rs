//! The gateway as a child process.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::config::ConfigFile;
use crate::{Call, Client, Config, KEY, Log, RawConnection, gateway_binary, within};

/// What a gateway says of its targets, by their ids.
pub type Targets = BTreeMap<String, Value>;

/// How a gateway is started.
#[derive(Clone, Debug)]
pub struct Launch {
    config: Config,
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
}

/// A running gateway; killed on drop.
#[derive(Debug)]
pub struct Gateway {
    child: Child,
    address: SocketAddr,
    client: Client,
    output: Log,
    errors: Log,
    _config: ConfigFile,
}

// === impl Launch ===

impl Launch {
    /// `fw-gateway run` with this configuration, and with the key of the target in the environment.
    pub fn new(config: Config) -> Self {
        let environment = vec![("FIREWORKS_API_KEY".to_owned(), KEY.to_owned())];
        Self {
            config,
            environment,
            arguments: Vec::new(),
        }
    }

    /// Sets an environment variable.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Takes the key out of the environment.
    pub fn no_key(mut self) -> Self {
        self.environment.clear();
        self
    }

    /// Adds an argument to the command line.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Changes the configuration.
    pub fn configure(mut self, change: impl FnOnce(Config) -> Config) -> Self {
        self.config = change(self.config);
        self
    }

    /// Starts the process and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn start(self) -> Gateway {
        let config = self.config.write();
        let mut child = Command::new(gateway_binary())
            .args(["run", "--listen", "127.0.0.1:0", "--policy-config"])
            .arg(config.path())
            .args(&self.arguments)
            // Nothing of the machine's own set-up may decide what a test sees.
            .env_clear()
            .envs(
                std::env::vars_os()
                    .filter(|(name, _)| name == "PATH" || name == "LLVM_PROFILE_FILE"),
            )
            .envs(self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("fw-gateway starts");
        let output = Log::follow(child.stdout.take().unwrap());
        let errors = Log::follow(child.stderr.take().unwrap());
        let listening = tokio::select! {
            line = output.line_with("listening on http://") => line,
            status = child.wait() => panic!("fw-gateway ended ({status:?}):\n{}", errors.to_end().await),
        };
        let address = listening
            .rsplit("http://")
            .next()
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        Gateway {
            child,
            address,
            client: Client::new(address),
            output,
            errors,
            _config: config,
        }
    }

    /// Starts the process, which refuses the configuration, and gives what it says.
    ///
    /// # Panics
    ///
    /// When it listens.
    pub async fn refused(self) -> String {
        let config = self.config.write();
        let mut child = Command::new(gateway_binary());
        child
            .args(["run", "--listen", "127.0.0.1:0", "--policy-config"])
            .arg(config.path())
            .env_clear()
            .envs(self.environment)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = within("the refusal", child.output())
            .await
            .expect("fw-gateway starts");
        assert!(!output.status.success(), "the configuration was taken");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

// === impl Gateway ===

impl Gateway {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client of its own, with its own connections.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A `POST` by that client.
    pub fn post(&self, path: &str) -> Call {
        self.client.post(path)
    }

    /// A `GET` by that client.
    pub fn get(&self, path: &str) -> Call {
        self.client.get(path)
    }

    /// A bare connection.
    pub async fn connect(&self) -> RawConnection {
        RawConnection::open(self.address).await
    }

    /// What it says of its targets, by their ids.
    ///
    /// # Panics
    ///
    /// When it says nothing of them.
    pub async fn targets(&self) -> Targets {
        let reply = self.get("/keeptrusts/providers/metrics").send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let targets = reply.json()["targets"].take();
        let listed = serde_json::from_value::<Vec<Value>>(targets).expect("a list of targets");
        let named = listed.into_iter().map(|target| {
            let id = target["id"].as_str().expect("an id").to_owned();
            (id, target)
        });
        named.collect()
    }

    /// Asks for the targets until they satisfy a condition.
    ///
    /// # Panics
    ///
    /// When they do not in time.
    pub async fn targets_when(
        &self,
        what: &str,
        mut condition: impl FnMut(&Targets) -> bool,
    ) -> Targets {
        let satisfied = async {
            loop {
                let targets = self.targets().await;
                if condition(&targets) {
                    return targets;
                }
                tokio::task::yield_now().await;
            }
        };
        within(what, satisfied).await
    }

    /// Whether it still accepts connections.
    pub async fn accepts(&self) -> bool {
        TcpStream::connect(self.address).await.is_ok()
    }

    /// What it printed on standard output.
    pub fn output(&self) -> &Log {
        &self.output
    }

    /// Its log: what it printed on standard error.
    pub fn log(&self) -> &Log {
        &self.errors
    }

    /// The process id.
    ///
    /// # Panics
    ///
    /// When the process has ended.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the gateway runs")
    }

    /// The memory it holds, in bytes; `None` where the system does not say.
    pub fn resident_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// Sends SIGTERM, as every supervisor does.
    ///
    /// # Panics
    ///
    /// When the signal cannot be sent.
    pub async fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status()
            .await;
        assert!(
            sent.expect("the kill command runs").success(),
            "no signal could be sent"
        );
    }

    /// Kills it, as a crash does: with SIGKILL, and no time to tidy up.
    ///
    /// # Panics
    ///
    /// When it has ended before.
    pub async fn kill(&mut self) {
        self.child.start_kill().expect("the gateway runs");
        self.ended().await;
    }

    /// Waits for the process to end by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        within("the end of the gateway", self.child.wait())
            .await
            .unwrap()
    }
}
