//! `net.cidr_merge`: the fewest networks that hold the same addresses.

use super::network::{Address, Network};
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

/// A run of addresses, and the network that it is where it is that of one alone.
struct Run {
    first: Address,
    last: Address,
    network: Option<Network>,
}

pub(super) fn merge(context: &mut Context, operands: &[Value]) -> Outcome {
    let items = match &operands[0] {
        Value::Array(items) => items.as_slice(),
        Value::Set(items) => items.as_slice(),
        _ => return Err(BuiltinError::evaluation("operand must be an array")),
    };
    context.allocate(items.len().saturating_mul(size_of::<Run>()))?;
    let mut runs = Vec::with_capacity(items.len());
    for item in items {
        context.step()?;
        let network = network(item)?;
        runs.push(Run { first: network.first(), last: network.last(), network: Some(network) });
    }
    let mut networks = Vec::new();
    for run in merged(runs) {
        match run.network {
            Some(network) => networks.push(network),
            None => cover(run.first, run.last, &mut networks),
        }
    }
    context.allocate(networks.len().saturating_mul(size_of::<Value>() + 64))?;
    let texts = networks.iter().map(|network| Value::from(network.to_string()));
    Ok(Some(Value::set(texts.collect())))
}

fn network(item: &Value) -> Result<Network, BuiltinError> {
    let Some(text) = item.as_str() else {
        return Err(BuiltinError::evaluation("element must be string"));
    };
    match Address::parse(text) {
        Some(address) => Network::by_class(address)
            .ok_or_else(|| BuiltinError::evaluation("IPv6 invalid: needs prefix length")),
        None => Network::parse(text)
            .ok_or_else(|| BuiltinError::evaluation(format!("invalid CIDR address: {text}"))),
    }
}

/// Joins runs that overlap or touch, from the last one down.
fn merged(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by_key(|run| (run.last, run.first));
    let mut merged: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs.into_iter().rev() {
        match merged.last_mut() {
            Some(above) if above.first.previous() <= run.last => {
                above.first = above.first.min(run.first);
                above.network = None;
            }
            _ => merged.push(run),
        }
    }
    merged
}

/// The fewest networks of a run.
fn cover(first: Address, last: Address, networks: &mut Vec<Network>) {
    let mut next = Some(first.0);
    while let Some(start) = next.filter(|start| *start <= last.0) {
        let mut bits = start.trailing_zeros().min(128);
        let end = |bits: u32| start.checked_add(1u128.checked_shl(bits)?.checked_sub(1)?);
        while bits > 0 && !(bits == 128 && last.0 == u128::MAX) {
            if end(bits).is_some_and(|end| end <= last.0) {
                break;
            }
            bits -= 1;
        }
        networks.push(Network::new(Address(start), 128 - bits));
        next = 1u128.checked_shl(bits).and_then(|size| start.checked_add(size));
    }
}
