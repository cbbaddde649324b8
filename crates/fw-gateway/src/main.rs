//! The `fw-gateway` command. Everything it does lives in the library; this prints and exits.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use fw_gateway::cli::{Cli, Command};
use fw_gateway::commands::Terminal;
use fw_gateway::{commands, lint, schema};

/// The exit status for a configuration or a command line that cannot be used.
const UNUSABLE: u8 = 2;

/// The exit status for an audit log that is not as it was written.
const TAMPERED: u8 = 3;

fn main() -> ExitCode {
    let served = match Cli::parse().command {
        Command::Run(args) => commands::run(&args, |line| say(line)),
        Command::Demo(args) => commands::demo(&args, |line| say(line)),
        Command::Lint(args) => {
            let report = lint::lint(&args.file);
            let text = if args.json {
                report.to_json()
            } else {
                report.to_text()
            };
            say(text.trim_end());
            return if report.is_valid() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(UNUSABLE)
            };
        }
        Command::Schema => {
            say(format_args!("{:#}", schema::json_schema()));
            return ExitCode::SUCCESS;
        }
        Command::Redact(args) => {
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            commands::redact(&args, input, output, std::io::stdout().is_terminal())
        }
        Command::Classify(args) => {
            let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
            commands::classify(&args, input, output)
        }
        Command::Convert(args) => {
            commands::convert(&args, std::io::stdout().lock(), std::io::stderr())
        }
        Command::Audit(args) => {
            let (output, notes) = (std::io::stdout().lock(), std::io::stderr());
            let progress = notes.is_terminal();
            commands::audit(
                &args,
                Terminal {
                    output,
                    notes,
                    progress,
                },
            )
        }
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(if error.is_configuration() {
                UNUSABLE
            } else if error.is_tampered() {
                TAMPERED
            } else {
                1
            })
        }
    }
}

/// Prints a line. A reader that has gone away (`| head`) is no reason to fail.
fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
