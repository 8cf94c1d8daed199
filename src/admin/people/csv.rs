//! A line of a table for spreadsheets.

/// The cells as a line of CSV. What a spreadsheet would take for a formula is made a text.
pub(super) fn line(cells: &[&str]) -> String {
    let mut out = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push('"');
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            out.push('\'');
        }
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn quotes_are_doubled_and_formulas_are_texts() {
        assert_eq!(line(&["a", "say \"b\""]), "\"a\",\"say \"\"b\"\"\"\r\n");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(line(&[formula]), format!("\"'{formula}\"\r\n"));
        }
    }
}
