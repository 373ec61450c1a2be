//! Every shape that a function can have.

mod associated;
mod boxed;
mod consts;
mod dyn_traits;
mod functions_inside;
mod generics;
mod impl_trait;
mod matrix;
mod methods;
mod one_name;
mod patterns;
mod sizes;
mod traits;
