//! Keys and accounts.

use http::{HeaderMap, StatusCode, header};

use crate::config::{Api, Config};
use crate::refusal::Refusal;

/// The text for a key that is not known. The real one could not be checked.
const INVALID: &str = "The API key you provided is invalid.";

/// The text for a Fire Pass key on a route that it may not use (observed).
const FIRE_PASS: &str = "Fire Pass API keys are not authorized for this route.";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller<'a> {
    /// The key without its knobs.
    pub(crate) key: &'a str,
    /// `fw_<account>` or `fw_<account>_…`.
    pub(crate) account: &'a str,
    /// Knobs after a question mark in the key.
    pub(crate) knobs: &'a str,
    fire_pass: bool,
}

// === impl Caller ===

impl<'a> Caller<'a> {
    pub(crate) fn of(
        config: &Config,
        headers: &'a HeaderMap,
        request_id: &str,
    ) -> Result<Self, Refusal> {
        let unauthorized = || {
            Refusal::gateway(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                None,
                INVALID,
                request_id,
            )
        };
        let whole = match presented(headers) {
            Some(key) => key,
            None if config.any_key => "fw_sim",
            None => return Err(unauthorized()),
        };
        let (key, knobs) = whole.split_once('?').unwrap_or((whole, ""));
        let (rest, fire_pass) = match (key.strip_prefix("fw_"), key.strip_prefix("fpk_")) {
            (Some(rest), _) => (rest, false),
            (_, Some(rest)) => (rest, true),
            _ if config.any_key || config.api == Api::OpenAi => (key, false),
            _ => return Err(unauthorized()),
        };
        if rest.is_empty() {
            return Err(unauthorized());
        }
        let account = rest.split_once('_').map_or(rest, |(account, _)| account);
        Ok(Self {
            key,
            account,
            knobs,
            fire_pass,
        })
    }

    /// Refuses Fire Pass keys, which only reach chat completions.
    pub(crate) fn not_fire_pass(&self, request_id: &str) -> Result<(), Refusal> {
        if self.fire_pass {
            return Err(Refusal::gateway(
                StatusCode::FORBIDDEN,
                "FORBIDDEN",
                None,
                FIRE_PASS,
                request_id,
            ));
        }
        Ok(())
    }
}

/// The key of `Authorization: Bearer` or `x-api-key`.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
        });
    bearer
        .or_else(|| headers.get("x-api-key")?.to_str().ok())
        .filter(|key| !key.is_empty())
}
