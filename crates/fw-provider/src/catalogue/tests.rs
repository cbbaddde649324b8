use proptest::prelude::*;

use super::*;

fn built_in() -> Catalogue {
    Catalogue::from_json(include_str!("../../data/models.json")).unwrap()
}

fn usd(rate: Rate) -> f64 {
    rate.as_usd_per_million()
}

#[test]
fn the_file_is_whole() {
    let catalogue = built_in();
    assert_eq!(catalogue.models().count(), 43);
    assert_eq!(catalogue.date(), "2026-11-21");
    assert_eq!(catalogue.unix_time() % 86_400, 0);
    assert!(catalogue.source().contains("litellm 1.109.1"));
    let ids: std::collections::HashSet<_> = catalogue.models().map(|it| &it.id).collect();
    assert_eq!(ids.len(), 43, "an id is there twice");
    for model in catalogue.models() {
        assert!(model.context_length.is_some(), "{}", model.id);
        assert_eq!(
            model.price.input() == Rate::default(),
            model.dedicated,
            "{} has no price",
            model.id
        );
        assert!(model.price.cached_input() <= model.price.input());
        if let Some(priority) = model.priority_price {
            assert!(priority.input() > model.price.input(), "{}", model.id);
        }
        if let Some(day) = &model.deprecation_date {
            assert_eq!(day.len(), 10, "{day}");
        }
    }
}

#[test]
fn the_built_in_catalogue_is_the_file() {
    assert_eq!(catalogue().models().count(), built_in().models().count());
}

#[test]
fn a_model_has_many_names() {
    let catalogue = built_in();
    for name in [
        "accounts/fireworks/models/kimi-k3",
        "fireworks/accounts/fireworks/models/kimi-k3",
        "fireworks/kimi-k3",
        "kimi-k3",
        "fireworks:chat:accounts/fireworks/models/kimi-k3",
        "fireworks:chat:kimi-k3",
        "accounts/fireworks/models/kimi-k3#accounts/me/deployments/d1",
        "accounts/fireworks/models/kimi-k3@2026-10-01",
    ] {
        let model = catalogue.get(name);
        assert_eq!(
            model.map(|it| it.id.as_str()),
            Some("accounts/fireworks/models/kimi-k3"),
            "{name}"
        );
    }
    for (name, id) in [
        (
            "fireworks/kimi-k3-fast",
            "accounts/fireworks/routers/kimi-k3-fast",
        ),
        (
            "nomic-ai/nomic-embed-text-v1.5",
            "nomic-ai/nomic-embed-text-v1.5",
        ),
        (
            "fireworks/nomic-ai/nomic-embed-text-v1",
            "nomic-ai/nomic-embed-text-v1",
        ),
    ] {
        assert_eq!(catalogue.get(name).map(|it| it.id.as_str()), Some(id));
    }
    for name in [
        "",
        "fireworks/",
        "gpt-4o",
        "models/kimi-k3",
        "nomic-embed-text-v1",
    ] {
        assert!(catalogue.get(name).is_none(), "{name}");
    }
}

#[test]
fn the_models_of_the_well_known_examples_are_there() {
    let catalogue = built_in();
    for (name, window, price) in [
        ("llama-v3p1-405b-instruct", 131_072, 3.0),
        ("llama-v3p1-70b-instruct", 131_072, 0.9),
        ("llama-v3p1-8b-instruct", 131_072, 0.1),
        ("llama-v3p3-70b-instruct", 131_072, 0.9),
        ("mixtral-8x22b-instruct", 65_536, 1.2),
        ("phi-3-medium-4k-instruct", 4_096, 0.2),
        ("firefunction-v2", 8_192, 0.9),
        ("qwen2-72b-instruct", 131_072, 0.9),
    ] {
        let model = catalogue.get(name).unwrap();
        assert_eq!(model.context_length, Some(window), "{name}");
        assert_eq!(usd(model.price.input()), price, "{name}");
        assert!(model.legacy, "{name}");
    }
}

#[test]
fn a_row_reads_as_it_was_published() {
    let catalogue = built_in();
    let model = catalogue.get("deepseek-v4p1-flash").unwrap();
    assert_eq!(usd(model.price.input()), 0.30);
    assert_eq!(usd(model.price.cached_input()), 0.006);
    assert_eq!(usd(model.price.output()), 1.20);
    let priority = model.price(Tier::Priority);
    assert_eq!(usd(priority.cached_input()), 0.0075);
    assert_eq!(model.max_output_tokens, Some(393_216));
    assert_eq!(model.can(Capability::Vision), Some(true));
    assert_eq!(
        catalogue.get("glm-5p3").unwrap().can(Capability::Vision),
        Some(false)
    );
    assert_eq!(
        catalogue
            .get("mixtral-8x22b-instruct")
            .unwrap()
            .can(Capability::Tools),
        None
    );
    assert_eq!(
        catalogue.get("kimi-k3").unwrap().reasoning_efforts,
        ["low", "high", "max"]
    );
}

#[test]
fn cached_input_without_a_price_costs_half() {
    let catalogue = built_in();
    let model = catalogue.get("qwen3-coder-480b-a35b-instruct").unwrap();
    assert_eq!(usd(model.price.cached_input()), 0.225);
}

#[test]
fn a_price_without_a_priority_price_is_the_same_there() {
    let catalogue = built_in();
    let model = catalogue.get("glm-5p1").unwrap();
    assert_eq!(model.price(Tier::Priority), model.price(Tier::Default));
    assert_eq!(Tier::from_service_tier(Some("priority")), Tier::Priority);
    assert_eq!(Tier::from_service_tier(Some("flex")), Tier::Default);
    assert_eq!(Tier::from_service_tier(None), Tier::Default);
}

#[test]
fn an_unknown_model_costs_what_its_size_costs() {
    let catalogue = built_in();
    for (name, price) in [
        ("some-new-3b", Some(0.10)),
        ("accounts/me/models/tuned-0p6b-it", Some(0.10)),
        ("some-4.5b-chat", Some(0.20)),
        ("some-16b", Some(0.20)),
        ("fireworks/some-17b-v2", Some(0.90)),
        ("some-moe-8x7b", Some(0.50)),
        ("some-8x22b-instruct", Some(1.20)),
        ("some-16x22b", None),
        ("gpt-4o", None),
        ("web", None),
        ("b", None),
        ("xb", None),
    ] {
        let quote = catalogue.quote(name, Tier::Default);
        assert_eq!(quote.map(|it| usd(it.price.output())), price, "{name}");
        assert!(quote.is_none_or(|it| it.estimated), "{name}");
    }
    assert!(!catalogue.quote("glm-5p3", Tier::Default).unwrap().estimated);
}

#[test]
fn costs_are_exact() {
    let price = built_in().get("kimi-k3").unwrap().price;
    // (100 − 64) × 3.00 + 64 × 0.30 + 24 × 15.00 = 108 + 19.2 + 360 millionths
    let cost = price.cost(100, 64, 24);
    assert_eq!(cost.as_picodollars(), 487_200_000);
    assert_eq!(cost.to_string(), "$0.0004872");
    assert_eq!(cost.as_usd(), 0.000_487_2);
    let thousand: Cost = std::iter::repeat_n(cost, 1000).sum();
    assert_eq!(thousand.as_picodollars(), 487_200_000_000);
    // More cached than prompt tokens: all of the prompt.
    assert_eq!(price.cost(10, 64, 0), price.cost(10, 10, 0));
    assert_eq!(
        price.cost(u64::MAX, 0, u64::MAX),
        Cost::picodollars(u64::MAX)
    );
}

#[test]
fn amounts_are_written_in_dollars() {
    for (amount, text) in [
        (0, "$0.00"),
        (1, "$0.000000000001"),
        (1_500_000_000_000, "$1.50"),
        (12_345_600_000_000, "$12.3456"),
    ] {
        assert_eq!(Cost::picodollars(amount).to_string(), text);
    }
}

#[test]
fn a_targets_own_prices_do_not_discount_cached_input() {
    let price = Price::from(crate::Pricing {
        prompt: 0.9,
        completion: 1.8,
        cached_prompt: None,
    });
    assert_eq!(usd(price.cached_input()), 0.9);
    assert_eq!(usd(price.output()), 1.8);
}

#[test]
fn the_list_has_the_shape_clients_know() {
    let catalogue = built_in();
    let list = ModelList::new(catalogue.unix_time())
        .model("fast", "fireworks", catalogue.get("kimi-k3"))
        .model("gpt-4o", "openai", None)
        .model("gpt-4o", "openai", None)
        .catalogue(&catalogue);
    let json: serde_json::Value = serde_json::from_str(&list.to_json()).unwrap();
    assert_eq!(json["object"], "list");
    let data = json["data"].as_array().unwrap();
    assert_eq!(data.len(), 2 + catalogue.current().count());
    for model in data {
        assert_eq!(model["object"], "model");
        assert!(model["id"].is_string() && model["owned_by"].is_string());
        assert_eq!(model["created"], catalogue.unix_time());
    }
    assert_eq!(data[0]["id"], "fast");
    assert_eq!(data[0]["context_length"], 1_048_576);
    assert_eq!(data[0]["supports_tools"], true);
    assert_eq!(data[0]["pricing"]["cached_prompt"], 0.3);
    assert_eq!(data[0]["priority_pricing"]["completion"], 18.75);
    assert!(data[1].get("pricing").is_none());
    let ids: Vec<_> = data.iter().filter_map(|it| it["id"].as_str()).collect();
    assert!(ids.contains(&"accounts/fireworks/models/glm-5p3"));
    assert!(ids.contains(&"accounts/fireworks/models/qwen3-embedding-8b"));
    for gone in [
        "gpt-oss-120b",
        "llama-v3p1-70b-instruct",
        "qwen3-embedding-4b",
    ] {
        assert!(!ids.iter().any(|id| id.ends_with(gone)), "{gone}");
    }
}

#[test]
fn one_model_is_found_by_its_names() {
    let catalogue = built_in();
    let list = ModelList::new(0)
        .model("my/alias", "fireworks", None)
        .catalogue(&catalogue);
    for name in [
        "accounts/fireworks/models/glm-5p3",
        "accounts%2Ffireworks%2fmodels%2Fglm-5p3",
        "fireworks/glm-5p3",
        "glm-5p3",
    ] {
        let json: serde_json::Value =
            serde_json::from_str(&list.model_json(name).unwrap()).unwrap();
        assert_eq!(json["id"], "accounts/fireworks/models/glm-5p3", "{name}");
    }
    assert!(list.model_json("my%2Falias").is_some());
    assert!(list.model_json("").is_none());
}

#[test]
fn a_broken_file_is_an_error() {
    assert!(Catalogue::from_json("{").is_err());
    assert!(Catalogue::from_json("{}").is_err());
    let negative = include_str!("../../data/models.json").replacen("0.3", "-0.3", 1);
    assert!(Catalogue::from_json(&negative).is_err());
}

proptest! {
    #[test]
    fn any_name_is_answered(name in "\\PC{0,40}") {
        let catalogue = catalogue();
        let _ = catalogue.quote(&name, Tier::Priority);
        let _ = ModelList::new(0).catalogue(catalogue).model_json(&name);
    }

    #[test]
    fn what_is_cached_never_costs_more(prompt in 0u64..1 << 40, part in 0u64..1 << 40, out in 0u64..1 << 40) {
        for model in catalogue().models() {
            let cached = part.min(prompt);
            prop_assert!(model.price.cost(prompt, cached, out) <= model.price.cost(prompt, 0, out));
        }
    }
}
