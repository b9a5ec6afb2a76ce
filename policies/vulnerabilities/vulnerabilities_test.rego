package vulnerabilities_test

import data.example_test as example
import data.vulnerabilities

having(findings) := object.union(example.release, {"vulnerabilities": {"findings": findings}})

scanned(time) := object.union(
	example.release,
	{"vulnerabilities": {"scans": [{"scanned_at": time}]}},
)

codes(findings) := {finding.rule | some finding in findings}

test_a_clean_scan_passes if {
	vulnerabilities.deny == set() with input as example.release
	vulnerabilities.warn == set() with input as example.release
}

test_an_absent_scan_is_not_a_clean_scan if {
	unscanned := object.union(example.release, {"vulnerabilities": {"scans": []}})
	codes(vulnerabilities.deny) == {"scan-missing"} with input as unscanned
}

test_a_grave_vulnerability_with_a_fix_is_denied if {
	found := vulnerabilities.deny with input as having([example.vulnerability("CVE-1", "critical", ["2"])])
	some finding in found
	finding.rule == "vulnerability-fixable"
	finding.detail == {
		"vulnerability": "CVE-1",
		"severity": "critical",
		"package": "libssh2-1t64",
		"purl": "pkg:deb/debian/libssh2-1t64@1.11.1-1",
		"installed": "1.11.1-1",
		"fixed": ["2"],
	}
}

test_a_severity_that_nobody_knows_is_denied if {
	every severity in ["unknown", "catastrophic", "high"] {
		findings := [example.vulnerability("CVE-1", severity, ["2"])]
		codes(vulnerabilities.deny) == {"vulnerability-fixable"} with input as having(findings)
	}
}

test_tolerated_severities_pass if {
	findings := [example.vulnerability("CVE-1", "low", ["2"]), example.vulnerability("CVE-2", "low", [])]
	vulnerabilities.deny == set() with input as having(findings)
	vulnerabilities.warn == set() with input as having(findings)
}

test_a_grave_vulnerability_without_a_fix_is_told if {
	findings := [example.vulnerability("CVE-1", "critical", [])]
	vulnerabilities.deny == set() with input as having(findings)
	codes(vulnerabilities.warn) == {"vulnerability-unfixed"} with input as having(findings)
}

test_what_a_scanner_set_aside_is_told_and_denies_nothing if {
	every status in ["ignored", "not_affected", "resolved"] {
		every fixed in [["2"], []] {
			found := object.union(example.vulnerability("CVE-1", "critical", fixed), {"status": status})
			vulnerabilities.deny == set() with input as having([found])
			codes(vulnerabilities.warn) == {"vulnerability-set-aside"} with input as having([found])
		}
	}
}

test_what_is_affected_in_any_word_is_denied if {
	every status in ["affected", "fixed", "will_not_fix", "fix_deferred", "end_of_life", "under_investigation"] {
		found := object.union(example.vulnerability("CVE-1", "critical", ["2"]), {"status": status})
		codes(vulnerabilities.deny) == {"vulnerability-fixable"} with input as having([found])
	}
}

test_an_old_or_undated_scan_is_told if {
	every time in ["2026-10-18T09:00:00Z", null] {
		codes(vulnerabilities.warn) == {"scan-outdated"} with input as scanned(time)
	}
	vulnerabilities.warn == set() with input as scanned("2026-10-19T09:00:00Z")
}

test_missing_rule_data_denies if {
	findings := [example.vulnerability("CVE-1", "low", ["2"])]
	codes(vulnerabilities.deny) == {"vulnerability-fixable"} with input as having(findings)
		with data.rule_data as {}
}

test_objects_are_none_of_its_business if {
	vulnerabilities.deny == set() with input as example.pod
	vulnerabilities.warn == set() with input as example.pod
}

excused(status) := object.union(
	example.vulnerability("CVE-1", "critical", ["2"]),
	{"vex": {
		"status": status,
		"justification": "component_not_present",
		"impact": null,
		"action": null,
		"timestamp": "2026-11-16T00:00:00Z",
		"evidence": example.digest,
		"signer": "vendor",
	}},
)

test_a_trusted_statement_excuses if {
	every status in ["not_affected", "fixed"] {
		unfixed := object.union(excused(status), {"fixed": []})
		vulnerabilities.deny == set() with input as having([excused(status)])
		vulnerabilities.warn == set() with input as having([unfixed])
	}
}

test_a_statement_that_says_otherwise_excuses_nothing if {
	every status in ["affected", "under_investigation"] {
		codes(vulnerabilities.deny) == {"vulnerability-fixable"} with input as having([excused(status)])
	}
}

exploited := object.union(
	example.vulnerability("CVE-1", "low", []),
	{"kev": {"added": "2026-11-01", "due": null, "ransomware": false}},
)

test_what_is_exploited_is_denied_whatever_its_severity if {
	found := vulnerabilities.deny with input as having([exploited])
	some finding in found
	finding.rule == "vulnerability-exploited"
	finding.detail.added == "2026-11-01"
	excuse := object.union(exploited, {"vex": excused("not_affected").vex})
	vulnerabilities.deny == set() with input as having([excuse])
}

feeding(state) := object.union(example.release, {"feeds": {"epss": null, "kev": state}})

test_a_required_feed_must_be_current if {
	asked := {"vulnerabilities": {"required_feeds": ["kev"]}}
	stale := {"date": "2026-10-01T00:00:00Z", "digest": example.digest, "stale": true}
	every state in [null, stale] {
		codes(vulnerabilities.deny) == {"feed-missing"} with input as feeding(state)
			with data.rule_data as asked
	}
	current := object.union(stale, {"stale": false})
	vulnerabilities.deny == set() with input as feeding(current) with data.rule_data as asked
}
