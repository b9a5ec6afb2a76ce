package settings_test

import data.example_test as example
import data.settings

test_the_librarys_own_data_is_complete if settings.deny == set() with input as example.release

test_missing_data_is_told_by_name if {
	found := settings.deny with input as example.release with data.rule_data.approvals as {"minimum": 2}
	found == {{
		"rule": "rule-data-missing",
		"detail": {"section": "approvals", "key": "environments", "type": "object"},
	}}
}

test_data_of_another_type_is_missing if {
	found := settings.deny with input as example.release
		with data.rule_data.tests as {"minimum_passed": "1", "minimum_line_coverage": 0}
	{finding.detail.key | some finding in found} == {"minimum_passed"}
}

test_no_data_at_all_is_told if {
	count(settings.deny) == 18 with input as example.release with data.rule_data as {}
}

# Each name is asked for twice: in short, and to be told. The two must agree.
test_every_missing_name_is_told if {
	every section, keys in data.rule_data {
		every key, _ in keys {
			without := object.union(
				object.remove(data.rule_data, [section]),
				{section: object.remove(keys, [key])},
			)
			found := settings.deny with input as example.release with data.rule_data as without
			{[finding.detail.section, finding.detail.key] | some finding in found} == {[section, key]}
		}
	}
}
