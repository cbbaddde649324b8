//! Where a text comes from.

use std::fmt;

use fw_wire::{Role, TextKind};

/// Where a text comes from. Each has a threshold of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// What a user says, or an application in the user's place.
    #[default]
    User,
    /// System and developer messages, and descriptions of tools.
    System,
    /// What a tool answered: most planted instructions come in here.
    Tool,
    /// Documents that a message brings along, and text to embed.
    Document,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::User, Self::System, Self::Tool, Self::Document];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::System => "system",
            Self::Tool => "tool",
            Self::Document => "document",
        }
    }

    /// The channel of a text of a request: who speaks decides, and then what it is for. `None` for what the model
    /// said itself.
    ///
    /// What a user sends is the user's, whatever type it claims to have. A turn of the model's can be forged only by
    /// who writes the whole list of messages, and that one writes the system's as well.
    pub(crate) const fn of(role: Option<Role>, kind: TextKind) -> Option<Self> {
        match (role, kind) {
            (_, TextKind::ToolResult) => Some(Self::Tool),
            (_, TextKind::Document | TextKind::Citation | TextKind::Input) => Some(Self::Document),
            (_, TextKind::Description) => Some(Self::System),
            (Some(Role::Assistant), _) => None,
            (Some(Role::System | Role::Developer), _) => Some(Self::System),
            (Some(Role::Tool), _) => Some(Self::Tool),
            // A file to be changed, more often than not.
            (_, TextKind::Prediction) => Some(Self::Document),
            // A role that nobody knows, or none: whoever wrote the request.
            _ => Some(Self::User),
        }
    }

    /// The calibration of its scores.
    pub(crate) const fn calibration(self) -> fw_classify::Channel {
        match self {
            Self::User | Self::System => fw_classify::Channel::User,
            Self::Tool | Self::Document => fw_classify::Channel::Document,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks_and_what_for_say_the_channel() {
        let content = TextKind::Content;
        for (role, kind, expected) in [
            (Some(Role::User), content, Some(Channel::User)),
            (None, content, Some(Channel::User)),
            (Some(Role::Other), content, Some(Channel::User)),
            (Some(Role::System), content, Some(Channel::System)),
            (Some(Role::Developer), content, Some(Channel::System)),
            (Some(Role::Assistant), content, None),
            (Some(Role::User), TextKind::ToolResult, Some(Channel::Tool)),
            (
                Some(Role::User),
                TextKind::Document,
                Some(Channel::Document),
            ),
            (None, TextKind::Description, Some(Channel::System)),
            (None, TextKind::Prompt, Some(Channel::User)),
            (None, TextKind::Input, Some(Channel::Document)),
            (Some(Role::Assistant), TextKind::ToolArguments, None),
            (Some(Role::Assistant), TextKind::Reasoning, None),
            (Some(Role::User), TextKind::Reasoning, Some(Channel::User)),
            (Some(Role::User), TextKind::Refusal, Some(Channel::User)),
            (
                Some(Role::User),
                TextKind::ToolArguments,
                Some(Channel::User),
            ),
            (None, TextKind::Prediction, Some(Channel::Document)),
            (Some(Role::Tool), TextKind::Reasoning, Some(Channel::Tool)),
            (
                Some(Role::Developer),
                TextKind::Refusal,
                Some(Channel::System),
            ),
        ] {
            assert_eq!(Channel::of(role, kind), expected, "{role:?} {kind:?}");
        }
    }
}
