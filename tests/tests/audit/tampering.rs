//! What is done to a log shows, or needs what was kept elsewhere to show.

use std::fs;
use std::path::PathBuf;

use fw_audit::chain::{Hash, line_hash};
use fw_tests::{Config, Sim, chat};

use super::Trail;

/// Where a line's hash begins.
const HASH: &str = ",\"hash\":";

/// Makes a log: two runs, each with three requests and signed at its end.
async fn written() -> Trail {
    let trail = Trail::new();
    let sim = Sim::start().await;
    for _ in 0..2 {
        let config = Config::new().base_url(&sim.base_url());
        let mut gateway = trail.launch(config, "").start().await;
        for _ in 0..3 {
            let call = gateway.post("/v1/chat/completions").json(&chat("Hello"));
            assert_eq!(call.send().await.status, 200);
        }
        gateway.terminate().await;
        assert!(gateway.ended().await.success());
    }
    trail.verify(&["--signed-end"]).well();
    trail
}

impl Trail {
    fn file(&self) -> PathBuf {
        let mut files = self.files();
        assert_eq!(files.len(), 1);
        files.remove(0)
    }

    /// The lines of the only file, without their line ends.
    fn texts(&self) -> Vec<String> {
        let content = self.content();
        content.lines().map(ToOwned::to_owned).collect()
    }

    fn rewrite(&self, lines: &[String]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.file(), text).unwrap();
    }

    /// The path of a copy of the public key that is kept elsewhere.
    fn kept_key(&self) -> PathBuf {
        let kept = self.directory.with_extension("pub");
        fs::copy(self.directory.join("audit.pub"), &kept).unwrap();
        kept
    }
}

/// The positions of the lines of a kind.
fn of_kind(lines: &[String], kind: &str) -> Vec<usize> {
    let kind = format!("\"kind\":\"{kind}\"");
    let all = lines.iter().enumerate();
    all.filter(|(_, line)| line.contains(&kind))
        .map(|(at, _)| at)
        .collect()
}

/// Makes the chain anew from a line on. What was signed stays signed as it was.
fn chain_anew(lines: &mut [String], from: usize) {
    for at in from..lines.len() {
        let before: Hash = match at.checked_sub(1) {
            Some(before) => hash_of(&lines[before]).parse().unwrap(),
            None => Hash::ZERO,
        };
        let (body, _) = lines[at].rsplit_once(HASH).unwrap();
        let hash = line_hash(&before, body.as_bytes());
        lines[at] = format!("{body}{HASH}\"{hash}\"}}");
    }
}

fn hash_of(line: &str) -> &str {
    let (_, hash) = line.rsplit_once(HASH).unwrap();
    hash.trim_matches(|c| c == '"' || c == '}')
}

#[tokio::test]
async fn a_byte_changed_anywhere_is_found() {
    let trail = written().await;
    let sound = fs::read(trail.file()).unwrap();
    // Some in every line: at its beginning, in its members, in its hash, its line end.
    let mut places = Vec::new();
    let mut start = 0;
    for line in sound.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        places.extend([start, start + 8, start + line.len() / 2, end - 30, end - 2]);
        if end < sound.len() {
            places.push(end - 1);
        }
        start = end;
    }
    for place in places {
        let mut changed = sound.clone();
        changed[place] ^= 1;
        fs::write(trail.file(), &changed).unwrap();
        let line = sound[..place].iter().filter(|byte| **byte == b'\n').count() + 1;
        trail.verify(&[]).tampered(&format!(".jsonl:{line}"));
    }
    fs::write(trail.file(), &sound).unwrap();
    trail.verify(&[]).well();
}

#[tokio::test]
async fn a_record_that_was_removed_is_found() {
    let trail = written().await;
    let lines = trail.texts();
    for removed in 1..lines.len() - 1 {
        let mut lines = lines.clone();
        lines.remove(removed);
        trail.rewrite(&lines);
        let place = format!(".jsonl:{}", removed + 1);
        let said = trail.verify(&[]).tampered(&place);
        let numbers = format!("sequence number {} where {removed} must be", removed + 1);
        assert!(said.notes.contains(&numbers), "{said:?}");
    }
    trail.rewrite(&lines[1..]);
    trail.verify(&[]).tampered("must begin with a line of kind");
}

#[tokio::test]
async fn records_that_were_swapped_are_found() {
    let trail = written().await;
    let mut lines = trail.texts();
    let finished = of_kind(&lines, "finished");
    lines.swap(finished[0], finished[1]);
    trail.rewrite(&lines);
    trail
        .verify(&[])
        .tampered(&format!(".jsonl:{}", finished[0] + 1));
}

#[tokio::test]
async fn a_record_that_was_inserted_is_found() {
    let trail = written().await;
    let mut lines = trail.texts();
    let finished = of_kind(&lines, "finished")[1];
    lines.insert(finished, lines[finished].clone());
    trail.rewrite(&lines);
    trail
        .verify(&[])
        .tampered(&format!(".jsonl:{}", finished + 2));
}

#[tokio::test]
async fn a_suffix_that_was_written_anew_is_found_by_its_signature() {
    let trail = written().await;
    let mut lines = trail.texts();
    let changed = of_kind(&lines, "finished")[0];
    lines[changed] = lines[changed].replacen("\"status\":200", "\"status\":500", 1);
    chain_anew(&mut lines, changed);
    trail.rewrite(&lines);
    let signed = of_kind(&lines, "checkpoint");
    let first = signed.iter().find(|at| **at > changed).unwrap();
    let said = trail.verify(&[]).tampered("not made with a trusted key");
    assert!(said.notes.contains(&format!(".jsonl:{}", first + 1)));
    // And by whoever goes on with it.
    let said = trail
        .launch(Config::new().base_url("http://127.0.0.1:1/v1"), "")
        .refused()
        .await;
    assert!(said.contains("the audit log is damaged"), "{said}");
    assert_eq!(trail.texts(), lines, "it was changed");
}

#[tokio::test]
async fn a_log_signed_with_another_key_is_found_by_the_key_that_was_kept() {
    let (trail, other) = (written().await, written().await);
    let kept = trail.kept_key();
    let kept_key = ["--public-key", kept.to_str().unwrap()];
    trail.verify(&kept_key).well();
    for file in ["audit.pub", "audit.key"] {
        fs::copy(other.directory.join(file), trail.directory.join(file)).unwrap();
    }
    fs::copy(other.file(), trail.file()).unwrap();
    // The key beside it proves nothing, and it says so.
    let said = trail.verify(&[]).well();
    assert!(said.notes.contains("key beside the log"), "{said:?}");
    trail
        .verify(&kept_key)
        .tampered("which is not among the trusted keys");
    fs::remove_file(kept).unwrap();
}

#[tokio::test]
async fn a_tail_that_was_cut_off_shows_only_to_those_who_kept_the_head() {
    let trail = written().await;
    let lines = trail.texts();
    let head = trail.head();
    assert_eq!(head, hash_of(lines.last().unwrap()));
    let kept = ["--expect-head", &*head];
    let said = trail.verify(&kept).well();
    assert!(said.output.contains("the expected head is number"));
    let missing = "the end of the log was cut off, or the log was replaced";

    // Right after a signature: it looks like a log that ended there.
    let signed = of_kind(&lines, "checkpoint");
    let cut = signed[signed.len() - 2];
    trail.rewrite(&lines[..=cut]);
    trail.verify(&["--signed-end"]).well();
    trail.verify(&kept).tampered(missing);

    // In between, it looks like one whose process was killed.
    trail.rewrite(&lines[..lines.len() - 1]);
    let said = trail.verify(&[]).well();
    assert!(said.notes.contains("are not signed yet"), "{said:?}");
    trail.verify(&["--signed-end"]).tampered("are not signed");
    trail.verify(&kept).tampered(missing);

    // The head of a part of it is no head of another log.
    let early = hash_of(&lines[cut]).to_owned();
    trail.verify(&["--expect-head", &early]).well();
}

#[tokio::test]
async fn what_follows_the_last_signature_can_be_written_anew() {
    let trail = written().await;
    let mut lines = trail.texts();
    let head = trail.head();
    lines.pop();
    let changed = *of_kind(&lines, "finished").last().unwrap();
    lines[changed] = lines[changed].replacen("\"status\":200", "\"status\":500", 1);
    chain_anew(&mut lines, changed);
    trail.rewrite(&lines);
    // That is why there is a signature each second, and why heads are worth keeping elsewhere.
    trail.verify(&[]).well();
    trail.verify(&["--signed-end"]).tampered("are not signed");
    trail.verify(&["--expect-head", &head]).tampered("cut off");
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_no_log_that_was_changed() {
    let trail = Trail::new();
    let said = trail.verify(&[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.notes.contains("there is no audit log in"), "{said:?}");
    let trail = written().await;
    let said = trail.verify(&["--expect-head", "abc"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    fs::remove_file(trail.directory.join("audit.pub")).unwrap();
    let said = trail.verify(&[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.notes.contains("audit.pub"), "{said:?}");
}
