//! Labelled texts, one JSON object a line.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A labelled text.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name in its file.
    pub id: String,
    /// The text.
    pub text: String,
    /// Whether it is what is looked for.
    pub label: bool,
    /// The collection it belongs to. Rows of a corpus belong to `corpus`.
    pub source: String,
    /// What kind it is of, in the words of its collection.
    pub category: String,
    /// Its language, where that is known.
    pub lang: String,
    /// The template or the style it was written in.
    pub family: String,
    /// Rows of one pair are about the same subject.
    pub pair: String,
}

/// The source of rows that were written for training only.
pub const CORPUS: &str = "corpus";

impl Row {
    /// Whether it was written for training, and is no test.
    #[must_use]
    pub fn is_corpus(&self) -> bool {
        self.source == CORPUS
    }
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: String,
    text: String,
    label: u8,
    #[serde(default)]
    source: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    pair: String,
}

/// A file that was read: its name without folders, and the BLAKE3 digest of its bytes.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The last two parts of its path.
    pub name: String,
    /// In hexadecimal.
    pub blake3: String,
    /// How many rows it has.
    pub rows: usize,
}

/// Reads files of rows with sources.
///
/// # Errors
/// If a file cannot be read, or a line is no row.
pub fn load(files: &[PathBuf]) -> io::Result<(Vec<Row>, Vec<Digest>)> {
    read(files, None)
}

/// Reads every `.jsonl` file of folders as rows that are for training only.
///
/// # Errors
/// If a folder or a file cannot be read, or a line is no row.
pub fn load_corpus(folders: &[PathBuf]) -> io::Result<(Vec<Row>, Vec<Digest>)> {
    let mut files = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    read(&files, Some(CORPUS))
}

/// Reads the innocent rows of folders, for training only, without the texts that are in `rows` already. What is innocent
/// for one task mostly is for another.
///
/// # Errors
/// If a folder or a file cannot be read, or a line is no row.
pub fn load_innocent(folders: &[PathBuf], rows: &[Row]) -> io::Result<(Vec<Row>, Vec<Digest>)> {
    let (mut innocent, digests) = load_corpus(folders)?;
    let known: HashSet<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    innocent.retain(|row| !row.label && !known.contains(row.text.as_str()));
    Ok((innocent, digests))
}

fn read(files: &[PathBuf], source: Option<&str>) -> io::Result<(Vec<Row>, Vec<Digest>)> {
    let mut rows = Vec::new();
    let mut digests = Vec::new();
    for path in files {
        let text = fs::read_to_string(path)?;
        let before = rows.len();
        for (at, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let line: Line = serde_json::from_str(line).map_err(|e| {
                io::Error::other(format!("{}, line {}: {e}", path.display(), at + 1))
            })?;
            rows.push(Row {
                id: line.id,
                text: line.text,
                label: line.label == 1,
                lang: language(&line.lang, &line.source),
                source: source.map_or(line.source, str::to_owned),
                category: line.category,
                family: line.family,
                pair: line.pair,
            });
        }
        let blake3 = blake3::hash(text.as_bytes()).to_string();
        digests.push(Digest {
            name: short(path),
            blake3,
            rows: rows.len() - before,
        });
    }
    Ok((rows, digests))
}

fn short(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts
        .get(parts.len().saturating_sub(2)..)
        .unwrap_or_default()
        .join("/")
}

/// What a row says, or what the name of its source says (`xquad_de`).
fn language(lang: &str, source: &str) -> String {
    if !lang.is_empty() {
        return lang.to_owned();
    }
    match source.rsplit_once('_') {
        Some((_, end)) if end.len() == 2 && source != "cyberseceval_pi" => end.to_owned(),
        _ => String::new(),
    }
}
