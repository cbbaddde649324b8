//! `fw-gateway demo`: the gateway with the built-in simulator as upstream.

use std::net::SocketAddr;

use fw_sim::Simulator;

use super::{CommandError, block_on, listen_and_serve};
use crate::cli::DemoArgs;
use crate::config::Config;
use crate::gateway::Gateway;
use crate::telemetry;

/// The demo shows a line for every finished request.
const DEFAULT_FILTER: &str = "warn,fw_gateway::access=debug";

/// A key of the form that the simulator accepts.
const KEY: &str = "fw_demo";

/// Serves until SIGTERM or Ctrl-C, with no key and no network. `say` prints what there is to try.
///
/// # Errors
///
/// When the address cannot be bound.
pub fn demo(args: &DemoArgs, say: impl Fn(&str)) -> Result<(), CommandError> {
    // A subscriber that is there already serves as well.
    let _ = telemetry::init(args.serve.log_format, DEFAULT_FILTER);
    block_on(async {
        let simulator = Simulator::new()
            .start()
            .await
            .map_err(CommandError::simulator)?;
        let yaml = configuration(simulator.addr());
        let config =
            Config::parse("demo configuration", &yaml).map_err(CommandError::configuration)?;
        let gateway =
            Gateway::new(&config, |_| Some(KEY.to_owned())).map_err(CommandError::start)?;
        listen_and_serve(args.listen, gateway, &args.serve, |address| {
            say(&welcome(address, simulator.addr(), &yaml));
        })
        .await
    })
}

fn configuration(simulator: SocketAddr) -> String {
    format!(
        "\
pack:
  name: demo
  version: 1.0.0
  enabled: true
policies:
  chain:
    - pii-detector
policy:
  pii-detector:
    action: redact
providers:
  targets:
    - id: fireworks
      provider: fireworks
      model: accounts/fireworks/models/gpt-oss-20b
      base_url: http://{simulator}/inference/v1
      secret_key_ref:
        env: FIREWORKS_API_KEY
"
    )
}

fn welcome(gateway: SocketAddr, simulator: SocketAddr, yaml: &str) -> String {
    let indented: String = yaml.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        r#"fw-gateway listening on http://{gateway}

What just happened: a Fireworks simulator started on {simulator}, and the gateway in front of it,
with this configuration and a made-up key:

{indented}
Try it, plain:

    curl http://{gateway}/v1/chat/completions -H 'content-type: application/json' \
      -d '{{"model":"fireworks/gpt-oss-20b","messages":[{{"role":"user","content":"Hello"}}]}}'

with an e-mail address and a card number in it, of which the simulator, and so the reply, sees markers:

    curl http://{gateway}/v1/chat/completions -H 'content-type: application/json' \
      -d '{{"model":"fireworks/gpt-oss-20b","messages":[{{"role":"user","content":"I am jane@corp.example, card 4242 4242 4242 4242"}}]}}'

and streaming:

    curl -N http://{gateway}/v1/chat/completions -H 'content-type: application/json' \
      -d '{{"model":"fireworks/gpt-oss-20b","messages":[{{"role":"user","content":"Hello"}}],"stream":true}}'

or point an OpenAI SDK at base_url http://{gateway}/v1 with any key. Each request shows as a line below.
Ctrl-C stops it.
"#
    )
}
