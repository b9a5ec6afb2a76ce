# METADATA
# title: Approvals
# description: >-
#   Enough persons approved the release for this environment. Gate counts an approval only if its
#   signer is a person of the configuration, no author of the change, and in time; here they are
#   added up.
package approvals

# METADATA
# title: Enough persons approved
# description: >-
#   Asks for as many distinct persons as the rule data says, and tells why other approvals do not
#   count.
# custom:
#   short_name: approvals-insufficient
#   failure_msg: "{{have}} of {{need}} approvals for {{environment}} count. {{explanation}}"
#   solution: >-
#     Have a person who is no author of the change approve this digest for this environment with
#     `gate approve`.
#   collections: [release]
#   controls:
#     ssdf: [PS.1.1, PW.7.1, PW.7.2]
#     nist-800-53: [CM-3, CM-3(2), CM-4, CM-5, CM-5(1), AC-5]
#     soc2: [CC8.1, CC6.1]
#     iso-27001: ["5.3", "8.4", "8.32"]
#     pci-dss: [6.2.3, 6.2.3.1, 6.5.1, 6.5.2]
#     cis-ssc: [1.1.3]
#   evidence: [approval, change]
deny contains finding if {
	input.subject.kind == "artifact"
	not _enough
	finding := {
		"rule": "approvals-insufficient",
		"detail": {
			"environment": input.environment.name,
			"have": count(_persons),
			"need": _need,
			"persons": sort(_persons),
			"not_counted": _not_counted,
			"author_known": _author_known,
			"explanation": concat(" ", array.concat(_about_author, _about_others)),
		},
	}
}

_persons := {approval.person | some approval in input.approvals}

# In Rego every number is greater than null, so that a missing number must not be compared with.
_enough if {
	is_number(_need)
	count(_persons) >= _need
}

default _need := null

_need := object.get(
	data.rule_data.approvals.environments,
	input.environment.name,
	data.rule_data.approvals.minimum,
)

_not_counted := sort([refusal |
	some failed in input.failed
	_about_approval(failed)
	refusal := {"code": failed.code, "signer": failed.signer, "why": failed.detail}
])

_about_approval(failed) if failed.kind == "approval"

_about_approval(failed) if startswith(failed.code, "approval-")

_about_approval(failed) if failed.code in {"approver-unknown", "change-author-unknown"}

default _author_known := false

_author_known if {
	count(input.changes) > 0
	every failed in input.failed {
		failed.code != "change-author-unknown"
	}
}

_about_author := [] if _author_known

_about_author := [concat(" ", [
	"Who authored the change is not known, so no approval counts:",
	"attach a signed change statement for the commit that was built.",
])] if {
	not _author_known
}

_about_others := [] if count(_not_counted) == 0

_about_others := [concat("", ["Not counted: ", concat("; ", _reasons), "."])] if {
	count(_not_counted) > 0
}

_reasons := [concat("", [refusal.code, ": ", trim_right(refusal.why, ".")]) |
	some refusal in _not_counted
]
