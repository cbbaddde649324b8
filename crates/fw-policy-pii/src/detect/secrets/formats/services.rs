//! Documents, files, design, identity and other services.

use super::Part::{Run, Text};
use super::{Check, Format};
use crate::detect::secrets::alphabet::Alphabet as A;

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "airtable-token",
        "pat",
        &[Run(A::ALNUM, 14, 14), Text("."), Run(A::HEX, 64, 64)],
        "https://airtable.com/developers/web/guides/personal-access-tokens",
    ),
    Format::new(
        "asana-token",
        "1/",
        &[Run(A::DIGITS, 15, 17), Text(":"), Run(A::HEX, 32, 32)],
        "https://developers.asana.com/docs/personal-access-token",
    ),
    Format::new(
        "asana-token",
        "2/",
        &[
            Run(A::DIGITS, 15, 17),
            Text("/"),
            Run(A::DIGITS, 15, 17),
            Text(":"),
            Run(A::HEX, 32, 32),
        ],
        "https://developers.asana.com/docs/personal-access-token",
    ),
    Format::new(
        "figma-token",
        "figd_",
        &[Run(A::URL64, 40, 44)],
        "https://www.figma.com/developers/api#access-tokens",
    ),
    Format::new(
        "dropbox-token",
        "sl.",
        &[Run(A::URL64, 130, 1400)],
        "https://developers.dropbox.com/oauth-guide",
    ),
    Format::new(
        "dropbox-token",
        "sl.u.",
        &[Run(A::URL64, 130, 1400)],
        "https://developers.dropbox.com/oauth-guide",
    ),
    Format::new(
        "notion-token",
        "ntn_",
        &[Run(A::DIGITS, 11, 11), Run(A::ALNUM, 35, 35)],
        "https://developers.notion.com/docs/create-a-notion-integration",
    ),
    Format::new(
        "notion-legacy-token",
        "secret_",
        &[Run(A::ALNUM, 43, 43)],
        "https://developers.notion.com/docs/create-a-notion-integration",
    )
    .check(Check::Digit),
    Format::new(
        "mapbox-token",
        "sk.eyJ",
        &[Run(A::URL64, 40, 200), Text("."), Run(A::URL64, 22, 22)],
        "https://docs.mapbox.com/help/dive-deeper/access-tokens/",
    ),
    Format::new(
        "mapbox-public-token",
        "pk.eyJ",
        &[Run(A::URL64, 40, 200), Text("."), Run(A::URL64, 22, 22)],
        "https://docs.mapbox.com/help/dive-deeper/access-tokens/",
    ),
    Format::new(
        "frameio-token",
        "fio-u-",
        &[Run(A::URL64, 64, 64)],
        "https://developer.frame.io/docs/getting-started/authentication",
    ),
    Format::new(
        "rapidapi-key",
        "msh",
        &[
            Run(A::ALNUM, 15, 15),
            Text("p1"),
            Run(A::HEX, 6, 6),
            Text("jsn"),
            Run(A::ALNUM, 12, 12),
        ],
        "https://docs.rapidapi.com/docs/keys",
    )
    .after(A::HEX, 10, 10),
    Format::new(
        "beamer-key",
        "b_",
        &[Run(A::URL64_PADDED, 44, 44)],
        "https://www.getbeamer.com/api",
    )
    .check(Check::Random),
    Format::new(
        "clickup-token",
        "pk_",
        &[
            Run(A::DIGITS, 5, 10),
            Text("_"),
            Run(A::UPPER_ALNUM, 32, 32),
        ],
        "https://developer.clickup.com/docs/authentication",
    ),
    Format::new(
        "trello-token",
        "ATTA",
        &[Run(A::HEX_ANY_CASE, 64, 72)],
        "https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
    ),
    Format::new(
        "adafruit-key",
        "aio_",
        &[Run(A::ALNUM, 28, 28)],
        "https://io.adafruit.com/api/docs/",
    ),
    Format::new(
        "adobe-secret",
        "p8e-",
        &[Run(A::LOWER_ALNUM, 32, 32)],
        "https://developer.adobe.com/developer-console/docs/guides/authentication/",
    ),
    Format::new(
        "adobe-secret",
        "p8e-",
        &[Run(A::URL64, 32, 32)],
        "https://developer.adobe.com/developer-console/docs/guides/authentication/",
    ),
    Format::new(
        "wakatime-key",
        "waka_",
        &[Run(A::UUID, 36, 36)],
        "https://wakatime.com/developers",
    ),
    Format::new(
        "maxmind-key",
        "_mmk",
        &[],
        "https://support.maxmind.com/hc/en-us/articles/4407111582235-Generate-a-License-Key",
    )
    .after(A::WORD, 36, 36),
    Format::new(
        "intra42-secret",
        "s-s4t2ud-",
        &[Run(A::HEX, 64, 64)],
        "https://api.intra.42.fr/apidoc/guides/getting_started",
    ),
    Format::new(
        "intra42-secret",
        "s-s4t2af-",
        &[Run(A::HEX, 64, 64)],
        "https://api.intra.42.fr/apidoc/guides/getting_started",
    ),
    Format::new(
        "lichess-token",
        "lip_",
        &[Run(A::ALNUM, 20, 20)],
        "https://lichess.org/api",
    ),
    Format::new(
        "lichess-token",
        "lio_",
        &[Run(A::ALNUM, 32, 32)],
        "https://lichess.org/api",
    ),
    Format::new(
        "calcom-key",
        "cal_live_",
        &[Run(A::HEX, 32, 32)],
        "https://cal.com/docs/api-reference/v2/introduction",
    ),
    Format::new(
        "webflow-token",
        "ws-",
        &[Run(A::HEX, 64, 64)],
        "https://developers.webflow.com/data/reference/authentication/site-token",
    ),
    Format::new(
        "ionic-token",
        "ion_",
        &[Run(A::ALNUM, 42, 42)],
        "https://ionic.io/docs/appflow/personal-access-tokens",
    ),
    Format::new(
        "apify-token",
        "apify_api_",
        &[Run(A::ALNUM, 36, 36)],
        "https://docs.apify.com/platform/integrations/api",
    ),
    Format::new(
        "ubidots-key",
        "BBFF-",
        &[Run(A::ALNUM, 30, 30)],
        "https://docs.ubidots.com/reference/authentication",
    ),
    Format::new(
        "ubidots-key",
        "BBUS-",
        &[Run(A::ALNUM, 30, 30)],
        "https://docs.ubidots.com/reference/authentication",
    ),
    Format::new(
        "onesignal-key",
        "os_v2_app_",
        &[Run(A::LOWER_ALNUM, 100, 110)],
        "https://documentation.onesignal.com/docs/keys-and-ids",
    ),
    Format::new(
        "pubnub-key",
        "sec-c-",
        &[Run(A::URL64, 36, 60)],
        "https://www.pubnub.com/docs/general/setup/account-setup",
    ),
    Format::new(
        "zapier-webhook",
        "hooks.zapier.com/hooks/catch/",
        &[Run(A::DIGITS, 5, 10), Text("/"), Run(A::LOWER_ALNUM, 5, 10)],
        "https://help.zapier.com/hc/en-us/articles/8496288690317",
    )
    .after_scheme(),
    Format::new(
        "ifttt-webhook",
        "maker.ifttt.com/use/",
        &[Run(A::URL64, 20, 50)],
        "https://ifttt.com/docs/",
    )
    .after_scheme(),
];
