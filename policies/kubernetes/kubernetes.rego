# METADATA
# title: Kubernetes basics
# description: >-
#   What a Pod, or the template of a workload, may ask of the cluster. Admission asks about the
#   images in it by themselves.
package kubernetes

# METADATA
# title: Images come from an allowed registry
# description: Asks that each image reference lies below a registry or repository of the rule data.
# custom:
#   short_name: registry-not-allowed
#   subject: object
#   failure_msg: "{{image}} of {{container}} does not come from an allowed registry."
#   solution: Push the image to an allowed registry, or name its registry under `rule_data.kubernetes.allowed_registries`.
#   collections: [kubernetes]
#   controls:
#     ssdf: [PO.5.1]
#     nist-800-53: [CM-7(5), SR-3]
#     soc2: [CC6.8]
#     iso-27001: ["5.21"]
#     cis-ssc: ["4.1"]
deny contains finding if {
	some image in _images
	not _registry_allowed(image.image)
	finding := {"rule": "registry-not-allowed", "detail": image}
}

# METADATA
# title: Images are named by digest
# description: A tag can be moved to other bytes after they were judged; a digest cannot.
# custom:
#   short_name: image-by-tag
#   subject: object
#   failure_msg: "{{image}} of {{container}} names no digest."
#   solution: "Write the reference with `@sha256:...`."
#   collections: [kubernetes]
#   controls:
#     ssdf: [PS.2.1]
#     nist-800-53: [SI-7, CM-14]
#     soc2: [CC6.8]
#     iso-27001: ["8.32"]
#     pci-dss: [11.5.2]
#     cis-ssc: ["4.1"]
deny contains finding if {
	some image in _images
	not _pinned(image.image)
	finding := {"rule": "image-by-tag", "detail": image}
}

# METADATA
# title: No container is privileged
# description: A privileged container is root on its node.
# custom:
#   short_name: container-privileged
#   subject: object
#   failure_msg: "{{container}} is privileged."
#   solution: "Remove `securityContext.privileged`; add the single capability that is needed."
#   collections: [kubernetes]
#   controls:
#     nist-800-53: [AC-6, CM-6, SC-39]
#     soc2: [CC6.1]
#     iso-27001: ["8.2", "8.9"]
#     pci-dss: [2.2.6]
deny contains finding if {
	some container in _containers
	object.get(container, ["securityContext", "privileged"], false) != false
	finding := {"rule": "container-privileged", "detail": {"container": _name(container)}}
}

# METADATA
# title: No namespaces of the host are shared
# description: A Pod in the host's network, process or IPC namespace sees and reaches its neighbours.
# custom:
#   short_name: host-namespace
#   subject: object
#   failure_msg: "The Pod asks for {{field}}."
#   solution: "Remove `{{field}}`."
#   collections: [kubernetes]
#   controls:
#     nist-800-53: [AC-6, SC-39]
#     soc2: [CC6.1]
#     iso-27001: ["8.22"]
#     pci-dss: [2.2.6]
deny contains finding if {
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	object.get(_pod, field, false) != false
	finding := {"rule": "host-namespace", "detail": {"field": field}}
}

# METADATA
# title: Containers have resource limits
# description: A container without limits can starve every other one on its node.
# custom:
#   short_name: resource-limits-missing
#   subject: object
#   failure_msg: "{{container}} has no limit for {{resource}}."
#   solution: "Set `resources.limits`."
#   collections: [kubernetes]
#   controls:
#     nist-800-53: [SC-5, SC-6]
#     soc2: [A1.1]
#     iso-27001: ["8.6"]
deny contains finding if {
	some container in _limited
	some resource in data.rule_data.kubernetes.required_limits
	not _limit(container, resource)
	finding := {
		"rule": "resource-limits-missing",
		"detail": {"container": _name(container), "resource": resource},
	}
}

_pod := input.object.spec if input.object.kind == "Pod"

_pod := input.object.template.spec if input.object.kind == "PodTemplate"

_pod := input.object.spec.jobTemplate.spec.template.spec if input.object.kind == "CronJob"

_pod := input.object.spec.template.spec if {
	input.object.kind in {
		"DaemonSet",
		"Deployment",
		"Job",
		"ReplicaSet",
		"ReplicationController",
		"StatefulSet",
	}
}

# Containers that hold resources: ephemeral ones may have none.
_limited := array.concat(_list(_pod, "containers"), _list(_pod, "initContainers"))

_containers := array.concat(_limited, _list(_pod, "ephemeralContainers"))

_images contains {"container": _name(container), "image": object.get(container, "image", "")} if {
	some container in _containers
}

_images contains {"container": _name(volume), "image": volume.image.reference} if {
	some volume in _list(_pod, "volumes")
	is_string(volume.image.reference)
}

# What is no list is none: Gate itself denies an object that is not shaped as its kind demands.
_list(parent, field) := list if {
	list := object.get(parent, field, [])
	is_array(list)
} else := []

_name(part) := object.get(part, "name", "?")

_limit(container, resource) if {
	value := container.resources.limits[resource]
	not value in {null, ""}
}

_pinned(reference) if regex.match(`^[^@]+@sha256:[0-9a-f]{64}$`, reference)

_registry_allowed(reference) if {
	reference != ""
	name := _full_name(lower(split(reference, "@")[0]))
	some allowed in data.rule_data.kubernetes.allowed_registries
	_below(name, lower(allowed))
}

# A prefix ends where a part of the name ends: `registry.example` is not `registry.example.evil`.
_below(name, allowed) if startswith(name, concat("", [trim_right(allowed, "/"), "/"]))

_below(name, allowed) if name == allowed

# A colon ends a repository's name before its tag; behind a host alone it begins another port.
_below(name, allowed) if {
	contains(allowed, "/")
	startswith(name, concat("", [allowed, ":"]))
}

# `nginx` is short for `docker.io/library/nginx`, `a/b` for `docker.io/a/b`.
_full_name(name) := name if {
	parts := split(name, "/")
	count(parts) > 1
	_is_host(parts[0])
} else := concat("/", ["docker.io", name]) if {
	contains(name, "/")
} else := concat("/", ["docker.io/library", name])

_is_host(part) if regex.match(`[.:]|^localhost$`, part)
