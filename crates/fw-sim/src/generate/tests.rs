//! The rules of replies.

use super::*;

fn ask(last: &str) -> Ask<'_> {
    Ask {
        last: last.into(),
        max_tokens: 100,
        parallel_tools: true,
        ..Ask::default()
    }
}

#[test]
fn the_reply_repeats_the_last_message() {
    let choice = ask("hello there").choice(0, &Knobs::default());
    assert_eq!(
        (choice.content.as_str(), choice.finish),
        ("You said: hello there", Finish::Stop)
    );
    assert_eq!(choice.tokens, tokens::count(&choice.content));
    assert_eq!(
        ask("x").choice(2, &Knobs::default()).content,
        "You said: x (choice 2)"
    );
    assert_eq!(
        Ask {
            from_tool: true,
            ..ask("7")
        }
        .choice(0, &Knobs::default())
        .content,
        "The tool said: 7"
    );
}

#[test]
fn the_limit_cuts_at_a_token() {
    let choice = Ask {
        max_tokens: 4,
        ..ask("hello there")
    }
    .choice(0, &Knobs::default());
    assert_eq!(
        (choice.content.as_str(), choice.finish, choice.tokens),
        ("You said: hello", Finish::Length, 4)
    );
}

#[test]
fn ignore_eos_fills_the_limit() {
    let choice = Ask {
        ignore_eos: true,
        max_tokens: 50,
        ..ask("x ")
    }
    .choice(0, &Knobs::default());
    assert_eq!(
        (tokens::count(&choice.content), choice.tokens, choice.finish),
        (50, 50, Finish::Length)
    );
}

#[test]
fn a_stop_string_is_not_part_of_the_text() {
    let choice = Ask {
        stop: vec!["there", "said"],
        ..ask("hello there")
    }
    .choice(0, &Knobs::default());
    assert_eq!(
        (choice.content.as_str(), choice.finish),
        ("You ", Finish::Stop)
    );
    assert_eq!(choice.stopped_by.as_deref(), Some("said"));
}

#[test]
fn reply_tokens_pads_and_cuts() {
    for n in [1, 3, 40] {
        let knobs = Knobs {
            reply_tokens: Some(n),
            ..Knobs::default()
        };
        let choice = ask("hello").choice(0, &knobs);
        assert_eq!((choice.tokens, choice.finish), (n, Finish::Stop));
    }
}

#[test]
fn reasoning_counts_against_the_limit() {
    let ask = Ask {
        reasoning: true,
        max_tokens: 3,
        ..ask("hello")
    };
    let choice = ask.choice(0, &Knobs::default());
    assert_eq!(
        (choice.reasoning.as_str(), choice.content.as_str()),
        ("The last messag", "")
    );
    assert_eq!(
        (choice.finish, choice.reasoning_tokens),
        (Finish::Length, 3)
    );
}

#[test]
fn a_message_that_names_tools_calls_them() {
    let tools = || {
        vec![
            Tool {
                name: "get_time",
                parameters: None,
            },
            Tool {
                name: "get_weather",
                parameters: None,
            },
        ]
    };
    let both = Ask {
        tools: tools(),
        ..ask("get_weather and get_time please")
    }
    .choice(0, &Knobs::default());
    let names: Vec<&str> = both.tool_calls.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        (names, both.finish),
        (vec!["get_time", "get_weather"], Finish::ToolCalls)
    );
    assert_ne!(both.tool_calls[0].id, both.tool_calls[1].id);

    let none = Ask {
        tools: tools(),
        tool_choice: ToolChoice::None,
        ..ask("get_time")
    };
    assert!(none.choice(0, &Knobs::default()).tool_calls.is_empty());
    let required = Ask {
        tools: tools(),
        tool_choice: ToolChoice::Required,
        ..ask("hi")
    };
    assert_eq!(
        required.choice(0, &Knobs::default()).tool_calls[0].name,
        "get_time"
    );
    let named = Ask {
        tools: tools(),
        tool_choice: ToolChoice::Named("get_weather".into()),
        ..ask("hi")
    };
    assert_eq!(
        named.choice(0, &Knobs::default()).tool_calls[0].name,
        "get_weather"
    );
    let single = Ask {
        tools: tools(),
        parallel_tools: false,
        ..ask("get_weather and get_time")
    };
    assert_eq!(single.choice(0, &Knobs::default()).tool_calls.len(), 1);
}
