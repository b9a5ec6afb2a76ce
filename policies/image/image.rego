# METADATA
# title: Image hygiene
# description: What an image's own configuration says about how it runs.
package image

# METADATA
# title: The image does not run as root
# description: Asks that the image's configuration names a user other than root.
# custom:
#   short_name: image-runs-as-root
#   failure_msg: "The image runs as `{{user}}`, which is root."
#   solution: Set `USER` to a user other than root, by number.
#   collections: [image]
#   controls:
#     nist-800-53: [AC-6, CM-6]
#     soc2: [CC6.1]
#     iso-27001: ["8.2", "8.9"]
#     pci-dss: [2.2.6]
deny contains finding if {
	input.subject.kind == "artifact"
	config := input.subject.config
	config != null
	not _other_than_root(config.user)
	finding := {"rule": "image-runs-as-root", "detail": {"user": config.user}}
}

# METADATA
# title: The image holds no secrets in its environment
# description: >-
#   Names of environment variables that tell of secrets are denied: everybody who can pull the image
#   reads their values.
# custom:
#   short_name: image-holds-secrets
#   failure_msg: "The environment variable {{name}} looks like a secret that is built into the image."
#   solution: Give the secret at run time, and change it, since it has been published.
#   collections: [image]
#   controls:
#     ssdf: [PO.5.2, PW.9.1]
#     nist-800-53: [IA-5(7), SC-28]
#     soc2: [CC6.1]
#     iso-27001: ["8.4", "8.24"]
#     pci-dss: [8.6.2]
deny contains finding if {
	input.subject.kind == "artifact"
	config := input.subject.config
	config != null
	some name in config.env_names
	some secret in data.rule_data.image.secret_names
	contains(upper(name), upper(secret))
	finding := {"rule": "image-holds-secrets", "detail": {"name": name}}
}

# METADATA
# title: The image's configuration is at hand
# description: >-
#   An image whose manifest is at hand and whose configuration nobody can read is denied. Where the
#   rule data demands it, so is a subject of which no more than the digest is known.
# custom:
#   short_name: image-configuration-missing
#   failure_msg: "The configuration of {{subject}} is not at hand, so nothing is known of how it runs."
#   solution: Give the image as an OCI layout, with its manifest and configuration.
#   collections: [image]
#   controls:
#     nist-800-53: [CM-6]
deny contains finding if {
	input.subject.kind == "artifact"
	input.subject.config == null
	_configuration_demanded
	finding := {"rule": "image-configuration-missing", "detail": {"subject": input.subject.digest}}
}

# METADATA
# title: The image says when it was made
# description: An image without a date of creation cannot be told old from new.
# custom:
#   short_name: image-undated
#   failure_msg: "The image does not say when it was made."
#   solution: Build with a tool that writes `created`, from the commit's date for builds that repeat.
#   collections: [image]
#   controls:
#     nist-800-53: [CM-8]
warn contains finding if {
	input.subject.kind == "artifact"
	config := input.subject.config
	config != null
	config.created == null
	finding := {"rule": "image-undated", "detail": {}}
}

# METADATA
# title: The image says where it comes from
# description: The labels that name source and revision let people find the commit.
# custom:
#   short_name: image-unlabelled
#   failure_msg: "The image lacks the label {{label}}."
#   solution: Set the label when building.
#   collections: [image]
#   controls:
#     nist-800-53: [CM-8]
warn contains finding if {
	input.subject.kind == "artifact"
	config := input.subject.config
	config != null
	some label in ["org.opencontainers.image.source", "org.opencontainers.image.revision"]
	object.get(config.labels, label, "") == ""
	finding := {"rule": "image-unlabelled", "detail": {"label": label}}
}

# `65532`, `65532:0` and `app` are others; empty, `root`, `0`, `00` and `0:5` are root.
_other_than_root(user) if {
	name := trim_space(split(user, ":")[0])
	name != ""
	lower(name) != "root"
	trim_left(name, "+0") != ""
}

# The manifest says that there is a configuration: not to find it is a doubt, not an absence.
_configuration_demanded if {
	input.subject.media_type in {
		"application/vnd.docker.distribution.manifest.v2+json",
		"application/vnd.oci.image.manifest.v1+json",
	}
}

_configuration_demanded if {
	count(input.subject.platforms) == 0
	not data.rule_data.image.configuration_required == false
}
