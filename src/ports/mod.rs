//! What the engine needs from outside, as small traits whose docs state failure and order.
