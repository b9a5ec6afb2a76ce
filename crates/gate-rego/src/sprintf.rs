//! `sprintf` as Go's `fmt` writes it, since the engine's own lacks widths and verbs and falls silent
//! (undefined) where it has none: a finding whose message is undefined is no finding.

use std::fmt::Write as _;

use regorus::Value;

/// The greatest width or precision: a wide one takes all memory.
const WIDTH: usize = 1_000;

/// `sprintf(format, arguments)`; undefined where these are no text and no array.
pub(crate) fn sprintf(args: &[Value]) -> anyhow::Result<Value> {
    let [Value::String(format), Value::Array(values)] = args else { return Ok(Value::Undefined) };
    let values: Vec<Argument> = values.iter().map(Argument::from).collect();
    let mut out = String::new();
    let mut rest = format.as_ref();
    let (mut next, mut reordered) = (0, false);
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let (spec, index, tail) = Spec::read(after)?;
        rest = tail;
        if let Some(index) = index {
            next = index;
            reordered = true;
        }
        match spec.verb {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb) => {
                match values.get(next) {
                    Some(value) => out.push_str(&value.written(&spec, verb)),
                    None if reordered => write!(out, "%!{verb}(BADINDEX)")?,
                    None => write!(out, "%!{verb}(MISSING)")?,
                }
                next += 1;
            }
        }
    }
    out.push_str(rest);
    if !reordered && next < values.len() {
        let extra: Vec<_> = values[next..].iter().map(Argument::typed).collect();
        write!(out, "%!(EXTRA {})", extra.join(", "))?;
    }
    Ok(Value::from(out))
}

/// What stands between `%` and its verb.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "Go's flags are five independent marks")]
struct Spec {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    verb: Option<char>,
}

impl Spec {
    /// The specification, the argument's index where one is given, and the text behind.
    fn read(text: &str) -> anyhow::Result<(Self, Option<usize>, &str)> {
        let mut spec = Self::default();
        let mut rest = text;
        while let Some(flag) = rest.chars().next().filter(|flag| "-+# 0".contains(*flag)) {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                _ => spec.zero = true,
            }
            rest = &rest[1..];
        }
        let mut index = None;
        (spec.width, rest) = number(rest)?;
        if let Some(after) = rest.strip_prefix('.') {
            let (precision, behind) = number(after)?;
            spec.precision = Some(precision);
            rest = behind;
        }
        if let Some((inside, behind)) = rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
            // An index that is none is one that no argument has.
            index = Some(inside.parse().map_or(usize::MAX - 1, |at: usize| at.wrapping_sub(1)));
            rest = behind;
        }
        if rest.starts_with('*') {
            anyhow::bail!("sprintf: a width from the arguments (`*`) is not supported");
        }
        spec.verb = rest.chars().next();
        let behind = spec.verb.map_or(0, char::len_utf8);
        Ok((spec, index, &rest[behind..]))
    }

    /// Fills up to the width.
    fn padded(&self, text: &str, number: bool) -> String {
        let space = self.width.saturating_sub(text.chars().count());
        if self.minus {
            return format!("{text}{}", " ".repeat(space));
        }
        if !self.zero {
            return format!("{}{text}", " ".repeat(space));
        }
        let sign = usize::from(number && text.starts_with(['+', '-', ' ']));
        format!("{}{}{}", &text[..sign], "0".repeat(space), &text[sign..])
    }

    fn signed(&self, digits: String, negative: bool) -> String {
        match (negative, self.plus, self.space) {
            (true, ..) => format!("-{digits}"),
            (false, true, _) => format!("+{digits}"),
            (false, false, true) => format!(" {digits}"),
            _ => digits,
        }
    }
}

fn number(text: &str) -> anyhow::Result<(usize, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let number = if number.is_empty() { 0 } else { number.parse().unwrap_or(usize::MAX) };
    anyhow::ensure!(number <= WIDTH, "sprintf: a width of more than {WIDTH}");
    Ok((number, rest))
}

/// An argument as OPA hands it to Go: whatever is no number is text.
enum Argument {
    Int(i64),
    /// The digits of an integer that no machine word holds.
    Large(String),
    Float(f64),
    Text(String),
}

impl From<&Value> for Argument {
    fn from(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.to_string()),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(integer), _) => Self::Int(integer),
                _ if number.is_integer() => Self::Large(number.format_decimal()),
                (None, Some(float)) => Self::Float(float),
                (None, None) => Self::Text(value.to_string()),
            },
            other => Self::Text(term(other)),
        }
    }
}

impl Argument {
    fn typed(&self) -> String {
        match self {
            Self::Int(integer) => format!("int64={integer}"),
            Self::Large(digits) => format!("*big.Int={digits}"),
            Self::Float(float) => format!("float64={}", general(*float, None)),
            Self::Text(text) => format!("string={text}"),
        }
    }

    fn written(&self, spec: &Spec, verb: char) -> String {
        let plain = match (self, verb) {
            (Self::Int(_), 'T') => Some("int64".to_owned()),
            (Self::Large(_), 'T') => Some("*big.Int".to_owned()),
            (Self::Large(digits), 'd' | 'v' | 's') => Some(digits.clone()),
            (Self::Large(_), _) => None,
            (Self::Float(_), 'T') => Some("float64".to_owned()),
            (Self::Text(_), 'T') => Some("string".to_owned()),
            (Self::Int(integer), _) => integer_text(*integer, spec, verb),
            (Self::Float(float), _) => float_text(*float, spec, verb),
            (Self::Text(text), _) => text_text(text, spec, verb),
        };
        match plain {
            Some(text) => spec.padded(&text, !matches!(self, Self::Text(_))),
            None => format!("%!{verb}({})", self.typed()),
        }
    }
}

fn integer_text(integer: i64, spec: &Spec, verb: char) -> Option<String> {
    let size = integer.unsigned_abs();
    let prefix = |prefix: &'static str| if spec.sharp { prefix } else { "" };
    let digits = match verb {
        'd' | 'v' => size.to_string(),
        'b' => format!("{}{size:b}", prefix("0b")),
        'o' => format!("{}{size:o}", prefix("0")),
        'O' => format!("0o{size:o}"),
        'x' => format!("{}{size:x}", prefix("0x")),
        'X' => format!("{}{size:X}", prefix("0X")),
        'U' => return Some(format!("U+{size:04X}")),
        'c' | 'q' => {
            let character = u32::try_from(integer).ok().and_then(char::from_u32);
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            return Some(if verb == 'c' {
                character.to_string()
            } else {
                format!("{character:?}")
            });
        }
        _ => return None,
    };
    let least = spec.precision.unwrap_or(0).saturating_sub(digits.len());
    Some(spec.signed(format!("{}{digits}", "0".repeat(least)), integer < 0))
}

fn float_text(float: f64, spec: &Spec, verb: char) -> Option<String> {
    let size = float.abs();
    let digits = match verb {
        'f' | 'F' => format!("{size:.*}", spec.precision.unwrap_or(6)),
        'e' => scientific(&format!("{size:.*e}", spec.precision.unwrap_or(6))),
        'E' => scientific(&format!("{size:.*e}", spec.precision.unwrap_or(6))).to_uppercase(),
        'g' | 'v' => general(size, spec.precision),
        'G' => general(size, spec.precision).to_uppercase(),
        _ => return None,
    };
    Some(spec.signed(digits, float.is_sign_negative()))
}

/// Go writes at least two digits of an exponent, and its sign.
fn scientific(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else { return text.to_owned() };
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |it| ('-', it));
    format!("{digits}e{sign}{exponent:0>2}")
}

/// `%g`: the exponent's form where the number is very large or small, or has more digits than asked.
fn general(float: f64, precision: Option<usize>) -> String {
    let text = match precision {
        None => format!("{float:e}"),
        Some(precision) => format!("{float:.*e}", precision.max(1) - 1),
    };
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = if digits.contains('.') {
        digits.trim_end_matches('0').trim_end_matches('.')
    } else {
        digits
    };
    let most = precision.map_or(6, |it| i32::try_from(it.max(1)).unwrap_or(i32::MAX));
    if exponent < -4 || exponent >= most {
        return scientific(&format!("{trimmed}e{exponent}"));
    }
    let value: f64 = format!("{trimmed}e{exponent}").parse().unwrap_or(float);
    value.to_string()
}

fn text_text(text: &str, spec: &Spec, verb: char) -> Option<String> {
    let cut: String = match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text.to_owned(),
    };
    match verb {
        's' | 'v' => Some(cut),
        'q' => Some(quoted(&cut)),
        'x' => Some(hexadecimal(&cut)),
        'X' => Some(hexadecimal(&cut).to_uppercase()),
        _ => None,
    }
}

fn hexadecimal(text: &str) -> String {
    text.bytes().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A value as Rego writes it.
fn term(value: &Value) -> String {
    let list =
        |values: &mut dyn Iterator<Item = &Value>| values.map(term).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(_) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(values) => format!("[{}]", list(&mut values.iter())),
        Value::Set(values) if values.is_empty() => "set()".to_owned(),
        Value::Set(values) => format!("{{{}}}", list(&mut values.iter_sorted())),
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter_sorted()
                .map(|(key, value)| format!("{}: {}", term(key), term(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Undefined => String::new(),
    }
}
