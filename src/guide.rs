#![doc = include_str!("../docs/guide/index.md")]

#[doc = include_str!("../docs/guide/database.md")]
pub mod database {}
#[doc = include_str!("../docs/guide/method.md")]
pub mod method {}
#[doc = include_str!("../docs/guide/key.md")]
pub mod key {}
#[doc = include_str!("../docs/guide/invalidate.md")]
pub mod invalidate {}
#[doc = include_str!("../docs/guide/force.md")]
pub mod force {}
#[doc = include_str!("../docs/guide/batch.md")]
pub mod batch {}
#[doc = include_str!("../docs/guide/tests.md")]
pub mod tests {}
#[doc = include_str!("../docs/guide/share.md")]
pub mod share {}
#[cfg(feature = "redis")]
#[doc = include_str!("../docs/guide/redis.md")]
pub mod redis {}
#[doc = include_str!("../docs/guide/bytes.md")]
pub mod bytes {}
#[doc = include_str!("../docs/guide/by_hand.md")]
pub mod by_hand {}
