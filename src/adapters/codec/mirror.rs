//! Mirrors: serde support for domain types, which do not know serde, also inside `Option` and `Vec`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use domain;

/// A domain type that has a mirror.
pub(super) trait Mirrored: Sized {
    fn put<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error>;
    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error>;
}

/// Declares which `#[serde(remote)]` type mirrors which domain type.
macro_rules! mirrors {
    ($($mirror:ident of $domain:ty;)*) => {$(
        impl $crate::adapters::codec::mirror::Mirrored for $domain {
            fn put<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $mirror::serialize(self, to)
            }
            fn take<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $mirror::deserialize(from)
            }
        }
    )*};
}
pub(super) use mirrors;

/// Ids are stored as their inner value.
macro_rules! numbers {
    ($($id:ident),*) => {$(
        impl Mirrored for domain::$id {
            fn put<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(to)
            }
            fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Deserialize::deserialize(from).map(Self)
            }
        }
    )*};
}

numbers!(
    UserId,
    ChatId,
    MessageId,
    TopicId,
    DeadId,
    NewsletterId,
    Millis, // numbers
    CallbackId,
    AlbumId,
    Opaque // strings
);

/// Nested lists of mirrored values.
impl<T: Mirrored> Mirrored for Vec<T> {
    fn put<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        list::serialize(self, to)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        list::deserialize(from)
    }
}

/// A borrowed value that its mirror serializes.
struct Written<'a, T>(&'a T);

impl<T: Mirrored> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.put(to)
    }
}

/// A value that its mirror has deserialized.
struct Read<T>(T);

impl<'de, T: Mirrored> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::take(from).map(Self)
    }
}

/// `#[serde(with = "one")]`: a mirrored value.
pub(super) mod one {
    use super::{Deserializer, Mirrored, Serializer};

    pub(in super::super) fn serialize<T: Mirrored, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.put(to)
    }

    pub(in super::super) fn deserialize<'de, T: Mirrored, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        T::take(from)
    }
}

/// `#[serde(with = "maybe")]`: a mirrored value that may be missing.
pub(super) mod maybe {
    use super::{Deserialize, Deserializer, Mirrored, Read, Serialize, Serializer, Written};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(in super::super) fn serialize<T: Mirrored, S: Serializer>(
        value: &Option<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().map(Written).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, T: Mirrored, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        Ok(Option::<Read<T>>::deserialize(from)?.map(|read| read.0))
    }
}

/// `#[serde(with = "list")]`: a list of mirrored values.
pub(super) mod list {
    use super::{Deserialize, Deserializer, Mirrored, Read, Serializer, Written};

    pub(in super::super) fn serialize<T: Mirrored, S: Serializer>(
        values: &[T],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(Written))
    }

    pub(in super::super) fn deserialize<'de, T: Mirrored, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<T>, D::Error> {
        Ok(Vec::<Read<T>>::deserialize(from)?.into_iter().map(|read| read.0).collect())
    }
}

/// `#[serde(skip_serializing_if = "is_false")]`
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(super) fn is_false(value: &bool) -> bool {
    !*value
}
