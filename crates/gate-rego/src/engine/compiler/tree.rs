//! The tree of virtual documents: which rules stand where under `data`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::package;
use crate::engine::ast::{Key, Module, Rule as AstRule, TermKind};
use crate::engine::program::{Group, GroupId, GroupKind, Node, NodeId, Rule};

/// Where a rule of the source stands, and where it belongs.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) module: usize,
    pub(super) rule: usize,
    pub(super) default: bool,
    pub(super) group: GroupId,
    /// Constant parts of the path that the group's place does not include, before the head's own.
    pub(super) prefix: Vec<Arc<str>>,
    /// How many parts of the head's path the group's place, or the prefix, includes.
    pub(super) taken: usize,
}

impl Site {
    pub(super) fn ast<'a>(&self, modules: &'a [Module]) -> &'a AstRule {
        &modules[self.module].rules[self.rule]
    }
}

/// The tree without compiled rules.
pub(super) struct Skeleton {
    pub(super) nodes: Vec<Node>,
    pub(super) groups: Vec<Outline>,
}

/// A group without compiled rules.
pub(super) struct Outline {
    pub(super) path: Box<[Arc<str>]>,
    pub(super) node: NodeId,
    pub(super) kind: GroupKind,
    pub(super) sites: Vec<Site>,
    /// Rules that deeper places gave up, since a rule above them has variables in its head.
    pub(super) adopted: Vec<Site>,
    /// Whether rules stand below although the rules here define the whole place.
    pub(super) covers: Option<Site>,
}

struct Draft {
    children: BTreeMap<Arc<str>, usize>,
    sites: Vec<Site>,
    path: Vec<Arc<str>>,
}

/// The constant strings at the start of a rule's path, behind its name.
fn constant_parts(rule: &AstRule) -> impl Iterator<Item = &Arc<str>> {
    rule.head.path.iter().map_while(|part| match &part.kind {
        TermKind::String(text) => Some(text),
        _ => None,
    })
}

/// Whether a rule's path goes on behind its constant parts.
fn goes_on(site: &Site, modules: &[Module]) -> bool {
    site.ast(modules).head.path.len() > site.taken
}

pub(super) fn build(modules: &[Module]) -> Skeleton {
    let mut drafts = vec![Draft { children: BTreeMap::new(), sites: Vec::new(), path: Vec::new() }];
    for (number, module) in modules.iter().enumerate() {
        let package = package(module);
        let home = descend(&mut drafts, 0, package.iter());
        for (rule, ast) in module.rules.iter().enumerate() {
            let at = descend(&mut drafts, home, std::iter::once(&ast.head.name.text));
            let at = descend(&mut drafts, at, constant_parts(ast));
            let taken = constant_parts(ast).count();
            let (group, prefix) = (GroupId(0), Vec::new());
            let default = ast.default;
            drafts[at].sites.push(Site { module: number, rule, default, group, prefix, taken });
        }
    }
    let mut skeleton = Skeleton { nodes: Vec::new(), groups: Vec::new() };
    grow(&drafts, modules, &mut skeleton);
    skeleton
}

fn descend<'a>(
    drafts: &mut Vec<Draft>,
    from: usize,
    parts: impl Iterator<Item = &'a Arc<str>>,
) -> usize {
    let mut at = from;
    for part in parts {
        at = if let Some(child) = drafts[at].children.get(part) {
            *child
        } else {
            let mut path = drafts[at].path.clone();
            path.push(Arc::clone(part));
            let child = drafts.len();
            drafts.push(Draft { children: BTreeMap::new(), sites: Vec::new(), path });
            drafts[at].children.insert(Arc::clone(part), child);
            child
        };
    }
    at
}

/// Makes nodes of drafts, without recursion: a path may be long.
fn grow(drafts: &[Draft], modules: &[Module], skeleton: &mut Skeleton) {
    let mut pending = vec![(0, None::<(NodeId, Arc<str>)>)];
    while let Some((draft, parent)) = pending.pop() {
        let id = NodeId(u32::try_from(skeleton.nodes.len()).unwrap_or(u32::MAX));
        let path: Box<[Arc<str>]> = drafts[draft].path.iter().cloned().collect();
        skeleton.nodes.push(Node { children: Vec::new(), group: None, path: path.clone() });
        if let Some((parent, name)) = parent {
            skeleton.nodes[parent.0 as usize].children.push((name, id));
        }
        if drafts[draft].sites.is_empty() {
            let children = drafts[draft].children.iter().rev();
            pending.extend(children.map(|(name, child)| (*child, Some((id, Arc::clone(name))))));
        } else {
            let group = GroupId(u32::try_from(skeleton.groups.len()).unwrap_or(u32::MAX));
            let outline = outline(drafts, draft, modules, (id, group));
            skeleton.groups.push(outline);
            skeleton.nodes[id.0 as usize].group = Some(group);
        }
    }
    for node in &mut skeleton.nodes {
        node.children.sort_by(|left, right| left.0.cmp(&right.0));
    }
}

fn outline(
    drafts: &[Draft],
    draft: usize,
    modules: &[Module],
    (node, group): (NodeId, GroupId),
) -> Outline {
    let own = &drafts[draft];
    let sites: Vec<Site> = own.sites.iter().cloned().map(|site| Site { group, ..site }).collect();
    let mut adopted = Vec::new();
    let mut pending: Vec<usize> = own.children.values().copied().collect();
    while let Some(below) = pending.pop() {
        pending.extend(drafts[below].children.values());
        let prefix = drafts[below].path[own.path.len()..].to_vec();
        let moved = drafts[below].sites.iter().cloned();
        adopted.extend(moved.map(|site| Site { group, prefix: prefix.clone(), ..site }));
    }
    adopted.sort_by_key(|site| (site.module, site.rule));
    let covers =
        adopted.first().filter(|_| !sites.iter().any(|site| goes_on(site, modules))).cloned();
    let kind = kind(&sites, &adopted, modules);
    Outline { path: own.path.iter().cloned().collect(), node, kind, sites, adopted, covers }
}

fn kind(sites: &[Site], adopted: &[Site], modules: &[Module]) -> GroupKind {
    let first = sites[0].ast(modules);
    if let Some(arguments) = &first.head.arguments {
        return GroupKind::Function(u32::try_from(arguments.len()).unwrap_or(u32::MAX));
    }
    if !adopted.is_empty() || sites.iter().any(|site| goes_on(site, modules)) {
        return GroupKind::Object;
    }
    match first.head.key {
        Key::Contains(_) => GroupKind::Set,
        Key::Value(_) => GroupKind::Complete,
    }
}

impl Skeleton {
    /// All rules, in the order of their groups.
    pub(super) fn sites(&self) -> Vec<Site> {
        let sites = self.groups.iter().flat_map(|group| group.sites.iter().chain(&group.adopted));
        sites.cloned().collect()
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn group(&self, id: GroupId) -> &Outline {
        &self.groups[id.0 as usize]
    }

    /// The deepest node on a path, and how many parts lead there.
    pub(super) fn descend<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> (NodeId, usize) {
        let (mut id, mut taken) = (NodeId(0), 0);
        for part in path {
            let Some(child) = self.node(id).child(part) else { break };
            (id, taken) = (child, taken + 1);
        }
        (id, taken)
    }

    /// Nodes and groups with the compiled rules in their places.
    pub(super) fn finish(self, rules: Vec<(Site, Rule)>) -> (Vec<Node>, Vec<Group>) {
        let empty = |outline: Outline| Group {
            path: outline.path,
            kind: outline.kind,
            rules: Vec::new(),
            default: None,
            agrees: false,
        };
        let mut groups: Vec<Group> = self.groups.into_iter().map(empty).collect();
        for (site, rule) in rules {
            let group = &mut groups[site.group.0 as usize];
            if site.default {
                group.default = Some(rule);
            } else {
                group.rules.push(rule);
            }
        }
        for group in &mut groups {
            group.agrees = agrees(group);
        }
        (self.nodes, groups)
    }
}

/// Whether a group has one constant value, if any.
fn agrees(group: &Group) -> bool {
    if matches!(group.kind, GroupKind::Set | GroupKind::Object) {
        return false;
    }
    let mut values =
        group.rules.iter().flat_map(|rule| &rule.branches).map(|one| one.value.constant());
    let first = values.next().flatten();
    first.is_some() && values.all(|value| value == first)
}
