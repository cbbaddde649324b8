//! Records of the layer as JSON: what serde makes of them, byte for byte, several times as fast. Most of their
//! text is digests and names, which need no escapes, and the names of their members are known.

use serde::Serialize;
use serde_json::Result;

use crate::{
    format::push_number,
    record::{AttemptRecord, ConfigIdentity, Finished, PolicyRecord, Tokens},
    time::Timestamp,
};

/// The members of the [`Accepted`](crate::Accepted) of a request, which are among those of its [`Finished`].
pub(crate) fn push_accepted(out: &mut Vec<u8>, record: &Finished) -> Result<()> {
    push_origin(out, record)?;
    if record.stream {
        push(out, b",\"stream\":true");
    }
    push_field(out, b",\"bytes\":", record.bytes);
    push_text(out, b",\"prompt\":", record.prompt.as_deref())
}

/// The members of a [`Finished`].
pub(crate) fn push_finished(out: &mut Vec<u8>, record: &Finished) -> Result<()> {
    push_time(out, record.time);
    if let Some(accepted) = record.accepted {
        push_field(out, b",\"accepted\":", accepted);
    }
    push_names(out, record)?;
    push_text(out, b",\"model_served\":", record.model_served.as_deref())?;
    if record.stream {
        push(out, b",\"stream\":true");
    }
    push_text(out, b",\"target\":", record.target.as_deref())?;
    push_list(out, b",\"attempts\":", &record.attempts, push_attempt)?;
    push_word(out, b",\"verdict\":", record.verdict.as_str());
    push_list(out, b",\"policies\":", &record.policies, push_policy)?;
    push_list(out, b",\"changes\":", &record.changes, |out, change| {
        push_string(out, change)
    })?;
    if let Some(tokens) = record.tokens {
        push_tokens(out, tokens);
    }
    push_some(out, b",\"cost_usd\":", record.cost_usd.as_ref())?;
    push_some(out, b",\"ttft_ms\":", record.ttft_ms.as_ref())?;
    push_some(out, b",\"total_ms\":", Some(&record.total_ms))?;
    if let Some(status) = record.status {
        push_field(out, b",\"status\":", status.into());
    }
    push_word(out, b",\"end\":", record.end.as_str());
    push_field(out, b",\"bytes\":", record.bytes);
    push_field(out, b",\"reply_bytes\":", record.reply_bytes);
    push_text(out, b",\"prompt\":", record.prompt.as_deref())?;
    push_text(out, b",\"reply\":", record.reply.as_deref())?;
    if let Some(config) = &record.config {
        push_config(out, config)?;
    }
    push_some(out, b",\"hipaa\":", record.hipaa.as_ref())?;
    push_some(out, b",\"captured\":", record.captured.as_ref())?;
    for (name, value) in &record.other {
        push(out, b",");
        push_string(out, name)?;
        push(out, b":");
        serde_json::to_writer(&mut *out, value)?;
    }
    Ok(())
}

/// When, which request, whose, and what for.
fn push_origin(out: &mut Vec<u8>, record: &Finished) -> Result<()> {
    push_time(out, record.time);
    push_names(out, record)
}

fn push_names(out: &mut Vec<u8>, record: &Finished) -> Result<()> {
    push_text(out, b",\"request_id\":", record.request_id.as_deref())?;
    push_text(out, b",\"trace_id\":", record.trace_id.as_deref())?;
    push_text(out, b",\"client\":", record.client.as_deref())?;
    push_text(out, b",\"endpoint\":", Some(&record.endpoint))?;
    push_text(out, b",\"model\":", record.model.as_deref())
}

fn push_attempt(out: &mut Vec<u8>, attempt: &AttemptRecord) -> Result<()> {
    push_text(out, b"{\"target\":", Some(&attempt.target))?;
    push_text(out, b",\"fault\":", attempt.fault.as_deref())?;
    push_some(out, b",\"ms\":", attempt.ms.as_ref())?;
    push(out, b"}");
    Ok(())
}

fn push_policy(out: &mut Vec<u8>, policy: &PolicyRecord) -> Result<()> {
    push_text(out, b"{\"policy\":", Some(&policy.policy))?;
    push_text(out, b",\"phase\":", Some(&policy.phase))?;
    push_text(out, b",\"outcome\":", Some(&policy.outcome))?;
    push_text(out, b",\"reason\":", policy.reason.as_deref())?;
    if !policy.findings.is_empty() {
        push_some(out, b",\"findings\":", Some(&policy.findings))?;
    }
    if let Some(micros) = policy.us {
        push_field(out, b",\"us\":", micros);
    }
    push(out, b"}");
    Ok(())
}

fn push_tokens(out: &mut Vec<u8>, tokens: Tokens) {
    push_field(out, b",\"tokens\":{\"prompt\":", tokens.prompt);
    push_field(out, b",\"cached\":", tokens.cached);
    push_field(out, b",\"completion\":", tokens.completion);
    push(out, b"}");
}

fn push_config(out: &mut Vec<u8>, config: &ConfigIdentity) -> Result<()> {
    push_text(out, b",\"config\":{\"name\":", Some(&config.name))?;
    push_text(out, b",\"version\":", Some(&config.version))?;
    push_text(out, b",\"digest\":", Some(&config.digest))?;
    push(out, b"}");
    Ok(())
}

fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
}

fn push_time(out: &mut Vec<u8>, time: Timestamp) {
    push(out, b"\"time\":\"");
    push(out, &time.to_ascii());
    push(out, b"\"");
}

fn push_field(out: &mut Vec<u8>, name: &[u8], value: u64) {
    push(out, name);
    push_number(out, value);
}

/// A word of our own, which needs no escapes.
fn push_word(out: &mut Vec<u8>, name: &[u8], word: &str) {
    push(out, name);
    push(out, b"\"");
    push(out, word.as_bytes());
    push(out, b"\"");
}

fn push_text(out: &mut Vec<u8>, name: &[u8], text: Option<&str>) -> Result<()> {
    text.map_or(Ok(()), |text| {
        push(out, name);
        push_string(out, text)
    })
}

fn push_some(out: &mut Vec<u8>, name: &[u8], value: Option<&impl Serialize>) -> Result<()> {
    value.map_or(Ok(()), |value| {
        push(out, name);
        serde_json::to_writer(out, value)
    })
}

fn push_list<T>(
    out: &mut Vec<u8>,
    name: &[u8],
    items: &[T],
    item: impl Fn(&mut Vec<u8>, &T) -> Result<()>,
) -> Result<()> {
    for (at, it) in items.iter().enumerate() {
        push(out, if at == 0 { name } else { b"," });
        push(out, if at == 0 { b"[" } else { b"" });
        item(out, it)?;
    }
    push(out, if items.is_empty() { b"" } else { b"]" });
    Ok(())
}

fn push_string(out: &mut Vec<u8>, text: &str) -> Result<()> {
    // Without an end in the middle: so it is looked at many bytes at once.
    let is_plain = text.bytes().fold(true, |is_plain, byte| {
        is_plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\')
    });
    if !is_plain {
        return serde_json::to_writer(out, text);
    }
    push(out, b"\"");
    push(out, text.as_bytes());
    push(out, b"\"");
    Ok(())
}

#[cfg(test)]
mod tests;
