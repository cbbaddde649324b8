//! The routing table, row by row.

use super::*;

const PREFIXES: [&str; 14] = [
    "/v1",
    "/v1/v1",
    "/inference",
    "/inference/v1",
    "/inference/v1/v1",
    "/openai",
    "/openai/v1",
    "/openai/v1/v1",
    "/langchain",
    "/langchain/v1",
    "/langchain/v1/v1",
    "/litellm",
    "/litellm/v1",
    "/litellm/v1/v1",
];

fn unsupported(name: &'static str) -> Result<Operation<'static>, RouteError> {
    Ok(Operation::Unsupported(name))
}

fn not_allowed(methods: &'static [Method]) -> Result<Operation<'static>, RouteError> {
    Err(RouteError::MethodNotAllowed(methods))
}

#[test]
fn every_path_means_the_same_on_every_surface() {
    use Endpoint::*;
    use Operation::*;
    let (get, post, delete, put) = (Method::GET, Method::POST, Method::DELETE, Method::PUT);
    let table: Vec<(&Method, &str, Result<Operation<'_>, RouteError>)> = vec![
        (&post, "/chat/completions", Ok(Create(ChatCompletions))),
        (&get, "/chat/completions", not_allowed(POST)),
        (&put, "/chat/completions", not_allowed(POST)),
        (&post, "/completions", Ok(Create(Completions))),
        (&get, "/completions", not_allowed(POST)),
        (&post, "/embeddings", Ok(Create(Embeddings))),
        (&delete, "/embeddings", not_allowed(POST)),
        (&post, "/messages", Ok(Create(Messages))),
        (&get, "/messages", not_allowed(POST)),
        (&post, "/messages/count_tokens", Ok(CountTokens)),
        (&get, "/messages/count_tokens", not_allowed(POST)),
        (&post, "/messages/count_tokens/x", Err(RouteError::NotFound)),
        (&post, "/responses", Ok(Create(Responses))),
        (&get, "/responses", Ok(ListResponses)),
        (&delete, "/responses", not_allowed(GET_POST)),
        (&get, "/responses/resp_1", Ok(Response("resp_1"))),
        (&delete, "/responses/resp_1", Ok(Response("resp_1"))),
        (&post, "/responses/resp_1", not_allowed(GET_DELETE)),
        (&get, "/responses/..", Err(RouteError::NotFound)),
        (&get, "/responses/.", Err(RouteError::NotFound)),
        (&get, "/responses/../input_items", Err(RouteError::NotFound)),
        (&post, "/responses/./cancel", Err(RouteError::NotFound)),
        (
            &get,
            "/responses/%2e%2e%2fmodels",
            Err(RouteError::NotFound),
        ),
        (&get, "/responses/a b", Err(RouteError::NotFound)),
        (
            &post,
            "/responses/resp_1/cancel",
            Ok(CancelResponse("resp_1")),
        ),
        (
            &get,
            "/responses/resp_1/input_items",
            Ok(ResponseInput("resp_1")),
        ),
        (&get, "/responses/resp_1/cancel", not_allowed(POST)),
        (&post, "/responses/resp_1/input_items", not_allowed(GET)),
        (&get, "/responses/resp_1/other", Err(RouteError::NotFound)),
        (
            &post,
            "/responses/compact",
            unsupported("response utilities"),
        ),
        (&get, "/models", Ok(ListModels)),
        (&post, "/models", not_allowed(GET)),
        (&get, "/models/glm-5p3", Ok(Model("glm-5p3".into()))),
        (
            &get,
            "/models/accounts/a/models/b",
            Ok(Model("accounts/a/models/b".into())),
        ),
        (
            &get,
            "/models/accounts%2Fa%2fmodels%2Fb",
            Ok(Model("accounts/a/models/b".into())),
        ),
        (&get, "/models/a%23b", Ok(Model("a#b".into()))),
        (&get, "/models/100%", Ok(Model("100%".into()))),
        (&get, "/models/%zz", Ok(Model("%zz".into()))),
        (&get, "/models/%ff", Err(RouteError::NotFound)),
        (&get, "/models/a%0ab", Err(RouteError::NotFound)),
        (&delete, "/models/glm-5p3", not_allowed(GET)),
        (
            &post,
            "/images/generations",
            unsupported("image generation"),
        ),
        (&post, "/images/edits", unsupported("image generation")),
        (
            &post,
            "/image_generation/m",
            unsupported("image generation"),
        ),
        (
            &post,
            "/workflows/m/text_to_image",
            unsupported("image generation"),
        ),
        (&post, "/audio/speech", unsupported("audio")),
        (&post, "/audio/transcriptions", unsupported("audio")),
        (&post, "/videos", unsupported("video generation")),
        (&get, "/files", unsupported("files")),
        (&get, "/files/f/content", unsupported("files")),
        (&post, "/uploads", unsupported("uploads")),
        (&post, "/batches", unsupported("batches")),
        (&post, "/fine_tuning/jobs", unsupported("fine-tuning")),
        (&post, "/fine-tunes", unsupported("fine-tuning")),
        (&post, "/moderations", unsupported("moderations")),
        (&post, "/assistants", unsupported("assistants")),
        (&post, "/threads/t/messages", unsupported("threads")),
        (&post, "/vector_stores", unsupported("vector stores")),
        (&post, "/rerank", unsupported("reranking")),
        (&post, "/messages/batches", unsupported("message batches")),
        (
            &get,
            "/chat/completions/id",
            unsupported("stored chat completions"),
        ),
        (&post, "/chat", Err(RouteError::NotFound)),
        (&post, "/chat/", Err(RouteError::NotFound)),
        (&post, "/Chat/Completions", Err(RouteError::NotFound)),
        (&post, "/chat/completionsx", Err(RouteError::NotFound)),
        (&post, "/completions/x", Err(RouteError::NotFound)),
        (&get, "/unknown", Err(RouteError::NotFound)),
        (&get, "/", Err(RouteError::NotFound)),
        (&get, "", Err(RouteError::NotFound)),
    ];
    for prefix in PREFIXES {
        for (method, rest, expected) in &table {
            let path = format!("{prefix}{rest}");
            let found = Operation::route(method, &path);
            assert_eq!(&found, expected, "{method} {path}");
            let with_query = format!("{path}?a=/b#c");
            assert_eq!(
                &Operation::route(method, &with_query),
                expected,
                "{with_query}"
            );
        }
    }
}

#[test]
fn one_trailing_slash_is_ignored_but_not_two() {
    for rest in [
        "/chat/completions",
        "/models",
        "/responses",
        "/responses/r",
        "/messages",
    ] {
        let path = format!("/v1{rest}");
        let (once, twice) = (format!("{path}/"), format!("{path}//"));
        for method in [Method::GET, Method::POST] {
            let expected = Operation::route(&method, &path);
            assert_eq!(Operation::route(&method, &once), expected, "{once}");
        }
        if rest != "/models" {
            let found = Operation::route(&Method::POST, &twice);
            assert_eq!(found, Err(RouteError::NotFound), "{twice}");
        }
    }
}

#[test]
fn the_anthropic_surface_has_only_what_anthropic_has() {
    let route = |path| Operation::route(&Method::POST, path);
    assert_eq!(
        route("/anthropic/v1/messages?beta=true"),
        Ok(Operation::Create(Endpoint::Messages))
    );
    assert_eq!(
        route("/anthropic/v1/messages/count_tokens"),
        Ok(Operation::CountTokens)
    );
    assert_eq!(
        route("/anthropic/v1/chat/completions"),
        Err(RouteError::NotFound)
    );
    for path in ["/anthropic/messages", "/anthropic/v1/v1/messages/"] {
        assert_eq!(route(path), Ok(Operation::Create(Endpoint::Messages)));
    }
    assert_eq!(route("/anthropic/files"), Err(RouteError::NotFound));
    assert_eq!(
        Operation::route(&Method::GET, "/anthropic/v1/models"),
        Ok(Operation::ListModels)
    );
}

#[test]
fn other_prefixes_are_unknown() {
    for path in [
        "/chat/completions",
        "/v2/chat/completions",
        "/v1beta/models",
        "/inference/v1/v1/v1/models",
        "/openai/v1/v1/v1/models",
        "/v1/v1/v1/models",
        "/v1/openai/models",
        "/langchain/litellm/models",
        "/litellm/v2/models",
        "/LiteLLM/models",
        "/openaichat/completions",
        "//v1/models",
        "/v1//models",
        "v1/models",
    ] {
        for method in [Method::GET, Method::POST] {
            assert_eq!(
                Operation::route(&method, path),
                Err(RouteError::NotFound),
                "{path}"
            );
        }
    }
}

#[test]
fn every_endpoint_is_routed_by_its_own_path() {
    for endpoint in Endpoint::ALL {
        let operation = Operation::route(&Method::POST, endpoint.path());
        assert_eq!(operation, Ok(Operation::Create(endpoint)));
        assert_eq!(
            operation.map(|operation| operation.endpoint()),
            Ok(Some(endpoint))
        );
    }
}

#[test]
fn a_route_error_becomes_the_answer() {
    let wrong = RouteError::MethodNotAllowed(GET_DELETE);
    let response = wrong
        .to_api_error(&Method::PUT, "/v1/responses/r")
        .to_response(crate::ErrorShape::OpenAi);
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, DELETE");
    let missing = RouteError::NotFound.to_api_error(&Method::GET, "/nope?key=secret");
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.message(), "There is nothing at GET /nope.");
}

#[test]
fn errors_have_the_shape_of_the_surface_or_of_the_operation() {
    use crate::ErrorShape::{Anthropic, OpenAi, Responses};
    for (path, shape) in [
        ("/anthropic", Anthropic),
        ("/anthropic/", Anthropic),
        ("/anthropic?beta=true", Anthropic),
        ("/anthropic/v1/chat/completions", Anthropic),
        ("/anthropic/v1/models/x", Anthropic),
        ("/v1/messages", Anthropic),
        ("/v1/messages/nowhere?beta=true", Anthropic),
        ("/inference/v1/v1/messages", Anthropic),
        ("/litellm/messages/count_tokens", Anthropic),
        ("/v1/complete", Anthropic),
        ("/anthropics/v1/messages", OpenAi),
        ("/v1/messagesx", OpenAi),
        ("/messages", OpenAi),
        ("/v1/responses/r", Responses),
        ("/openai/responses", Responses),
        ("/langchain/nowhere", OpenAi),
        ("/v1/models", OpenAi),
        ("/", OpenAi),
        ("", OpenAi),
    ] {
        assert_eq!(crate::ErrorShape::for_path(path), shape, "{path}");
    }
}

#[test]
fn the_shape_of_an_endpoint_is_that_of_its_path() {
    for endpoint in Endpoint::ALL {
        let shape = crate::ErrorShape::for_endpoint(endpoint);
        assert_eq!(crate::ErrorShape::for_path(endpoint.path()), shape);
    }
}
