//! Tables for spreadsheets. The one place that knows what a spreadsheet would run as a formula.

/// Writes `value`, quoted where it has to be. A formula gets an apostrophe in front, which makes it a text.
pub fn cell(text: &mut String, value: &str) {
    if is_formula(value) || value.contains([',', ';', '"', '\n', '\r', '\t']) {
        quoted(text, value);
    } else {
        text.push_str(value);
    }
}

/// The cells as a line, every one quoted.
#[must_use]
pub fn line(cells: &[&str]) -> String {
    let mut text = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        quoted(&mut text, cell);
    }
    text.push_str("\r\n");
    text
}

fn is_formula(value: &str) -> bool {
    value.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn quoted(text: &mut String, value: &str) {
    text.push('"');
    if is_formula(value) {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMULAS: [&str; 6] = ["=1+1", "+44", "-1", "@SUM(A1)", "\tx", "\rx"];

    #[test]
    fn a_cell_is_quoted_where_needed_and_never_a_formula() {
        let written = |value: &str| {
            let mut text = String::new();
            cell(&mut text, value);
            text
        };
        assert_eq!(written("Ana Souza"), "Ana Souza");
        assert_eq!(written("Souza, \"Ana\""), "\"Souza, \"\"Ana\"\"\"");
        for formula in FORMULAS {
            assert_eq!(written(formula), format!("\"'{formula}\""));
        }
    }

    #[test]
    fn in_a_line_quotes_are_doubled_and_formulas_are_texts() {
        assert_eq!(line(&["a", "say \"b\""]), "\"a\",\"say \"\"b\"\"\"\r\n");
        for formula in FORMULAS {
            assert_eq!(line(&[formula]), format!("\"'{formula}\"\r\n"));
        }
    }
}
