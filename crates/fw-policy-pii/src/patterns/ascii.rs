//! Makes the short-hand classes of a pattern mean ASCII.
//!
//! `\d`, `\w`, `\s` and `\b` mean all of Unicode to the parser: 760 digits of 76 scripts, and 140,000 letters.
//! Repeated, they make an automaton thousands of times as large, and Unicode's `\b` is beyond any.
//! Identifiers are ASCII; a class such as `\p{L}` or `[äöü]` still means what it says.

use std::ops::Range;

use regex_syntax::ast::{self, Ast, ClassPerlKind, ClassSetItem, Visitor};

/// `pattern` with its short-hand classes limited to ASCII.
pub(super) fn simplified(pattern: &str) -> Result<String, Box<regex_syntax::Error>> {
    let ast = ast::parse::ParserBuilder::new()
        .nest_limit(100)
        .build()
        .parse(pattern)
        .map_err(regex_syntax::Error::from)?;
    let edits = ast::visit(&ast, Simplify { edits: Vec::new() })?;
    let mut out = String::with_capacity(pattern.len());
    let mut at = 0;
    for (range, with) in edits {
        out.push_str(pattern.get(at..range.start).unwrap_or_default());
        out.push_str(with);
        at = range.end;
    }
    out.push_str(pattern.get(at..).unwrap_or_default());
    Ok(out)
}

struct Simplify {
    edits: Vec<(Range<usize>, &'static str)>,
}

impl Simplify {
    fn replace(&mut self, span: &ast::Span, with: &'static str) {
        self.edits.push((span.start.offset..span.end.offset, with));
    }
}

impl Visitor for Simplify {
    type Output = Vec<(Range<usize>, &'static str)>;
    // The visitor never fails; the type is that of the function around it.
    type Err = Box<regex_syntax::Error>;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.edits)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        use ast::AssertionKind::{WordBoundary, WordBoundaryEnd, WordBoundaryStart};
        match ast {
            Ast::ClassPerl(class) if !class.negated => {
                let with = match class.kind {
                    ClassPerlKind::Digit => r"(?-u:\d)",
                    ClassPerlKind::Space => r"(?-u:\s)",
                    ClassPerlKind::Word => r"(?-u:\w)",
                };
                self.replace(&class.span, with);
            }
            Ast::Assertion(assertion) => {
                let with = match assertion.kind {
                    WordBoundary => r"(?-u:\b)",
                    WordBoundaryStart => r"(?-u:\b{start})",
                    WordBoundaryEnd => r"(?-u:\b{end})",
                    _ => return Ok(()),
                };
                self.replace(&assertion.span, with);
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        if let ClassSetItem::Perl(class) = item
            && !class.negated
        {
            let with = match class.kind {
                ClassPerlKind::Digit => "[:digit:]",
                ClassPerlKind::Space => "[:space:]",
                ClassPerlKind::Word => "[:word:]",
            };
            self.replace(&class.span, with);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_hand_classes_become_ascii_where_they_stand() {
        for (pattern, simple) in [
            (r"a\d{3}", r"a(?-u:\d){3}"),
            (r"[\d-]\b", r"[[:digit:]-](?-u:\b)"),
            (r"[^\w.]\D", r"[^[:word:].]\D"),
            (r"\\d[\\d]", r"\\d[\\d]"),
            (r"\p{L}é", r"\p{L}é"),
        ] {
            assert_eq!(simplified(pattern).unwrap(), simple);
        }
    }
}
