//! A Dockerfile as the list of its commands, each `{Cmd, SubCmd, Flags, JSON, Stage, Value}`.

use serde_json::{Value, json};

/// Reads a file. Its first instruction must be `FROM`, or `ARG` before it.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut commands = vec![];
    let mut stage: i64 = -1;
    for Instruction { line, text } in instructions(text)? {
        let (word, rest) = split(&text);
        let word = word.to_ascii_lowercase();
        if !KNOWN.contains(&word.as_str()) {
            return Err(format!("`{}` at line {line} is no instruction", short(&word)));
        }
        if word == "from" {
            stage += 1;
        } else if stage < 0 && word != "arg" {
            return Err(format!("`{word}` at line {line} comes before the first FROM"));
        }
        let (subcommand, word_of_value, rest) = match word.as_str() {
            "onbuild" => {
                let (inner, rest) = split(rest);
                (inner.to_ascii_lowercase(), inner.to_ascii_lowercase(), rest)
            }
            _ => (String::new(), word.clone(), rest),
        };
        let (flags, rest) = flags(rest);
        let (value, is_json) = values(&word_of_value, rest);
        if value.is_empty() {
            return Err(format!("`{word}` at line {line} says nothing"));
        }
        commands.push(json!({
            "Cmd": word,
            "SubCmd": subcommand,
            "Flags": flags,
            "JSON": is_json,
            "Stage": stage.max(0),
            "Value": value,
        }));
    }
    match stage {
        ..0 => Err("has no FROM".to_owned()),
        _ => Ok(Value::Array(commands)),
    }
}

pub(super) const KNOWN: [&str; 18] = [
    "add",
    "arg",
    "cmd",
    "copy",
    "entrypoint",
    "env",
    "expose",
    "from",
    "healthcheck",
    "label",
    "maintainer",
    "onbuild",
    "run",
    "shell",
    "stopsignal",
    "user",
    "volume",
    "workdir",
];

/// An instruction in one line, with continuations and heredocs joined.
struct Instruction {
    line: usize,
    text: String,
}

fn instructions(text: &str) -> Result<Vec<Instruction>, String> {
    let escape = if text.lines().take_while(|line| line.starts_with('#')).any(|line| {
        line.trim_start_matches('#').trim().to_ascii_lowercase().replace(' ', "") == "escape=`"
    }) {
        '`'
    } else {
        '\\'
    };
    let mut found: Vec<Instruction> = vec![];
    let mut open = false;
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        // Comments and empty lines may stand within an instruction.
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let continues = line.ends_with(escape);
        let content = line.strip_suffix(escape).unwrap_or(line);
        match found.last_mut().filter(|_| open) {
            Some(instruction) => instruction.text.push_str(content),
            None => found.push(Instruction { line: at + 1, text: content.to_owned() }),
        }
        open = continues;
        if open {
            continue;
        }
        let Some(instruction) = found.last_mut() else { continue };
        for delimiter in heredocs(&instruction.text) {
            let mut ended = false;
            for (_, line) in lines.by_ref() {
                if line.trim_start_matches('\t') == delimiter {
                    ended = true;
                    break;
                }
                instruction.text.push('\n');
                instruction.text.push_str(line);
            }
            if !ended {
                return Err(format!("`{}` at line {} does not end", short(&delimiter), at + 1));
            }
        }
    }
    Ok(found)
}

/// The delimiters of the heredocs that an instruction begins (`RUN <<EOF`, `COPY <<-'A' /b`).
pub(super) fn heredocs(text: &str) -> Vec<String> {
    let word = split(text).0.to_ascii_lowercase();
    if !matches!(word.as_str(), "run" | "copy" | "add") {
        return vec![];
    }
    let starts = text.split_whitespace().filter_map(|word| word.strip_prefix("<<"));
    starts
        .map(|word| word.trim_start_matches('-').trim_matches(['"', '\'']).to_owned())
        .filter(|word| !word.is_empty() && word.chars().all(|it| it.is_alphanumeric() || it == '_'))
        .collect()
}

pub(super) fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim()))
}

/// `--from=build --chown=1:1 a b`: flags, and what follows.
pub(super) fn flags(text: &str) -> (Vec<&str>, &str) {
    let mut rest = text;
    let mut flags = vec![];
    while rest.starts_with("--") {
        let (flag, after) = split(rest);
        flags.push(flag);
        rest = after;
    }
    (flags, rest)
}

/// The arguments of an instruction, and whether they were written as a JSON list.
pub(super) fn values(word: &str, text: &str) -> (Vec<String>, bool) {
    let takes_json = matches!(
        word,
        "add" | "cmd" | "copy" | "entrypoint" | "run" | "shell" | "volume" | "healthcheck"
    );
    if takes_json
        && text.starts_with('[')
        && let Ok(list) = serde_json::from_str::<Vec<String>>(text)
    {
        return (list, true);
    }
    let list = match word {
        _ if text.is_empty() => vec![],
        "cmd" | "entrypoint" | "run" | "maintainer" | "healthcheck" | "user" | "workdir"
        | "stopsignal" => vec![text.to_owned()],
        "env" | "label" => pairs(text),
        _ => words(text),
    };
    (list, false)
}

/// `a=b c="d e"` as `a, b, c, d e`, and the old form `a b c` as `a, b c`.
fn pairs(text: &str) -> Vec<String> {
    let words = words(text);
    if words.first().is_some_and(|word| word.contains('=')) {
        return words
            .iter()
            .flat_map(|word| {
                let (key, value) = word.split_once('=').unwrap_or((word, ""));
                [key.to_owned(), value.to_owned()]
            })
            .collect();
    }
    let (key, value) = split(text);
    vec![key.to_owned(), value.to_owned()]
}

/// Words apart, quoted ones whole and without their quotes.
fn words(text: &str) -> Vec<String> {
    apart(text, false)
}

/// The same with their quotes and backslashes.
pub(super) fn words_as_written(text: &str) -> Vec<String> {
    apart(text, true)
}

fn apart(text: &str, keep: bool) -> Vec<String> {
    let mut words = vec![];
    let mut word = String::new();
    let (mut quote, mut begun, mut escaped) = (None, false, false);
    for it in text.chars() {
        if escaped {
            word.push(it);
            escaped = false;
            continue;
        }
        match (quote, it) {
            (None | Some('"'), '\\') => {
                escaped = true;
                word.extend(keep.then_some(it));
            }
            (Some(open), _) if it == open => {
                quote = None;
                word.extend(keep.then_some(it));
            }
            (None, '"' | '\'') => {
                quote = Some(it);
                begun = true;
                word.extend(keep.then_some(it));
            }
            (None, _) if it.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(it);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Value {
        read(&format!("FROM scratch\n{text}")).unwrap()[1].clone()
    }

    #[test]
    fn commands_have_their_parts() {
        let all = read("# c\nARG V=1\nFROM --platform=linux/amd64 golang:${V} AS build\nFROM scratch\nCOPY --from=build /a /b\n").unwrap();
        let stages: Vec<_> =
            all.as_array().unwrap().iter().map(|it| it["Stage"].as_i64()).collect();
        assert_eq!(stages, [Some(0), Some(0), Some(1), Some(1)]);
        assert_eq!(all[1]["Value"], json!(["golang:${V}", "AS", "build"]));
        assert_eq!(all[1]["Flags"], json!(["--platform=linux/amd64"]));
        assert_eq!((&all[3]["Cmd"], &all[3]["Flags"]), (&json!("copy"), &json!(["--from=build"])));
    }

    #[test]
    fn values_are_read_in_every_form() {
        for (text, value, is_json) in [
            (
                "run apk add \\\n  # why\n  curl && \\\n\n  true",
                json!(["apk add curl && true"]),
                false,
            ),
            ("CMD [\"/app\", \"-v\"]", json!(["/app", "-v"]), true),
            ("ENTRYPOINT [not json", json!(["[not json"]), false),
            ("ENV A=1 B=\"two words\" C=", json!(["A", "1", "B", "two words", "C", ""]), false),
            ("ENV A one two", json!(["A", "one two"]), false),
            ("EXPOSE 80 443/tcp", json!(["80", "443/tcp"]), false),
            ("USER app", json!(["app"]), false),
            (
                "RUN <<EOF\napk add curl\nUSER root\nEOF",
                json!(["<<EOF\napk add curl\nUSER root"]),
                false,
            ),
        ] {
            let command = command(text);
            assert_eq!((&command["Value"], &command["JSON"]), (&value, &json!(is_json)), "{text}");
        }
        let onbuild = command("ONBUILD COPY --chown=1 a b");
        assert_eq!((&onbuild["Cmd"], &onbuild["SubCmd"]), (&json!("onbuild"), &json!("copy")));
        assert_eq!(
            (&onbuild["Flags"], &onbuild["Value"]),
            (&json!(["--chown=1"]), &json!(["a", "b"]))
        );
    }

    #[test]
    fn what_is_no_dockerfile_is_refused() {
        for text in [
            "",
            "RUN true\n",
            "ARG A\n",
            "FROM a\nhello there\n",
            "FROM\n",
            "FROM a\nRUN <<EOF\nx\n",
            "From: me\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
