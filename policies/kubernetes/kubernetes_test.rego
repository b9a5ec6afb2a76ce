package kubernetes_test

import data.example_test as example
import data.kubernetes

rules := {
	"allowed_registries": ["registry.example", "docker.io/library/", "ghcr.io/shop/app"],
	"required_limits": ["cpu", "memory"],
}

codes(findings) := {finding.rule | some finding in findings}

found(object) := findings if {
	findings := kubernetes.deny with input as object with data.rule_data.kubernetes as rules
}

with_container(changes) := example.pod_of({"containers": [object.union(example.container, changes)]})

at(name) := with_container({"image": concat("@", [name, example.digest])})

test_a_good_pod_passes if found(example.pod) == set()

test_every_kind_of_workload_is_read if {
	bad := {"containers": [object.union(example.container, {"securityContext": {"privileged": true}})]}
	every kind in [
		"DaemonSet",
		"Deployment",
		"Job",
		"ReplicaSet",
		"ReplicationController",
		"StatefulSet",
	] {
		workload := {"kind": kind, "spec": {"template": {"spec": bad}}}
		codes(found(example.about(workload))) == {"container-privileged"}
	}
	cron := {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": bad}}}}}
	codes(found(example.about(cron))) == {"container-privileged"}
	template := {"kind": "PodTemplate", "template": {"spec": bad}}
	codes(found(example.about(template))) == {"container-privileged"}
	codes(found(example.pod_of(bad))) == {"container-privileged"}
}

test_init_and_ephemeral_containers_are_read if {
	bad := object.union(example.container, {"name": "bad", "securityContext": {"privileged": true}})
	every field in ["initContainers", "ephemeralContainers"] {
		codes(found(example.pod_of({"containers": [example.container], field: [bad]}))) == {"container-privileged"}
	}
}

test_whatever_is_not_false_is_privileged if {
	every value in [true, "false", 1, {}] {
		codes(found(with_container({"securityContext": {"privileged": value}}))) == {"container-privileged"}
	}
	found(with_container({"securityContext": {}})) == set()
}

test_foreign_registries_are_denied if {
	every name in [
		"evil.example/app",
		"registry.example.evil/app",
		"registry.example:5000/app",
		"mallory/app",
		"ghcr.io/shop/app-evil",
		"localhost/app",
		"docker.io/mallory/app",
	] {
		codes(found(at(name))) == {"registry-not-allowed"}
	}
}

test_allowed_registries_pass_in_every_spelling if {
	every name in [
		"registry.example/app",
		"REGISTRY.example/app",
		"registry.example/a/b/c:tag",
		"nginx",
		"docker.io/library/nginx",
		"ghcr.io/shop/app",
		"ghcr.io/shop/app:1.2",
		"ghcr.io/shop/app/sub",
	] {
		found(at(name)) == set()
	}
}

test_a_tag_is_no_digest if {
	every image in [
		"registry.example/app:1",
		"registry.example/app",
		"registry.example/app@sha256:12",
		concat("", ["registry.example/app@", upper(example.digest)]),
	] {
		codes(found(with_container({"image": image}))) == {"image-by-tag"}
	}
}

test_a_container_without_image_is_denied if {
	bare := object.remove(example.container, ["image"])
	codes(found(example.pod_of({"containers": [bare]}))) == {"image-by-tag", "registry-not-allowed"}
}

test_image_volumes_are_read if {
	volumes := [
		{"name": "model", "image": {"reference": "evil.example/model:1"}},
		{"name": "scratch", "emptyDir": {}},
	]
	spec := {"containers": [example.container], "volumes": volumes}
	codes(found(example.pod_of(spec))) == {"image-by-tag", "registry-not-allowed"}
	every finding in found(example.pod_of(spec)) {
		finding.detail.container == "model"
	}
}

test_namespaces_of_the_host_are_denied if {
	every field in ["hostNetwork", "hostPID", "hostIPC"] {
		spec := {"containers": [example.container], field: true}
		found(example.pod_of(spec)) == {{"rule": "host-namespace", "detail": {"field": field}}}
	}
	found(example.pod_of({"containers": [example.container], "hostPID": false})) == set()
}

test_limits_are_asked_for if {
	bare := object.remove(example.container, ["resources"])
	resources := {finding.detail.resource | some finding in found(example.pod_of({"containers": [bare]}))}
	resources == {"cpu", "memory"}
	every value in [null, ""] {
		codes(found(with_container({"resources": {"limits": {"cpu": value}}}))) == {"resource-limits-missing"}
	}
	ephemeral := {"containers": [example.container], "ephemeralContainers": [bare]}
	found(example.pod_of(ephemeral)) == set()
}

test_what_is_no_list_of_containers_is_left_to_gate if {
	found(example.pod_of({"containers": {"app": example.container}, "initContainers": null})) == set()
	found(example.about({"kind": "Pod"})) == set()
}

test_without_rule_data_no_image_is_allowed if {
	codes(kubernetes.deny) == {"registry-not-allowed"} with input as example.pod with data.rule_data as {}
}

test_other_kinds_and_artifacts_are_none_of_its_business if {
	found(example.about({"kind": "ConfigMap", "data": {}})) == set()
	found(example.release) == set()
}
