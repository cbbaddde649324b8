//! The process is killed under load, at any moment, again and again, on the same directory.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fw_tests::{Client, Config, Gateway, Sim, chat, gateway_binary, say, streamed};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::Trail;

const SEED: u64 = 0x5eed_0005;

/// Clients at once, each with one request under way.
const CLIENTS: usize = 8;

/// A gateway is killed after so many events and replies that clients saw, at most.
const MOMENTS: usize = 400;

#[tokio::test]
async fn what_clients_have_whole_survives_twelve_kills() {
    survive(12).await;
}

#[tokio::test]
#[ignore = "minutes"]
async fn what_clients_have_whole_survives_two_hundred_kills() {
    survive(200).await;
}

/// What clients saw before the gateway was killed, by request id.
#[derive(Debug, Default)]
struct Seen {
    whole: BTreeSet<String>,
    /// Their replies broke off, or never began.
    broken: BTreeSet<String>,
}

/// What is known of the log: it is read on from where it was whole the last time.
#[derive(Debug, Default)]
struct Witness {
    read: usize,
    seq: u64,
    /// The hash of the last whole line.
    head: String,
    /// All records so far, by kind and request.
    records: BTreeSet<(String, String)>,
}

/// What rounds came to.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// Replies that clients have whole; each has its record.
    whole: usize,
    /// Requests whose reply was broken off by the kill.
    broken: usize,
    /// Of those, requests in the log with their end, without it, and not at all.
    finished: usize,
    unfinished: usize,
    unknown: usize,
    /// Last lines that were not whole.
    torn: usize,
}

async fn survive(rounds: usize) {
    let trail = Trail::new();
    let sim = Sim::with("event-delay=1ms").await;
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut witness = Witness::default();
    let mut tally = Tally::default();
    for round in 0..rounds {
        let mut gateway = start(&trail, &sim, round).await;
        if round > 0 {
            // All is there that was there, but for a line that was not whole.
            let said = trail.verify(&["--expect-head", &witness.head]).well();
            assert!(!said.notes.contains("not whole"), "round {round}: {said:?}");
        }
        let seen = load_until_killed(&mut gateway, round, &mut random).await;
        tally += witness.check(&trail.content(), &seen);
        trail.verify(&["--expect-head", &witness.head]).well();
        if round % 20 == 19 {
            say(&format!("{} kills: {tally:?}", round + 1));
        }
    }
    assert!(tally.whole > 0, "nothing was under way: {tally:?}");

    let mut last = start(&trail, &sim, 0).await;
    last.terminate().await;
    assert!(last.ended().await.success());
    trail
        .verify(&["--signed-end", "--expect-head", &witness.head])
        .well();
    let unfinished = trail.audit("query", &["--unfinished", "--format", "json"]);
    let lines = unfinished.well().output;
    assert_eq!(lines.lines().count(), tally.unfinished);
    say(&format!("{rounds} kills: {tally:?}"));
}

async fn start(trail: &Trail, sim: &Sim, round: usize) -> Gateway {
    let durability = ["batched", "sync"][round % 2];
    let config = Config::new().base_url(&sim.base_url());
    let settings = format!("durability: {durability}");
    trail.launch(config, &settings).start().await
}

/// Keeps all clients busy, and kills the gateway at some moment.
async fn load_until_killed(
    gateway: &mut Gateway,
    round: usize,
    random: &mut fastrand::Rng,
) -> Seen {
    let killed = Arc::new(AtomicBool::new(false));
    let (news, mut moments) = unbounded_channel();
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Busy {
            client: gateway.client().clone(),
            name: format!("{round}-{number}"),
            random: random.fork(),
            news: news.clone(),
            killed: killed.clone(),
        };
        clients.spawn(client.ask_until_killed());
    }
    for _ in 0..random.usize(..MOMENTS) {
        moments.recv().await;
    }
    // Not just when a client has heard something.
    for _ in 0..random.usize(..200) {
        tokio::task::yield_now().await;
    }
    killed.store(true, Ordering::SeqCst);
    gateway.kill().await;
    let mut seen = Seen::default();
    while let Some(one) = clients.join_next().await {
        let one = one.unwrap();
        seen.whole.extend(one.whole);
        seen.broken.extend(one.broken);
    }
    seen
}

/// A client that asks again and again, now for a stream, now for a plain reply.
struct Busy {
    client: Client,
    name: String,
    random: fastrand::Rng,
    news: UnboundedSender<()>,
    killed: Arc<AtomicBool>,
}

impl Busy {
    async fn ask_until_killed(mut self) -> Seen {
        let mut seen = Seen::default();
        for number in 0.. {
            let id = format!("{}-{number}", self.name);
            if self.ask(&id).await {
                seen.whole.insert(id);
            } else {
                let is_killed = self.killed.load(Ordering::SeqCst);
                assert!(is_killed, "{id} broke off without a reason");
                seen.broken.insert(id);
                break;
            }
        }
        seen
    }

    /// Whether all of the reply came: of a stream, its end marker.
    async fn ask(&mut self, id: &str) -> bool {
        let is_stream = self.random.bool();
        let body = if is_stream {
            streamed("Hello")
        } else {
            chat("Hello")
        };
        let call = self.client.post("/v1/chat/completions");
        let call = call.header("x-request-id", id).json(&body);
        let Ok(mut live) = call.try_open().await else {
            return false;
        };
        assert_eq!(live.status, 200, "{id}");
        let mut is_whole = false;
        loop {
            let event = live.event().await;
            let _ = self.news.send(());
            match event {
                Ok(Some(event)) => is_whole |= event.contains("[DONE]"),
                Ok(None) => return is_whole || !is_stream,
                // What comes after the end marker is of no use to anybody.
                Err(_) => return is_whole,
            }
        }
    }
}

impl Witness {
    /// Reads what the log has more than the last time, and compares it with what clients saw since.
    fn check(&mut self, content: &str, seen: &Seen) -> Tally {
        let new = &content[self.read..];
        let end = new.rfind('\n').map_or(0, |last| last + 1);
        let (whole, torn) = new.split_at(end);
        self.read += whole.len();
        let (mut accepted, mut finished) = (BTreeSet::new(), BTreeSet::new());
        for line in whole.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let ids = match self.line(&line) {
                "accepted" => &mut accepted,
                "finished" => &mut finished,
                _ => continue,
            };
            ids.insert(line["request_id"].as_str().unwrap().to_owned());
        }
        for id in &seen.whole {
            assert!(finished.contains(id), "{id} has no record");
        }
        let unfinished: BTreeSet<_> = accepted.difference(&finished).collect();
        for id in &unfinished {
            assert!(seen.broken.contains(*id), "nothing broke {id} off");
        }
        Tally {
            whole: seen.whole.len(),
            broken: seen.broken.len(),
            finished: seen.broken.intersection(&finished).count(),
            unfinished: unfinished.len(),
            unknown: seen.broken.difference(&accepted).count(),
            torn: usize::from(!torn.is_empty()),
        }
    }

    /// A line: numbers go up by one, and a request has one beginning and one end. Tells its kind.
    fn line<'a>(&mut self, line: &'a Value) -> &'a str {
        let seq = line["seq"].as_u64().unwrap();
        assert_eq!(seq, self.seq + 1, "a gap before {line}");
        line["hash"].as_str().unwrap().clone_into(&mut self.head);
        let kind = line["kind"].as_str().unwrap();
        // The first line of a file shows the number of the next one.
        if kind != "segment" {
            self.seq = seq;
        }
        if let Some(id) = line["request_id"].as_str() {
            let is_new = self.records.insert((kind.to_owned(), id.to_owned()));
            assert!(is_new, "twice: {line}");
        }
        if kind == "finished" {
            assert!(line["accepted"].is_u64(), "{line}");
            assert_eq!(line["end"], "complete", "{line}");
        }
        kind
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.whole += other.whole;
        self.broken += other.broken;
        self.finished += other.finished;
        self.unfinished += other.unfinished;
        self.unknown += other.unknown;
        self.torn += other.torn;
    }
}

#[tokio::test]
async fn a_last_line_that_is_not_whole_is_removed_at_the_next_start() {
    let trail = Trail::new();
    let sim = Sim::start().await;
    let mut gateway = start(&trail, &sim, 0).await;
    let call = gateway.post("/v1/chat/completions").json(&chat("Hello"));
    assert_eq!(call.send().await.status, 200);
    gateway.kill().await;
    let content = trail.content();
    let file = trail.files().pop().unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(file).unwrap();
    file.write_all(&content.as_bytes()[..100]).unwrap();
    assert!(
        trail
            .verify(&[])
            .well()
            .notes
            .contains("is not whole (100 bytes)")
    );

    let next = start(&trail, &sim, 0).await;
    next.log().line_with("last line was not whole").await;
    assert!(!trail.verify(&[]).well().notes.contains("not whole"));
    assert!(trail.content().starts_with(&content));
}

#[tokio::test]
async fn a_kill_during_the_first_start_is_no_hindrance_to_the_second() {
    let sim = Sim::start().await;
    // The lock, the key, its public half, the first file: killed as soon as so many are there.
    for files in 0..=4 {
        let trail = Trail::new();
        let config = trail.of(Config::new().base_url(&sim.base_url()), "");
        let path = trail.directory.with_extension("yaml");
        fs::write(&path, config.to_yaml()).unwrap();
        let mut first = Command::new(gateway_binary())
            .args(["run", "--listen", "127.0.0.1:0", "--policy-config"])
            .arg(&path)
            .env("FIREWORKS_API_KEY", fw_tests::KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let there = || fs::read_dir(&trail.directory).map_or(0, Iterator::count);
        while there() < files && first.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        first.kill().unwrap();
        first.wait().unwrap();
        fs::remove_file(&path).unwrap();

        let second = start(&trail, &sim, 0).await;
        let call = second.post("/v1/chat/completions").json(&chat("Hello"));
        assert_eq!(call.send().await.status, 200, "{files} files");
        trail.verify(&[]).well();
        assert_eq!(trail.finished()["end"], "complete");
    }
}
