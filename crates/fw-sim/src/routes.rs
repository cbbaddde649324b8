//! From a request to its endpoint and back.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use crate::auth::Caller;
use crate::body::{Connection, SimBody};
use crate::call::{Call, Reply};
use crate::config::Api;
use crate::faults::{Fault, FaultKind};
use crate::json::Json;
use crate::knobs::Knobs;
use crate::refusal::Refusal;
use crate::server::Aborted;
use crate::state::{InFlight, Outcome, Recorded, Shared};
use crate::stream::Player;
use crate::{
    chat, completions, control, embeddings, messages, models, rerank, responses, validate,
};

/// What a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Chat,
    Completions,
    Embeddings,
    Rerank,
    Responses,
    Response(&'a str),
    Messages,
    Models,
    Model(&'a str),
}

/// Serves one request.
pub(crate) async fn handle(
    shared: Arc<Shared>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<SimBody>, Aborted> {
    let (parts, body) = request.into_parts();
    if let Some(action) = parts.uri.path().strip_prefix("/sim/") {
        return Ok(control::handle(&shared, &parts.method, action));
    }
    let mut guard = shared.in_flight();
    let body = match Limited::new(body, shared.config.max_body_bytes)
        .collect()
        .await
    {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        // The client hung up before the end of its request.
        Err(error) => return Err(Aborted::other(error)),
    };
    let (body, too_large) =
        body.map_or_else(|refusal| (Bytes::new(), Some(refusal)), |body| (body, None));
    let recorded = Arc::new(Recorded {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
    });
    shared.record(&recorded);

    let request_id = request_id(&shared, &recorded.headers);
    let route = match too_large {
        Some(refusal) => Err(refusal),
        None => route(&recorded, shared.config.api),
    };
    let is_messages = matches!(route, Ok(Route::Messages));
    let mut knobs = shared.config.knobs_for("", "");
    let answered = match route {
        Ok(route) => answer(&shared, &recorded, route, &request_id, &mut knobs),
        Err(refusal) => Err(Stop::Refuse(refusal)),
    };
    let mut response = match answered {
        Ok(reply) => finish(reply, &knobs),
        Err(Stop::Refuse(refusal)) if is_messages => {
            refusal.into_anthropic(&request_id).into_response()
        }
        Err(Stop::Refuse(refusal)) if shared.config.api == Api::OpenAi => {
            refusal.into_openai().into_response()
        }
        Err(Stop::Refuse(refusal)) => refusal.into_response(),
        Err(Stop::Fault(kind)) => return abort(kind, guard, &connection).await,
    };
    let mut delay = knobs.head_delay;
    if !response.body().is_stream() {
        delay += knobs.first_token_delay;
    }
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let headers = response.headers_mut();
    headers.insert(header::SERVER, HeaderValue::from_static("istio-envoy"));
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(X_REQUEST_ID.clone(), value);
    }
    if recorded.method == Method::HEAD {
        guard.ended(Outcome::Completed);
    } else {
        response.body_mut().guard(guard, connection);
    }
    Ok(response)
}

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Why there is no reply.
enum Stop {
    Refuse(Refusal),
    Fault(FaultKind),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal)
    }
}

fn answer(
    shared: &Arc<Shared>,
    recorded: &Recorded,
    route: Route<'_>,
    request_id: &str,
    knobs: &mut Knobs,
) -> Result<Reply, Stop> {
    let caller = Caller::of(&shared.config, &recorded.headers, request_id)?;
    let body = match recorded.method {
        Method::POST => match Json::parse(&recorded.body) {
            Ok(body) => Some(body),
            Err(error) => {
                return Err(Refusal::invalid(&format!(
                    "Invalid JSON in the request body: {error}"
                ))
                .into());
            }
        },
        _ => None,
    };
    let asked = body.as_ref().and_then(|b| b.str("model")).unwrap_or("");
    let (model, model_knobs) = models::split_knobs(asked);
    *knobs = shared.config.knobs_for(caller.key, model);
    let headers = &recorded.headers;
    let own: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().strip_prefix("x-sim-")?, value.to_str().ok()?))
        })
        .collect();
    let set = knobs
        .set_all(caller.knobs)
        .and_then(|()| knobs.set_all(model_knobs));
    set.and_then(|()| knobs.set_pairs(&own))
        .map_err(|error| Refusal::invalid(&error.to_string()))?;
    if let Some(fault) = &knobs.fault
        && !shared.strikes(fault, fault.id.as_deref().unwrap_or(asked))
    {
        knobs.fault = None;
    }
    match &knobs.fault {
        Some(fault) if fault.kind == FaultKind::Status => {
            return Err(fault.refusal(request_id).into());
        }
        Some(Fault {
            kind:
                kind @ (FaultKind::HangBeforeHead
                | FaultKind::ResetBeforeHead
                | FaultKind::CloseBeforeHead),
            ..
        }) => return Err(Stop::Fault(*kind)),
        _ => {}
    }
    if route != Route::Chat {
        caller.not_fire_pass(request_id)?;
    }
    let null = Json::Null;
    let call = Call {
        shared,
        account: caller.account,
        request_id,
        knobs,
        headers,
        query: recorded.query.as_deref().unwrap_or(""),
        body: body.as_ref().unwrap_or(&null),
        raw: &recorded.body,
        model,
    };
    Ok(match (route, &recorded.method) {
        (Route::Chat, _) => chat::create(&call)?,
        (Route::Completions, _) => completions::create(&call)?,
        (Route::Embeddings, _) => embeddings::create(&call)?,
        (Route::Rerank, _) => rerank::create(&call)?,
        (Route::Responses, &Method::POST) => responses::create(&call)?,
        (Route::Responses, _) => responses::list(&call)?,
        (Route::Response(id), &Method::DELETE) => responses::delete(&call, id)?,
        (Route::Response(id), _) => responses::get(&call, id)?,
        (Route::Messages, _) => messages::create(&call)?,
        (Route::Models, _) => Reply::json(models::list(&shared.config).to_bytes()),
        (Route::Model(id), _) => {
            let id = crate::knobs::percent_decode(id);
            Reply::json(
                models::get(&shared.config, caller.account, &id)
                    .ok_or_else(|| call.no_model())?
                    .to_bytes(),
            )
        }
    })
}

/// Finds the route and checks the method.
fn route(request: &Recorded, api: Api) -> Result<Route<'_>, Refusal> {
    let path = request
        .path
        .strip_prefix("/inference")
        .unwrap_or(&request.path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let not_found = || match api {
        Api::Fireworks => {
            Refusal::json(StatusCode::NOT_FOUND, br#"{"detail":"Not Found"}"#.to_vec())
        }
        Api::OpenAi => validate::openai::no_such_path(&request.method, &request.path),
    };
    let path = path.strip_prefix("/v1/").ok_or_else(not_found)?;
    let (route, methods): (_, &[Method]) = match path {
        "chat/completions" => (Route::Chat, &[Method::POST]),
        "completions" => (Route::Completions, &[Method::POST]),
        "embeddings" => (Route::Embeddings, &[Method::POST]),
        "rerank" => (Route::Rerank, &[Method::POST]),
        "responses" => (Route::Responses, &[Method::GET, Method::POST]),
        "messages" => (Route::Messages, &[Method::POST]),
        "models" => (Route::Models, &[Method::GET, Method::HEAD]),
        _ => match path.split_once('/') {
            Some(("responses", id)) if !id.contains('/') => {
                (Route::Response(id), &[Method::GET, Method::DELETE])
            }
            Some(("models", id)) => (Route::Model(id), &[Method::GET, Method::HEAD]),
            _ => return Err(not_found()),
        },
    };
    let is_here = api == Api::Fireworks
        || matches!(
            route,
            Route::Chat | Route::Completions | Route::Embeddings | Route::Models | Route::Model(_)
        );
    if !is_here {
        return Err(not_found());
    }
    if methods.contains(&request.method) {
        return Ok(route);
    }
    let mut refusal = Refusal::json(
        StatusCode::METHOD_NOT_ALLOWED,
        br#"{"detail":"Method Not Allowed"}"#.to_vec(),
    );
    let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        refusal.headers.push((header::ALLOW, value));
    }
    Err(refusal)
}

fn finish(reply: Reply, knobs: &Knobs) -> Response<SimBody> {
    let fault = knobs.fault.as_ref();
    let (content_type, mut headers, body) = match reply {
        Reply::Stream { source, headers } => (
            "text/event-stream",
            headers,
            SimBody::stream(Player::new(source, knobs, fault)),
        ),
        Reply::Json { body, mut headers } => {
            let body = broken_body(body, fault, &mut headers);
            ("application/json", headers, body)
        }
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let mut response = Response::new(body);
    *response.headers_mut() = headers;
    response
}

/// A plain body with the fault that it shall have.
fn broken_body(body: Vec<u8>, fault: Option<&Fault>, headers: &mut HeaderMap) -> SimBody {
    let Some(fault) = fault else {
        return SimBody::full(body);
    };
    let (length, mut half) = (body.len(), Bytes::from(body));
    half.truncate(length / 2);
    match fault.kind {
        FaultKind::CutJson => SimBody::full(half),
        FaultKind::ResetAfterHead => SimBody::broken(None, fault.kind),
        kind => {
            if kind == FaultKind::WrongLength {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            }
            SimBody::broken(Some(half), kind)
        }
    }
}

/// Ends a request that gets no head.
async fn abort(
    kind: FaultKind,
    mut guard: InFlight,
    connection: &Connection,
) -> Result<Response<SimBody>, Aborted> {
    if kind == FaultKind::HangBeforeHead {
        std::future::pending::<()>().await;
    }
    guard.ended(Outcome::Broken);
    drop(guard);
    if kind == FaultKind::ResetBeforeHead {
        connection.reset();
    }
    Err(Aborted::other("broken off by a fault"))
}

fn too_large() -> Refusal {
    Refusal::gateway(
        StatusCode::PAYLOAD_TOO_LARGE,
        "PAYLOAD_TOO_LARGE",
        None,
        "The request body is too large.",
        "",
    )
}

/// The client's id, or one made up.
fn request_id(shared: &Shared, headers: &HeaderMap) -> String {
    match headers.get(&X_REQUEST_ID).and_then(|v| v.to_str().ok()) {
        Some(id) => id.to_owned(),
        None => crate::call::uuid(crate::tokens::hash(&shared.next().to_le_bytes())),
    }
}
