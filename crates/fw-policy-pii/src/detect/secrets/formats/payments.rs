//! Payments, shops, banks and shipping.

use super::Part::{Run, Text};
use super::{Check, Format};
use crate::detect::secrets::alphabet::Alphabet as A;

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "stripe-live-key",
        "sk_live_",
        &[Run(A::ALNUM, 24, 120)],
        "https://docs.stripe.com/keys",
    ),
    Format::new(
        "stripe-test-key",
        "sk_test_",
        &[Run(A::ALNUM, 24, 120)],
        "https://docs.stripe.com/keys",
    ),
    Format::new(
        "stripe-live-restricted-key",
        "rk_live_",
        &[Run(A::ALNUM, 24, 120)],
        "https://docs.stripe.com/keys#limit-access",
    ),
    Format::new(
        "stripe-test-restricted-key",
        "rk_test_",
        &[Run(A::ALNUM, 24, 120)],
        "https://docs.stripe.com/keys#limit-access",
    ),
    Format::new(
        "stripe-organization-key",
        "sk_org_",
        &[Run(A::WORD, 24, 120)],
        "https://docs.stripe.com/keys",
    ),
    Format::new(
        "stripe-webhook-secret",
        "whsec_",
        &[Run(A::BASE64, 32, 64)],
        "https://docs.stripe.com/webhooks",
    ),
    Format::new(
        "square-token",
        "sq0atp-",
        &[Run(A::URL64, 22, 22)],
        "https://developer.squareup.com/docs/build-basics/access-tokens",
    ),
    Format::new(
        "square-secret",
        "sq0csp-",
        &[Run(A::URL64, 43, 43)],
        "https://developer.squareup.com/docs/build-basics/access-tokens",
    ),
    Format::new(
        "square-token",
        "EAAA",
        &[Run(A::URL64, 60, 60)],
        "https://developer.squareup.com/docs/build-basics/access-tokens",
    )
    .check(Check::Random),
    Format::new(
        "square-sandbox-secret",
        "sandbox-sq0csb-",
        &[Run(A::URL64, 43, 43)],
        "https://developer.squareup.com/docs/devtools/sandbox/overview",
    ),
    Format::new(
        "braintree-token",
        "access_token$production$",
        &[Run(A::LOWER_ALNUM, 16, 16), Text("$"), Run(A::HEX, 32, 32)],
        "https://developer.paypal.com/braintree/docs/guides/credentials/",
    ),
    Format::new(
        "braintree-sandbox-token",
        "access_token$sandbox$",
        &[Run(A::LOWER_ALNUM, 16, 16), Text("$"), Run(A::HEX, 32, 32)],
        "https://developer.paypal.com/braintree/docs/guides/credentials/",
    ),
    Format::new(
        "shopify-token",
        "shpat_",
        &[Run(A::HEX_ANY_CASE, 32, 32)],
        "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
    ),
    Format::new(
        "shopify-custom-token",
        "shpca_",
        &[Run(A::HEX_ANY_CASE, 32, 32)],
        "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
    ),
    Format::new(
        "shopify-private-token",
        "shppa_",
        &[Run(A::HEX_ANY_CASE, 32, 32)],
        "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
    ),
    Format::new(
        "shopify-secret",
        "shpss_",
        &[Run(A::HEX_ANY_CASE, 32, 32)],
        "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
    ),
    Format::new(
        "shopify-user-token",
        "shpua_",
        &[Run(A::HEX_ANY_CASE, 32, 32)],
        "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
    ),
    Format::new(
        "adyen-key",
        "AQE",
        &[
            Run(A::LOWER_ALNUM, 5, 5),
            Text("fuXNWTK0Qc"),
            Run(A::ANY64, 60, 400),
        ],
        "https://docs.adyen.com/development-resources/api-credentials/",
    ),
    Format::new(
        "plaid-token",
        "access-sandbox-",
        &[Run(A::UUID, 36, 36)],
        "https://plaid.com/docs/api/items/",
    ),
    Format::new(
        "plaid-token",
        "access-development-",
        &[Run(A::UUID, 36, 36)],
        "https://plaid.com/docs/api/items/",
    ),
    Format::new(
        "plaid-token",
        "access-production-",
        &[Run(A::UUID, 36, 36)],
        "https://plaid.com/docs/api/items/",
    ),
    Format::new(
        "flutterwave-secret-key",
        "FLWSECK-",
        &[Run(A::HEX, 32, 32), Text("-X")],
        "https://developer.flutterwave.com/docs/authentication",
    ),
    Format::new(
        "flutterwave-secret-key",
        "FLWSECK-",
        &[
            Run(A::HEX, 32, 32),
            Text("-"),
            Run(A::ALNUM, 11, 11),
            Text("-X"),
        ],
        "https://developer.flutterwave.com/docs/authentication",
    ),
    Format::new(
        "flutterwave-test-key",
        "FLWSECK_TEST-",
        &[Run(A::HEX, 32, 32), Text("-X")],
        "https://developer.flutterwave.com/docs/authentication",
    ),
    Format::new(
        "flutterwave-test-public-key",
        "FLWPUBK_TEST-",
        &[Run(A::HEX, 32, 32), Text("-X")],
        "https://developer.flutterwave.com/docs/authentication",
    ),
    Format::new(
        "flutterwave-encryption-key",
        "FLWSECK_TEST",
        &[Run(A::HEX, 12, 12)],
        "https://developer.flutterwave.com/docs/authentication",
    ),
    Format::new(
        "paystack-key",
        "sk_",
        &[Run(A::HEX, 40, 40)],
        "https://paystack.com/docs/api/authentication/",
    ),
    Format::new(
        "mercadopago-token",
        "APP_USR-",
        &[
            Run(A::DIGITS, 16, 16),
            Text("-"),
            Run(A::DIGITS, 6, 6),
            Text("-"),
            Run(A::HEX, 32, 32),
            Text("-"),
            Run(A::DIGITS, 6, 10),
        ],
        "https://www.mercadopago.com/developers/en/docs/your-integrations/credentials",
    ),
    Format::new(
        "gocardless-token",
        "live_",
        &[Run(A::URL64, 40, 40)],
        "https://developer.gocardless.com/api-reference/",
    )
    .check(Check::Digit),
    Format::new(
        "lob-key",
        "live_",
        &[Run(A::HEX, 35, 35)],
        "https://docs.lob.com/#tag/Authentication",
    ),
    Format::new(
        "lob-key",
        "test_",
        &[Run(A::HEX, 35, 35)],
        "https://docs.lob.com/#tag/Authentication",
    ),
    Format::new(
        "shippo-key",
        "shippo_live_",
        &[Run(A::HEX, 40, 40)],
        "https://docs.goshippo.com/docs/guides_general/authentication/",
    ),
    Format::new(
        "shippo-key",
        "shippo_test_",
        &[Run(A::HEX, 40, 40)],
        "https://docs.goshippo.com/docs/guides_general/authentication/",
    ),
    Format::new(
        "easypost-key",
        "EZAK",
        &[Run(A::ALNUM, 54, 54)],
        "https://docs.easypost.com/docs/authentication",
    ),
    Format::new(
        "easypost-test-key",
        "EZTK",
        &[Run(A::ALNUM, 54, 54)],
        "https://docs.easypost.com/docs/authentication",
    ),
    Format::new(
        "duffel-key",
        "duffel_live_",
        &[Run(A::URL64_PADDED, 43, 43)],
        "https://duffel.com/docs/api/overview/authentication",
    ),
    Format::new(
        "duffel-key",
        "duffel_test_",
        &[Run(A::URL64_PADDED, 43, 43)],
        "https://duffel.com/docs/api/overview/authentication",
    ),
    Format::new(
        "mollie-key",
        "live_",
        &[Run(A::ALNUM, 30, 30)],
        "https://docs.mollie.com/reference/authentication",
    )
    .check(Check::Digit),
    Format::new(
        "mollie-key",
        "test_",
        &[Run(A::ALNUM, 30, 30)],
        "https://docs.mollie.com/reference/authentication",
    )
    .check(Check::Digit),
    Format::new(
        "xendit-key",
        "xnd_production_",
        &[Run(A::ALNUM, 40, 70)],
        "https://docs.xendit.co/docs/api-keys",
    ),
    Format::new(
        "xendit-key",
        "xnd_development_",
        &[Run(A::ALNUM, 40, 70)],
        "https://docs.xendit.co/docs/api-keys",
    ),
    Format::new(
        "paddle-key",
        "pdl_live_apikey_",
        &[
            Run(A::LOWER_ALNUM, 26, 26),
            Text("_"),
            Run(A::ALNUM, 22, 22),
            Text("_"),
            Run(A::ALNUM, 3, 3),
        ],
        "https://developer.paddle.com/api-reference/about/api-keys",
    ),
    Format::new(
        "paddle-key",
        "pdl_sdbx_apikey_",
        &[
            Run(A::LOWER_ALNUM, 26, 26),
            Text("_"),
            Run(A::ALNUM, 22, 22),
            Text("_"),
            Run(A::ALNUM, 3, 3),
        ],
        "https://developer.paddle.com/api-reference/about/api-keys",
    ),
    Format::new(
        "polar-token",
        "polar_oat_",
        &[Run(A::ALNUM, 40, 60)],
        "https://docs.polar.sh/integrate/oat",
    ),
    Format::new(
        "checkout-key",
        "sk_sbox_",
        &[Run(A::LOWER_ALNUM, 24, 32)],
        "https://www.checkout.com/docs/developer-resources/api/manage-api-keys",
    )
    .check(Check::Digit),
    Format::new(
        "coinbase-key",
        "organizations/",
        &[
            Run(A::UUID, 36, 36),
            Text("/apiKeys/"),
            Run(A::UUID, 36, 36),
        ],
        "https://docs.cdp.coinbase.com/get-started/authentication/cdp-api-keys",
    ),
    Format::new(
        "razorpay-key",
        "rzp_live_",
        &[Run(A::ALNUM, 14, 14)],
        "https://razorpay.com/docs/api/authentication/",
    ),
    Format::new(
        "razorpay-key",
        "rzp_test_",
        &[Run(A::ALNUM, 14, 14)],
        "https://razorpay.com/docs/api/authentication/",
    ),
];
