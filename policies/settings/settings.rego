# METADATA
# title: Settings
# description: The rule data that this library asks for is complete.
package settings

# METADATA
# title: Rule data is complete
# description: >-
#   A rule whose data is missing or of another type would ask for nothing. It is told here, so that
#   no rule falls silent because a file was not loaded.
# custom:
#   short_name: rule-data-missing
#   failure_msg: "rule_data.{{section}}.{{key}} is missing, or is no {{type}}."
#   solution: Load the library's data.yaml, and write your own values in the same form.
#   collections: [minimal, release, image, kubernetes]
#   controls:
#     nist-800-53: [CM-6]
deny contains finding if {
	not _complete
	some section, keys in _expected
	some key, type in keys
	not _present(section, key, type)
	finding := {
		"rule": "rule-data-missing",
		"detail": {"section": section, "key": key, "type": type},
	}
}

# The short way, taken by every decision: names that the engine looks up without a search.
_complete if {
	rules := data.rule_data
	is_number(rules.approvals.minimum)
	is_object(rules.approvals.environments)
	is_boolean(rules.image.configuration_required)
	is_array(rules.image.secret_names)
	is_array(rules.kubernetes.allowed_registries)
	is_array(rules.kubernetes.required_limits)
	is_boolean(rules.provenance.any_builder)
	is_boolean(rules.provenance.any_repository)
	is_array(rules.provenance.builders)
	is_number(rules.provenance.minimum_level)
	is_array(rules.provenance.repositories)
	is_array(rules.sbom.denied_licences)
	is_array(rules.sbom.denied_packages)
	is_number(rules.tests.minimum_line_coverage)
	is_number(rules.tests.minimum_passed)
	is_number(rules.vulnerabilities.scan_maximum_age_days)
	is_array(rules.vulnerabilities.required_feeds)
	is_array(rules.vulnerabilities.tolerated_severities)
}

_present(section, key, type) if type_name(data.rule_data[section][key]) == type

_expected := {
	"approvals": {"environments": "object", "minimum": "number"},
	"image": {"configuration_required": "boolean", "secret_names": "array"},
	"kubernetes": {"allowed_registries": "array", "required_limits": "array"},
	"provenance": {
		"any_builder": "boolean",
		"any_repository": "boolean",
		"builders": "array",
		"minimum_level": "number",
		"repositories": "array",
	},
	"sbom": {"denied_licences": "array", "denied_packages": "array"},
	"tests": {"minimum_line_coverage": "number", "minimum_passed": "number"},
	"vulnerabilities": {
		"required_feeds": "array",
		"scan_maximum_age_days": "number",
		"tolerated_severities": "array",
	},
}
