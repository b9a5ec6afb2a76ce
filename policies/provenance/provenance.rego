# METADATA
# title: Provenance
# description: A release was built by a known builder, from a known source, and its build says so.
package provenance

# METADATA
# title: The release has provenance
# description: Asks for a verified SLSA provenance statement about the artifact's digest.
# custom:
#   short_name: provenance-missing
#   failure_msg: "No trusted provenance tells how {{subject}} was built."
#   solution: >-
#     Have the build write SLSA v1 provenance for the digest, signed by a signer that the environment
#     names under `trust.provenance`.
#   collections: [minimal, release]
#   controls:
#     slsa: [Build L1, Build L2]
#     ssdf: [PO.3.2, PO.3.3, PS.3.2]
#     nist-800-53: [SR-3, SR-4, SR-4(3), SA-10, SA-15]
#     soc2: [CC7.1, CC8.1]
#     iso-27001: ["5.21", "8.25", "8.30"]
#     pci-dss: [6.2.1]
#     cis-ssc: ["2.4", "4.1"]
#   evidence: [provenance]
deny contains finding if {
	input.subject.kind == "artifact"
	count(input.provenance) == 0
	finding := {"rule": "provenance-missing", "detail": {"subject": input.subject.digest}}
}

# METADATA
# title: The builder is one that is allowed
# description: Asks that one of the release's builds names a builder of the rule data.
# custom:
#   short_name: builder-not-allowed
#   failure_msg: "Built by {{builders}}; none of them is an allowed builder."
#   solution: Build with an allowed builder, or name this one under `rule_data.provenance.builders`.
#   collections: [release]
#   controls:
#     slsa: [Build L2, Build L3]
#     ssdf: [PO.3.2, PO.3.3]
#     nist-800-53: [SR-3, SR-4, SA-10]
#     soc2: [CC8.1]
#     iso-27001: ["5.21", "8.30"]
#     pci-dss: [6.2.1]
#     cis-ssc: ["2.4"]
#   evidence: [provenance]
deny contains finding if {
	input.subject.kind == "artifact"
	count(input.provenance) > 0
	count([build | some build in input.provenance; _builder_allowed(build)]) == 0
	finding := {
		"rule": "builder-not-allowed",
		"detail": {"builders": sort({build.builder | some build in input.provenance})},
	}
}

# METADATA
# title: The source is known and allowed
# description: >-
#   Asks that one build names the repository and commit that it was made from, and that the
#   repository is one of the rule data.
# custom:
#   short_name: source-not-allowed
#   failure_msg: "No build names a commit of an allowed repository; they name {{sources}}."
#   solution: >-
#     Build from an allowed repository, or name its prefix under `rule_data.provenance.repositories`.
#   collections: [release]
#   controls:
#     slsa: [Build L2, Build L3]
#     ssdf: [PO.3.2, PS.3.2]
#     nist-800-53: [SR-4, SR-4(3)]
#     soc2: [CC8.1]
#     iso-27001: ["5.21", "8.25"]
#     cis-ssc: ["2.4"]
#   evidence: [provenance]
deny contains finding if {
	input.subject.kind == "artifact"
	count(input.provenance) > 0
	count([build | some build in input.provenance; _source_allowed(build)]) == 0
	sources := {build.built_from.repository | some build in input.provenance}
	finding := {"rule": "source-not-allowed", "detail": {"sources": sort(sources)}}
}

# METADATA
# title: The build is as well protected as it must be
# description: >-
#   Asks that one build reaches a SLSA build level. The level is what signature and certificate
#   support, whatever the provenance claims of itself.
# custom:
#   short_name: build-level-too-low
#   failure_msg: "No build reaches SLSA build level {{needed}}: {{reasons}}."
#   solution: >-
#     Build where the platform signs the provenance with its own identity (level 2), or with a builder
#     that isolates builds, such as slsa-github-generator (level 3); or ask for less under
#     `rule_data.provenance.minimum_level`.
#   collections: [release]
#   controls:
#     slsa: [Build L1, Build L2, Build L3]
#     ssdf: [PO.3.2, PO.3.3, PS.3.2]
#     nist-800-53: [SR-3, SR-4, SR-4(3)]
#     soc2: [CC8.1]
#     iso-27001: ["5.21", "8.30"]
#     cis-ssc: ["2.4"]
#   evidence: [provenance]
deny contains finding if {
	input.subject.kind == "artifact"
	count(input.provenance) > 0
	count([build | some build in input.provenance; _level_reached(build)]) == 0
	finding := {
		"rule": "build-level-too-low",
		"detail": {
			"needed": _level_needed,
			"reasons": sort({build.build_level.reason | some build in input.provenance}),
		},
	}
}

default _level_needed := null

_level_needed := data.rule_data.provenance.minimum_level

# In Rego every number is greater than null, so that a missing number must not be compared with.
_level_reached(build) if {
	is_number(_level_needed)
	build.build_level.level >= _level_needed
}

_builder_allowed(_) if data.rule_data.provenance.any_builder == true

_builder_allowed(build) if build.builder in data.rule_data.provenance.builders

_source_allowed(build) if {
	is_string(build.built_from.commit)
	data.rule_data.provenance.any_repository == true
}

_source_allowed(build) if {
	is_string(build.built_from.commit)
	some prefix in data.rule_data.provenance.repositories
	_below(build.built_from.repository, prefix)
}

# A prefix ends where a part of the path ends: `https://git/shop` is not `https://git/shop-evil`.
_below(repository, prefix) if repository == prefix

_below(repository, prefix) if startswith(repository, concat("", [trim_right(prefix, "/"), "/"]))
