//! Command line of the trainer.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a command line"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fs, io};

use clap::{Args, Parser, Subcommand, ValueEnum};
use fw_classify::Phrases;
use fw_train::check::check;
use fw_train::data::{Digest, Row, load, load_corpus, load_innocent};
use fw_train::folds;
use fw_train::recipe::Recipe;
use fw_train::report::{brief, report};
use fw_train::train::train;

/// Trains, calibrates and evaluates the models of `fw-policy-injection` and `fw-policy-safety`.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Scores every source with models that have not seen it; prints tables in Markdown.
    Evaluate(Source),
    /// One line of left-out figures for each `--set`, whose settings are separated by commas.
    Try(Source),
    /// Learns from all rows and writes a model.
    Train {
        #[command(flatten)]
        source: Source,
        /// The model file.
        #[arg(long)]
        out: PathBuf,
    },
    /// Looks for rows of a corpus that repeat each other or the rows of `--data`.
    Check(Source),
}

#[derive(Args)]
struct Source {
    /// What is learned.
    #[arg(long, value_enum)]
    task: Task,
    /// Rows with sources: JSON lines.
    #[arg(long)]
    data: Vec<PathBuf>,
    /// Folders of rows that are only learned from.
    #[arg(long)]
    corpus: Vec<PathBuf>,
    /// Folders of which only the innocent rows are learned from: the corpus of another task.
    #[arg(long)]
    innocent: Vec<PathBuf>,
    /// Phrases that go with the model.
    #[arg(long)]
    phrases: Option<PathBuf>,
    /// A setting of the recipe, `name=value`.
    #[arg(long)]
    set: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Task {
    Injection,
    Safety,
}

impl From<Task> for folds::Task {
    fn from(task: Task) -> Self {
        match task {
            Task::Injection => Self::Injection,
            Task::Safety => Self::Safety,
        }
    }
}

impl Source {
    fn rows(&self) -> io::Result<(Vec<Row>, Vec<Digest>)> {
        let (mut rows, mut digests) = load(&self.data)?;
        let (more, files) = self.learned()?;
        rows.extend(more);
        digests.extend(files);
        Ok((rows, digests))
    }

    /// The rows that are only learned from.
    fn learned(&self) -> io::Result<(Vec<Row>, Vec<Digest>)> {
        let (mut rows, mut digests) = load_corpus(&self.corpus)?;
        let (more, files) = load_innocent(&self.innocent, &rows)?;
        rows.extend(more);
        digests.extend(files);
        Ok((rows, digests))
    }

    fn phrases(&self) -> io::Result<Phrases> {
        let list = self.phrases.as_ref().map(fs::read_to_string).transpose()?;
        Phrases::parse(&list.unwrap_or_default()).map_err(io::Error::other)
    }

    fn recipe<'a>(&self, settings: impl Iterator<Item = &'a str>) -> io::Result<Recipe> {
        let mut recipe = Recipe::of(self.task.into());
        for setting in settings.filter(|setting| !setting.is_empty()) {
            recipe.set(setting).map_err(io::Error::other)?;
        }
        Ok(recipe)
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> io::Result<ExitCode> {
    match command {
        Command::Evaluate(source) => {
            let recipe = source.recipe(source.set.iter().map(String::as_str))?;
            print!(
                "{}",
                report(
                    source.task.into(),
                    &source.rows()?.0,
                    &source.phrases()?,
                    &recipe
                )?
            );
        }
        Command::Try(source) => {
            let (rows, phrases) = (source.rows()?.0, source.phrases()?);
            for settings in &source.set {
                let recipe = source.recipe(settings.split(','))?;
                println!(
                    "{settings:40} {}",
                    brief(source.task.into(), &rows, &phrases, &recipe)?
                );
            }
        }
        Command::Train { source, out } => {
            let recipe = source.recipe(source.set.iter().map(String::as_str))?;
            let (rows, digests) = source.rows()?;
            let model = train(
                source.task.into(),
                &rows,
                &digests,
                &source.phrases()?,
                &recipe,
            )?;
            let bytes = model.to_bytes();
            println!("{}\n{} bytes", model.provenance(), bytes.len());
            fs::write(out, bytes)?;
        }
        Command::Check(source) => return checked(source),
    }
    Ok(ExitCode::SUCCESS)
}

fn checked(source: &Source) -> io::Result<ExitCode> {
    let (corpus, tests) = (source.learned()?.0, load(&source.data)?.0);
    let findings = check(&corpus, &tests);
    for (row, earlier) in &findings.exact {
        println!(
            "exact: {:?} is there twice ({:?})",
            corpus[*row].text, corpus[*earlier].pair
        );
    }
    for (row, test, likeness) in &findings.near_tests {
        let (row, test) = (&corpus[*row], &tests[*test]);
        println!(
            "near a test ({likeness:.2}, {}): {:?} is like {:?}",
            row.pair, row.text, test.id
        );
    }
    let count = corpus.len();
    println!(
        "{count} rows; {} exact repetitions; {} near a test row; {} alike, of which {} with the other label",
        findings.exact.len(),
        findings.near_tests.len(),
        findings.alike,
        findings.contrasting
    );
    let clean = findings.exact.is_empty() && findings.near_tests.is_empty();
    Ok(if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
