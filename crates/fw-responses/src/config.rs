//! The settings of the store and of a layer.
