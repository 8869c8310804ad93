//! What a metric label is, and how one is declared.

use std::fmt;

/// A metric label: its name and all its values.
pub trait Label: Copy + fmt::Debug + Send + Sync + 'static {
    /// The label's name in the exposition.
    const NAME: &'static str;
    /// Every value, in the order of [`Label::index`].
    const ALL: &'static [Self];

    /// The position in [`Label::ALL`].
    fn index(self) -> usize;

    /// The value in the exposition.
    fn as_str(self) -> &'static str;
}

/// Declares a closed label: the enum, the label's name, and the text of each value.
macro_rules! label {
    ($(#[$meta:meta])* $name:ident = $label:literal { $($variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)+
        }

        impl Label for $name {
            const NAME: &'static str = $label;
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn index(self) -> usize {
                self as usize
            }

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(in crate::telemetry) use label;
