//! The control surface over HTTP, for tests that run the binary: `/sim/state`, `/sim/requests` and
//! `/sim/reset`.

use http::{HeaderValue, Method, Response, StatusCode, header};

use crate::body::SimBody;
use crate::json::{Json, object};
use crate::refusal::Refusal;
use crate::state::{Recorded, Shared};

pub(crate) fn handle(shared: &Shared, method: &Method, action: &str) -> Response<SimBody> {
    let json = match (action, method) {
        ("state", &Method::GET) => state(shared),
        ("requests", &Method::GET) => {
            let requests: Vec<Json> = shared.recorded().iter().map(|r| request(r)).collect();
            object! { "requests" => requests }
        }
        ("reset", &Method::POST) => {
            shared.reset();
            object! { "reset" => true }
        }
        _ => {
            return Refusal::json(StatusCode::NOT_FOUND, br#"{"detail":"Not Found"}"#.to_vec())
                .into_response();
        }
    };
    let mut response = Response::new(SimBody::full(json.to_bytes()));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

fn state(shared: &Shared) -> Json {
    let counters = *shared.counters.borrow();
    object! {
        "connections" => counters.connections,
        "open_connections" => counters.open_connections,
        "requests" => counters.requests,
        "in_flight" => counters.in_flight,
        "completed" => counters.completed,
        "cancelled" => counters.cancelled,
        "broken" => counters.broken,
        "events" => counters.events,
    }
}

fn request(request: &Recorded) -> Json {
    let headers = request.headers.iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            Json::from(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        )
    });
    object! {
        "method" => request.method.as_str(),
        "path" => &request.path,
        "query" => request.query.clone(),
        "headers" => Json::Object(headers.collect()),
        "body" => String::from_utf8_lossy(&request.body).into_owned(),
    }
}
