package signature_test

import data.example_test as example
import data.signature

test_a_signed_release_passes if signature.deny == set() with input as example.release

test_an_unsigned_release_is_denied if {
	refusals := [example.refused("signature", "signer-unknown")]
	unsigned := object.union(example.release, {"signatures": [], "failed": refusals})
	some finding in signature.deny with input as unsigned
	finding.rule == "signature-missing"
	finding.detail == {"subject": example.digest, "refused": 1}
}

test_objects_are_none_of_its_business if signature.deny == set() with input as example.pod
