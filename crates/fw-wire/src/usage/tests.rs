//! Usage
