//! Why a gateway could not be made.

use std::error::Error;
use std::fmt;

use fw_audit::OpenError;
use fw_provider::ConfigError;
use fw_responses::StoreError;
use fw_routing::ConfigError as RoutingError;
use fw_stream::BoxError;

/// A configuration that is valid but cannot be served.
#[derive(Debug)]
pub struct StartError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    NoTarget,
    Target(ConfigError),
    Policy(BoxError),
    Routing(RoutingError),
    Audit(OpenError),
    Responses(StoreError),
}

impl StartError {
    pub(super) fn no_target() -> Self {
        Self {
            kind: Kind::NoTarget,
        }
    }

    /// The settings of a policy cannot be used. The error names the policy and the settings.
    pub(crate) fn policy(error: impl Into<BoxError>) -> Self {
        Self {
            kind: Kind::Policy(error.into()),
        }
    }

    pub(super) fn audit(error: OpenError) -> Self {
        Self {
            kind: Kind::Audit(error),
        }
    }

    pub(super) fn responses(error: StoreError) -> Self {
        Self {
            kind: Kind::Responses(error),
        }
    }

    pub(super) fn routing(error: RoutingError) -> Self {
        Self {
            kind: Kind::Routing(error),
        }
    }

    pub(super) fn target(error: ConfigError) -> Self {
        Self {
            kind: Kind::Target(error),
        }
    }
}

impl StartError {
    /// Whether the configuration has to be changed; otherwise the surroundings are at fault.
    pub(crate) fn is_configuration(&self) -> bool {
        !matches!(self.kind, Kind::Audit(_) | Kind::Responses(_))
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::NoTarget => f.write_str(
                "the configuration has no target to send requests to: add one under `providers.targets`",
            ),
            Kind::Target(error) => error.fmt(f),
            Kind::Policy(error) => error.fmt(f),
            Kind::Routing(error) => error.fmt(f),
            Kind::Audit(error) => write!(f, "the audit log cannot be opened: {error}"),
            Kind::Responses(error) => {
                write!(f, "the store of responses cannot be opened: {error}")
            }
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::NoTarget | Kind::Policy(_) | Kind::Routing(_) => None,
            Kind::Target(error) => error.source(),
            Kind::Audit(error) => error.source(),
            Kind::Responses(error) => error.source(),
        }
    }
}
