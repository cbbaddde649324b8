//! What follows a failure: `retry`, `fallback` and `circuit_breaker`.

use super::super::notes::Notes;
use super::super::output::{Breaker, Fallback, Output, Retry, seconds};
use super::settings::Settings;

/// What groups fall back on.
#[derive(Default)]
pub(super) struct FallsBack {
    pub(super) any: bool,
    pub(super) on_context_window: bool,
    pub(super) on_content_policy: bool,
}

/// Retries, fallbacks and cooldowns.
pub(super) fn reliability(
    settings: &Settings,
    falls_back: &FallsBack,
    output: &mut Output,
    notes: &mut Notes,
) {
    if output.targets.is_empty() {
        return;
    }
    let retries = settings.retries.as_ref();
    if let Some(retries) = retries.filter(|retries| retries.count > 0) {
        notes.changed(
            &retries.path,
            "a retry goes to the same target first, and to the others of its group when it keeps failing",
        );
        let wait = settings.retry_after.filter(|wait| *wait > 0.0);
        let wait = wait
            .map(|wait| seconds(wait) * 1_000)
            .map(|wait| wait.min(3_600_000));
        output.retry = Some(Retry {
            max_attempts: retries.count.saturating_add(1).min(100),
            initial_backoff_ms: wait,
            max_backoff_ms: wait.map(|wait| wait.max(2_000)),
        });
    }
    if falls_back.any || settings.max_fallbacks.is_some() {
        let fallback = |on: bool| on.then_some("fallback");
        output.fallback = Some(Fallback {
            enabled: true,
            triggers: Vec::new(),
            max_fallback_attempts: settings.max_fallbacks.map(|most| most.min(100)),
            content_policy: fallback(falls_back.on_content_policy),
            context_window: fallback(falls_back.on_context_window),
        });
    } else if retries.is_some_and(|retries| retries.count == 0) && output.targets.len() > 1 {
        // Nothing is tried again, with no other target either.
        output.fallback = Some(Fallback::default());
    }
    if settings.no_cooldowns {
        output.breaker = Some(Breaker {
            enabled: false,
            failure_threshold: None,
            cooldown_seconds: None,
        });
    } else if settings.allowed_fails.is_some() || settings.cooldown.is_some() {
        if let Some(fails) = &settings.allowed_fails {
            notes.changed(
                &fails.path,
                "counted in a row, not in a minute; `circuit_breaker.error_ratio` looks at a share of failures in \
                 a window",
            );
        }
        output.breaker = Some(Breaker {
            enabled: true,
            failure_threshold: settings
                .allowed_fails
                .as_ref()
                .map(|fails| fails.count.saturating_add(1).min(1_000_000)),
            cooldown_seconds: settings.cooldown.map(seconds),
        });
    }
}
