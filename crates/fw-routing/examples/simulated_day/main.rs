//! Compares the routing strategies over a simulated day of slowdowns, outages and rate limits.
//!
//! ```text
//! cargo run --release -p fw-routing --example simulated_day -- --svg simulated_day.svg
//! ```
//!
//! It prints a table in Markdown. Options: `--pattern NAME` (bad_day, fronts, gusts, drawn, short_day), `--seed N`,
//! `--rate N` for the requests per second, `--strategy NAME` for one alone, `--svg FILE` for a plot. `--survey N`
//! compares `adaptive` with the others on every pattern of a whole day with N seeds instead; that takes some minutes.

mod day;
mod report;
mod svg;

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
};

use crate::day::{Day, Pattern, STRATEGIES};

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read()?;
    if let Some(seeds) = options.survey {
        return survey(seeds, options.rate);
    }
    let pattern = Pattern::named(&options.pattern, options.seed)
        .ok_or_else(|| format!("there is no pattern `{}`", options.pattern))?;
    let day = Day {
        pattern: &pattern,
        seed: options.seed,
        rate: options.rate,
    };
    let mut strategies = STRATEGIES.to_vec();
    strategies.retain(|name| options.strategy.as_ref().is_none_or(|only| only == name));
    let results = day.compare(&strategies)?;
    if let Some(file) = options.svg {
        fs::write(file, svg::plot(&pattern, &results)?)?;
    }
    io::stdout().write_all(report::table(&results)?.as_bytes())?;
    Ok(())
}

/// Whether what is said of `adaptive` holds on other days too.
fn survey(seeds: u64, rate: f64) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout();
    out.write_all(report::SURVEY_HEAD.as_bytes())?;
    for name in Pattern::NAMES {
        for seed in 1..=seeds {
            let Some(pattern) = Pattern::named(name, seed) else {
                continue;
            };
            let day = Day {
                pattern: &pattern,
                seed,
                rate,
            };
            let results = day.compare(&STRATEGIES)?;
            out.write_all(report::survey_row(name, seed, &results)?.as_bytes())?;
        }
    }
    Ok(())
}

struct Options {
    pattern: String,
    seed: u64,
    rate: f64,
    strategy: Option<String>,
    svg: Option<String>,
    survey: Option<u64>,
}

impl Options {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            pattern: "bad_day".to_owned(),
            seed: 1,
            rate: 2.6,
            strategy: None,
            svg: None,
            survey: None,
        };
        let mut words = env::args().skip(1);
        while let Some(option) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("`{option}` needs a value"))?;
            match option.as_str() {
                "--pattern" => options.pattern = value,
                "--seed" => options.seed = value.parse()?,
                "--rate" => options.rate = value.parse()?,
                "--strategy" => options.strategy = Some(value),
                "--survey" => options.survey = Some(value.parse()?),
                "--svg" => options.svg = Some(value),
                _ => return Err(format!("there is no option `{option}`").into()),
            }
        }
        Ok(options)
    }
}
