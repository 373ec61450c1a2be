//! A model becomes code. Nothing in here can fail.
//!
//! ```text
//! #[cache_evict(get_user(user.id))]
//! async fn rename(db: &Db, user: User) -> Result<(), DbError> { body }
//! ```
//!
//! becomes
//!
//! ```text
//! async fn rename(db: &Db, user: User) -> Result<(), DbError> {
//!     let handle = get_user::entry(user.id);
//!     let success = succeeded!(async move { body }.await);
//!     Changes::new().evict(handle).make().await;
//!     success.returned()
//! }
//! ```
//!
//! The algorithm is in the core; nothing here tells success from failure, or evicts.

mod handle;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ReturnType;

use self::handle::Handle;
use super::model::{Captures, Changes, Target, Writer};
use crate::model::Returns;
use crate::place;

/// Returns the code that stands in the function's place.
pub(crate) fn expand(writer: &Writer) -> TokenStream {
    let Writer { attrs, vis, sig, .. } = writer;
    let code = Parts::of(writer).code();
    quote! {
        #(#attrs)*
        #vis #sig {
            #code
        }
    }
}

/// What several parts of the expansion are made from.
struct Parts<'w> {
    writer: &'w Writer,
    /// `::cached_kit::__private`.
    private: TokenStream,
}

impl<'w> Parts<'w> {
    fn of(writer: &'w Writer) -> Self {
        let private = place::private(writer.krate.as_ref(), Span::call_site());
        Self { writer, private }
    }

    fn code(&self) -> TokenStream {
        let private = &self.private;
        let code = match &self.writer.changes {
            Changes::EvictBefore(targets) => self.before(targets),
            Changes::Evict(targets) => {
                self.after(&self.handles(targets), TokenStream::new(), |handle| {
                    let entry = handle.later();
                    quote_spanned!(handle.span()=> .evict(#entry))
                })
            }
            Changes::Put(entries) => {
                let entries = entries.iter().enumerate();
                let handles: Vec<_> = entries
                    .map(|(index, entry)| {
                        Handle::of_entry(index, entry, self.writer.krate.as_ref())
                    })
                    .collect();
                self.after(&handles, self.clones(), |handle| {
                    let entry = handle.later();
                    quote_spanned!(handle.span()=> .and(#entry.putting(__cached_clones.one())))
                })
            }
        };
        match self.writer.returns {
            // Nothing is done before the future is polled, as for an `async fn`.
            Returns::Boxed(_) => quote!(#private::boxed(async move { #code })),
            _ => code,
        }
    }

    fn before(&self, targets: &[Target]) -> TokenStream {
        let Self { private, writer } = self;
        let changes = self.handles(targets).into_iter().map(|handle| {
            let made = handle.made();
            quote_spanned!(handle.span()=> .evict(#made))
        });
        let make = self.make();
        let body = match writer.returns {
            Returns::Boxed(_) => self.run(),
            _ => place::block(&writer.body),
        };
        quote! {
            #private::Changes::new() #(#changes)* #make;
            #body
        }
    }

    fn after(
        &self,
        handles: &[Handle<'_>],
        preparation: TokenStream,
        change: impl Fn(&Handle<'_>) -> TokenStream,
    ) -> TokenStream {
        let Self { private, writer } = self;
        let returns = writer.returns.value();
        let early = handles.iter().map(Handle::early);
        let run = self.run();
        let changes = handles.iter().map(change);
        let changes = quote!(#private::Changes::new() #(#changes)*);
        let changes = match preparation.is_empty() {
            true => changes,
            false => quote!({ #preparation #changes }),
        };
        let make = self.make();
        quote! {
            #(#early)*
            let __cached_shape = #private::writer_shape!(#returns);
            let __cached_success = {
                let __cached_outcome = #private::Success::of(#run, __cached_shape);
                #private::succeeded!(__cached_outcome)
            };
            let __cached_changes = #changes;
            __cached_changes #make;
            __cached_success.returned()
        }
    }

    /// The body, run to its end.
    fn run(&self) -> TokenStream {
        let Self { private, writer } = self;
        // What is not there any more, because an argument has it, is reported where the body begins.
        let at = place::ours(opening(&writer.body));
        let (how, lent) = match &writer.captures {
            Captures::Moved => (quote_spanned!(at=> move), TokenStream::new()),
            Captures::Lent { unique, moved } => {
                (TokenStream::new(), quote!(#(let _ = &mut *#unique;)* #(let #moved = #moved;)*))
            }
        };
        let block = place::block(&writer.body);
        let body = match lent.is_empty() {
            true => writer.body.clone(),
            false => quote!({ #lent #block }),
        };
        let once = |returned: &dyn ToTokens| {
            let head = quote_spanned!(at=> #how || ->);
            quote!(#private::once(#head #returned #body))
        };
        match (&writer.returns, &writer.sig.output) {
            // In a box, so that the caller's future grows by a pointer and not by the body.
            (Returns::Later(returns), _) => {
                let head = quote_spanned!(at=> async #how);
                let body = if lent.is_empty() { block } else { body };
                quote!(#private::boxed(#head { #private::returns!(#returns); #body }).await)
            }
            (Returns::Boxed(_), ReturnType::Type(_, boxed)) => {
                let boxed = once(boxed);
                quote!(#boxed.await)
            }
            (Returns::Now(returns) | Returns::Boxed(returns), _) => once(returns),
        }
    }

    fn handles<'h>(&'h self, targets: &'h [Target]) -> Vec<Handle<'h>> {
        let targets = targets.iter().enumerate();
        targets
            .map(|(index, target)| Handle::of(index, target, self.writer.krate.as_ref()))
            .collect()
    }

    /// What clones the value. A type that cannot be cloned is reported where it stands.
    fn clones(&self) -> TokenStream {
        let (start, end) = place::ends(self.writer.returns.value());
        let private = place::private(self.writer.krate.as_ref(), start);
        let value = place::ending_at(quote_spanned!(start=> __cached_success.value()), end);
        let clones = place::ending_at(quote_spanned!(start=> #private::Clones::of(#value)), end);
        quote!(let __cached_clones = #clones;)
    }

    fn make(&self) -> TokenStream {
        match self.writer.returns.is_async() {
            true => quote!(.make().await),
            false => quote!(.make_blocking()),
        }
    }
}

/// The brace that a body begins with.
fn opening(body: &TokenStream) -> Span {
    match body.clone().into_iter().next() {
        Some(TokenTree::Group(group)) => group.span_open(),
        _ => Span::call_site(),
    }
}
