# METADATA
# title: Vulnerabilities
# description: A release was scanned, and what was found and can be mended is mended.
package vulnerabilities

# METADATA
# title: The release was scanned
# description: Asks for a trusted scan of the artifact. A scan that found nothing is a scan.
# custom:
#   short_name: scan-missing
#   failure_msg: "No trusted vulnerability scan is about {{subject}}."
#   solution: >-
#     Scan the image and attest the report with a signer that the environment names under
#     `trust.scan`.
#   collections: [minimal, release]
#   controls:
#     ssdf: [RV.1.1, RV.1.2, PW.8.2]
#     nist-800-53: [RA-5, SI-2, SA-11]
#     soc2: [CC7.1]
#     iso-27001: ["8.8", "8.29"]
#     pci-dss: [6.3.1, 11.3.1]
#     cis-ssc: ["3.2"]
#   evidence: [scan]
deny contains finding if {
	input.subject.kind == "artifact"
	count(input.vulnerabilities.scans) == 0
	finding := {"rule": "scan-missing", "detail": {"subject": input.subject.digest}}
}

# METADATA
# title: What can be mended is mended
# description: >-
#   A vulnerability with a fix must be one of the tolerated severities of the rule data. A severity
#   that is unknown, or that nobody thought of, is not tolerated. A trusted VEX statement that the
#   release is not affected, or holds the fix, lets it pass.
# custom:
#   short_name: vulnerability-fixable
#   failure_msg: "{{vulnerability}} ({{severity}}) in {{package}} {{installed}} is mended in {{fixed}}."
#   solution: >-
#     Raise the package to a version that mends it and build again, attest a VEX statement by a signer
#     of `trust.vex` that the release is not affected, or have an exception granted.
#   collections: [minimal, release]
#   controls:
#     ssdf: [RV.2.1, RV.2.2]
#     nist-800-53: [RA-5, SI-2]
#     soc2: [CC7.1]
#     iso-27001: ["8.8"]
#     pci-dss: [6.3.1, 6.3.3]
#     cis-ssc: ["3.2"]
#   evidence: [scan]
deny contains finding if {
	input.subject.kind == "artifact"
	some found in input.vulnerabilities.findings
	count(found.fixed) > 0
	not _settled(found)
	not _tolerated(found)
	not _excused(found)
	finding := {"rule": "vulnerability-fixable", "detail": _detail(found)}
}

# METADATA
# title: Grave vulnerabilities without a fix are known
# description: A vulnerability that no version mends stops no release, and is told.
# custom:
#   short_name: vulnerability-unfixed
#   failure_msg: "{{vulnerability}} ({{severity}}) in {{package}} {{installed}} has no fix yet."
#   solution: Watch for a fix, or replace the package.
#   collections: [release]
#   controls:
#     ssdf: [RV.2.1, RV.2.2]
#     nist-800-53: [RA-5]
#     iso-27001: ["8.8"]
#     pci-dss: [6.3.1]
#   evidence: [scan]
warn contains finding if {
	input.subject.kind == "artifact"
	some found in input.vulnerabilities.findings
	count(found.fixed) == 0
	not _settled(found)
	not _tolerated(found)
	not _excused(found)
	finding := {"rule": "vulnerability-unfixed", "detail": _detail(found)}
}

# METADATA
# title: What a scanner set aside is told
# description: >-
#   A vulnerability that every scan that found it sets aside (an ignore rule of its user, a statement
#   that it read) stops no release; whoever signs the scan answers for that.
# custom:
#   short_name: vulnerability-set-aside
#   failure_msg: "{{vulnerability}} ({{severity}}) in {{package}} {{installed}} was set aside by the scanner: {{status}}."
#   solution: See that the scanner's ignore rules and statements are meant, or remove them.
#   collections: [release]
#   controls:
#     ssdf: [RV.2.1, RV.2.2]
#     nist-800-53: [RA-5]
#     iso-27001: ["8.8"]
#     pci-dss: [6.3.1]
#   evidence: [scan]
warn contains finding if {
	input.subject.kind == "artifact"
	some found in input.vulnerabilities.findings
	_settled(found)
	not _tolerated(found)
	detail := object.union(_detail(found), {"status": found.status})
	finding := {"rule": "vulnerability-set-aside", "detail": detail}
}

# METADATA
# title: The scan is recent
# description: Databases grow daily, so that an old scan knows nothing of what was found since.
# custom:
#   short_name: scan-outdated
#   failure_msg: "No scan is known to be younger than {{days}} days."
#   solution: Scan again.
#   collections: [release]
#   controls:
#     ssdf: [RV.1.1]
#     nist-800-53: [RA-5]
#     pci-dss: [11.3.1]
#   evidence: [scan]
warn contains finding if {
	input.subject.kind == "artifact"
	count(input.vulnerabilities.scans) > 0
	count([scan | some scan in input.vulnerabilities.scans; _recent(scan)]) == 0
	days := data.rule_data.vulnerabilities.scan_maximum_age_days
	finding := {"rule": "scan-outdated", "detail": {"days": days}}
}

# METADATA
# title: No known exploited vulnerability goes out
# description: >-
#   A vulnerability in CISA's catalogue (KEV) is attacked already, so no severity makes it tolerable.
#   Without the feed, or with an old one, nothing is known to be exploited: see `required_feeds`.
# custom:
#   short_name: vulnerability-exploited
#   failure_msg: "{{vulnerability}} in {{package}} {{installed}} is known to be exploited since {{added}}."
#   solution: >-
#     Raise the package to a version that mends it and build again, or attest a VEX statement by a
#     signer of `trust.vex` that the release is not affected.
#   collections: [release]
#   controls:
#     ssdf: [RV.2.1, RV.2.2]
#     nist-800-53: [RA-5, SI-2]
#     iso-27001: ["8.8"]
#     pci-dss: [6.3.1, 6.3.3]
#   evidence: [scan]
deny contains finding if {
	input.subject.kind == "artifact"
	some found in input.vulnerabilities.findings
	is_string(found.kev.added)
	not _excused(found)
	detail := object.union(_detail(found), {"added": found.kev.added, "due": found.kev.due})
	finding := {"rule": "vulnerability-exploited", "detail": detail}
}

# METADATA
# title: The feeds that the rule data asks for are current
# description: A feed that is absent or older than configured makes no claim, which is no good news.
# custom:
#   short_name: feed-missing
#   failure_msg: "The feed {{feed}} is not configured, or is older than its configuration allows."
#   solution: Name the feed's file under `feeds` in the configuration and keep it current.
#   collections: [release]
#   controls:
#     ssdf: [RV.1.1]
#     nist-800-53: [RA-5, SI-5]
#   evidence: [scan]
deny contains finding if {
	input.subject.kind == "artifact"
	some feed in data.rule_data.vulnerabilities.required_feeds
	not _current(feed)
	finding := {"rule": "feed-missing", "detail": {"feed": feed}}
}

_current(feed) if input.feeds[feed].stale == false

# A trusted statement stands in the finding: who made it and why is told with the evidence.
_excused(found) if found.vex.status in {"not_affected", "fixed"}

# What no scan leaves open: one that does makes the finding affected.
_settled(found) if found.status in {"ignored", "not_affected", "resolved"}

_tolerated(found) if found.severity in data.rule_data.vulnerabilities.tolerated_severities

_recent(scan) if {
	is_string(scan.scanned_at)
	age := time.parse_rfc3339_ns(input.now) - time.parse_rfc3339_ns(scan.scanned_at)
	age <= data.rule_data.vulnerabilities.scan_maximum_age_days * _day_ns
}

_day_ns := ((24 * 60) * 60) * 1000000000

_detail(found) := {
	"vulnerability": found.id,
	"severity": found.severity,
	"package": found.package,
	"purl": found.purl,
	"installed": found.installed,
	"fixed": found.fixed,
}
