//! Stored formats: everything can be read back, and so can what earlier releases wrote.
