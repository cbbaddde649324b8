use super::*;

fn fields(target: &TargetConfig) -> Vec<&'static str> {
    target
        .problems()
        .into_iter()
        .map(|problem| problem.field)
        .collect()
}

#[test]
fn a_new_target_is_sound() {
    assert_eq!(TargetConfig::new("a", "fireworks").problems(), []);
}

#[test]
fn the_model_may_come_from_either_place() {
    let mut target = TargetConfig::new("a", "fireworks:chat:x:y/z");
    assert_eq!(target.upstream_model(), Some("x:y/z"));
    target.model = Some("other".to_owned());
    assert_eq!(target.upstream_model(), Some("other"));
    assert_eq!(TargetConfig::new("a", "openai").upstream_model(), None);
}

#[test]
fn each_problem_names_its_field() {
    type Change = fn(&mut TargetConfig);
    let cases: [(&str, Change); 25] = [
        ("id", |t| t.id = " ".into()),
        ("provider", |t| t.provider = String::new()),
        ("provider", |t| t.provider = "fireworks:image:x".into()),
        ("provider", |t| t.provider = "fireworks:chat:".into()),
        ("base_url", |t| t.base_url = Some("api.fireworks.ai".into())),
        ("base_url", |t| t.base_url = Some("ftp://host/".into())),
        ("base_url", |t| {
            t.base_url = Some("https://user:pw@host/v1".into())
        }),
        ("secret_key_ref", |t| {
            t.secret_key_ref = Some(SecretKeyRef::default())
        }),
        ("secret_key_ref", |t| {
            t.secret_key_ref = Some(SecretKeyRef::env("A B"))
        }),
        ("keys", |t| t.keys = vec![TargetKey::env("A B")]),
        ("keys", |t| t.keys = ["A", "A"].map(TargetKey::env).into()),
        ("keys", |t| {
            t.secret_key_ref = Some(SecretKeyRef::env("A"));
            t.keys = vec![TargetKey::env("A")];
        }),
        ("keys", |t| {
            t.keys = ["A", "B"].map(TargetKey::env).into();
            t.keys[0].name = Some("B".into());
        }),
        ("keys", |t| {
            t.keys = vec![TargetKey::env("A")];
            t.keys[0].store = Some("s".into());
        }),
        ("keys", |t| {
            t.keys = vec![TargetKey::env("A")];
            t.keys[0].weight = 0.0;
        }),
        ("keys", |t| {
            t.keys = ["A", "B"].map(TargetKey::env).into();
            t.keys[0].weight = f64::INFINITY;
        }),
        ("api_key", |t| t.api_key = Some(LiteralKey::new("a\nb"))),
        ("api_key_header", |t| t.api_key_header = Some("a b".into())),
        ("api_key_prefix", |t| t.api_key_prefix = Some("\n".into())),
        ("timeout_seconds", |t| t.timeout_seconds = 0),
        ("weight", |t| t.weight = f64::NAN),
        ("weight", |t| t.weight = -1.0),
        ("pricing", |t| {
            t.pricing = Some(Pricing {
                prompt: -1.0,
                ..Pricing::default()
            });
        }),
        ("health_probe", |t| {
            t.health_probe = Some(HealthProbe {
                timeout_seconds: 31,
                ..HealthProbe::default()
            });
        }),
        ("escalation_routing", |t| {
            t.escalation_routing = Some(EscalationRouting::default())
        }),
    ];
    for (field, break_it) in cases {
        let mut target = TargetConfig::new("a", "fireworks");
        break_it(&mut target);
        assert_eq!(fields(&target), [field], "{target:?}");
    }
}

#[test]
fn contradictions_are_found() {
    let mut target = TargetConfig::new("a", "fireworks");
    target.zdr = Some(true);
    target.data_policy = Some(DataPolicy {
        zero_data_retention: Some(false),
        ..DataPolicy::default()
    });
    target.api_key = Some(LiteralKey::new("k"));
    target.secret_key_ref = Some(SecretKeyRef::env("K"));
    assert_eq!(fields(&target), ["api_key", "zdr"]);
}

#[test]
fn debug_hides_the_key() {
    let mut target = TargetConfig::new("a", "fireworks");
    target.api_key = Some(LiteralKey::new("fw_very_secret"));
    assert!(!format!("{target:?}").contains("very_secret"));
}
