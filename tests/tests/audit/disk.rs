//! A disk that is full, a directory that cannot be written to, and one that another process has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use fw_tests::{Canned, Config, Gateway, Launch, Sim, chat, say, within};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::Trail;

/// A small file system of its own, in memory; taken away on drop.
#[derive(Debug)]
struct SmallDisk {
    path: PathBuf,
}

/// A reply, if it came whole.
struct Whole {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

// === impl SmallDisk ===

impl SmallDisk {
    /// `None`, and a line that says so, where this process may not mount anything.
    fn mount(options: &str) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("fw-tests-disk-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        let disk = Self { path };
        let is_mounted = disk.run(&["-t", "tmpfs", "-o", options, "fw-tests"]);
        if !is_mounted {
            say(
                "skipped: a file system in memory cannot be mounted here; that takes Linux and root",
            );
        }
        is_mounted.then_some(disk)
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let path = self.path.join("ballast");
        let ballast = vec![0; 64 << 20];
        let error = fs::write(path, ballast).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }

    fn set(&self, options: &str) {
        assert!(self.run(&["-o", &format!("remount,{options}")]));
    }

    fn run(&self, arguments: &[&str]) -> bool {
        let output = Command::new("mount")
            .args(arguments)
            .arg(&self.path)
            .output();
        output.is_ok_and(|output| output.status.success())
    }

    fn trail(&self) -> Trail {
        Trail::at(self.path.join("log"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A gateway that was just killed may hold a file for a moment: `-l` does not mind.
        let _ = Command::new("umount").arg("-l").arg(&self.path).output();
        let _ = fs::remove_dir(&self.path);
    }
}

/// A chat request. `None` if its reply broke off.
async fn ask(gateway: &Gateway, id: &str, text: &str) -> Option<Whole> {
    let call = gateway.post("/v1/chat/completions");
    let call = call.header("x-request-id", id).json(&chat(text));
    let live = call.try_open().await.ok()?;
    let (status, headers) = (live.status, live.headers.clone());
    let body = live.rest().await.ok()?;
    Some(Whole {
        status,
        headers,
        body,
    })
}

/// Asks until a reply is as it should be, and gives the ids of those that were answered before.
async fn ask_until(
    gateway: &Gateway,
    name: &str,
    wanted: impl Fn(&Whole) -> bool,
) -> (Whole, Vec<String>) {
    let asked = async {
        let mut answered = Vec::new();
        for number in 0.. {
            let id = format!("{name}-{number}");
            let Some(reply) = ask(gateway, &id, "Hello").await else {
                continue;
            };
            if reply.status == 200 {
                answered.push(id);
            }
            if wanted(&reply) {
                return (reply, answered);
            }
        }
        unreachable!()
    };
    within(name, asked).await
}

async fn terminated(mut gateway: Gateway) {
    gateway.terminate().await;
    assert!(gateway.ended().await.success());
}

async fn refuses_while_the_disk_is_full(durability: &str) {
    let Some(disk) = SmallDisk::mount("size=256k") else {
        return;
    };
    let trail = disk.trail();
    let sim = Sim::start().await;
    let config = Config::new().base_url(&sim.base_url());
    let settings = format!("durability: {durability}");
    let gateway = trail.launch(config, &settings).start().await;
    let (_, mut answered) = ask_until(&gateway, "before", |reply| reply.status == 200).await;

    disk.fill();
    let (refusal, with_room) = ask_until(&gateway, "full", |reply| reply.status == 503).await;
    answered.extend(with_room);
    assert_eq!(refusal.headers["retry-after"], "5");
    let error = &serde_json::from_str::<Value>(&refusal.body).unwrap()["error"];
    assert_eq!(error["code"], "audit_unavailable");
    let upstream = sim.requests().len();
    let again = ask(&gateway, "again", "Hello").await.unwrap();
    assert_eq!(again.status, 503);
    assert_eq!(sim.requests().len(), upstream, "it was sent all the same");
    let metrics = gateway.get("/metrics").send().await;
    assert!(metrics.text().contains("\nfw_audit_healthy 0\n"));

    disk.set("size=16m");
    let (_, later) = ask_until(&gateway, "room", |reply| reply.status == 200).await;
    answered.extend(later);
    terminated(gateway).await;
    trail.verify(&["--signed-end"]).well();
    let records = trail.records("finished");
    for id in &answered {
        let its = records.iter().filter(|record| record["request_id"] == **id);
        assert_eq!(its.count(), 1, "{id}");
    }
    // What follows the failure is in a file that says why it was begun.
    let segments = trail.records("segment");
    let last = segments.last().unwrap();
    assert_eq!(last["cause"], "failure");
    assert!(last["error"].as_str().unwrap().contains("No space left"));
}

#[tokio::test]
async fn requests_are_refused_while_the_disk_is_full() {
    refuses_while_the_disk_is_full("batched").await;
}

#[tokio::test]
async fn requests_are_refused_while_the_disk_is_full_and_each_record_synced() {
    refuses_while_the_disk_is_full("sync").await;
}

/// Of a metric without labels.
async fn metric(gateway: &Gateway, name: &str) -> u64 {
    let reply = gateway.get("/metrics").send().await;
    let lines = reply.text().lines();
    let value = lines.filter_map(|line| line.strip_prefix(name)).next();
    value.unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn with_fail_mode_allow_requests_pass_while_the_disk_is_full() {
    let Some(disk) = SmallDisk::mount("size=256k") else {
        return;
    };
    let trail = disk.trail();
    let sim = Sim::start().await;
    let config = Config::new().base_url(&sim.base_url());
    let gateway = trail.launch(config, "fail_mode: allow").start().await;
    disk.fill();
    let mut asked = 0;
    while asked < 20 || metric(&gateway, "fw_audit_healthy").await == 1 {
        asked += 1;
        let reply = ask(&gateway, &format!("r-{asked}"), "Hello").await;
        assert_eq!(reply.map(|reply| reply.status), Some(StatusCode::OK));
        assert!(asked < 1000, "the disk is never full");
    }

    // Their records waited in memory.
    disk.set("size=16m");
    terminated(gateway).await;
    trail.verify(&["--signed-end"]).well();
    assert_eq!(trail.records("accepted").len(), asked);
    assert_eq!(trail.records("finished").len(), asked);
}

#[tokio::test]
async fn with_fail_mode_allow_what_finds_no_place_in_memory_is_counted() {
    let Some(disk) = SmallDisk::mount("size=256k") else {
        return;
    };
    let trail = disk.trail();
    let upstream = Canned::json(&json!({"choices": []})).await;
    // Records with their requests' text, so that it does not take 65,536 to fill the memory that they may take.
    let config = Config::new()
        .base_url(&upstream.base_url())
        .policy("pii-detector", "{ action: redact }");
    let gateway = trail
        .launch(config, "fail_mode: allow, capture: redacted")
        .start()
        .await;
    disk.fill();
    let text = "word ".repeat(800_000);
    let mut asked = 0;
    while metric(&gateway, "fw_audit_dropped_total").await == 0 {
        asked += 1;
        let reply = ask(&gateway, &format!("r-{asked}"), &text).await;
        assert_eq!(reply.map(|reply| reply.status), Some(StatusCode::OK));
        assert!(asked < 50, "nothing is ever dropped");
    }
    let dropped = metric(&gateway, "fw_audit_dropped_total").await;

    disk.set("size=256m");
    terminated(gateway).await;
    let said = trail.verify(&["--signed-end"]).well();
    let told = format!("{dropped} records were dropped");
    assert!(said.output.contains(&told), "{said:?}");
    let content = trail.content();
    let of_kind = |kind| content.matches(&format!("\"kind\":\"{kind}\",")).count() as u64;
    assert_eq!(of_kind("finished") + dropped, asked);
    assert!(content.contains(&format!("\"count\":{dropped},\"reason\":")));
}

async fn refused(trail: &Trail) -> String {
    let config = Config::new().base_url("http://127.0.0.1:1/v1");
    trail.launch(config, "").refused().await
}

fn names(said: &str, directory: &Path) -> bool {
    said.contains("the audit log in") && said.contains(&*directory.to_string_lossy())
}

#[tokio::test]
async fn a_file_in_place_of_the_directory_is_refused() {
    let trail = Trail::new();
    fs::write(&trail.directory, "a file").unwrap();
    let said = refused(&trail).await;
    assert!(names(&said, &trail.directory), "{said}");
    assert!(said.contains("File exists"), "{said}");
    fs::remove_file(&trail.directory).unwrap();
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_to_is_refused() {
    let Some(disk) = SmallDisk::mount("size=256k") else {
        return;
    };
    let trail = disk.trail();
    fs::create_dir(&trail.directory).unwrap();
    disk.set("ro");
    let said = refused(&trail).await;
    assert!(names(&said, &trail.directory), "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
    disk.set("rw");
}

#[tokio::test]
async fn a_disk_without_room_for_the_key_is_refused() {
    let Some(disk) = SmallDisk::mount("size=64k") else {
        return;
    };
    let trail = disk.trail();
    fs::create_dir(&trail.directory).unwrap();
    disk.fill();
    let said = refused(&trail).await;
    assert!(names(&said, &trail.directory), "{said}");
    assert!(said.contains("No space left"), "{said}");

    // Nothing was left behind that is in the way when there is room.
    disk.set("size=1m");
    let sim = Sim::start().await;
    let config = Config::new().base_url(&sim.base_url());
    let gateway = trail.launch(config, "").start().await;
    ask_until(&gateway, "room", |reply| reply.status == 200).await;
    trail.verify(&[]).well();
}

#[tokio::test]
async fn a_second_gateway_on_the_same_log_is_refused_and_the_first_goes_on() {
    let trail = Trail::new();
    let sim = Sim::start().await;
    let config = Config::new().base_url(&sim.base_url());
    let first = trail.launch(config, "").start().await;
    let said = refused(&trail).await;
    assert!(names(&said, &trail.directory), "{said}");
    assert!(said.contains("open already"), "{said}");

    ask_until(&first, "first", |reply| reply.status == 200).await;
    trail.verify(&[]).well();
    terminated(first).await;
    // The lock goes with its process.
    let config = Config::new().base_url(&sim.base_url());
    let next: Launch = trail.launch(config, "");
    ask_until(&next.start().await, "next", |reply| reply.status == 200).await;
    assert_eq!(trail.records("finished").len(), 2);
}
