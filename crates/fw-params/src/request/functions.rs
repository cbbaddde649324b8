//! The predecessor of tools: `functions` and `function_call`.

use fw_wire::ApiError;

use super::{fields::Request, rule::Slot, tools};

/// `functions` becomes `tools`, `function_call` becomes `tool_choice`.
///
/// The reply is turned back: a client that sent `functions` waits for a `function_call`.
pub(crate) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    let (functions, tools) = (Slot::Functions, Slot::Tools);
    if let Some(field) = request.slot(functions)
        && field.value.is_array()
    {
        if request.slot(tools).is_some() {
            request.edits.remove(field.span, functions.name());
        } else {
            let mut json = String::from("[");
            for function in field.value.elements() {
                if json.len() > 1 {
                    json.push(',');
                }
                json.push_str(r#"{"type":"function","function":"#);
                json.push_str(
                    &request
                        .edits
                        .piece(function.value(), tools::convert_function)?,
                );
                json.push('}');
            }
            json.push(']');
            request
                .edits
                .rename(field.span, tools.name(), functions.name());
            request.edits.put(field.value.span(), json);
            request.plan.legacy_functions = true;
            request.plan.tools = true;
        }
    }
    let (call, choice) = (Slot::FunctionCall, Slot::ToolChoice);
    let Some(field) = request.slot(call) else {
        return Ok(());
    };
    if request.slot(choice).is_some() {
        request.edits.remove(field.span, call.name());
    } else if field.value.is_string() {
        request.edits.rename(field.span, choice.name(), call.name());
    } else if field.value.is_object() {
        request.edits.rename(field.span, choice.name(), call.name());
        let json = format!(r#"{{"type":"function","function":{}}}"#, field.value.raw());
        request.edits.put(field.value.span(), json);
    }
    Ok(())
}
