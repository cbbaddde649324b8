//! Words that belong together: dates, street addresses, names.
