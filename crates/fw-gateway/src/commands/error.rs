//! Why a command ended early.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::config::ConfigErrors;
use crate::gateway::StartError;

/// A command could not do what it was asked for.
#[derive(Debug)]
pub struct CommandError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Configuration(ConfigErrors),
    /// What the configuration asks for and this build cannot do.
    Unsupported(Vec<String>),
    Start(StartError),
    Listen {
        address: SocketAddr,
        error: io::Error,
    },
    Simulator(io::Error),
    Runtime(io::Error),
    /// Text that should be redacted.
    Input(String),
    Output(io::Error),
    /// An option that cannot be used.
    Option(String),
    /// A log that cannot be looked at.
    Log(String),
    /// A log that is not as it was written.
    Tampered(String),
}

impl CommandError {
    /// Whether the configuration has to be changed; otherwise the surroundings are at fault.
    pub fn is_configuration(&self) -> bool {
        match &self.kind {
            Kind::Configuration(_) | Kind::Unsupported(_) | Kind::Option(_) => true,
            Kind::Start(error) => error.is_configuration(),
            _ => false,
        }
    }

    /// Whether an audit log is not as it was written.
    pub fn is_tampered(&self) -> bool {
        matches!(self.kind, Kind::Tampered(_))
    }

    pub(super) fn configuration(errors: ConfigErrors) -> Self {
        Self {
            kind: Kind::Configuration(errors),
        }
    }

    pub(super) fn unsupported(features: Vec<String>) -> Self {
        Self {
            kind: Kind::Unsupported(features),
        }
    }

    pub(super) fn start(error: StartError) -> Self {
        Self {
            kind: Kind::Start(error),
        }
    }

    pub(super) fn listen(address: SocketAddr, error: io::Error) -> Self {
        Self {
            kind: Kind::Listen { address, error },
        }
    }

    pub(super) fn simulator(error: io::Error) -> Self {
        Self {
            kind: Kind::Simulator(error),
        }
    }

    pub(super) fn input(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Input(message.into()),
        }
    }

    pub(super) fn output(error: io::Error) -> Self {
        Self {
            kind: Kind::Output(error),
        }
    }

    pub(super) fn option(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Option(message.into()),
        }
    }

    pub(super) fn log(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Log(message.into()),
        }
    }

    pub(super) fn tampered(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Tampered(message.into()),
        }
    }

    pub(super) fn runtime(error: io::Error) -> Self {
        Self {
            kind: Kind::Runtime(error),
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Configuration(errors) => errors.fmt(f),
            Kind::Unsupported(features) => {
                f.write_str(
                    "the configuration is valid, but this build cannot do all it asks for:",
                )?;
                features
                    .iter()
                    .try_for_each(|feature| write!(f, "\n  - {feature}"))
            }
            Kind::Start(error) => error.fmt(f),
            Kind::Listen { address, error } if error.kind() == io::ErrorKind::AddrInUse => {
                write!(
                    f,
                    "{address} is in use: stop what listens there, or choose another address with --listen"
                )
            }
            Kind::Listen { address, error } => write!(f, "cannot listen on {address}: {error}"),
            Kind::Simulator(error) => write!(f, "cannot start the simulator: {error}"),
            Kind::Runtime(error) => write!(f, "cannot start the runtime: {error}"),
            Kind::Input(message) | Kind::Option(message) | Kind::Log(message) => {
                f.write_str(message)
            }
            Kind::Tampered(message) => {
                write!(f, "the log is not as it was written: {message}")
            }
            Kind::Output(error) => write!(f, "cannot write the result: {error}"),
        }
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Configuration(_)
            | Kind::Unsupported(_)
            | Kind::Input(_)
            | Kind::Option(_)
            | Kind::Log(_)
            | Kind::Tampered(_) => None,
            Kind::Start(error) => error.source(),
            Kind::Listen { error, .. }
            | Kind::Simulator(error)
            | Kind::Runtime(error)
            | Kind::Output(error) => Some(error),
        }
    }
}
