//! Command line of the trainer.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use clap::{Parser, Subcommand};
use fw_classify::Phrases;
use fw_train::data::{Row, load, load_corpus};
use fw_train::evaluate::{left_out, phrase_weight};
use fw_train::folds::{Task, folds, originals};
use fw_train::metrics;
use fw_train::prepare::prepare;
use fw_train::recipe::Recipe;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes a model.
    Train {
        #[arg(long)]
        task: String,
        #[arg(long)]
        data: Vec<PathBuf>,
        #[arg(long)]
        corpus: Vec<PathBuf>,
        #[arg(long)]
        phrases: Option<PathBuf>,
        #[arg(long)]
        set: Vec<String>,
        #[arg(long)]
        out: PathBuf,
    },
    /// Quick figures of left-out sources, for trying things.
    Try {
        #[arg(long)]
        task: String,
        #[arg(long)]
        data: Vec<PathBuf>,
        #[arg(long)]
        corpus: Vec<PathBuf>,
        #[arg(long)]
        phrases: Option<PathBuf>,
        #[arg(long)]
        set: Vec<String>,
        #[arg(long)]
        label: Option<String>,
    },
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let (task, data, corpus, phrases, set) = match Cli::parse().command {
        Command::Try {
            task,
            data,
            corpus,
            phrases,
            set,
            ..
        } => (task, data, corpus, phrases, set),
        Command::Train {
            task,
            data,
            corpus,
            phrases,
            set,
            out,
        } => {
            let task = if task == "safety" {
                Task::Safety
            } else {
                Task::Injection
            };
            let (mut rows, mut digests) = load(&data)?;
            let (more, files) = load_corpus(&corpus)?;
            rows.extend(more);
            digests.extend(files);
            let list = phrases
                .map(fs::read_to_string)
                .transpose()?
                .unwrap_or_default();
            let phrases = Phrases::parse(&list).map_err(io::Error::other)?;
            let mut recipe = Recipe::default();
            for setting in &set {
                recipe.set(setting).map_err(io::Error::other)?;
            }
            let trained = fw_train::train::train(task, &rows, &digests, &phrases, &recipe)?;
            let bytes = trained.model.to_bytes();
            println!("{}", trained.model.provenance());
            println!("{} bytes", bytes.len());
            return fs::write(out, bytes);
        }
    };
    let task = if task == "safety" {
        Task::Safety
    } else {
        Task::Injection
    };
    let mut rows = load(&data)?.0;
    rows.extend(load_corpus(&corpus)?.0);
    let list = phrases
        .map(fs::read_to_string)
        .transpose()?
        .unwrap_or_default();
    let phrases = Phrases::parse(&list).map_err(io::Error::other)?;
    let folds = folds(task, &rows);
    if set.iter().any(|s| s == "origins") {
        let found = originals(&rows);
        let derived = rows.iter().filter(|r| r.source == "obfuscated").count();
        println!("derived rows {derived}, originals found {}", found.len());
    }
    let mut before: Option<Recipe> = None;
    let mut prepared = None;
    let settings: Vec<String> = if set.is_empty() {
        vec![String::new()]
    } else {
        set
    };
    for line in settings {
        let mut recipe = Recipe::default();
        for setting in line.split(',').filter(|s| s.contains('=')) {
            recipe.set(setting).map_err(io::Error::other)?;
        }
        let started = std::time::Instant::now();
        let same = before.as_ref().is_some_and(|b| {
            b.bits == recipe.bits
                && b.views == recipe.views
                && b.window == recipe.window
                && b.over == recipe.over
        });
        if !same {
            prepared = Some(prepare(&rows, &recipe, &phrases));
        }
        before = Some(recipe.clone());
        let Some(prepared) = &prepared else { continue };
        let ready = started.elapsed();
        let scores = left_out(
            &rows,
            &folds,
            prepared,
            &recipe,
            &|row: &Row| Some(row.label),
            phrases.index(if task == Task::Safety {
                "harm"
            } else {
                "injection"
            }),
        );
        let weight = phrase_weight(&scores, recipe.phrases);
        let pairs: Vec<(usize, f32, bool)> = rows
            .iter()
            .enumerate()
            .filter_map(|(i, r)| Some((folds[i]?, scores[i].as_ref()?.raw(weight), r.label)))
            .collect();
        let fold = |f: usize| {
            pairs
                .iter()
                .filter(|p| p.0 == f)
                .map(|p| (p.1, p.2))
                .collect::<Vec<_>>()
        };
        let auc = |f| metrics::auroc(&fold(f));
        let rec = |f| metrics::recall_at(&fold(f), 0.01);
        let all: Vec<(f32, bool)> = pairs.iter().map(|p| (p.1, p.2)).collect();
        let show = |f: &dyn Fn(usize) -> Option<f64>| {
            (0..6)
                .map(|i| format!("{:.3}", f(i).unwrap_or(0.0)))
                .collect::<Vec<_>>()
                .join(" ")
        };
        println!(
            "{line:40} AUROC {:.3} R@1% {:.3} | {} | {} | pooled AUROC {:.3} AP {:.3} R@1% {:.3} R@.1% {:.3} | phrase {:.2} | {:.1}s+{:.1}s",
            metrics::mean((0..6).map(auc)).unwrap_or(0.0),
            metrics::mean((0..6).map(rec)).unwrap_or(0.0),
            show(&auc),
            show(&rec),
            metrics::auroc(&all).unwrap_or(0.0),
            metrics::average_precision(&all).unwrap_or(0.0),
            metrics::recall_at(&all, 0.01).unwrap_or(0.0),
            metrics::recall_at(&all, 0.001).unwrap_or(0.0),
            weight,
            ready.as_secs_f32(),
            (started.elapsed() - ready).as_secs_f32(),
        );
        if std::env::var_os("DETAIL").is_some() {
            let sources: std::collections::BTreeSet<&str> = rows
                .iter()
                .filter(|r| !r.is_corpus())
                .map(|r| r.source.as_str())
                .collect();
            let cut: Vec<f32> = (0..6)
                .map(|f| metrics::threshold_at(&fold(f), 0.01).unwrap_or(0.0))
                .collect();
            for source in sources {
                let of: Vec<(f32, bool)> = rows
                    .iter()
                    .enumerate()
                    .filter(|(_, r)| r.source == source)
                    .filter_map(|(i, r)| {
                        Some((scores[i].as_ref()?.raw(weight) - cut[folds[i]?], r.label))
                    })
                    .collect();
                let p = |v: Option<f64>| v.map_or("-".into(), |v| format!("{v:.3}"));
                println!(
                    "   {source:30} n {:5} auroc {} recall {} fpr {}",
                    of.len(),
                    p(metrics::auroc(&of)),
                    p(metrics::recall(&of, 0.0)),
                    p(metrics::false_positives(&of, 0.0))
                );
            }
            let mut top: Vec<(f32, usize)> = rows
                .iter()
                .enumerate()
                .filter(|(_, r)| !r.label)
                .filter_map(|(i, _)| Some((scores[i].as_ref()?.raw(weight) - cut[folds[i]?], i)))
                .collect();
            top.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (score, i) in top.iter().take(60) {
                println!(
                    "   {score:.2} fold {:?} {} | {}",
                    folds[*i],
                    rows[*i].source,
                    rows[*i]
                        .text
                        .chars()
                        .take(150)
                        .collect::<String>()
                        .replace('\n', " ")
                );
            }
        }
    }
    Ok(())
}
