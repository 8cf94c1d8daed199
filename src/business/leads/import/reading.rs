//! A file of leads becomes lines of fields: its encoding, its separator, its columns. No IO.
//!
//! Whatever is wrong with the file as a whole is said in a sentence for its owner, with the line where it shows. What is
//! wrong with one person is found later, when it is known what the columns are.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::columns::Target;
use crate::platform::text::parse_email;

/// Bytes of a file.
pub const BYTES_MAX: usize = 20 * 1024 * 1024;
/// People in a file.
pub const LINES_MAX: usize = 100_000;
const COLUMNS_MAX: usize = 100;
/// Bytes of a field: more is a quotation mark that nobody closed.
const FIELD_MAX: usize = 10_000;
/// Lines of a record, for the same reason.
const RECORD_LINES_MAX: u64 = 25;
/// Lines that are kept and worked on together.
pub const PART: usize = 250;
/// Lines that are shown to tell columns apart.
const SHOWN: usize = 5;

/// What a file is like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub encoding: String,
    /// `,`, `;` or a tab.
    pub separator: char,
    pub has_header: bool,
    /// What the first line calls them, or their numbers.
    pub columns: Vec<String>,
}

/// A line of the file and its fields.
pub type Line = (i64, Vec<String>);

/// A file that has been read.
#[derive(Debug, Clone)]
pub struct Contents {
    pub sheet: Sheet,
    /// JSON, [`PART`] lines each.
    pub parts: Vec<String>,
    pub total: usize,
}

/// Reads a whole file.
///
/// # Errors
/// A sentence for whoever chose the file.
pub fn read(bytes: &[u8]) -> Result<Contents, String> {
    if bytes.len() > BYTES_MAX {
        return Err(
            "The file is larger than 20 MB. Split it and bring in one part after the other.".into(),
        );
    }
    is_text(bytes)?;
    let (text, encoding) = decode(bytes)?;
    let text = text.strip_prefix("sep=").map_or(text.as_str(), |rest| {
        // Excel's own first line.
        rest.split_once('\n').map_or("", |(_, rest)| rest)
    });
    let separator = separator(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator as u8)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let (mut columns, mut has_header) = (Vec::new(), true);
    let (mut part, mut parts, mut total): (Vec<Line>, Vec<String>, usize) =
        (Vec::new(), Vec::new(), 0);
    while reader
        .read_record(&mut record)
        .map_err(|error| format!("The file cannot be read as CSV: {error}."))?
    {
        let number = line_of(text, &record);
        check(&record, number, reader.position().line())?;
        let fields: Vec<String> = record.iter().map(plain).collect();
        if fields.iter().all(String::is_empty) {
            continue;
        }
        if columns.is_empty() {
            has_header = fields.iter().all(|field| parse_email(Some(field)).is_err());
            columns = names(&fields, has_header)?;
            if has_header {
                continue;
            }
        }
        total += 1;
        if total > LINES_MAX {
            return Err("The file has more than 100,000 lines. Split it and bring in one part after the other.".into());
        }
        part.push((number, fields));
        if part.len() == PART {
            parts.push(json(&part));
            part.clear();
        }
    }
    if !part.is_empty() {
        parts.push(json(&part));
    }
    if total == 0 {
        return Err(
            "There is nobody in the file: it has no line below the names of its columns.".into()
        );
    }
    let sheet = Sheet { encoding: encoding.to_owned(), separator, has_header, columns };
    Ok(Contents { sheet, parts, total })
}

/// What the columns seem to be.
#[must_use]
pub fn guess(sheet: &Sheet, lines: &[Line]) -> Vec<Target> {
    let mut taken = Vec::new();
    let targets = sheet.columns.iter().enumerate().map(|(at, name)| {
        let by_name = if sheet.has_header { Target::of_name(name) } else { None };
        let is_address = |(_, fields): &Line| {
            fields.get(at).is_some_and(|field| parse_email(Some(field)).is_ok())
        };
        let target = by_name.or_else(|| {
            (!lines.is_empty() && lines.iter().all(is_address)).then_some(Target::Email)
        });
        match target {
            Some(target) if target == Target::Tags || !taken.contains(&target) => {
                taken.push(target);
                target
            }
            _ => Target::Ignore,
        }
    });
    targets.collect()
}

/// The lines of a part, as they are kept.
#[must_use]
pub fn json(lines: &[Line]) -> String {
    serde_json::to_string(lines).unwrap_or_default()
}

/// The first lines of the first part.
#[must_use]
pub fn shown(lines: Vec<Line>) -> Vec<Line> {
    lines.into_iter().take(SHOWN).collect()
}

fn is_text(bytes: &[u8]) -> Result<(), String> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err("The file is empty.".into());
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err("This is a workbook of a spreadsheet program. Open it there, choose Save as or Export, then “CSV UTF-8”, and choose that file here.".into());
    }
    let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if !is_utf16 && bytes.contains(&0) {
        return Err(
            "This is not a text file. Save the list as “CSV UTF-8” and choose that file here."
                .into(),
        );
    }
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<(String, &'static str), String> {
    let broken = |line: usize, of: &str| {
        format!(
            "Line {line} is not valid {of}: characters would be lost. Save the list as “CSV UTF-8” and choose that file here."
        )
    };
    if let Some((encoding, _)) =
        Encoding::for_bom(bytes).filter(|(e, _)| [UTF_16BE, UTF_16LE].contains(e))
    {
        let (text, _, has_errors) = encoding.decode(bytes);
        if has_errors {
            let at = text.find('\u{fffd}').unwrap_or(0);
            return Err(broken(lines_in(&text.as_bytes()[..at]) + 1, "UTF-16"));
        }
        if text.contains('\0') {
            return Err(
                "This is not a text file. Save the list as “CSV UTF-8” and choose that file here."
                    .into(),
            );
        }
        return Ok((text.into_owned(), "UTF-16"));
    }
    let (marked, rest) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    match std::str::from_utf8(rest) {
        Ok(text) => Ok((text.to_owned(), "UTF-8")),
        Err(error) => {
            let good = &rest[..error.valid_up_to()];
            // What began as UTF-8 is one that has been damaged, not one of before.
            if marked || !good.is_ascii() {
                return Err(broken(lines_in(good) + 1, "UTF-8"));
            }
            Ok((WINDOWS_1252.decode_without_bom_handling(rest).0.into_owned(), "Windows-1252"))
        }
    }
}

/// The field without space around it, and without the apostrophe that an export puts before what could be a formula.
fn plain(field: &str) -> String {
    let field = field.trim();
    let guarded = field.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    guarded.unwrap_or(field).to_owned()
}

/// Which of the separators the first line has most of, outside quotation marks.
fn separator(text: &str) -> char {
    let mut quoted = false;
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    for c in text.trim_start().chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(s, _)| *s == c).for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
    counts.iter().find(|(_, n)| *n == most).map_or(',', |(s, _)| *s)
}

fn lines_in(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

/// Where a record begins; what the reader says is where it began to look, before lines without anything.
fn line_of(text: &str, record: &csv::StringRecord) -> i64 {
    let Some(place) = record.position() else { return 0 };
    let from = usize::try_from(place.byte()).unwrap_or(0).min(text.len());
    let rest = &text.as_bytes()[from..];
    let empty = rest.iter().take_while(|byte| b"\r\n".contains(byte)).count();
    (place.line() as usize + lines_in(&rest[..empty])) as i64
}

fn check(record: &csv::StringRecord, line: i64, ends_at: u64) -> Result<(), String> {
    let mark = "A quotation mark is probably missing or too many there.";
    if record.len() > COLUMNS_MAX {
        return Err(format!("Line {line} has more than {COLUMNS_MAX} columns."));
    }
    if record.iter().any(|field| field.len() > FIELD_MAX) {
        return Err(format!("Line {line} has a field of more than 10,000 characters. {mark}"));
    }
    if ends_at.saturating_sub(line as u64) > RECORD_LINES_MAX {
        return Err(format!("Line {line} does not end before line {ends_at}. {mark}"));
    }
    Ok(())
}

fn names(fields: &[String], has_header: bool) -> Result<Vec<String>, String> {
    let all = fields.iter().enumerate().map(|(at, field)| match field.as_str() {
        "" => format!("Column {}", at + 1),
        _ if !has_header => format!("Column {}", at + 1),
        name => name.chars().take(60).collect(),
    });
    let names: Vec<String> = all.collect();
    if names.is_empty() { Err("The first line has no columns.".into()) } else { Ok(names) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(contents: &Contents) -> Vec<Line> {
        contents
            .parts
            .iter()
            .flat_map(|part| serde_json::from_str::<Vec<Line>>(part).unwrap())
            .collect()
    }

    fn fields(bytes: &[u8]) -> Vec<Vec<String>> {
        lines(&read(bytes).unwrap()).into_iter().map(|(_, fields)| fields).collect()
    }

    #[test]
    fn every_encoding_that_spreadsheets_write_is_read() {
        let text = "name;email\nJosé Ñandú;jose@example.com\n";
        let utf16 = |little: bool| -> Vec<u8> {
            let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
            units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
        };
        let latin: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (marked, "UTF-8"),
            (utf16(true), "UTF-16"),
            (utf16(false), "UTF-16"),
            (latin, "Windows-1252"),
        ] {
            let contents = read(&bytes).unwrap();
            assert_eq!(contents.sheet.encoding, encoding);
            assert_eq!((contents.sheet.separator, contents.sheet.columns.len()), (';', 2));
            assert_eq!(
                lines(&contents),
                [(2, vec!["José Ñandú".into(), "jose@example.com".into()])]
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let told = |bytes: &[u8]| read(bytes).unwrap_err();
        assert!(told(b" \r\n").contains("is empty"));
        assert!(told(b"PK\x03\x04rest").contains("workbook"));
        assert!(told(b"a,b\n\0\x01").contains("not a text file"));
        assert!(
            told(
                "email\nzoë@example.com\n"
                    .as_bytes()
                    .iter()
                    .copied()
                    .chain(*b"jos\xe9,\n")
                    .collect::<Vec<_>>()
                    .as_slice()
            )
            .contains("Line 3 is not valid UTF-8")
        );
        assert!(told(b"\xef\xbb\xbfemail\n\xff\n").contains("Line 2 is not valid UTF-8"));
        assert!(told(b"\xff\xfee\0\n\0\x00\xd8e\0").contains("Line 2 is not valid UTF-16"));
        assert!(told(b"email,name\n").contains("nobody"));
        let open = format!("email,name\na@b.co,\"Ana\n{}", "b@b.co,Eva\n".repeat(40));
        assert!(told(open.as_bytes()).contains("Line 2 does not end"), "{}", told(open.as_bytes()));
        let open = format!("email\n\"{}\n", "x".repeat(11_000));
        assert!(told(open.as_bytes()).contains("more than 10,000 characters"));
        let many = format!("email\n{}", "a@b.co\n".repeat(LINES_MAX + 1));
        assert!(told(many.as_bytes()).contains("more than 100,000 lines"));
    }

    #[test]
    fn separators_quotes_and_empty_lines_are_as_they_are_meant() {
        assert_eq!(
            fields(b"a@b.co;\"x;\"\"y\"\"\"\n"),
            [["a@b.co", "x;\"y\""]],
            "no line of names"
        );
        assert_eq!(fields(b"email\tname\r\na@b.co\tAna, of B\r\n"), [["a@b.co", "Ana, of B"]]);
        assert_eq!(fields(b"sep=;\r\nemail;name\r\na@b.co;Ana\r\n"), [["a@b.co", "Ana"]]);
        let contents = read(b"\n\nemail,name\n\n\n,\na@b.co,\"A\nB\"\n\nc@d.co,C\n").unwrap();
        let numbers: Vec<i64> = lines(&contents).iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [7, 10]);
    }

    #[test]
    fn columns_are_known_by_their_names_or_by_what_stands_in_them() {
        use Target::{Created, Email, FirstName, Ignore, Lang, LastName, Name, Program, Tags};
        let guessed = |text: &str| {
            let contents = read(text.as_bytes()).unwrap();
            guess(&contents.sheet, &lines(&contents))
        };
        assert_eq!(
            guessed("Email Address,First Name,Last Name,TAGS,Phone,OPTIN_TIME\na@b.co,A,B,x,1,2\n"),
            [Email, FirstName, LastName, Tags, Ignore, Created]
        );
        assert_eq!(
            guessed("Nombre;Correo;Idioma;Programa\nAna;a@b.co;es;prime\n"),
            [Name, Email, Lang, Program]
        );
        assert_eq!(guessed("Ana,a@b.co\n"), [Ignore, Email]);
        assert_eq!(guessed("contact,e-mail,email\nx,a@b.co,c@d.co\n"), [Ignore, Email, Ignore]);
    }

    proptest! {
        #[test]
        fn no_file_brings_it_down(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(contents) = read(&bytes) {
                prop_assert_eq!(lines(&contents).len(), contents.total);
            }
        }
    }
}
