//! How work flows: updates in, decisions, one commit, sends out.
