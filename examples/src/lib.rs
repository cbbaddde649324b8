//! Small programs that each take one part of this workspace and leave the rest.
//!
//! | program | what it takes | where it puts it |
//! |---|---|---|
//! | `axum_params` | `fw_params::ParamsLayer` | an axum service that already exists |
//! | `axum_filter` | `fw_stream::StreamLayer` with a text filter | an axum service that already exists |
//! | `hyper_stream` | `fw_stream::StreamBody` with an observer | a plain hyper service |
//! | `custom_proxy` | `fw_provider::Provider` | a proxy with rules of its own |
//!
//! They stand in `examples/examples`, one file each. The tests beside them run the same `app` functions
//! against the simulator, over real sockets and without a key.
