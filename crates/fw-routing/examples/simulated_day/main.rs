//! Compares the routing strategies over a simulated day of slowdowns, outages and rate limits.
//!
//! ```text
//! cargo run --release -p fw-routing --example simulated_day -- --svg simulated_day.svg
//! ```
//!
//! It prints a table in Markdown. Options: `--pattern NAME` (bad_day, fronts, gusts, drawn), `--seed N`,
//! `--strategy NAME` for one alone, `--svg FILE` for a plot.

mod day;
mod report;

use std::{
    env,
    error::Error,
    io::{self, Write},
};

use crate::day::{Day, Pattern, STRATEGIES};

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read()?;
    let pattern = Pattern::named(&options.pattern, options.seed)
        .ok_or_else(|| format!("there is no pattern `{}`", options.pattern))?;
    let day = Day {
        pattern: &pattern,
        seed: options.seed,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    let mut results = Vec::new();
    for strategy in STRATEGIES {
        if options
            .strategy
            .as_ref()
            .is_none_or(|only| only == strategy)
        {
            results.push(runtime.block_on(day.run(strategy))?);
        }
    }
    io::stdout().write_all(report::table(&results).as_bytes())?;
    Ok(())
}

struct Options {
    pattern: String,
    seed: u64,
    strategy: Option<String>,
    svg: Option<String>,
}

impl Options {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            pattern: "bad_day".to_owned(),
            seed: 1,
            strategy: None,
            svg: None,
        };
        let mut words = env::args().skip(1);
        while let Some(option) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("`{option}` needs a value"))?;
            match option.as_str() {
                "--pattern" => options.pattern = value,
                "--seed" => options.seed = value.parse()?,
                "--strategy" => options.strategy = Some(value),
                "--svg" => options.svg = Some(value),
                _ => return Err(format!("there is no option `{option}`").into()),
            }
        }
        Ok(options)
    }
}
