//! Keys that have no mark of their own: their vendor is named before them, and their form is known.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::alphabet::Alphabet;
use super::random::is_varied;

/// A vendor and the form of its keys.
struct Vendor {
    word: &'static str,
    scheme: &'static str,
    alphabet: Alphabet,
    least: usize,
    most: usize,
}

/// The vendor that is named in `before`, on the same line, whose keys look like `value`.
pub(super) fn vendor(before: &str, value: &str) -> Option<&'static str> {
    let line = before.rsplit('\n').next()?;
    let words = WORDS.as_ref()?;
    words.find_iter(line).find_map(|hit| {
        let vendor = VENDORS.get(hit.pattern().as_usize())?;
        is_word(line, hit.range()).then_some(())?;
        (vendor.least..=vendor.most)
            .contains(&value.len())
            .then_some(())?;
        (vendor.alphabet.run(value.as_bytes()) == value.len()).then_some(vendor.scheme)
    })
}

/// Whether a name stands there by itself, or as a word of a longer name: `OKTA_TOKEN`, `oktaToken`, `myOkta`.
fn is_word(line: &str, range: Range<usize>) -> bool {
    let bytes = line.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or_default();
    let before = range.start.checked_sub(1).map(at).unwrap_or_default();
    let after = at(range.end);
    let begins = !before.is_ascii_alphabetic()
        || before.is_ascii_lowercase() && at(range.start).is_ascii_uppercase();
    begins && !after.is_ascii_lowercase()
}

/// The secret of an app access token, `id|secret`: what comes before the bar is no part of the region.
/// <https://developers.facebook.com/docs/facebook-login/guides/access-tokens/>
pub(super) fn app_secret(text: &str, start: usize) -> Option<Range<usize>> {
    let before = text.get(..start)?.strip_suffix('|')?;
    let id = Alphabet::DIGITS.run_backwards(before.as_bytes());
    let secret = text.get(start..)?.get(..27)?;
    ((15..=17).contains(&id)
        && Alphabet::URL64.run(text.as_bytes().get(start..)?) == 27
        && is_varied(secret))
    .then_some(start..start + 27)
}

static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(VENDORS.iter().map(|vendor| vendor.word))
        .ok()
});

macro_rules! vendors {
    ($($word:literal, $scheme:literal, $alphabet:ident, $least:literal, $most:literal, $source:literal;)*) => {
        /// Each row ends with where the form, or the key's use, is published.
        const VENDORS: &[Vendor] = &[$(
            Vendor {
                word: $word,
                scheme: $scheme,
                alphabet: Alphabet::$alphabet,
                least: $least,
                most: { let _: &str = $source; $most },
            },
        )*];
    };
}

vendors! {
    "sourcegraph", "sourcegraph-token", HEX_ANY_CASE, 40, 40, "https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token";
    "aws", "aws-secret-access-key", BASE64, 40, 40, "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html";
    "akia", "aws-secret-access-key", BASE64, 40, 40, "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html";
    "algolia", "algolia-key", HEX, 32, 32, "https://www.algolia.com/doc/guides/security/api-keys/";
    "airtable", "airtable-key", ALNUM, 17, 17, "https://airtable.com/developers/web/guides/personal-access-tokens";
    "asana", "asana-secret", HEX, 32, 32, "https://developers.asana.com/docs/oauth";
    "auth0", "auth0-secret", URL64, 64, 64, "https://auth0.com/docs/get-started/applications/application-settings";
    "bittrex", "bittrex-key", HEX, 32, 32, "https://bittrex.github.io/api/v3";
    "cloudflare", "cloudflare-token", URL64, 37, 40, "https://developers.cloudflare.com/fundamentals/api/get-started/create-token/";
    "codecov", "codecov-token", HEX, 32, 32, "https://docs.codecov.com/docs/codecov-tokens";
    "coinbase", "coinbase-key", URL64, 64, 64, "https://docs.cdp.coinbase.com/";
    "cohere", "cohere-key", ALNUM, 40, 40, "https://docs.cohere.com/reference/about";
    "confluent", "confluent-secret", ALNUM, 64, 64, "https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html";
    "datadog", "datadog-key", HEX, 32, 40, "https://docs.datadoghq.com/account_management/api-app-keys/";
    "deepgram", "deepgram-key", HEX, 40, 40, "https://developers.deepgram.com/docs/create-additional-api-keys";
    "dropbox", "dropbox-secret", LOWER_ALNUM, 15, 15, "https://developers.dropbox.com/oauth-guide";
    "droneci", "drone-token", LOWER_ALNUM, 32, 32, "https://docs.drone.io/cli/setup/";
    "etsy", "etsy-key", LOWER_ALNUM, 24, 24, "https://developers.etsy.com/documentation/essentials/authentication";
    "fastly", "fastly-token", URL64, 32, 32, "https://www.fastly.com/documentation/reference/api/auth-tokens/";
    "finicity", "finicity-secret", LOWER_ALNUM, 20, 32, "https://developer.mastercard.com/open-finance-us/documentation/";
    "flickr", "flickr-key", HEX, 32, 32, "https://www.flickr.com/services/api/";
    "freshdesk", "freshworks-key", ALNUM, 20, 20, "https://developers.freshdesk.com/api/#authentication";
    "gitter", "gitter-token", HEX, 40, 40, "https://developer.gitter.im/docs/authentication";
    "heroku", "heroku-key", UUID, 36, 36, "https://devcenter.heroku.com/articles/authentication";
    "kraken", "kraken-key", BASE64, 80, 90, "https://docs.kraken.com/api/docs/guides/spot-rest-auth";
    "kucoin", "kucoin-secret", UUID, 36, 36, "https://www.kucoin.com/docs/basic-info/connection-method/authentication/creating-a-request";
    "linode", "linode-token", HEX, 64, 64, "https://techdocs.akamai.com/linode-api/reference/get-started";
    "looker", "looker-secret", ALNUM, 24, 24, "https://cloud.google.com/looker/docs/api-auth";
    "mattermost", "mattermost-token", LOWER_ALNUM, 26, 26, "https://developers.mattermost.com/integrate/reference/personal-access-token/";
    "meraki", "meraki-key", HEX, 40, 40, "https://developer.cisco.com/meraki/api-v1/authorization/";
    "messagebird", "messagebird-key", ALNUM, 25, 25, "https://developers.messagebird.com/api/";
    "mistral", "mistral-key", ALNUM, 32, 32, "https://docs.mistral.ai/getting-started/quickstart/";
    "netlify", "netlify-token", URL64, 40, 46, "https://docs.netlify.com/api/get-started/";
    "newrelic", "new-relic-key", HEX, 40, 40, "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/";
    "nytimes", "nytimes-key", ALNUM, 32, 32, "https://developer.nytimes.com/get-started";
    "okta", "okta-token", URL64, 42, 42, "https://developer.okta.com/docs/guides/create-an-api-token/";
    "pagerduty", "pagerduty-key", ALNUM, 20, 20, "https://support.pagerduty.com/main/docs/api-access-keys";
    "plaid", "plaid-secret", HEX, 30, 30, "https://plaid.com/docs/api/";
    "privateai", "private-ai-key", LOWER_ALNUM, 32, 32, "https://docs.private-ai.com/";
    "rollbar", "rollbar-token", HEX, 32, 32, "https://docs.rollbar.com/docs/access-tokens";
    "sendbird", "sendbird-token", HEX, 40, 40, "https://sendbird.com/docs/chat/platform-api/v3/prepare-to-use-api";
    "snyk", "snyk-token", UUID, 36, 36, "https://docs.snyk.io/snyk-api/authentication-for-api";
    "sonar", "sonar-token", HEX, 40, 40, "https://docs.sonarsource.com/sonarqube-server/latest/user-guide/managing-tokens/";
    "squarespace", "squarespace-key", UUID, 36, 36, "https://developers.squarespace.com/commerce-apis/authentication-and-permissions";
    "sumologic", "sumo-logic-key", ALNUM, 64, 64, "https://help.sumologic.com/docs/manage/security/access-keys/";
    "sumo", "sumo-logic-key", ALNUM, 64, 64, "https://help.sumologic.com/docs/manage/security/access-keys/";
    "travis", "travis-token", URL64, 22, 22, "https://docs.travis-ci.com/user/triggering-builds/";
    "twilio", "twilio-token", HEX, 32, 32, "https://www.twilio.com/docs/iam/api";
    "twitch", "twitch-secret", LOWER_ALNUM, 30, 30, "https://dev.twitch.tv/docs/authentication/";
    "twitter", "twitter-secret", ALNUM, 45, 50, "https://docs.x.com/resources/fundamentals/authentication/";
    "vercel", "vercel-token", ALNUM, 24, 24, "https://vercel.com/docs/rest-api";
    "vultr", "vultr-key", UPPER_ALNUM, 36, 36, "https://www.vultr.com/api/";
    "wandb", "wandb-key", HEX, 40, 40, "https://docs.wandb.ai/support/find_api_key/";
    "zendesk", "zendesk-token", ALNUM, 40, 40, "https://developer.zendesk.com/api-reference/introduction/security-and-auth/";
    "discord", "discord-secret", URL64, 32, 32, "https://discord.com/developers/docs/topics/oauth2";
    "facebook", "facebook-secret", HEX, 32, 32, "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/";
    "linkedin", "linkedin-secret", ALNUM, 16, 16, "https://learn.microsoft.com/en-us/linkedin/shared/authentication/authentication";
    "intercom", "intercom-token", URL64_PADDED, 60, 60, "https://developers.intercom.com/docs/build-an-integration/learn-more/authentication";
    "launchdarkly", "launchdarkly-token", URL64_PADDED, 40, 40, "https://launchdarkly.com/docs/home/account/api";
    "jfrog", "jfrog-token", ALNUM, 64, 73, "https://jfrog.com/help/r/jfrog-platform-administration-documentation/user-profile";
}
