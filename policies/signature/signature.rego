# METADATA
# title: Signatures
# description: A release is signed by somebody whom the environment trusts for signatures.
package signature

# METADATA
# title: The release is signed
# description: >-
#   Asks for a verified signature over the artifact's digest. Without one, nobody can tell whether
#   the bytes are those that were built.
# custom:
#   short_name: signature-missing
#   failure_msg: "No trusted signature covers {{subject}}; {{refused}} found that do not count."
#   solution: >-
#     Sign the digest with a signer that the environment names under `trust.signature`, for instance
#     with `cosign sign --key`.
#   collections: [minimal, release]
#   controls:
#     slsa: [Build L2]
#     ssdf: [PS.2.1]
#     nist-800-53: [SI-7, SI-7(1), SI-7(15), CM-14, SR-11]
#     soc2: [CC6.8, CC7.1]
#     iso-27001: ["8.24", "8.32"]
#     pci-dss: [6.5.1, 11.5.2]
#     cis-ssc: ["4.1"]
#   evidence: [signature]
deny contains finding if {
	input.subject.kind == "artifact"
	count(input.signatures) == 0
	refused := [failed | some failed in input.failed; failed.kind == "signature"]
	finding := {
		"rule": "signature-missing",
		"detail": {"subject": input.subject.digest, "refused": count(refused)},
	}
}
