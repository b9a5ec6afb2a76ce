package tests_test

import data.example_test as example
import data.tests

ran(runs) := object.union(example.release, {"tests": runs})

codes(findings) := {finding.rule | some finding in findings}

test_a_tested_release_passes if tests.deny == set() with input as example.release

test_an_untested_release_is_denied if {
	found := tests.deny with input as ran([])
	found == {{"rule": "tests-missing", "detail": {"subject": example.digest, "needed": 1}}}
}

test_a_report_without_tests_that_passed_is_none if {
	codes(tests.deny) == {"tests-missing"} with input as ran([example.run(0, 0, 0)])
}

test_too_few_tests_are_denied if {
	codes(tests.deny) == {"tests-missing"} with input as example.release
		with data.rule_data.tests as {"minimum_passed": 13, "minimum_line_coverage": 0}
}

test_failures_and_errors_are_denied if {
	every run in [example.run(9, 1, 0), example.run(9, 0, 1)] {
		found := tests.deny with input as ran([run])
		found == {{
			"rule": "tests-failed",
			"detail": {"run": "shop", "failed": 1, "failing": ["a test"]},
		}}
	}
}

test_a_failing_run_is_not_outweighed_by_a_good_one if {
	codes(tests.deny) == {"tests-failed"} with input as ran([example.run(9, 0, 0), example.run(9, 1, 0)])
}

test_missing_rule_data_denies if {
	found := tests.deny with input as example.release with data.rule_data as {}
	codes(found) == {"tests-missing", "coverage-too-low"}
}

with_coverage(reports) := object.union(example.release, {"coverage": reports})

measured(reached, total) := {
	"source": example.source,
	"format": "lcov",
	"name": null,
	"files": 1,
	"lines": {"covered": reached, "total": total},
	"branches": null,
}

test_one_report_must_reach_the_share if {
	every reports in [[measured(80, 100)], [measured(1, 9), measured(4, 5)]] {
		tests.deny == set() with input as with_coverage(reports)
			with data.rule_data.tests as {"minimum_passed": 1, "minimum_line_coverage": 80}
	}
	every reports in [[], [measured(79, 100)], [measured(0, 0)]] {
		found := tests.deny with input as with_coverage(reports)
			with data.rule_data.tests as {"minimum_passed": 1, "minimum_line_coverage": 80}
		found == {{
			"rule": "coverage-too-low",
			"detail": {"subject": example.digest, "needed": 80},
		}}
	}
}

test_objects_are_none_of_its_business if tests.deny == set() with input as example.pod
