//! `gate policy`: what authors of policies need beside `eval` and `test`.

pub(crate) mod bundle;
pub(crate) mod docs;
pub(crate) mod lint;
pub(crate) mod new;
