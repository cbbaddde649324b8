//! `fw-gateway run`: serve with a policy configuration.

use super::{CommandError, block_on, listen_and_serve};
use crate::cli::RunArgs;
use crate::config::Config;
use crate::gateway::Gateway;
use crate::telemetry;

/// What is logged when `RUST_LOG` does not say.
const DEFAULT_FILTER: &str = "warn,fw_gateway=info";

/// Serves until SIGTERM or Ctrl-C. `say` prints the line that tells the address.
///
/// # Errors
///
/// Before anything is listened on: a configuration that cannot be loaded or that asks for what this
/// build cannot do, an address that cannot be bound.
pub fn run(args: &RunArgs, say: impl Fn(&str)) -> Result<(), CommandError> {
    // A subscriber that is there already serves as well.
    let _ = telemetry::init(args.serve.log_format, DEFAULT_FILTER);
    let config = Config::load(&args.policy_config).map_err(CommandError::configuration)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let unsupported = config.unsupported_by_this_build();
    if !unsupported.is_empty() {
        return Err(CommandError::unsupported(unsupported));
    }
    block_on(async {
        let gateway =
            Gateway::new(&config, |name| std::env::var(name).ok()).map_err(CommandError::start)?;
        tracing::info!("loaded {}@{}", config.pack.name, config.pack.version);
        listen_and_serve(args.listen, gateway, &args.serve, |address| {
            say(&format!("fw-gateway listening on http://{address}"));
        })
        .await
    })
}
