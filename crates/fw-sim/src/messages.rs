use crate::call::{Call, Reply};
use crate::refusal::Refusal;
pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    Err(call.no_model())
}
