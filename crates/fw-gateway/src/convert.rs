//! `fw-gateway convert`: a `policy-config.yaml` from the configuration of another gateway.
//!
//! ```
//! use fw_gateway::convert::{Source, convert};
//!
//! let litellm = "
//! model_list:
//!   - model_name: large
//!     litellm_params:
//!       model: fireworks_ai/accounts/fireworks/models/gpt-oss-120b
//!       api_key: os.environ/FIREWORKS_API_KEY
//! general_settings:
//!   master_key: os.environ/MASTER_KEY
//! ";
//! let converted = convert(Source::Litellm, "config.yaml", litellm)?;
//! assert!(converted.yaml().contains("provider: fireworks"));
//! assert!(converted.notes().contains("general_settings.master_key"));
//! # Ok::<(), fw_gateway::convert::ConvertError>(())
//! ```
//!
//! What comes out means the same as far as it can, and `lint` accepts it. Whatever has no equivalent, or only a
//! near one, is listed by its place in the file that was read, with what to do: at the top of the output, as
//! comments. Keys that the format is not known to have are listed too; they are no faults.
//!
//! References to environment variables stay references. A key that stands in the file is not copied: the output
//! names a variable for it.
//!
//! A file may have 1 MiB, as a `policy-config.yaml` may. The formats are those of Bifrost's `config.json` (from
//! 1.4) and of the LiteLLM proxy's `config.yaml`.

mod bifrost;
mod error;
mod keys;
mod litellm;
mod names;
mod notes;
mod output;
mod provider;
mod section;
mod tree;

use self::notes::Notes;
use self::output::Output;

pub use self::error::ConvertError;

/// Whose configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Bifrost: `config.json`.
    Bifrost,
    /// The LiteLLM proxy: `config.yaml`.
    Litellm,
}

impl Source {
    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bifrost => "bifrost",
            Self::Litellm => "litellm",
        }
    }
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Conversion {
    yaml: String,
    notes: String,
}

impl Conversion {
    /// The configuration, with the notes as comments at its top.
    #[must_use]
    pub fn yaml(&self) -> &str {
        &self.yaml
    }

    /// What is to be done, what differs and what was left out, for people. Empty if there is nothing to say.
    #[must_use]
    pub fn notes(&self) -> &str {
        &self.notes
    }
}

/// Converts `text`, the content of the file `name`.
///
/// # Errors
///
/// If the text is not JSON or YAML, with line and column; if it is too large, or what comes out would be.
pub fn convert(source: Source, name: &str, text: &str) -> Result<Conversion, ConvertError> {
    let mut notes = Notes::default();
    let output = match source {
        Source::Bifrost => bifrost::convert(&tree::from_json(name, text)?, &mut notes),
        Source::Litellm => litellm::convert(&tree::from_yaml(name, text)?, &mut notes),
    };
    if output.targets.is_empty() {
        notes.todo(
            "the file",
            "no target came out of it, and `run` needs one: add it under `providers.targets`",
        );
    }
    finish(source, name, output, &notes)
}

fn finish(
    source: Source,
    name: &str,
    output: Output,
    notes: &Notes,
) -> Result<Conversion, ConvertError> {
    let notes = notes.to_text();
    let mut yaml = format!(
        "# Written by `fw-gateway convert --from {}` from {}.\n",
        source.as_str(),
        notes::printable(name)
    );
    for line in notes.lines() {
        yaml.push_str(if line.is_empty() { "#" } else { "# " });
        yaml.push_str(line);
        yaml.push('\n');
    }
    yaml.push('\n');
    yaml.push_str(&output.to_yaml(source)?);
    // Nothing leaves that `lint` would refuse.
    match crate::config::Config::parse("the converted configuration", &yaml) {
        Ok(_) => Ok(Conversion { yaml, notes }),
        Err(errors) => Err(ConvertError::unusable(&errors)),
    }
}
