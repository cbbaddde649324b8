//! Where the gateway's binary is, and building it when it is missing or older than its sources.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::say;

/// The `fw-gateway` binary of the profile that this test was built with.
///
/// `cargo test --workspace` has built it already; `cargo test -p fw-tests` has not, and then it is
/// built here, once. `FW_GATEWAY_BIN` names another binary to test instead.
///
/// # Panics
///
/// When it does not build.
pub fn gateway_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match env::var_os("FW_GATEWAY_BIN") {
        Some(path) => PathBuf::from(path),
        None => built(),
    })
}

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The folder that cargo puts what it builds into, without the profile: `target`.
pub(crate) fn target() -> PathBuf {
    profile_folder().parent().unwrap().to_owned()
}

fn built() -> PathBuf {
    let folder = profile_folder();
    let binary = folder.join(format!("fw-gateway{}", env::consts::EXE_SUFFIX));
    if is_fresh(&binary) {
        return binary;
    }
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    say(&format!("building fw-gateway ({profile} profile) ..."));
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "-p",
            "fw-gateway",
            "--bin",
            "fw-gateway",
            "--profile",
            profile,
        ])
        .arg("--target-dir")
        .arg(folder.parent().unwrap())
        .current_dir(workspace())
        .status()
        .expect("cargo runs");
    assert!(status.success(), "fw-gateway does not build");
    binary
}

/// `target/<profile>`: a test executable is in `target/<profile>/deps`.
fn profile_folder() -> PathBuf {
    let executable = env::current_exe().unwrap();
    executable
        .ancestors()
        .nth(2)
        .expect("a test executable is in target/<profile>/deps")
        .to_owned()
}

/// Whether the binary is newer than everything it was made from. Cargo lists that beside the binary,
/// in the format of a makefile: `binary: source source …`, spaces in names escaped.
fn is_fresh(binary: &Path) -> bool {
    let Some(built) = modified(binary) else {
        return false;
    };
    let Ok(list) = fs::read_to_string(binary.with_extension("d")) else {
        return false;
    };
    let Some((_, sources)) = list.split_once(": ") else {
        return false;
    };
    let spaceless = sources.replace("\\ ", "\0");
    spaceless
        .split_whitespace()
        .map(|source| PathBuf::from(source.replace('\0', " ")))
        .all(|source| modified(&source).is_some_and(|changed| changed <= built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}
