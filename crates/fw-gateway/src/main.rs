//! The `fw-gateway` command. Everything it does lives in the library; this prints and exits.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks on its standard streams"
)]

use std::process::ExitCode;

use clap::Parser;
use fw_gateway::cli::{Cli, Command};
use fw_gateway::{commands, lint, schema};

/// The exit status for a configuration or a command line that cannot be used.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let served = match cli.command {
        Command::Run(args) => commands::run(&args, |line| println!("{line}")),
        Command::Demo(args) => commands::demo(&args, |line| println!("{line}")),
        Command::Lint(args) => {
            let report = lint::lint(&args.file);
            print!(
                "{}",
                if args.json {
                    report.to_json()
                } else {
                    report.to_text()
                }
            );
            return if report.is_valid() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(UNUSABLE)
            };
        }
        Command::Schema => {
            println!("{:#}", schema::json_schema());
            return ExitCode::SUCCESS;
        }
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(if error.is_configuration() {
                UNUSABLE
            } else {
                1
            })
        }
    }
}
