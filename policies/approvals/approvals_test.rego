package approvals_test

import data.approvals
import data.example_test as example

with_approvals(list, failed) := object.union(
	example.release,
	{"approvals": list, "failed": failed},
)

detail(findings) := finding.detail if {
	some finding in findings
	finding.rule == "approvals-insufficient"
}

test_two_persons_suffice if approvals.deny == set() with input as example.release

test_one_person_is_too_few if {
	one := with_approvals([example.approval("alice")], [])
	found := detail(approvals.deny) with input as one
	found.have == 1
	found.need == 2
	found.persons == ["alice"]
	found.author_known == true
	found.explanation == ""
}

test_one_person_twice_is_one_person if {
	twice := with_approvals([example.approval("alice"), example.approval("alice")], [])
	detail(approvals.deny).have == 1 with input as twice
}

test_approvals_that_do_not_count_are_told if {
	refusals := [
		example.refused("approval", "approval-by-author"),
		example.refused(null, "approval-expired"),
		example.refused(null, "approver-unknown"),
		example.refused("sbom", "signer-unknown"),
	]
	found := detail(approvals.deny) with input as with_approvals([], refusals)
	[refusal.code | some refusal in found.not_counted] == [
		"approval-by-author",
		"approval-expired",
		"approver-unknown",
	]
	startswith(found.explanation, "Not counted: approval-by-author: what was found; approval-expired: ")
}

test_an_unknown_author_is_told if {
	refusals := [example.refused("approval", "change-author-unknown")]
	found := detail(approvals.deny) with input as with_approvals([], refusals)
	found.author_known == false
	startswith(found.explanation, "Who authored the change is not known")
}

test_without_a_change_statement_the_author_is_unknown if {
	without := object.union(with_approvals([], []), {"changes": []})
	detail(approvals.deny).author_known == false with input as without
}

test_an_environment_may_ask_for_another_number if {
	numbers := {"minimum": 2, "environments": {"production": 3}}
	detail(approvals.deny).need == 3 with input as example.release
		with data.rule_data.approvals as numbers
	none := {"minimum": 2, "environments": {"production": 0}}
	approvals.deny == set() with input as with_approvals([], []) with data.rule_data.approvals as none
}

test_missing_rule_data_denies if {
	found := detail(approvals.deny) with input as example.release with data.rule_data as {}
	found.need == null
}

test_objects_are_none_of_its_business if approvals.deny == set() with input as example.pod
