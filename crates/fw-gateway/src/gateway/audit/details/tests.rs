use fw_audit::Tokens;

use super::*;
use crate::config::Config;

fn details(capture: bool) -> GatewayDetails {
    let config = Config::parse(
        "f.yaml",
        "
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - {id: own, provider: fireworks, model: m, pricing: {prompt: 1, completion: 10, cached_prompt: 0.5}}
    - {id: known, provider: fireworks, model: glm-5p3}
    - {id: other, provider: openai, model: gpt}
",
    );
    GatewayDetails::new(config.unwrap().providers.as_ref().unwrap(), capture)
}

fn cost(target: &str, served: Option<&str>) -> Option<f64> {
    let mut record = Finished::default();
    record.target = Some(target.to_owned());
    record.model_served = served.map(str::to_owned);
    record.tokens = Some(Tokens::new(1_000_000, 500_000, 100_000));
    details(false).prices.cost_of(&record, Tier::Default)
}

#[test]
fn cost_is_the_target_s_own_price_or_the_catalogue_s() {
    assert_eq!(cost("own", None), Some(0.5 + 0.25 + 1.0));
    let glm = 0.5 * 1.40 + 0.5 * 0.26 + 0.1 * 4.40;
    for (target, served) in [
        ("known", None),
        ("known", Some("accounts/fireworks/models/glm-5p3")),
        ("known/glm-5p3", None),
    ] {
        let cost = cost(target, served).unwrap();
        assert!((cost - glm).abs() < 1e-9, "{target}: {cost}");
    }
    assert_eq!(cost("other", Some("gpt")), None);
    assert_eq!(cost("nobody", None), None);
}

#[test]
fn each_request_has_records_of_its_own() {
    let template = details(true);
    let request = || http::Request::new(()).into_parts().0;
    let (mut one, mut other) = (template.clone(), template.clone());
    let (mut first, mut second) = (request(), request());
    one.request(&mut first, None);
    other.request(&mut second, None);
    let captured = first.extensions.get::<CapturedBody>().unwrap();
    captured.put("redacted".into());
    let finished = |mut details: GatewayDetails| {
        let mut record = Finished::default();
        details.finish(&mut record);
        record.captured.and_then(|captured| captured.request)
    };
    assert_eq!(finished(one).as_deref(), Some("redacted"));
    assert_eq!(finished(other), None);
}

#[test]
fn only_the_priority_tier_has_another_price() {
    let tier = |body: &str| {
        let mut details = details(false);
        let mut parts = http::Request::new(()).into_parts().0;
        details.request(&mut parts, Value::parse(body.as_bytes()).ok());
        details.tier
    };
    assert_eq!(tier(r#"{"service_tier":"priority"}"#), Tier::Priority);
    assert_eq!(tier("{}"), Tier::Default);
}
