//! SARIF as far as it is read: 2.1.0 and 2.2, and the drafts and version 1 that tools still convert to.

use serde::Deserialize;

use crate::verify::readers::wire::{List, Members, Text};

#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) version: Text,
    #[serde(default, rename = "$schema")]
    pub(super) schema: Text,
    pub(super) runs: List<Run>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Run {
    pub(super) tool: Tool,
    pub(super) results: List<WireResult>,
    pub(super) artifacts: List<Artifact>,
    pub(super) invocations: List<Invocation>,
    pub(super) version_control_provenance: List<Revision>,
    pub(super) properties: RunProperties,
    /// Version 1 and the drafts of 2 keep the rules beside the tool.
    pub(super) rules: Members<Rule>,
    pub(super) resources: Resources,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Resources {
    pub(super) rules: Members<Rule>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Tool {
    pub(super) driver: Option<Component>,
    pub(super) extensions: List<Component>,
    pub(super) name: Text,
    pub(super) version: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Component {
    pub(super) name: Text,
    pub(super) guid: Text,
    pub(super) version: Text,
    pub(super) semantic_version: Text,
    pub(super) rules: List<Rule>,
    pub(super) global_message_strings: Members<Message>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rule {
    pub(super) id: Text,
    pub(super) guid: Text,
    pub(super) short_description: Option<Message>,
    pub(super) message_strings: Members<Message>,
    pub(super) default_configuration: Option<Configuration>,
    /// Version 1 and the drafts of 2.
    pub(super) default_level: Text,
    pub(super) configuration: Option<Configuration>,
    pub(super) properties: RuleProperties,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Configuration {
    pub(super) level: Text,
    pub(super) default_level: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct RuleProperties {
    pub(super) security_severity: Text,
    pub(super) tags: List<Text>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RunProperties {
    pub(super) image_name: Text,
    pub(super) repo_digests: List<Text>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct WireResult {
    pub(super) rule_id: Text,
    pub(super) rule_index: Option<i64>,
    pub(super) rule: Option<RuleReference>,
    pub(super) kind: Text,
    pub(super) level: Text,
    pub(super) message: AnyMessage,
    pub(super) locations: List<Place>,
    pub(super) suppressions: List<Suppression>,
    /// Version 1 and the drafts of 2.
    pub(super) suppression_states: List<Text>,
    pub(super) baseline_state: Text,
    pub(super) properties: RuleProperties,
    pub(super) provenance: ResultProvenance,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ResultProvenance {
    pub(super) invocation_index: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RuleReference {
    pub(super) id: Text,
    pub(super) index: Option<i64>,
    pub(super) guid: Text,
    pub(super) tool_component: Option<ComponentReference>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ComponentReference {
    pub(super) name: Text,
    pub(super) index: Option<i64>,
    pub(super) guid: Text,
}

/// A message, which version 1 writes as text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum AnyMessage {
    Message(Message),
    Text(Text),
}

impl Default for AnyMessage {
    fn default() -> Self {
        Self::Text(Text::default())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Message {
    pub(super) text: Text,
    pub(super) markdown: Text,
    pub(super) id: Text,
    pub(super) arguments: List<Text>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Place {
    pub(super) physical_location: Option<Physical>,
    pub(super) logical_locations: List<Logical>,
    /// Version 1.
    pub(super) result_file: Option<FileV1>,
    pub(super) analysis_target: Option<FileV1>,
    pub(super) fully_qualified_logical_name: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Physical {
    pub(super) artifact_location: Option<ArtifactLocation>,
    /// The drafts of 2.
    pub(super) file_location: Option<ArtifactLocation>,
    pub(super) region: Region,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct FileV1 {
    pub(super) uri: Text,
    pub(super) region: Region,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ArtifactLocation {
    pub(super) uri: Text,
    pub(super) index: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Region {
    pub(super) start_line: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Logical {
    pub(super) name: Text,
    pub(super) fully_qualified_name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Suppression {
    /// Later versions may have text here.
    pub(super) status: Text,
    pub(super) justification: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Artifact {
    pub(super) location: ArtifactLocation,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Invocation {
    pub(super) execution_successful: Option<bool>,
    pub(super) end_time_utc: Text,
    pub(super) start_time_utc: Text,
    pub(super) rule_configuration_overrides: List<Override>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Override {
    pub(super) descriptor: RuleReference,
    pub(super) configuration: Configuration,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Revision {
    pub(super) revision_id: Text,
}
