use crate::call::{Call, Reply};
use crate::refusal::Refusal;
#[derive(Debug, Default)]
pub(crate) struct Store;
pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    Err(call.no_model())
}
pub(crate) fn list(call: &Call<'_>) -> Result<Reply, Refusal> {
    Err(call.no_model())
}
pub(crate) fn get(call: &Call<'_>, _: &str) -> Result<Reply, Refusal> {
    Err(call.no_model())
}
pub(crate) fn delete(call: &Call<'_>, _: &str) -> Result<Reply, Refusal> {
    Err(call.no_model())
}
