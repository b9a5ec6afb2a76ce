# METADATA
# title: Inputs for tests
# description: A release that every rule lets in, and a Pod that every rule lets in.
package example_test

digest := "sha256:3d94394e71446e05bcb3c3434c5bfd5ff02419a0749f41bb430908d37e05ae26"

source := {
	"evidence": digest,
	"binding": "statement",
	"signer": "build",
	"identity": null,
	"caller": null,
}

nothing := {
	"now": "2026-11-18T09:00:00Z",
	"request": {"requester": "ci", "admission": null},
	"environment": {"name": "production", "mode": "enforce"},
	"subject": {
		"digest": digest,
		"kind": "artifact",
		"media_type": null,
		"annotations": {},
		"config": null,
		"platforms": [],
		"repository": null,
	},
	"signatures": [],
	"attestations": [],
	"provenance": [],
	"sbom": [],
	"vulnerabilities": {"scans": [], "findings": []},
	"vex": [],
	"feeds": {"epss": null, "kev": null},
	"tests": [],
	"coverage": [],
	"analysis": [],
	"approvals": [],
	"changes": [],
	"promotions": [],
	"deployments": [],
	"object": null,
	"failed": [],
}

release := object.union(nothing, {
	"subject": {
		"media_type": "application/vnd.oci.image.manifest.v1+json",
		"config": {
			"user": "65532:65532",
			"architecture": "amd64",
			"os": "linux",
			"created": "2026-11-16T12:30:00Z",
			"exposed_ports": [],
			"env_names": ["PATH", "PORT"],
			"entrypoint": ["/app"],
			"cmd": [],
			"labels": {
				"org.opencontainers.image.source": "https://git.example/shop",
				"org.opencontainers.image.revision": "6f1c2ab0",
			},
		},
	},
	"signatures": [{"source": source, "form": "statement", "signed_at": null, "logged": false}],
	"provenance": [build("https://ci.example/builder", "https://git.example/shop/app", "6f1c2ab0")],
	"sbom": [{
		"source": source,
		"format": "cyclonedx",
		"version": "1.6",
		"serial": null,
		"created_at": null,
		"tools": [],
		"main": null,
		"dependencies": [],
		"problems": [],
		"components": [component("chi", "pkg:golang/github.com/go-chi/chi/v5@v5.2.3", "MIT")],
	}],
	"vulnerabilities": {
		"scans": [{
			"source": source,
			"format": "trivy",
			"scanner_version": null,
			"scanned_at": "2026-11-16T12:41:07Z",
			"target": "app",
			"findings": 0,
		}],
		"findings": [],
	},
	"tests": [run(12, 0, 0)],
	"approvals": [approval("alice"), approval("bob")],
	"changes": [{
		"source": source,
		"commit": "6f1c2ab0",
		"repository": null,
		"authors": ["carol@example"],
		"committer": null,
		"people": ["carol"],
	}],
})

build(builder, repository, commit) := {
	"source": source,
	"predicate_type": "https://slsa.dev/provenance/v1",
	"builder": builder,
	"build_type": "https://ci.example/type",
	"built_from": {"repository": repository, "ref": null, "commit": commit},
	"parameters": {},
	"materials": [],
	"invocation": null,
	"started_at": null,
	"finished_at": null,
	"entry_point": null,
	"builder_bound_by": null,
	"build_level": {"level": 1, "reason": "the key of `build` signed it, and a key names no builder"},
}

component(name, purl, licence) := {
	"id": null,
	"type": "library",
	"name": name,
	"group": null,
	"version": "1",
	"purl": purl,
	"licences": [licence],
	"supplier": null,
	"hashes": {},
	"scope": null,
}

run(passed, failed, errors) := {
	"source": source,
	"format": "junit",
	"name": "shop",
	"total": (passed + failed) + errors,
	"passed": passed,
	"failed": failed,
	"errors": errors,
	"skipped": 0,
	"flaky": 0,
	"failing": ["a test" | failed + errors > 0],
}

approval(person) := {
	"source": source,
	"person": person,
	"approved_at": "2026-11-17T10:00:00Z",
	"expires_at": "2026-12-17T10:00:00Z",
	"reason": null,
}

refused(kind, code) := {
	"evidence": digest,
	"kind": kind,
	"code": code,
	"detail": "what was found.",
	"signer": "alice",
	"denies": false,
}

vulnerability(id, severity, fixed) := {
	"id": id,
	"aliases": [],
	"package": "libssh2-1t64",
	"purl": "pkg:deb/debian/libssh2-1t64@1.11.1-1",
	"installed": "1.11.1-1",
	"fixed": fixed,
	"severity": severity,
	"severity_source": "trivy",
	"cvss": [],
	"status": "affected",
	"status_reason": null,
	"title": null,
	"locations": [],
	"reported_epss": null,
	"reported_kev": null,
	"scans": [digest],
	"vex": null,
	"epss": null,
	"kev": null,
}

image := concat("@", ["registry.example/shop/app", digest])

container := {
	"name": "app",
	"image": image,
	"resources": {"limits": {"cpu": "500m", "memory": "128Mi"}},
	"securityContext": {"privileged": false},
}

about(thing) := object.union(nothing, {
	"subject": {"kind": "object"},
	"object": thing,
})

pod_of(spec) := about({"apiVersion": "v1", "kind": "Pod", "spec": spec})

pod := pod_of({"containers": [container]})

# What the runner holds to the schema of the input document.
documents := [
	nothing,
	release,
	pod,
	object.union(release, {
		"failed": [refused("approval", "approval-expired")],
		"vulnerabilities": {"findings": [vulnerability("CVE-1", "high", ["2"])]},
	}),
]

test_the_inputs_are_complete if {
	every document in documents {
		object.keys(document) == object.keys(nothing)
	}
}
