//! `graph.*`: objects whose keys are nodes and whose values list the nodes they lead to.

use std::collections::HashSet;

use super::operands::{list, object, wrong_type};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::{Object, Value};

const GRAPH: Type = Type::Object(&[], Some(&(Type::Any, Type::LIST)));
const PATHS: Type = Type::Set(&Type::ARRAY);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("graph.reachable", &[GRAPH, Type::LIST], Type::SET, reachable),
    Declared::new("graph.reachable_paths", &[GRAPH, Type::LIST], PATHS, reachable_paths),
];

fn start(value: &Value) -> Result<&[Value], BuiltinError> {
    list(value, 2).map_err(|_| wrong_type(2, value, &["{array, set}"]))
}

/// The nodes that a node leads to; `None` where it is no node of the graph.
fn edges<'a>(graph: &'a Object, node: &Value) -> Option<&'a [Value]> {
    match graph.get(node)? {
        Value::Array(items) => Some(items.as_slice()),
        Value::Set(items) => Some(items.as_slice()),
        _ => Some(&[]),
    }
}

fn reachable(context: &mut Context, operands: &[Value]) -> Outcome {
    let graph = object(&operands[0], 1)?;
    let mut pending: Vec<&Value> = start(&operands[1])?.iter().collect();
    let mut reached: HashSet<&Value> = HashSet::new();
    while let Some(node) = pending.pop() {
        context.step()?;
        let Some(edges) = edges(graph, node) else { continue };
        if reached.insert(node) {
            context.allocate_values(edges.len().saturating_add(4))?;
            pending.extend(edges);
        }
    }
    Ok(Some(Value::set(reached.into_iter().cloned().collect())))
}

/// All ways from the start to where they end or would come back to a node of theirs.
fn reachable_paths(context: &mut Context, operands: &[Value]) -> Outcome {
    let graph = object(&operands[0], 1)?;
    let mut paths = Vec::new();
    // A list of what is still to be followed, since ways may be longer than the stack is deep.
    let mut pending: Vec<(&Value, Vec<Value>)> = Vec::new();
    for node in start(&operands[1])? {
        match edges(graph, node) {
            None => {}
            Some([]) => paths.push(Value::array(vec![node.clone()])),
            Some(edges) => {
                pending.extend(edges.iter().map(|edge| (edge, vec![node.clone()])));
            }
        }
        while let Some((node, mut path)) = pending.pop() {
            context.work(path.len().saturating_mul(8))?;
            context.allocate_values(path.len().saturating_add(4))?;
            let Some(edges) = edges(graph, node) else {
                paths.push(Value::array(path));
                continue;
            };
            path.push(node.clone());
            if edges.is_empty() {
                paths.push(Value::array(path));
                continue;
            }
            for edge in edges {
                context.work(path.len().saturating_mul(8))?;
                context.allocate_values(path.len())?;
                if path.contains(edge) {
                    paths.push(Value::array(path.clone()));
                } else {
                    pending.push((edge, path.clone()));
                }
            }
        }
    }
    Ok(Some(Value::set(paths)))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::{call, check};

    #[test]
    fn graphs_are_walked_through_cycles() {
        check(&[
            (
                "graph.reachable",
                &["{\"a\": [\"b\"], \"b\": [\"a\"], \"c\": [\"d\"]}", "[\"a\"]"],
                "{\"a\", \"b\"}",
            ),
            ("graph.reachable", &["{\"a\": [\"x\"]}", "[\"a\", \"y\"]"], "{\"a\"}"),
            (
                "graph.reachable",
                &["{}", "1"],
                "graph.reachable: operand 2 must be {array, set} but got number",
            ),
            (
                "graph.reachable_paths",
                &["{\"a\": [\"b\", \"c\"], \"b\": [\"a\"], \"c\": [\"x\"]}", "[\"a\"]"],
                "{[\"a\", \"b\"], [\"a\", \"c\"]}",
            ),
            (
                "graph.reachable_paths",
                &["{\"a\": [\"b\"], \"b\": [\"c\"], \"c\": []}", "[\"a\", \"c\"]"],
                "{[\"a\", \"b\", \"c\"], [\"c\"]}",
            ),
            ("graph.reachable_paths", &["{\"a\": [\"a\"]}", "[\"a\"]"], "{[\"a\", \"a\"]}"),
        ]);
    }

    #[test]
    fn a_graph_of_too_many_ways_is_refused() {
        // Each level doubles the ways.
        let levels = (0..40).map(|at| {
            let next = at + 1;
            format!("\"{at}a\": [\"{next}a\", \"{next}b\"], \"{at}b\": [\"{next}a\", \"{next}b\"]")
        });
        let graph = format!("{{{}}}", levels.collect::<Vec<_>>().join(", "));
        let message = call("graph.reachable_paths", &[&graph, "[\"0a\"]"]);
        assert_eq!(message, "graph.reachable_paths: evaluation ran out of memory");
    }
}
