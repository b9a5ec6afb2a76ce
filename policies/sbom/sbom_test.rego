package sbom_test

import data.example_test as example
import data.sbom

of(components) := object.union(example.release, {"sbom": [{"components": components}]})

codes(findings) := {finding.rule | some finding in findings}

rules(packages, licences) := {"denied_packages": packages, "denied_licences": licences}

test_a_release_with_an_sbom_passes if {
	sbom.deny == set() with input as example.release
	sbom.warn == set() with input as example.release
}

test_without_an_sbom_it_is_denied if {
	codes(sbom.deny) == {"sbom-missing"} with input as object.union(example.release, {"sbom": []})
}

test_an_sbom_without_components_is_none if {
	codes(sbom.deny) == {"sbom-missing"} with input as of([])
}

test_a_denied_package_is_found_by_its_prefix if {
	found := sbom.deny with input as example.release
		with data.rule_data.sbom as rules(["pkg:golang/github.com/go-chi/"], [])
	{finding.detail.package | some finding in found} == {"chi"}
	codes(found) == {"package-denied"}
}

test_a_package_without_purl_is_not_denied_but_told if {
	nameless := of([example.component("x", null, "MIT")])
	sbom.deny == set() with input as nameless with data.rule_data.sbom as rules(["pkg:"], [])
	some finding in sbom.warn with input as nameless
	finding == {"rule": "components-unidentified", "detail": {"count": 1, "first": ["x"]}}
}

test_a_denied_licence_is_found if {
	found := sbom.deny with input as of([example.component("x", "pkg:npm/x@1", "AGPL-3.0-only")])
		with data.rule_data.sbom as rules([], ["AGPL-3.0-only"])
	codes(found) == {"licence-denied"}
	{finding.detail.licence | some finding in found} == {"AGPL-3.0-only"}
}

test_objects_are_none_of_its_business if {
	sbom.deny == set() with input as example.pod
	sbom.warn == set() with input as example.pod
}
