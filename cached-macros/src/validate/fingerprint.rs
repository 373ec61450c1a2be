//! A number that changes with the code of a function, and not with how it is laid out.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Signature;

/// Operators whose two characters mean something else when apart.
const GLUED: [(char, char); 4] = [('&', '&'), ('|', '|'), ('=', '='), ('!', '=')];

/// Words behind which parentheses are no call.
const BEFORE_A_TUPLE: [&str; 13] = [
    "as", "break", "else", "for", "if", "in", "let", "match", "move", "mut", "ref", "return",
    "while",
];

/// Returns the fingerprint of a signature and a body: FNV-1a of their tokens, 64 bits.
pub(super) fn of(sig: &Signature, body: &TokenStream) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    hash.tokens(sig.to_token_stream());
    hash.tokens(body.clone());
    hash.0
}

struct Hash(u64);

impl Hash {
    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// A word, and its end: no text contains the byte after it.
    fn word(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        self.byte(0xff);
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut before: Option<TokenTree> = None;
        let mut rest = tokens.into_iter().peekable();
        while let Some(token) = rest.next() {
            let next = rest.peek();
            if is_doc(&token, next) {
                rest.next();
                continue;
            }
            match &token {
                // Behind the last of generic arguments, as a formatter puts it.
                TokenTree::Punct(punct) if punct.as_char() == ',' && closes_generics(next) => {}
                TokenTree::Group(group) => self.group(group, before.as_ref()),
                TokenTree::Punct(punct) => {
                    self.word(punct.as_char().encode_utf8(&mut [0; 4]));
                    if let Some(TokenTree::Punct(next)) = next
                        && punct.spacing() == Spacing::Joint
                        && GLUED.contains(&(punct.as_char(), next.as_char()))
                    {
                        self.byte(0xfe);
                    }
                }
                word => self.word(&word.to_string()),
            }
            before = Some(token);
        }
    }

    fn group(&mut self, group: &proc_macro2::Group, before: Option<&TokenTree>) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            // What a macro passed on is as if it had been written.
            Delimiter::None => ("", ""),
        };
        self.word(open);
        self.tokens(without_last_comma(group, before));
        self.word(close);
    }
}

/// Takes off the comma that a formatter puts behind the last item when items have their own lines.
///
/// A tuple of one keeps it, as it means something there.
fn without_last_comma(group: &proc_macro2::Group, before: Option<&TokenTree>) -> TokenStream {
    let mut tokens: Vec<_> = group.stream().into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
    let commas = tokens.iter().filter(|token| is_comma(token)).count();
    let called = match before {
        Some(TokenTree::Ident(word)) => !BEFORE_A_TUPLE.iter().any(|keyword| word == keyword),
        Some(TokenTree::Group(_)) => true,
        _ => false,
    };
    let tuple_of_one = group.delimiter() == Delimiter::Parenthesis && commas == 1 && !called;
    if tokens.last().is_some_and(is_comma) && !tuple_of_one {
        tokens.pop();
    }
    tokens.into_iter().collect()
}

fn closes_generics(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '>')
}

/// Whether a `#` begins the attribute that a comment for the documentation is.
fn is_doc(token: &TokenTree, next: Option<&TokenTree>) -> bool {
    let (TokenTree::Punct(punct), Some(TokenTree::Group(group))) = (token, next) else {
        return false;
    };
    let first = group.stream().into_iter().next();
    punct.as_char() == '#' && matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}
