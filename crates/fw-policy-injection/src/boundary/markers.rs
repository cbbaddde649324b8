//! The markers, in lower case and with single spaces, as normalised text has them.

/// A template that has markers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    ChatMl,
    Llama2,
    Llama3,
    Gemma,
    Mistral,
    Harmony,
    Zephyr,
    Gpt2,
    Heading,
    Label,
    Tag,
    Json,
}

/// What a marker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Opens the turn of a speaker.
    Turn,
    /// Opens the turn of the speaker whose name follows.
    NamedTurn,
    /// Ends a turn, or a text.
    End,
    /// A heading that introduces a speaker.
    Heading,
    /// A speaker's name at the beginning of a line.
    Label,
    /// A tag, which may be somebody's XML.
    Tag,
    /// A member of a message in JSON, which may be a program's.
    Field,
    /// The end of what a prompt gives to the model as data.
    Closing,
}

impl Shape {
    pub(super) const fn begins_a_line(self) -> bool {
        matches!(self, Self::Heading | Self::Label)
    }

    /// Whether it is a special token of a template, and no word.
    pub(super) const fn is_token(self) -> bool {
        matches!(self, Self::Turn | Self::NamedTurn | Self::End)
    }
}

/// A marker.
#[derive(Debug)]
pub(super) struct Marker {
    pub(super) text: &'static str,
    pub(super) family: Family,
    pub(super) shape: Shape,
}

const fn marker(text: &'static str, family: Family, shape: Shape) -> Marker {
    Marker {
        text,
        family,
        shape,
    }
}

/// All markers. Sources: the chat templates that the vendors publish with their models.
pub(super) const MARKERS: &[Marker] = &[
    marker("<|im_start|>", Family::ChatMl, Shape::NamedTurn),
    marker("<|im_end|>", Family::ChatMl, Shape::End),
    marker("<|im_sep|>", Family::ChatMl, Shape::End),
    marker("[inst]", Family::Llama2, Shape::Turn),
    marker("[/inst]", Family::Llama2, Shape::End),
    marker("<<sys>>", Family::Llama2, Shape::Turn),
    marker("<</sys>>", Family::Llama2, Shape::End),
    marker("<|start_header_id|>", Family::Llama3, Shape::NamedTurn),
    marker("<|end_header_id|>", Family::Llama3, Shape::End),
    marker("<|begin_of_text|>", Family::Llama3, Shape::End),
    marker("<|eot_id|>", Family::Llama3, Shape::End),
    marker("<start_of_turn>", Family::Gemma, Shape::NamedTurn),
    marker("<end_of_turn>", Family::Gemma, Shape::End),
    marker("[system_prompt]", Family::Mistral, Shape::Turn),
    marker("[/system_prompt]", Family::Mistral, Shape::End),
    marker("<|start|>", Family::Harmony, Shape::NamedTurn),
    marker("<|channel|>", Family::Harmony, Shape::End),
    marker("<|message|>", Family::Harmony, Shape::End),
    marker("<|system|>", Family::Zephyr, Shape::Turn),
    marker("<|developer|>", Family::Zephyr, Shape::Turn),
    marker("<|user|>", Family::Zephyr, Shape::Turn),
    marker("<|assistant|>", Family::Zephyr, Shape::Turn),
    marker("<|end|>", Family::Zephyr, Shape::End),
    marker("<|endoftext|>", Family::Gpt2, Shape::End),
    marker("### system:", Family::Heading, Shape::Heading),
    marker("### system prompt:", Family::Heading, Shape::Heading),
    marker("### system message:", Family::Heading, Shape::Heading),
    marker("### new instruction", Family::Heading, Shape::Heading),
    marker("### instruction:", Family::Heading, Shape::Heading),
    marker("### instructions:", Family::Heading, Shape::Heading),
    marker("### assistant:", Family::Heading, Shape::Heading),
    marker("### human:", Family::Heading, Shape::Heading),
    marker("### user:", Family::Heading, Shape::Heading),
    marker("[system]:", Family::Heading, Shape::Heading),
    marker("[system message]", Family::Heading, Shape::Heading),
    marker("system:", Family::Label, Shape::Label),
    marker("assistant:", Family::Label, Shape::Label),
    marker("human:", Family::Label, Shape::Label),
    marker("user:", Family::Label, Shape::Label),
    marker("<system>", Family::Tag, Shape::Tag),
    marker("<system_prompt>", Family::Tag, Shape::Tag),
    marker("<system-prompt>", Family::Tag, Shape::Tag),
    marker("<system_message>", Family::Tag, Shape::Tag),
    marker("<system-reminder>", Family::Tag, Shape::Tag),
    marker("<assistant>", Family::Tag, Shape::Tag),
    marker("\"role\": \"system\"", Family::Json, Shape::Field),
    marker("\"role\":\"system\"", Family::Json, Shape::Field),
    marker("</system>", Family::Tag, Shape::Closing),
    marker("</user>", Family::Tag, Shape::Closing),
    marker("</user_input>", Family::Tag, Shape::Closing),
    marker("</user_query>", Family::Tag, Shape::Closing),
    marker("</user_message>", Family::Tag, Shape::Closing),
    marker("</input>", Family::Tag, Shape::Closing),
    marker("</query>", Family::Tag, Shape::Closing),
    marker("</question>", Family::Tag, Shape::Closing),
    marker("</prompt>", Family::Tag, Shape::Closing),
    marker("</instructions>", Family::Tag, Shape::Closing),
    marker("</context>", Family::Tag, Shape::Closing),
    marker("</data>", Family::Tag, Shape::Closing),
    marker("</document>", Family::Tag, Shape::Closing),
    marker("</documents>", Family::Tag, Shape::Closing),
    marker("</tool_result>", Family::Tag, Shape::Closing),
    marker("</tool_response>", Family::Tag, Shape::Closing),
    marker("</search_results>", Family::Tag, Shape::Closing),
    marker("end of user input", Family::Tag, Shape::Closing),
    marker("end of user query", Family::Tag, Shape::Closing),
    marker("end of user message", Family::Tag, Shape::Closing),
    marker("end of user prompt", Family::Tag, Shape::Closing),
    marker("end of untrusted", Family::Tag, Shape::Closing),
    marker("begin system message", Family::Tag, Shape::Closing),
    marker("begin system prompt", Family::Tag, Shape::Closing),
    marker("new system prompt:", Family::Tag, Shape::Closing),
    marker("new system message:", Family::Tag, Shape::Closing),
];
