//! What a value must be able to do to be kept in memory, or outside the process.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that the memory layer can keep: it hands out clones, to every thread.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in memory",
    label = "not `Clone + Send + Sync + 'static`",
    note = "the memory layer hands out clones: derive `Clone` for the types of yours in it, or return an `Arc` of it"
)]
pub trait MemoryValue: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Clone + Send + Sync + 'static> MemoryValue for V {}

/// A value that can be kept outside the process.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept outside the process",
    label = "not `Serialize + DeserializeOwned + Send + Sync + 'static`",
    note = "stores keep bytes: derive `serde::Serialize` and `serde::Deserialize` for the types of yours in it, or use the memory layer alone"
)]
pub trait StoredValue: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Serialize + DeserializeOwned + Send + Sync + 'static> StoredValue for V {}
