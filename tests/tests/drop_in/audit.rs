//! Records of requests that were converted.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{ChatOnly, input, message, streamed};

/// The `finished` records in a directory, oldest first.
fn finished(directory: &Path) -> Vec<Value> {
    let files = std::fs::read_dir(directory).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let lines: String = files
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let records = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    records
        .filter(|record| record["kind"] == "finished")
        .collect()
}

fn directory(name: &str) -> PathBuf {
    let directory = format!("fw-tests-drop-in-{name}-{}", std::process::id());
    let directory = std::env::temp_dir().join(directory);
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

#[tokio::test]
async fn a_record_has_the_tokens_the_model_and_what_was_changed() {
    let directory = directory("tokens");
    let settings = format!("{{ directory: '{}' }}", directory.display());
    let stage = ChatOnly::configured(|config| config.policy("audit-logger", &settings)).await;
    let mut asked = 0;
    for (path, endpoint, mut body) in [
        ("/anthropic/v1/messages", "messages", message("Hello")),
        ("/v1/responses", "responses", input("Hello")),
    ] {
        body["top_k"] = 3.into();
        for body in [body.clone(), streamed(body)] {
            let reply = stage.post(path, &body).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            asked += 1;
            let records = finished(&directory);
            assert_eq!(records.len(), asked);
            let record = records.last().unwrap();
            assert_eq!(record["endpoint"], endpoint, "{record}");
            assert_eq!(record["target"], "chat", "{record}");
            assert_eq!(record["end"], "complete", "{record}");
            assert_eq!(record["model_served"], super::MODEL, "{record}");
            assert!(record["tokens"]["prompt"].as_u64().unwrap() > 0, "{record}");
            assert!(
                record["tokens"]["completion"].as_u64().unwrap() > 0,
                "{record}"
            );
            assert!(record["changes"].to_string().contains("top_k"), "{record}");
        }
    }
    let _ = std::fs::remove_dir_all(directory);
}

#[tokio::test]
async fn reading_what_is_kept_is_recorded() {
    let directory = directory("kept");
    let settings = format!("{{ directory: '{}' }}", directory.display());
    let stage = ChatOnly::configured(|config| config.policy("audit-logger", &settings)).await;
    let created = stage.post("/v1/responses", &input("Hello")).await.json();
    let path = format!("/v1/responses/{}", created["id"].as_str().unwrap());
    assert_eq!(stage.gateway.get(&path).send().await.status, 200);
    let records = finished(&directory);
    let record = records.last().unwrap();
    assert_eq!(
        (records.len(), &record["status"]),
        (2, &200.into()),
        "{record}"
    );
    let _ = std::fs::remove_dir_all(directory);
}
