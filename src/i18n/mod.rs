//! User texts, in English and Russian.
