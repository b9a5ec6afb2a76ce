package provenance_test

import data.example_test as example
import data.provenance

strict := {
	"any_builder": false,
	"builders": ["https://ci.example/builder"],
	"any_repository": false,
	"repositories": ["https://git.example/shop/"],
	"minimum_level": 1,
}

built(builds) := object.union(example.release, {"provenance": builds})

codes(findings) := {finding.rule | some finding in findings}

test_a_release_with_provenance_passes if provenance.deny == set() with input as example.release

test_the_same_with_names_passes if {
	provenance.deny == set() with input as example.release with data.rule_data.provenance as strict
}

test_a_release_without_provenance_is_denied if {
	codes(provenance.deny) == {"provenance-missing"} with input as built([])
}

test_another_builder_is_denied if {
	builds := [example.build("https://ci.example/builder-evil", "https://git.example/shop/app", "6f")]
	codes(provenance.deny) == {"builder-not-allowed"} with input as built(builds)
		with data.rule_data.provenance as strict
}

test_a_repository_whose_name_only_begins_alike_is_denied if {
	every repository in ["https://git.example/shop-evil/app", "https://evil.example/shop/app"] {
		builds := [example.build("https://ci.example/builder", repository, "6f")]
		codes(provenance.deny) == {"source-not-allowed"} with input as built(builds)
			with data.rule_data.provenance as strict
	}
}

test_the_repository_itself_passes if {
	builds := [example.build("https://ci.example/builder", "https://git.example/shop", "6f")]
	exact := object.union(strict, {"repositories": ["https://git.example/shop"]})
	provenance.deny == set() with input as built(builds) with data.rule_data.provenance as exact
}

test_a_build_without_commit_is_denied if {
	builds := [example.build("https://ci.example/builder", "https://git.example/shop/app", null)]
	codes(provenance.deny) == {"source-not-allowed"} with input as built(builds)
}

test_a_build_without_source_is_denied if {
	builds := [object.union(example.release.provenance[0], {"built_from": null})]
	codes(provenance.deny) == {"source-not-allowed"} with input as built(builds)
}

test_one_good_build_beside_others_passes if {
	builds := array.concat([{"builder": "x", "built_from": null}], example.release.provenance)
	provenance.deny == set() with input as built(builds) with data.rule_data.provenance as strict
}

test_missing_rule_data_denies if {
	codes(provenance.deny) == _all with input as example.release
		with data.rule_data as {}
}

_all := {"builder-not-allowed", "source-not-allowed", "build-level-too-low"}

leveled(level) := object.union(
	example.release.provenance[0],
	{"build_level": {"level": level, "reason": "because"}},
)

test_the_best_build_must_reach_the_level if {
	asked := object.union(strict, {"minimum_level": 2})
	every level in [2, 3] {
		provenance.deny == set() with input as built([leveled(0), leveled(level)])
			with data.rule_data.provenance as asked
	}
	found := provenance.deny with input as built([leveled(1), leveled(0)])
		with data.rule_data.provenance as asked
	found == {{"rule": "build-level-too-low", "detail": {"needed": 2, "reasons": ["because"]}}}
}

test_a_configuration_file_is_asked_like_every_artifact if {
	file := object.union(built([]), {"object": {"kind": "Deployment"}})
	codes(provenance.deny) == {"provenance-missing"} with input as file
}

test_objects_are_none_of_its_business if provenance.deny == set() with input as example.pod
