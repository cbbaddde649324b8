use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use fw_wire::Usage;
use serde::{Deserialize, Deserializer};

use crate::Pricing;

/// Picodollars in a dollar.
const PICO: f64 = 1e12;

/// The price of a token.
///
/// Prices are published in USD per million tokens. A millionth of a dollar for
/// a million tokens is a picodollar (10⁻¹² USD) per token, so whole picodollars
/// hold every published price exactly and costs add up without rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

impl Rate {
    /// A rate from USD per million tokens, rounded to a millionth of a dollar
    /// per million tokens. What is not a positive number is zero.
    #[must_use]
    pub fn usd_per_million(usd: f64) -> Self {
        // A cast saturates, and takes NaN to 0.
        Self((usd * 1e6).round() as u64)
    }

    /// The rate in USD per million tokens.
    #[must_use]
    pub fn as_usd_per_million(self) -> f64 {
        self.0 as f64 / 1e6
    }

    fn of(self, tokens: u64) -> Cost {
        Cost(self.0.saturating_mul(tokens))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let usd = f64::deserialize(deserializer)?;
        if (0.0..=1e6).contains(&usd) {
            Ok(Self::usd_per_million(usd))
        } else {
            Err(serde::de::Error::custom(
                "a price is USD per million tokens, between 0 and 1000000",
            ))
        }
    }
}

/// What a model's tokens cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    input: Rate,
    cached_input: Rate,
    output: Rate,
}

impl Price {
    /// A price. Input that comes from the provider's cache costs half of other
    /// input where no price for it is given, as Fireworks' documentation has it.
    #[must_use]
    pub fn new(input: Rate, cached_input: Option<Rate>, output: Rate) -> Self {
        Self {
            input,
            cached_input: cached_input.unwrap_or(Rate(input.0 / 2)),
            output,
        }
    }

    /// The same for input and output.
    #[must_use]
    pub fn flat(rate: Rate) -> Self {
        Self::new(rate, None, rate)
    }

    /// Input that is not cached.
    #[must_use]
    pub fn input(&self) -> Rate {
        self.input
    }

    /// Input that the provider had cached.
    #[must_use]
    pub fn cached_input(&self) -> Rate {
        self.cached_input
    }

    /// Output, reasoning included.
    #[must_use]
    pub fn output(&self) -> Rate {
        self.output
    }

    /// What tokens cost: `(prompt − cached) · input + cached · cached input +
    /// completion · output`.
    ///
    /// `prompt` includes `cached`, and `completion` includes reasoning, as the
    /// APIs count them. More cached tokens than prompt tokens count as all of
    /// them.
    #[must_use]
    pub fn cost(&self, prompt: u64, cached: u64, completion: u64) -> Cost {
        let cached = cached.min(prompt);
        self.input.of(prompt - cached) + self.cached_input.of(cached) + self.output.of(completion)
    }

    /// What a reply cost.
    ///
    /// ```
    /// use fw_provider::{Tier, catalogue};
    /// use fw_wire::{Usage, Value};
    ///
    /// let usage = br#"{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,
    ///     "prompt_tokens_details":{"cached_tokens":600}}"#;
    /// let usage = Usage::from_value(Value::parse(usage)?).ok_or("no usage")?;
    /// let price = catalogue().quote("glm-5p3", Tier::Default).ok_or("no price")?.price;
    /// // (400 × 1.40 + 600 × 0.26 + 100 × 4.40) / 1,000,000
    /// assert_eq!(price.cost_of(&usage).to_string(), "$0.001156");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cost_of(&self, usage: &Usage) -> Cost {
        self.cost(
            usage.prompt_tokens,
            usage.cached_tokens.unwrap_or(0),
            usage.completion_tokens,
        )
    }
}

/// A target's own prices. Cached input costs what other input costs unless the
/// configuration says otherwise.
impl From<Pricing> for Price {
    fn from(pricing: Pricing) -> Self {
        Self::new(
            Rate::usd_per_million(pricing.prompt),
            Some(Rate::usd_per_million(
                pricing.cached_prompt.unwrap_or(pricing.prompt),
            )),
            Rate::usd_per_million(pricing.completion),
        )
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            input: Rate,
            cached_input: Option<Rate>,
            #[serde(default)]
            output: Rate,
        }
        let raw = Raw::deserialize(deserializer)?;
        Ok(Self::new(raw.input, raw.cached_input, raw.output))
    }
}

/// A price and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quote {
    /// The price.
    pub price: Price,
    /// Whether it was guessed from the size of the model.
    pub estimated: bool,
}

/// A service tier that has a price of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// Everything else.
    #[default]
    Default,
    /// `service_tier: "priority"`.
    Priority,
}

impl Tier {
    /// The tier that a request's `service_tier` asks for. On Fireworks only
    /// `priority` makes a difference.
    #[must_use]
    pub fn from_service_tier(service_tier: Option<&str>) -> Self {
        match service_tier {
            Some("priority") => Self::Priority,
            _ => Self::Default,
        }
    }
}

/// An amount of money in whole picodollars (10⁻¹² USD).
///
/// Sums stop at 18 million dollars rather than wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(u64);

impl Cost {
    /// An amount in picodollars.
    #[must_use]
    pub const fn picodollars(amount: u64) -> Self {
        Self(amount)
    }

    /// The amount in picodollars.
    #[must_use]
    pub const fn as_picodollars(self) -> u64 {
        self.0
    }

    /// The amount in USD, for display and for systems that count so.
    #[must_use]
    pub fn as_usd(self) -> f64 {
        self.0 as f64 / PICO
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}

/// Dollars with as many decimals as needed, at least two.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const IN_A_DOLLAR: u64 = PICO as u64;
        let text = format!("{}.{:012}", self.0 / IN_A_DOLLAR, self.0 % IN_A_DOLLAR);
        let least = text.len() - 10;
        let end = text.trim_end_matches('0').len().max(least);
        write!(f, "${}", &text[..end])
    }
}
