package image_test

import data.example_test as example
import data.image

configured(config) := object.union(example.release, {"subject": {"config": config}})

codes(findings) := {finding.rule | some finding in findings}

test_a_good_image_passes if {
	image.deny == set() with input as example.release
	image.warn == set() with input as example.release
}

test_root_is_denied_in_every_spelling if {
	every user in ["", "root", "ROOT", "0", "00", "0:65532", "root:app", " ", " 0", "+0"] {
		codes(image.deny) == {"image-runs-as-root"} with input as configured({"user": user})
	}
}

test_other_users_pass if {
	every user in ["1000", "app", "65532:0", "100"] {
		image.deny == set() with input as configured({"user": user})
	}
}

test_names_of_secrets_are_denied if {
	found := image.deny with input as configured({"env_names": ["PATH", "db_password", "API_TOKEN"]})
	codes(found) == {"image-holds-secrets"}
	{finding.detail.name | some finding in found} == {"db_password", "API_TOKEN"}
}

test_a_configuration_may_be_demanded if {
	unknown := object.union(example.release, {"subject": {"config": null, "media_type": null}})
	image.deny == set() with input as unknown
	demanded := {"configuration_required": true, "secret_names": []}
	codes(image.deny) == {"image-configuration-missing"} with input as unknown
		with data.rule_data.image as demanded
	codes(image.deny) == {"image-configuration-missing"} with input as unknown with data.rule_data as {}
}

test_a_configuration_that_the_manifest_names_and_nobody_has_is_denied if {
	oci := _without_configuration("application/vnd.oci.image.manifest.v1+json")
	codes(image.deny) == {"image-configuration-missing"} with input as oci
	docker := _without_configuration("application/vnd.docker.distribution.manifest.v2+json")
	codes(image.deny) == {"image-configuration-missing"} with input as docker
}

_without_configuration(media_type) := object.union(
	example.release,
	{"subject": {"config": null, "media_type": media_type}},
)

test_an_index_has_no_configuration_of_its_own if {
	index := object.union(example.release, {"subject": {
		"config": null,
		"media_type": "application/vnd.oci.image.index.v1+json",
		"platforms": [{"digest": example.digest, "platform": "linux/amd64"}],
	}})
	image.deny == set() with input as index with data.rule_data.image.configuration_required as true
}

test_undated_and_unlabelled_images_are_told if {
	codes(image.warn) == {"image-undated"} with input as configured({"created": null})
	plain := json.patch(example.release, [{"op": "replace", "path": "/subject/config/labels", "value": {}}])
	found := image.warn with input as plain
	count(found) == 2
	codes(found) == {"image-unlabelled"}
}

test_objects_are_none_of_its_business if {
	image.deny == set() with input as example.pod
	image.warn == set() with input as example.pod
}
