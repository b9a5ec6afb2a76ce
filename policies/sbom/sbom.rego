# METADATA
# title: Bill of materials
# description: What a release consists of is written down, and nothing in it is denied.
package sbom

# METADATA
# title: The release has a bill of materials
# description: Asks for a trusted SBOM about the artifact's digest that names at least one component.
# custom:
#   short_name: sbom-missing
#   failure_msg: "No trusted SBOM with components tells what {{subject}} consists of."
#   solution: >-
#     Have the build write a CycloneDX SBOM and attest it with a signer that the environment names
#     under `trust.sbom`.
#   collections: [minimal, release]
#   controls:
#     ssdf: [PS.3.2, PW.4.1, PW.4.4]
#     nist-800-53: [CM-8, SR-4, SA-8]
#     soc2: [CC6.8, CC7.1]
#     iso-27001: ["5.9", "5.21"]
#     pci-dss: [6.3.2]
#     cis-ssc: ["3.1"]
#   evidence: [sbom]
deny contains finding if {
	input.subject.kind == "artifact"
	count([bom | some bom in input.sbom; count(bom.components) > 0]) == 0
	finding := {"rule": "sbom-missing", "detail": {"subject": input.subject.digest}}
}

# METADATA
# title: No package is denied
# description: No component's package URL begins with a prefix of the rule data.
# custom:
#   short_name: package-denied
#   failure_msg: "{{purl}} is a package that no release may hold ({{denied}})."
#   solution: Replace the package, or have an exception granted.
#   collections: [release]
#   controls:
#     ssdf: [PW.4.1, PW.4.4]
#     nist-800-53: [CM-8, SR-3]
#     soc2: [CC6.8]
#     iso-27001: ["5.21"]
#     pci-dss: [6.3.2]
#     cis-ssc: ["3.1"]
#   evidence: [sbom]
deny contains finding if {
	input.subject.kind == "artifact"
	some denied in data.rule_data.sbom.denied_packages
	some bom in input.sbom
	some component in bom.components
	startswith(_purl(component), denied)
	finding := {
		"rule": "package-denied",
		"detail": {"package": component.name, "purl": component.purl, "denied": denied},
	}
}

# METADATA
# title: No licence is denied
# description: No component has a licence of the rule data.
# custom:
#   short_name: licence-denied
#   failure_msg: "{{package}} is under {{licence}}, which no release may hold."
#   solution: Replace the package, or have an exception granted.
#   collections: [release]
#   controls:
#     ssdf: [PW.4.1]
#     nist-800-53: [CM-8]
#     iso-27001: ["5.21"]
#     pci-dss: [6.3.2]
#     cis-ssc: ["3.1"]
#   evidence: [sbom]
deny contains finding if {
	input.subject.kind == "artifact"
	count(data.rule_data.sbom.denied_licences) > 0
	some bom in input.sbom
	some component in bom.components
	some licence in component.licences
	licence in data.rule_data.sbom.denied_licences
	finding := {
		"rule": "licence-denied",
		"detail": {"package": component.name, "purl": component.purl, "licence": licence},
	}
}

# METADATA
# title: Components can be looked up
# description: A component without a package URL is found in no vulnerability database.
# custom:
#   short_name: components-unidentified
#   failure_msg: "{{count}} components have no package URL; the first are {{first}}."
#   solution: Use a tool that writes package URLs.
#   collections: [release]
#   controls:
#     ssdf: [PS.3.2]
#     nist-800-53: [CM-8]
#     pci-dss: [6.3.2]
#   evidence: [sbom]
warn contains finding if {
	input.subject.kind == "artifact"
	nameless := {component.name |
		some bom in input.sbom
		some component in bom.components
		component.purl == null
		component.type == "library"
	}
	count(nameless) > 0
	finding := {
		"rule": "components-unidentified",
		"detail": {"count": count(nameless), "first": array.slice(sort(nameless), 0, 5)},
	}
}

_purl(component) := component.purl if is_string(component.purl)
