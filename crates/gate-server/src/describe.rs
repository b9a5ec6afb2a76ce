//! What `/openapi.json` says of each operation beyond the types of its handler.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{
    Operation, Parameter, ReferenceOr, RequestBody, Response, SecurityRequirement, SecurityScheme,
};
use aide::transform::{TransformOpenApi, TransformOperation};
use axum::Json;
use serde_json::{Value, json};

use crate::admission::ReviewDocument;
use crate::api::promotions::IDEMPOTENCY_KEY;
use crate::api::{Asked, evidence, health};
use crate::problem::{Problem, ProblemDetails};

const DIGEST: &str = "^sha256:[0-9a-f]{64}$";

pub(crate) fn whole(api: TransformOpenApi) -> TransformOpenApi {
    let description = "A configured token. A configured client certificate serves as well.";
    let bearer = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some(description.to_owned()),
        extensions: serde_json::Map::default().into_iter().collect(),
    };
    api.title("Gate")
        .version(env!("CARGO_PKG_VERSION"))
        .summary("Decides which artifacts may pass into an environment, and proves it.")
        .security_scheme("bearer", bearer)
        .security_requirement("bearer")
        .default_response::<Problem>()
}

pub(crate) fn decide(operation: TransformOperation) -> TransformOperation {
    operation
        .id("decide")
        .summary("Judges an artifact for an environment; nothing is signed or promoted")
        .input::<Json<Asked>>()
}

pub(crate) fn look_up(operation: TransformOperation) -> TransformOperation {
    let id = in_path("id", "The decision", Some(DIGEST));
    operation.id("look-up-decision").summary("Looks up a decision by its id").with(takes(id))
}

pub(crate) fn promote(operation: TransformOperation) -> TransformOperation {
    let key = json!({
        "in": "header",
        "name": IDEMPOTENCY_KEY,
        "required": false,
        "description": "The same key with the same body gets the same receipt",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    });
    operation
        .id("promote")
        .summary("Judges an artifact, signs the decision and records it; the answer is the receipt")
        .input::<Json<Asked>>()
        .with(takes(key))
}

pub(crate) fn upload(operation: TransformOperation) -> TransformOperation {
    let mut operation = operation
        .id("upload-evidence")
        .summary("Takes evidence for a subject; the body is the evidence, as its tool wrote it")
        .with(takes(in_path("subject", "What it is about", Some(DIGEST))))
        .with(takes(in_path("digest", "SHA-256 of the body", Some(DIGEST))))
        .response_with::<200, Json<evidence::Uploaded>, _>(|it| it.description("Known already"))
        .response_with::<201, Json<evidence::Uploaded>, _>(|it| it.description("Kept"));
    let bytes = json!({"content": {"application/octet-stream": {}}, "required": true});
    if let Ok(body) = serde_json::from_value::<RequestBody>(bytes) {
        operation.inner_mut().request_body = Some(ReferenceOr::Item(body));
    }
    operation
}

pub(crate) fn validate(operation: TransformOperation) -> TransformOperation {
    let timeout = json!({
        "in": "query",
        "name": "timeout",
        "required": false,
        "description": "How long the API server waits, as Go writes durations: `10s`",
        "schema": {"type": "string"},
    });
    operation
        .id("validate-admission")
        .summary("Answers a Kubernetes AdmissionReview (admission.k8s.io/v1)")
        .input::<Json<ReviewDocument>>()
        .with(takes(in_path("environment", "The environment whose policy judges", None)))
        .with(takes(timeout))
}

pub(crate) fn live(operation: TransformOperation) -> TransformOperation {
    open(operation.id("live").summary("Whether the process answers"))
}

pub(crate) fn ready(operation: TransformOperation) -> TransformOperation {
    let operation = operation
        .id("ready")
        .summary("Whether decisions can be recorded")
        .response_with::<200, Json<health::Readiness>, _>(|it| it.description("Ready"))
        .response_with::<503, Json<health::Readiness>, _>(|it| it.description("Not ready"));
    open(operation)
}

pub(crate) fn metrics(operation: TransformOperation) -> TransformOperation {
    operation
        .id("metrics")
        .summary("Metrics in the OpenMetrics text form, which Prometheus reads")
        .response::<200, String>()
}

/// An operation that needs no caller.
fn open(mut operation: TransformOperation) -> TransformOperation {
    operation.inner_mut().security = vec![SecurityRequirement::default()];
    operation
}

fn in_path(name: &str, description: &str, pattern: Option<&str>) -> Value {
    let mut schema = json!({"type": "string"});
    if let Some(pattern) = pattern {
        schema["pattern"] = json!(pattern);
    }
    json!({
        "in": "path", "name": name, "required": true, "description": description, "schema": schema,
    })
}

/// Adds a parameter, written as in OpenAPI.
fn takes(parameter: Value) -> impl FnOnce(TransformOperation) -> TransformOperation {
    move |mut operation| {
        if let Ok(parameter) = serde_json::from_value::<Parameter>(parameter) {
            operation.inner_mut().parameters.push(ReferenceOr::Item(parameter));
        }
        operation
    }
}

impl OperationOutput for Problem {
    type Inner = ProblemDetails;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Response> {
        let mut response = Json::<ProblemDetails>::operation_response(context, operation)?;
        "No verdict: problem details (RFC 9457) with a stable code"
            .clone_into(&mut response.description);
        let schema = response.content.swap_remove("application/json")?;
        response.content.insert("application/problem+json".to_owned(), schema);
        Some(response)
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<aide::openapi::StatusCode>, Response)> {
        Self::operation_response(context, operation).map(|it| (None, it)).into_iter().collect()
    }
}
