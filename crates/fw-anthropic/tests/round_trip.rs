//! Messages requests that go to chat completions and back, and bodies of any kind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "round_trip/anything.rs"]
mod anything;
#[path = "round_trip/normal.rs"]
mod normal;
#[path = "round_trip/story.rs"]
mod story;
#[path = "round_trip/wild.rs"]
mod wild;

use bytes::Bytes;
use fw_anthropic::{chat_request, messages_request};
use fw_params::ParamsChanges;
use proptest::prelude::*;
use serde_json::Value;

use crate::story::Story;

/// A request as a chat request and back, and what was left out on both ways.
fn round_trip(request: &Value) -> (Value, String) {
    let mut changes = ParamsChanges::default();
    let chat = chat_request(&request.to_string().into(), &mut changes).unwrap();
    let back = messages_request(chat.body(), &mut changes).unwrap();
    (parsed(&back), changes.to_string())
}

fn parsed(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap()
}

proptest! {
    /// What is written in the way that the conversion back writes it comes back as it was.
    #[test]
    fn a_request_in_normal_form_comes_back_the_same(request in normal::request()) {
        let (back, changes) = round_trip(&request);
        prop_assert_eq!(changes, "");
        prop_assert_eq!(back, request);
    }

    /// Whatever form it had: roles, texts, images, thoughts, calls, results, their ids and their order.
    #[test]
    fn any_conversation_comes_back_with_all_that_was_said(messages in wild::messages()) {
        let request = serde_json::json!({"max_tokens": 1, "messages": messages});
        let (back, _) = round_trip(&request);
        prop_assert_eq!(Story::of(&back), Story::of(&request));
        // And it is in normal form by then.
        let (again, changes) = round_trip(&back);
        prop_assert_eq!(changes, "");
        prop_assert_eq!(again, back);
    }

    /// A field that nobody knows is passed on inside a tool's input or a schema, else it is in the list
    /// of changes, or the request is refused.
    #[test]
    fn no_field_is_lost_in_silence(request in normal::request(), place in any::<prop::sample::Index>()) {
        let mut marked = request;
        anything::mark(&mut marked, place);
        let mut changes = ParamsChanges::default();
        if let Ok(chat) = chat_request(&marked.to_string().into(), &mut changes) {
            let sent = String::from_utf8_lossy(chat.body()).into_owned();
            let told = changes.to_string().contains(anything::MARK);
            prop_assert!(told || sent.contains(anything::MARK), "{}", marked);
        }
    }

    /// The same on the way back.
    #[test]
    fn no_field_of_a_chat_is_lost_in_silence(
        request in normal::request(),
        place in any::<prop::sample::Index>(),
    ) {
        let mut changes = ParamsChanges::default();
        let chat = chat_request(&request.to_string().into(), &mut changes).unwrap();
        let mut marked = parsed(chat.body());
        anything::mark(&mut marked, place);
        let mut changes = ParamsChanges::default();
        if let Ok(messages) = messages_request(&marked.to_string().into(), &mut changes) {
            let sent = String::from_utf8_lossy(&messages).into_owned();
            let told = changes.to_string().contains(anything::MARK);
            prop_assert!(told || sent.contains(anything::MARK), "{}", marked);
        }
    }

    /// JSON that has the right names in wrong places: an answer, and if it is a body, JSON.
    #[test]
    fn any_json_gets_an_answer(body in anything::json()) {
        let body = Bytes::from(body.to_string());
        let mut changes = ParamsChanges::default();
        if let Ok(chat) = chat_request(&body, &mut changes) {
            parsed(chat.body());
        }
        if let Ok(messages) = messages_request(&body, &mut changes) {
            parsed(&messages);
        }
        if let Ok(message) = fw_anthropic::message(&body) {
            parsed(&message);
        }
        let _ = fw_anthropic::count_tokens(&body);
    }

    #[test]
    fn any_bytes_get_an_answer(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let body = Bytes::from(body);
        let mut changes = ParamsChanges::default();
        let _ = chat_request(&body, &mut changes);
        let _ = messages_request(&body, &mut changes);
        let _ = fw_anthropic::message(&body);
        let _ = fw_anthropic::count_tokens(&body);
    }
}
