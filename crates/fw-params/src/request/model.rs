//! Which model goes upstream.
//!
//! | the client asks for | sent |
//! |---|---|
//! | a name the layer was told of, with this provider's prefix or without | the target's own model |
//! | this provider's prefix (`fireworks/…`, `fireworks:chat:…`) | the rest of the name |
//! | the prefix of another provider | nothing: a 404, so that a router can try another target |
//! | any other name | that name, or the target's own model if set so |
//! | no model | the target's own model; without one, a 400 |
//!
//! What is sent is written out in full ([`expand_fireworks_model`](crate::expand_fireworks_model)).

use std::borrow::Cow;

use fw_wire::{ApiError, encode_str};

use crate::{
    config::{Config, UnknownModels},
    error,
};

use super::{fields::Request, rule::Slot};

/// Resolves the model and returns the name that is sent, if it is known.
pub(crate) fn convert<'a>(request: &mut Request<'a, '_>) -> Result<Option<Cow<'a, str>>, ApiError> {
    let config = request.config();
    let Some(field) = request.slot(Slot::Model) else {
        let own = own(config)?;
        let mut json = String::new();
        encode_str(&mut json, own);
        request.add("model", json);
        return Ok(Some(Cow::Owned(own.to_owned())));
    };
    let Some(name) = field.value.as_str() else {
        // Not a name at all: the provider says what is wrong with it.
        return Ok(None);
    };
    let sent = match resolve(config, &name)? {
        same if *same == *name => return Ok(Some(name)),
        sent => sent.into_owned(),
    };
    request.edits.set_text(field.value.span(), &sent, "model");
    Ok(Some(Cow::Owned(sent)))
}

fn resolve<'n>(config: &'n Config, name: &'n str) -> Result<Cow<'n, str>, ApiError> {
    let parsed = config.parse_model(name);
    match parsed.provider {
        Some(provider) if provider != config.provider => {
            Err(error::other_provider(name, provider, &config.provider))
        }
        _ if parsed.name.is_empty() => own(config).map(Cow::Borrowed),
        asked => {
            let known = |name: &str| config.known_models.contains(name);
            let means_own = || {
                known(name)
                    || match asked {
                        Some(_) => known(parsed.name),
                        None => config.unknown_models == UnknownModels::TargetModel,
                    }
            };
            match &config.own_model {
                Some(own) if means_own() => Ok(Cow::Borrowed(own)),
                _ => Ok(config.dialect.model_name(parsed.name)),
            }
        }
    }
}

fn own(config: &Config) -> Result<&str, ApiError> {
    config.own_model.as_deref().ok_or_else(error::no_model)
}
