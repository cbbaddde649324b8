//! Cuts text into regions.
