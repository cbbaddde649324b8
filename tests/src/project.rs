//! Client projects in other languages: set up once under `target`, then run against a gateway.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::binary::{target, workspace};
use crate::{ClientStage, say};

/// A project that is installed and ready to run.
#[derive(Debug)]
pub struct ClientProject {
    name: &'static str,
    folder: PathBuf,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// Python clients that can be installed beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PythonClients {
    /// The newest of those that take the newest `openai`.
    Current,
    /// Those that need version 2 of `openai`.
    OpenAi2,
}

impl ClientProject {
    /// Python clients: a virtual environment with what their `requirements.txt` pins, and pytest.
    ///
    /// `None` when this machine has no Python; then it says that it skipped.
    ///
    /// # Panics
    ///
    /// When what is pinned cannot be installed, or Python is missing in CI.
    pub fn python(clients: PythonClients) -> Option<Self> {
        let folder = workspace().join("tests/clients/python");
        let python = ["python3", "python"].into_iter().find(|name| {
            answers(
                name,
                [
                    "-c",
                    "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))",
                ],
            )
        });
        let Some(python) = python else {
            skip("Python 3.10 or later with venv");
            return None;
        };
        let (name, tests) = match clients {
            PythonClients::Current => ("python", "current"),
            PythonClients::OpenAi2 => ("python-openai2", "openai2"),
        };
        let environment = target().join("fw-tests").join(name);
        let program = if cfg!(windows) {
            environment.join("Scripts/python.exe")
        } else {
            environment.join("bin/python")
        };
        let requirements = folder.join(tests).join("requirements.txt");
        install_once(&environment, &requirements, || {
            let _ = fs::remove_dir_all(&environment);
            succeed(Command::new(python).args(["-m", "venv"]).arg(&environment));
            // All that is needed is pinned, and what is never imported need not be compiled.
            succeed(
                Command::new(&program)
                    .args([
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "--no-deps",
                        "--no-compile",
                    ])
                    .args(["--disable-pip-version-check", "-r"])
                    .arg(&requirements),
            );
        });
        let bytecode = target().join("fw-tests/bytecode").join(name);
        Some(Self {
            name,
            folder,
            program,
            arguments: ["-m", "pytest", "-q", tests].map(str::to_owned).into(),
            environment: vec![
                ("PYTHONPYCACHEPREFIX".into(), bytecode.display().to_string()),
                // It would fetch a list of prices.
                ("LITELLM_LOCAL_MODEL_COST_MAP".into(), "True".into()),
            ],
        })
    }

    /// The Node.js clients: what `package-lock.json` pins, and Node's own test runner.
    ///
    /// Pinned are the newest majors that run on Node.js 20: `openai` 7 and `ai` 7 want 22.
    ///
    /// `None` when this machine has no Node.js; then it says that it skipped.
    ///
    /// # Panics
    ///
    /// When what is pinned cannot be installed, or Node.js is missing in CI.
    pub fn node() -> Option<Self> {
        let folder = workspace().join("tests/clients/node");
        let recent = "process.exit(process.versions.node.split('.')[0] < 20 ? 1 : 0)";
        if !answers("node", ["-e", recent]) || !answers("npm", ["--version"]) {
            skip("Node.js 20 or later with npm");
            return None;
        }
        install_once(
            &folder.join("node_modules"),
            &folder.join("package-lock.json"),
            || {
                succeed(
                    Command::new("npm")
                        .args([
                            "ci",
                            "--ignore-scripts",
                            "--no-audit",
                            "--no-fund",
                            "--loglevel=error",
                        ])
                        .current_dir(&folder),
                );
            },
        );
        Some(Self {
            name: "node",
            folder,
            program: "node".into(),
            arguments: ["--test", "--test-reporter=spec"].map(str::to_owned).into(),
            environment: Vec::new(),
        })
    }

    /// Runs its tests in front of a [`ClientStage`], and gives where they say what came of them. What they print
    /// goes where this process prints.
    ///
    /// # Panics
    ///
    /// When the test runner does not start, or a test fails.
    pub async fn run(self) -> PathBuf {
        let stage = ClientStage::start(self.name).await;
        let report = target().join(format!("fw-tests/clients-{}.json", self.name));
        let _ = fs::remove_file(&report);
        let status = tokio::process::Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(&self.folder)
            .envs(self.environment)
            .envs(stage.environment())
            .env("FW_CLIENTS_REPORT", &report)
            // The SDKs would take a key, a base URL or a proxy of the machine's own.
            .env_remove("OPENAI_API_KEY")
            .env_remove("OPENAI_BASE_URL")
            .env_remove("FIREWORKS_API_KEY")
            .env_remove("FIREWORKS_BASE_URL")
            .env_remove("ANTHROPIC_API_KEY")
            .env_remove("ANTHROPIC_AUTH_TOKEN")
            .env_remove("ANTHROPIC_BASE_URL")
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await
            .expect("the test runner starts");
        let said = stage.text();
        assert!(
            status.success(),
            "the tests failed; the gateways said:\n{said}"
        );
        report
    }
}

/// Says that a test did not run, which CI does not allow.
fn skip(missing: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "CI must have {missing}"
    );
    say(&format!("SKIPPED: this machine has no {missing}"));
}

/// Runs `install` unless `folder` holds what `pins` lists already.
fn install_once(folder: &Path, pins: &Path, install: impl FnOnce()) {
    let stamp = folder.join(".fw-tests-installed");
    let wanted = fs::read(pins).unwrap();
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return;
    }
    install();
    fs::write(stamp, wanted).unwrap();
}

fn answers<const N: usize>(program: &str, arguments: [&str; N]) -> bool {
    Command::new(program)
        .args(arguments.map(OsStr::new))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn succeed(command: &mut Command) {
    let status = command
        .stdin(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?} failed");
}
