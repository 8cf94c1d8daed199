//! Dates, numbers and money as each language writes them. What `Intl` prints in a browser for
//! `en-GB`, `es-ES` and `pt-PT` is the model.

use super::Lang;
use crate::platform::clock;

const NO_BREAK: char = '\u{a0}';

const ES_MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const PT_MONTHS: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];
const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day of `epoch_ms` in UTC: `5 October 2026`, `5 de octubre de 2026`, `5 de outubro de 2026`.
#[must_use]
pub fn date(lang: Lang, epoch_ms: i64) -> String {
    let (year, month, day) = clock::civil_date(epoch_ms);
    let index = usize::from(month.saturating_sub(1)).min(11);
    match lang {
        Lang::En => format!("{day} {} {year}", EN_MONTHS[index]),
        Lang::Es => format!("{day} de {} de {year}", ES_MONTHS[index]),
        Lang::Pt => format!("{day} de {} de {year}", PT_MONTHS[index]),
    }
}

/// A whole number with its groups: `12,345`, `12.345`, `12 345`.
#[must_use]
pub fn number(lang: Lang, value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let sign = if value < 0 { "-" } else { "" };
    // Spanish and Portuguese write four digits together.
    let grouped = lang == Lang::En || digits.len() > 4;
    let mut out = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if grouped && index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(match lang {
                Lang::En => ',',
                Lang::Es => '.',
                Lang::Pt => NO_BREAK,
            });
        }
        out.push(digit);
    }
    out
}

/// An amount in minor units: `€1,299`, `1299 €`; cents only when there are any.
#[must_use]
pub fn money(lang: Lang, minor: i64, currency: &str) -> String {
    let (whole, cents) = (minor / 100, (minor % 100).unsigned_abs());
    let mut amount = number(lang, whole);
    if cents > 0 {
        let point = if lang == Lang::En { '.' } else { ',' };
        amount = format!("{amount}{point}{cents:02}");
    }
    let sign = match currency {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "BRL" => "R$",
        other => other,
    };
    match lang {
        Lang::En if sign == currency => format!("{sign}{NO_BREAK}{amount}"),
        Lang::En => format!("{sign}{amount}"),
        Lang::Es | Lang::Pt => format!("{amount}{NO_BREAK}{sign}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_people_write_them() {
        let day = 1_771_322_400_000;
        assert_eq!(date(Lang::En, day), "17 February 2026");
        assert_eq!(date(Lang::Es, day), "17 de febrero de 2026");
        assert_eq!(date(Lang::Pt, day), "17 de fevereiro de 2026");
    }

    #[test]
    fn prices_read_as_people_write_them() {
        for (minor, currency, en, es, pt) in [
            (49_900, "EUR", "€499", "499\u{a0}€", "499\u{a0}€"),
            (129_900, "EUR", "€1,299", "1299\u{a0}€", "1299\u{a0}€"),
            (1_250, "USD", "$12.50", "12,50\u{a0}$", "12,50\u{a0}$"),
            (9_000, "CHF", "CHF\u{a0}90", "90\u{a0}CHF", "90\u{a0}CHF"),
            (
                123_456_789,
                "BRL",
                "R$1,234,567.89",
                "1.234.567,89\u{a0}R$",
                "1\u{a0}234\u{a0}567,89\u{a0}R$",
            ),
        ] {
            assert_eq!(money(Lang::En, minor, currency), en);
            assert_eq!(money(Lang::Es, minor, currency), es);
            assert_eq!(money(Lang::Pt, minor, currency), pt);
        }
    }
}
