//! Logs, metrics, errors, features and tests of pages.

use super::Part::{Run, Text};
use super::{Check, Format};
use crate::detect::secrets::alphabet::Alphabet as A;

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "new-relic-user-key",
        "NRAK-",
        &[Run(A::UPPER_ALNUM, 27, 27)],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    Format::new(
        "new-relic-browser-key",
        "NRJS-",
        &[Run(A::HEX, 19, 19)],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    Format::new(
        "new-relic-insert-key",
        "NRII-",
        &[Run(A::URL64, 32, 32)],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    Format::new(
        "new-relic-query-key",
        "NRIQ-",
        &[Run(A::URL64, 32, 32)],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    Format::new(
        "new-relic-admin-key",
        "NRAA-",
        &[Run(A::HEX, 27, 27)],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    ),
    Format::new(
        "new-relic-license-key",
        "NRAL",
        &[Run(A::LOWER_ALNUM, 1, 1)],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    )
    .after(A::LOWER_ALNUM, 36, 36),
    Format::new(
        "new-relic-license-key",
        "FFFFNRAL",
        &[],
        "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
    )
    .after(A::HEX, 32, 32),
    Format::new(
        "grafana-cloud-token",
        "glc_",
        &[Run(A::BASE64, 32, 400)],
        "https://grafana.com/docs/grafana-cloud/account-management/authentication-and-permissions/access-policies/",
    ),
    Format::new(
        "grafana-service-token",
        "glsa_",
        &[Run(A::ALNUM, 32, 32), Text("_"), Run(A::HEX_ANY_CASE, 8, 8)],
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
    ),
    Format::new(
        "grafana-api-key",
        "eyJrIjoi",
        &[Run(A::BASE64, 70, 400)],
        "https://grafana.com/docs/grafana/latest/administration/service-accounts/migrate-api-keys/",
    ),
    Format::new(
        "sentry-organization-token",
        "sntrys_eyJ",
        &[Run(A::ANY64, 60, 400)],
        "https://docs.sentry.io/account/auth-tokens/",
    ),
    Format::new(
        "sentry-user-token",
        "sntryu_",
        &[Run(A::HEX, 64, 64)],
        "https://docs.sentry.io/account/auth-tokens/",
    ),
    Format::new(
        "dynatrace-token",
        "dt0c01.",
        &[Run(A::BASE32, 24, 24), Text("."), Run(A::BASE32, 64, 64)],
        "https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication",
    ),
    Format::new(
        "dynatrace-token",
        "dt0s16.",
        &[Run(A::BASE32, 8, 8), Text("."), Run(A::BASE32, 64, 64)],
        "https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication",
    ),
    Format::new(
        "dynatrace-oauth-secret",
        "dt0s02.",
        &[Run(A::BASE32, 8, 8), Text("."), Run(A::BASE32, 64, 64)],
        "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/oauth-clients",
    ),
    Format::new(
        "datadog-app-key",
        "ddapp_",
        &[Run(A::ALNUM, 34, 34)],
        "https://docs.datadoghq.com/account_management/api-app-keys/",
    ),
    Format::new(
        "honeycomb-ingest-key",
        "hcaik_",
        &[Run(A::LOWER_ALNUM, 58, 58)],
        "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
    ),
    Format::new(
        "honeycomb-ingest-key",
        "hcxik_",
        &[Run(A::LOWER_ALNUM, 58, 58)],
        "https://docs.honeycomb.io/configure/environments/manage-api-keys/",
    ),
    Format::new(
        "posthog-key",
        "phx_",
        &[Run(A::ALNUM, 40, 50)],
        "https://posthog.com/docs/api",
    ),
    Format::new(
        "axiom-token",
        "xaat-",
        &[Run(A::UUID, 36, 36)],
        "https://axiom.co/docs/reference/tokens",
    ),
    Format::new(
        "axiom-personal-token",
        "xapt-",
        &[Run(A::UUID, 36, 36)],
        "https://axiom.co/docs/reference/tokens",
    ),
    Format::new(
        "launchdarkly-sdk-key",
        "sdk-",
        &[Run(A::UUID, 36, 36)],
        "https://launchdarkly.com/docs/home/account/environment/keys",
    ),
    Format::new(
        "launchdarkly-token",
        "api-",
        &[Run(A::UUID, 36, 36)],
        "https://launchdarkly.com/docs/home/account/api",
    ),
    Format::new(
        "contentful-token",
        "CFPAT-",
        &[Run(A::URL64, 43, 43)],
        "https://www.contentful.com/developers/docs/references/authentication/",
    ),
    Format::new(
        "statsig-key",
        "secret-",
        &[Run(A::ALNUM, 40, 50)],
        "https://docs.statsig.com/sdk-keys/api-keys/",
    )
    .check(Check::Digit),
    Format::new(
        "checkly-key",
        "cu_",
        &[Run(A::HEX, 32, 32)],
        "https://www.checklyhq.com/docs/accounts-and-users/creating-api-key/",
    ),
];
