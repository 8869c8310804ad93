//! Servers on the internet, reached through proxies, and with certificates of an own authority.

mod servers;
mod stories;
