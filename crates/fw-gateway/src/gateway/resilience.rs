//! What follows when a target fails, or is slow, or is to be compared with another.

use std::time::Duration;

use fw_routing::{
    Backoff, Breaker, Fallback, Hedge, Mirror, Retry, RetryBudget, RetryOn, RouterBuilder, Trigger,
};
use http::StatusCode;

use crate::config::{
    CircuitBreaker, Fallback as FallbackConfig, FallbackTrigger, Mirror as MirrorConfig,
    OnContentPolicy, OnContextWindow, Providers, Retry as RetryConfig, RetryClass,
    RetryOn as RetryOnConfig, Strategy,
};

/// Adds `retry`, `fallback`, `circuit_breaker`, `hedge` and `mirror`, with what holds where they are not
/// given.
pub(super) fn apply<S>(
    mut builder: RouterBuilder<S>,
    providers: &Providers,
    targets: usize,
) -> RouterBuilder<S> {
    let several = targets > 1;
    let fallback = match &providers.fallback {
        Some(config) => fallback(config),
        None if several && providers.strategy() != Strategy::Single => Fallback::new(),
        None => Fallback::none(),
    };
    builder = builder.fallback(fallback);
    if let Some(config) = &providers.retry {
        builder = builder.retry(retry(config));
    }
    let breaker = match &providers.circuit_breaker {
        Some(config) => config.enabled.then(|| breaker(config)),
        None => several.then(Breaker::new),
    };
    if let Some(breaker) = breaker {
        builder = builder.breaker(breaker);
    }
    if let Some(hedge) = providers.hedge.as_ref().filter(|hedge| hedge.enabled) {
        builder = builder.hedge(Hedge::after(Duration::from_millis(hedge.delay_ms)));
    }
    if let Some(config) = providers.mirror.as_ref().filter(|mirror| mirror.enabled) {
        builder = builder.mirror(mirror(config));
    }
    builder
}

fn fallback(config: &FallbackConfig) -> Fallback {
    if !config.enabled {
        return Fallback::none();
    }
    let triggers = config.triggers.iter().map(|trigger| match trigger {
        FallbackTrigger::RateLimit => Trigger::RateLimit,
        FallbackTrigger::Timeout => Trigger::Timeout,
        FallbackTrigger::ServerError => Trigger::ServerError,
    });
    Fallback::new()
        .triggers(triggers)
        .max_attempts(config.max_fallback_attempts)
        .on_content_filter(config.content_policy == OnContentPolicy::Fallback)
        .on_context_length(config.context_window == OnContextWindow::Fallback)
}

fn retry(config: &RetryConfig) -> Retry {
    let budget = RetryBudget::new()
        .percent(config.budget_percent)
        .min_per_second(config.budget_min_per_second);
    if !config.enabled {
        return Retry::none().budget(budget);
    }
    let on = config.retry_on.iter().filter_map(|on| {
        Some(match on {
            RetryOnConfig::Status(status) => RetryOn::Status(StatusCode::from_u16(*status).ok()?),
            RetryOnConfig::Class(RetryClass::ServerError) => RetryOn::ServerError,
            RetryOnConfig::Class(RetryClass::Timeout) => RetryOn::Timeout,
            RetryOnConfig::Class(RetryClass::Connect) => RetryOn::Connect,
            RetryOnConfig::Class(RetryClass::RateLimit) => RetryOn::RateLimit,
        })
    });
    let retry = Retry::new()
        .max_attempts(config.max_attempts)
        .backoff(
            Backoff::new()
                .initial(Duration::from_millis(config.initial_backoff_ms))
                .max(Duration::from_millis(config.max_backoff_ms))
                .jitter(config.jitter),
        )
        .budget(budget)
        .on(on);
    match config.timeout_seconds {
        Some(timeout) => retry.timeout(Duration::from_secs(timeout)),
        None => retry,
    }
}

fn breaker(config: &CircuitBreaker) -> Breaker {
    let breaker = Breaker::new()
        .failure_threshold(config.failure_threshold)
        .window(Duration::from_secs(config.window_seconds))
        .min_requests(config.min_requests)
        .cooldown(Duration::from_secs(config.cooldown_seconds))
        .half_open_requests(config.half_open_max_requests);
    match config.error_ratio {
        Some(ratio) => breaker.error_ratio(ratio),
        None => breaker,
    }
}

fn mirror(config: &MirrorConfig) -> Mirror {
    Mirror::new(&config.mirror_target)
        .sample_rate(config.sample_rate)
        .timeout(Duration::from_millis(config.timeout_ms))
        .log_response(config.log_mirror_response)
}
