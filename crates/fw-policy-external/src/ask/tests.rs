use super::*;

fn found(config: &ExternalConfig, texts: &[&str], answer: &str) -> Result<Vec<String>, Unreadable> {
    findings(config, &questions(config, texts)[0], answer.as_bytes())
}

fn body(question: &Question) -> &str {
    std::str::from_utf8(&question.body).unwrap()
}

fn config(format: ExternalFormat) -> ExternalConfig {
    ExternalConfig::new("http://a.example").format(format)
}

#[test]
fn a_moderation_endpoint_is_asked_once_for_all_texts() {
    let config = config(ExternalFormat::Moderation).model("m-1");
    let asked = questions(&config, &["a \"b\"", "c"]);
    assert_eq!(asked.len(), 1);
    assert_eq!(
        body(&asked[0]),
        r#"{"input":["a \"b\"","c"],"model":"m-1"}"#
    );
}

#[test]
fn others_are_asked_text_by_text() {
    let asked = questions(&config(ExternalFormat::Classification), &["a", "b"]);
    let bodies: Vec<&str> = asked.iter().map(body).collect();
    assert_eq!(bodies, [r#"{"inputs":"a"}"#, r#"{"inputs":"b"}"#]);
    let asked = questions(&config(ExternalFormat::Score), &["a"]);
    assert_eq!(body(&asked[0]), r#"{"text":"a"}"#);
}

#[test]
fn what_is_flagged_counts_by_category() {
    let answer = r#"{"id":"x","results":[{"flagged":false},
        {"flagged":true,"categories":{"self-harm/intent":true,"hate":false},"category_scores":{"self-harm/intent":0.9,"hate":0.3}}]}"#;
    let all = config(ExternalFormat::Moderation);
    assert_eq!(
        found(&all, &["a", "b"], answer).unwrap(),
        ["self-harm_intent"]
    );
    let hate = all.clone().labels(["hate"]);
    assert!(found(&hate, &["a", "b"], answer).unwrap().is_empty());
    // A result without scores, where scores are to be compared.
    let scores = all.clone().threshold(0.2);
    assert_eq!(found(&scores, &["a", "b"], answer), Err(Unreadable));
    let one = r#"{"results":[{"flagged":false,"category_scores":{"hate":0.3,"violence":0.1}}]}"#;
    assert_eq!(found(&scores, &["a"], one).unwrap(), ["hate"]);
    let unnamed = r#"{"results":[{"flagged":true}]}"#;
    assert_eq!(found(&all, &["a"], unnamed).unwrap(), ["flagged"]);
}

#[test]
fn a_label_counts_from_its_threshold_on() {
    let injection = config(ExternalFormat::Classification).labels(["INJECTION"]);
    for answer in [
        r#"[[{"label":"injection","score":0.98},{"label":"SAFE","score":0.02}]]"#,
        r#"[{"label":"injection","score":0.98}]"#,
    ] {
        assert_eq!(found(&injection, &["a"], answer).unwrap(), ["injection"]);
    }
    let safe = r#"[[{"label":"SAFE","score":0.98},{"label":"INJECTION","score":0.02}]]"#;
    assert!(found(&injection, &["a"], safe).unwrap().is_empty());
}

#[test]
fn a_score_counts_from_its_threshold_on() {
    let plain = config(ExternalFormat::Score);
    assert_eq!(
        found(&plain, &["a"], r#"{"score":0.5}"#).unwrap(),
        ["score"]
    );
    let strict = plain.threshold(0.6);
    assert!(
        found(&strict, &["a"], r#"{"score":0.5}"#)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_answer_of_another_shape_is_none() {
    for (format, answer) in [
        (ExternalFormat::Moderation, r#"{"results":[]}"#),
        (
            ExternalFormat::Moderation,
            r#"{"results":[{"flagged":false},{"flagged":false}]}"#,
        ),
        (ExternalFormat::Moderation, r#"{"results":[{}]}"#),
        (ExternalFormat::Moderation, "[]"),
        (ExternalFormat::Classification, "[]"),
        (ExternalFormat::Classification, "[[]]"),
        (ExternalFormat::Classification, r#"{"error":"loading"}"#),
        (ExternalFormat::Score, r#"{"score":"high"}"#),
        (ExternalFormat::Score, ""),
    ] {
        let config = config(format).labels(["x"]);
        assert_eq!(found(&config, &["a"], answer), Err(Unreadable), "{answer}");
    }
}

#[test]
fn names_are_fit_for_a_record() {
    assert_eq!(name("a b\r\n\u{e9}"), "a_b___");
    assert_eq!(name(&"x".repeat(500)).len(), MAX_NAME);
}
