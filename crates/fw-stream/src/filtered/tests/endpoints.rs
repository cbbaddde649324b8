//! Which text of which endpoint is filtered, and when it leaves.
