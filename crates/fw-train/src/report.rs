//! What a recipe is worth on sources that it was not learned from.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;

use fw_classify::Phrases;

use crate::baseline::Patterns;
use crate::data::Row;
use crate::detect::detected;
use crate::evaluate::left_out;
use crate::folds::{FOLDS, Task, folds};
use crate::heads::telling;
use crate::metrics::{self, mean};
use crate::prepare::{Prepared, prepare};
use crate::recipe::Recipe;
use crate::train::SMALL;

/// A row that was scored without its source.
#[derive(Debug, Clone, Copy)]
struct Scored {
    row: usize,
    fold: usize,
    /// Before calibration; comparable inside a fold.
    score: f32,
}

/// Scores of one way to classify.
struct Column {
    name: &'static str,
    scored: Vec<Scored>,
}

/// Evaluates a recipe, and what it must beat; as text in Markdown.
///
/// # Errors
/// If what was learned does not make a model.
pub fn report(task: Task, rows: &[Row], phrases: &Phrases, recipe: &Recipe) -> io::Result<String> {
    let folds = folds(task, rows, recipe.deal);
    let patterns = Patterns::new(task);
    let count = |row: usize| Some(patterns.score(&rows[row].text));
    let plain = Recipe {
        views: false,
        window: 0,
        corpus: 0.0,
        phrases: 0.0,
        pad: 0.0,
        length_cost: 0.0,
        window_cost: 0.0,
        ..recipe.clone()
    };
    let linear = {
        let prepared = prepare(rows, &plain, &Phrases::default());
        let out = left_out(
            rows,
            &folds,
            &prepared,
            &plain,
            &|row: &Row| Some(row.label),
            &[],
        );
        out.iter()
            .map(|out| out.as_ref().map(|out| out.raw(0.0)))
            .collect::<Vec<_>>()
    };
    let prepared = prepare(rows, recipe, phrases);
    let shipped = detected(task, rows, &folds, &prepared, phrases, recipe)?;
    let columns = [
        Column {
            name: "patterns",
            scored: scored(&folds, &count),
        },
        Column {
            name: "linear, dev only",
            scored: scored(&folds, &|row| linear[row]),
        },
        Column {
            name: SHIPPED,
            scored: scored(&folds, &|row| shipped[row]),
        },
    ];
    let mut text = summary(rows, &columns);
    let [.., shipped] = &columns;
    groups(&mut text, "source", rows, &shipped.scored, &|row| {
        row.source.clone()
    });
    groups(&mut text, "language", rows, &shipped.scored, &|row| {
        row.lang.clone()
    });
    let kind = |row: &Row| {
        if row.label {
            row.category.clone()
        } else {
            String::new()
        }
    };
    groups(&mut text, "kind of attack", rows, &shipped.scored, &kind);
    kinds(&mut text, task, rows, &folds, &prepared, recipe);
    Ok(text)
}

const SHIPPED: &str = "shipped";

/// The figures by which recipes are compared, in a line.
///
/// # Errors
/// If what was learned does not make a model.
pub fn brief(task: Task, rows: &[Row], phrases: &Phrases, recipe: &Recipe) -> io::Result<String> {
    let started = std::time::Instant::now();
    let folds = folds(task, rows, recipe.deal);
    let prepared = prepare(rows, recipe, phrases);
    let scores = detected(task, rows, &folds, &prepared, phrases, recipe)?;
    let scored = scored(&folds, &|row| scores[row]);
    let fold = |fold: usize| -> Vec<(f32, bool)> {
        let of = scored.iter().filter(|scored| scored.fold == fold);
        of.map(|scored| (scored.score, rows[scored.row].label))
            .collect()
    };
    let areas: Vec<_> = (0..FOLDS).map(|at| metrics::auroc(&fold(at))).collect();
    let recalls: Vec<_> = (0..FOLDS)
        .map(|at| metrics::recall_at(&fold(at), 0.01))
        .collect();
    let all = pairs(rows, &scored);
    worst(rows, &scored, recipe.worst);
    let each = |values: &[Option<f64>]| {
        values
            .iter()
            .map(|value| show(*value))
            .collect::<Vec<_>>()
            .join(" ")
    };
    Ok(format!(
        "AUROC {} recall {} | {} | {} | AP {} recall at 1 2 5 %: {} at 0.5: recall {} FPR {} | {:.0} s",
        show(mean(areas.iter().copied())),
        show(mean(recalls.iter().copied())),
        each(&areas),
        each(&recalls),
        show(metrics::average_precision(&all)),
        [0.01, 0.02, 0.05]
            .map(|rate| show(metrics::recall_at(&all, rate)))
            .join(" "),
        show(metrics::recall(&all, 0.5)),
        show(metrics::false_positives(&all, 0.5)),
        started.elapsed().as_secs_f32()
    ))
}

/// Shows the innocent texts with the highest scores, and the attacks with the lowest.
#[allow(clippy::print_stderr, reason = "to look at while trying things")]
fn worst(rows: &[Row], scored: &[Scored], count: usize) {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let innocent = sorted.iter().filter(|scored| !rows[scored.row].label);
    let attacks = sorted.iter().rev().filter(|scored| rows[scored.row].label);
    // The lowest of all say little; every fourth one says more.
    for scored in innocent.take(count).chain(attacks.step_by(40).take(count)) {
        let row = &rows[scored.row];
        let text: String = row.text.chars().take(160).collect();
        eprintln!(
            "{:.3} {} {} {:?}",
            scored.score, scored.fold, row.source, text
        );
    }
}

fn scored(folds: &[Option<usize>], score: &dyn Fn(usize) -> Option<f32>) -> Vec<Scored> {
    let rows = folds.iter().enumerate();
    rows.filter_map(|(row, fold)| {
        Some(Scored {
            row,
            fold: (*fold)?,
            score: score(row)?,
        })
    })
    .collect()
}

fn pairs(rows: &[Row], scored: &[Scored]) -> Vec<(f32, bool)> {
    scored
        .iter()
        .map(|scored| (scored.score, rows[scored.row].label))
        .collect()
}

fn show(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

fn summary(rows: &[Row], columns: &[Column]) -> String {
    let mut text = String::from(
        "| left out | AUROC | recall at 1 % | recall at 0.1 % | AP, pooled | F1 at 0.5 | FPR at 0.5 | ECE |\n|---|---|---|---|---|---|---|---|\n",
    );
    for column in columns {
        let fold = |fold: usize| -> Vec<(f32, bool)> {
            let of = column.scored.iter().filter(|scored| scored.fold == fold);
            of.map(|scored| (scored.score, rows[scored.row].label))
                .collect()
        };
        let all = pairs(rows, &column.scored);
        let calibrated = column.name == SHIPPED;
        let at = |value: Option<f64>| {
            if calibrated {
                show(value)
            } else {
                "–".to_owned()
            }
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            column.name,
            show(mean((0..FOLDS).map(|at| metrics::auroc(&fold(at))))),
            show(mean(
                (0..FOLDS).map(|at| metrics::recall_at(&fold(at), 0.01))
            )),
            show(mean(
                (0..FOLDS).map(|at| metrics::recall_at(&fold(at), 0.001))
            )),
            show(metrics::average_precision(&all)),
            at(metrics::f1(&all, 0.5)),
            at(metrics::false_positives(&all, 0.5)),
            at(metrics::calibration_error(&all)),
        );
    }
    if let Some(shipped) = columns.last() {
        text.push_str("\n| fold | AUROC | recall at 1 % | rows |\n|---|---|---|---|\n");
        for fold in 0..FOLDS {
            let of: Vec<Scored> = shipped
                .scored
                .iter()
                .filter(|scored| scored.fold == fold)
                .copied()
                .collect();
            let of = pairs(rows, &of);
            let (auroc, recall) = (metrics::auroc(&of), metrics::recall_at(&of, 0.01));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                fold + 1,
                show(auroc),
                show(recall),
                of.len()
            );
        }
    }
    text
}

fn groups(
    text: &mut String,
    title: &str,
    rows: &[Row],
    scored: &[Scored],
    name: &dyn Fn(&Row) -> String,
) {
    let mut groups: BTreeMap<String, Vec<(f32, bool)>> = BTreeMap::new();
    for scored in scored {
        let row = &rows[scored.row];
        groups
            .entry(name(row))
            .or_default()
            .push((scored.score, row.label));
    }
    groups.remove("");
    let all = pairs(rows, scored);
    let (one, tenth) = (
        metrics::threshold_at(&all, 0.01),
        metrics::threshold_at(&all, 0.001),
    );
    let _ = writeln!(
        text,
        "\n| {title} | rows | attacks | AUROC | AP | recall at 1 % | recall at 0.1 % | recall at 0.5 | recall at 0.8 | F1 at 0.5 | FPR at 0.5 |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for (name, of) in groups {
        let attacks = of.iter().filter(|(_, label)| *label).count();
        let _ = writeln!(
            text,
            "| {name} | {} | {attacks} | {} | {} | {} | {} | {} | {} | {} | {} |",
            of.len(),
            show(metrics::auroc(&of)),
            show(metrics::average_precision(&of)),
            show(one.and_then(|one| metrics::recall(&of, one))),
            show(tenth.and_then(|tenth| metrics::recall(&of, tenth))),
            show(metrics::recall(&of, 0.5)),
            show(metrics::recall(&of, 0.8)),
            show(metrics::f1(&of, 0.5)),
            show(metrics::false_positives(&of, 0.5)),
        );
    }
}

/// How well the kinds of unsafe texts are told apart.
fn kinds(
    text: &mut String,
    task: Task,
    rows: &[Row],
    folds: &[Option<usize>],
    prepared: &Prepared,
    recipe: &Recipe,
) {
    let recipe = Recipe {
        bits: SMALL.min(recipe.bits),
        ..recipe.clone()
    };
    let prepared = &prepared.narrowed(SMALL);
    let heads = telling(task);
    if heads.is_empty() {
        return;
    }
    text.push_str(
        "\n| kind, among unsafe texts | of it | others | AUROC | AP |\n|---|---|---|---|---|\n",
    );
    for head in heads {
        let out = left_out(rows, folds, prepared, &recipe, &head.label, &[]);
        let pairs = rows
            .iter()
            .zip(&out)
            .filter_map(|(row, out)| Some((out.as_ref()?.raw(0.0), (head.label)(row)?)));
        let pairs: Vec<(f32, bool)> = pairs.collect();
        let own = pairs.iter().filter(|(_, label)| *label).count();
        let (auroc, precision) = (metrics::auroc(&pairs), metrics::average_precision(&pairs));
        let _ = writeln!(
            text,
            "| {} | {own} | {} | {} | {} |",
            head.name,
            pairs.len() - own,
            show(auroc),
            show(precision)
        );
    }
}
