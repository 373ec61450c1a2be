//! Behaviour of annotated functions.
mod smoke;
