//! Any text is understood as a configuration or refused with places, and reading it never panics.
#![no_main]

use fw_gateway::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match Config::parse("f.yaml", text) {
    Ok(config) => {
        let again = Config::parse("f.yaml", text);
        assert_eq!(again.ok(), Some(config), "the same text means the same");
    }
    Err(found) => {
        assert!(!found.errors().is_empty());
        for error in found.errors() {
            assert!(error.line >= 1 && error.column >= 1, "{error}");
            assert!(!error.message.contains("please report"), "schema and types differ");
        }
    }
});
