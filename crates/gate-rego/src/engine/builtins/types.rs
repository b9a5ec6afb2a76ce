//! Types of operands and results, as OPA's capabilities declare them.

/// A declared type. Everything is `const`, so that tables of builtins are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Any,
    Null,
    Boolean,
    Number,
    String,
    /// The first items' types, then that of all further ones, if there may be any.
    Array(&'static [Type], Option<&'static Type>),
    /// The fields that are known, then the types of further keys and values, if there may be any.
    Object(&'static [(&'static str, Type)], Option<&'static (Type, Type)>),
    Set(&'static Type),
    /// One of several.
    OneOf(&'static [Type]),
}

impl Type {
    /// An array of anything.
    pub(crate) const ARRAY: Self = Self::Array(&[], Some(&Self::Any));
    /// An array of strings.
    pub(crate) const STRINGS: Self = Self::Array(&[], Some(&Self::String));
    /// An object of anything.
    pub(crate) const OBJECT: Self = Self::Object(&[], Some(&(Self::Any, Self::Any)));
    /// A set of anything.
    pub(crate) const SET: Self = Self::Set(&Self::Any);
    /// A set of strings.
    pub(crate) const STRING_SET: Self = Self::Set(&Self::String);
    /// An array or set of anything.
    pub(crate) const LIST: Self = Self::OneOf(&[Self::ARRAY, Self::SET]);
    /// An array or set of strings.
    pub(crate) const STRING_LIST: Self = Self::OneOf(&[Self::STRINGS, Self::STRING_SET]);
    /// Any collection, or a string.
    pub(crate) const COUNTABLE: Self =
        Self::OneOf(&[Self::SET, Self::ARRAY, Self::OBJECT, Self::String]);
}
