//! That everything is weighed together.

use super::*;
