# METADATA
# title: Tests
# description: A release was tested, and its tests passed.
package tests

# METADATA
# title: The release was tested
# description: Asks for a trusted test report in which enough tests passed.
# custom:
#   short_name: tests-missing
#   failure_msg: "No trusted test run about {{subject}} has {{needed}} or more tests that passed."
#   solution: >-
#     Run the tests and attest the JUnit report with a signer that the environment names under
#     `trust.test`.
#   collections: [minimal, release]
#   controls:
#     ssdf: [PW.8.1, PW.8.2]
#     nist-800-53: [SA-11, CM-3(2)]
#     soc2: [CC8.1]
#     iso-27001: ["8.29"]
#     pci-dss: [6.2.4]
#     cis-ssc: [1.1.9]
#   evidence: [test]
deny contains finding if {
	input.subject.kind == "artifact"
	count([run | some run in input.tests; _enough(run)]) == 0
	finding := {
		"rule": "tests-missing",
		"detail": {"subject": input.subject.digest, "needed": _needed},
	}
}

# METADATA
# title: No test failed
# description: No test of any trusted run about the release failed or ended in an error.
# custom:
#   short_name: tests-failed
#   failure_msg: "{{failed}} tests of `{{run}}` failed: {{failing}}."
#   solution: Mend what the tests found and build again.
#   collections: [minimal, release]
#   controls:
#     ssdf: [PW.8.2]
#     nist-800-53: [SA-11, CM-3(2)]
#     soc2: [CC8.1]
#     iso-27001: ["8.29"]
#     pci-dss: [6.2.4]
#     cis-ssc: [1.1.9]
#   evidence: [test]
deny contains finding if {
	input.subject.kind == "artifact"
	some run in input.tests
	failed := run.failed + run.errors
	failed > 0
	finding := {
		"rule": "tests-failed",
		"detail": {"run": run.name, "failed": failed, "failing": run.failing},
	}
}

# METADATA
# title: Enough of the code is tested
# description: >-
#   Asks for a trusted coverage report that reaches a share of the lines. Nothing is asked where the
#   share is 0.
# custom:
#   short_name: coverage-too-low
#   failure_msg: "No trusted coverage report about {{subject}} reaches {{needed}} percent of the lines."
#   solution: >-
#     Test more of the code, and attest the coverage report (Cobertura, LCOV, JaCoCo) with a signer
#     that the environment names under `trust.coverage`; or ask for less under
#     `rule_data.tests.minimum_line_coverage`.
#   collections: [release]
#   controls:
#     ssdf: [PW.8.1, PW.8.2]
#     nist-800-53: [SA-11]
#     soc2: [CC8.1]
#     iso-27001: ["8.29"]
#   evidence: [coverage]
deny contains finding if {
	input.subject.kind == "artifact"
	not _covered
	finding := {
		"rule": "coverage-too-low",
		"detail": {"subject": input.subject.digest, "needed": _share},
	}
}

default _share := null

_share := data.rule_data.tests.minimum_line_coverage

_covered if _share == 0

_covered if {
	is_number(_share)
	some report in input.coverage
	report.lines.total > 0
	100 * report.lines.covered >= _share * report.lines.total
}

default _needed := null

_needed := data.rule_data.tests.minimum_passed

# In Rego every number is greater than null, so that a missing number must not be compared with.
_enough(run) if {
	is_number(_needed)
	run.passed >= _needed
	run.passed > 0
}
