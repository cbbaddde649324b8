//! Closed-schema validation.
pub(crate) mod repr;
pub(crate) mod chat {
    use crate::call::Call;
    use crate::json::Json;
    use crate::models::Found;
    use crate::refusal::Refusal;
    pub(crate) fn shape(_: &Json) -> Result<(), Refusal> {
        Ok(())
    }
    pub(crate) fn rules(_: &Call<'_>, _: &Found) -> Result<(), Refusal> {
        Ok(())
    }
}
pub(crate) mod completions {
    pub(crate) use super::chat::{rules, shape};
}
