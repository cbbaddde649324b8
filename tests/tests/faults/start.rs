//! A gateway that cannot start says why.

use std::process::Stdio;

use fw_tests::{Config, gateway_binary};
use tokio::process::Command;

/// Runs `fw-gateway run` to its end, with that configuration.
async fn refused(yaml: &str) -> String {
    let path = std::env::temp_dir().join(format!(
        "fw-tests-start-{}-{:x}.yaml",
        std::process::id(),
        yaml.len()
    ));
    std::fs::write(&path, yaml).unwrap();
    let run = Command::new(gateway_binary())
        .args(["run", "--listen", "127.0.0.1:0", "--policy-config"])
        .arg(&path)
        .env("FIREWORKS_API_KEY", fw_tests::KEY)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = fw_tests::within("fw-gateway to end", run).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.stdout.is_empty(), "nothing listens");
    assert!(!said.contains(fw_tests::KEY));
    said
}

#[tokio::test]
async fn an_unknown_key_is_named_with_its_place_and_the_nearest_one() {
    let yaml = Config::new().target_field("timeout_second", "5").to_yaml();
    let line = 1 + yaml
        .lines()
        .position(|line| line.contains("timeout_second"))
        .unwrap();
    let said = refused(&yaml).await;
    assert!(
        said.contains("timeout_second") && said.contains("timeout_seconds"),
        "{said}"
    );
    assert!(
        said.contains(&format!(":{line}:")) || said.contains(&format!("line {line}")),
        "{said}"
    );
}

#[tokio::test]
async fn a_policy_that_this_build_does_not_have_is_refused_by_name() {
    let yaml = Config::new()
        .to_yaml()
        .replace("chain: []", "chain: [bot-detector]");
    let said = refused(&yaml).await;
    assert!(said.contains("bot-detector"), "{said}");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let run = Command::new(gateway_binary())
        .args([
            "run",
            "--listen",
            "127.0.0.1:0",
            "--policy-config",
            "no-such-file.yaml",
        ])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = fw_tests::within("fw-gateway to end", run).await.unwrap();
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("no-such-file.yaml")
    );
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let path = std::env::temp_dir().join(format!("fw-tests-taken-{}.yaml", std::process::id()));
    std::fs::write(&path, Config::new().to_yaml()).unwrap();
    let run = Command::new(gateway_binary())
        .args(["run", "--listen", &address, "--policy-config"])
        .arg(&path)
        .env("FIREWORKS_API_KEY", fw_tests::KEY)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = fw_tests::within("fw-gateway to end", run).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains(&address));
}
