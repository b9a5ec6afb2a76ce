//! Provenance as each builder writes it.

use serde_json::{Value, json};

use super::*;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const V1: &str = predicates::SLSA_PROVENANCE_V1;
const V02: &str = "https://slsa.dev/provenance/v0.2";
const V01: &str = "https://slsa.dev/provenance/v0.1";
const WITNESS: &str = "https://witness.dev/attestation-collection/v0.1";

fn try_read(predicate_type: &str, predicate: &Value) -> Result<Provenance, Failure> {
    let payload = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": "0".repeat(64)}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    })
    .to_string();
    super::read(predicate_type, &Statement::from_json(payload.as_bytes())?).map(|(it, _)| it)
}

fn of(predicate_type: &str, predicate: &Value) -> Provenance {
    try_read(predicate_type, predicate).unwrap()
}

/// Repository, ref, commit, entry point and invocation.
fn told(build: &Provenance) -> [Option<&str>; 5] {
    let source = build.source.as_ref();
    [
        source.map(|it| it.repository.as_str()),
        source.and_then(|it| it.r#ref.as_deref()),
        source.and_then(|it| it.commit.as_deref()),
        build.entry_point.as_deref(),
        build.invocation.as_deref(),
    ]
}

fn v1(parameters: &Value, dependencies: &Value) -> Value {
    json!({
        "buildDefinition": {"buildType": "https://b", "externalParameters": parameters, "resolvedDependencies": dependencies},
        "runDetails": {"builder": {"id": "https://builder"}, "metadata": {"startedOn": "2026-01-01T00:00:00Z", "invocationId": "7"}},
    })
}

fn git(uri: &str) -> Value {
    json!([
        {"uri": "git+https://h/tool@refs/tags/v1", "digest": {"gitCommit": "f".repeat(40)}},
        {"uri": uri, "digest": {"gitCommit": COMMIT.to_uppercase()}},
    ])
}

#[test]
fn version_one_names_its_source_in_every_builders_way() {
    let main = Some("refs/heads/main");
    for (parameters, dependency, expected) in [
        (
            json!({"workflow": {"repository": "https://h/shop", "ref": "refs/heads/main", "path": ".github/workflows/r.yml"}}),
            "git+https://h/shop@refs/heads/main",
            [
                Some("https://h/shop"),
                main,
                Some(COMMIT),
                Some(".github/workflows/r.yml"),
                Some("7"),
            ],
        ),
        (
            json!({"buildConfigSource": {"repository": "git+https://h/shop.git", "ref": "refs/heads/main", "path": "cloudbuild.yaml"}}),
            "git+https://h/shop@refs/heads/main",
            [Some("https://h/shop"), main, Some(COMMIT), Some("cloudbuild.yaml"), Some("7")],
        ),
        (
            json!({"source": {"uri": "git+https://h/shop@refs/heads/main", "digest": {"sha1": COMMIT}}, "configPath": "c.toml"}),
            "https://elsewhere/a",
            [Some("https://h/shop"), main, Some(COMMIT), Some("c.toml"), Some("7")],
        ),
        (
            json!({"source": "https://h/shop", "entryPoint": "build-job"}),
            "https://h/shop",
            [Some("https://h/shop"), None, Some(COMMIT), Some("build-job"), Some("7")],
        ),
        (
            json!({"configSource": {"uri": "https://h/shop.git#refs/heads/main", "digest": {"sha1": COMMIT}, "path": "Dockerfile"}, "request": {}}),
            "pkg:docker/alpine@3",
            [Some("https://h/shop"), main, Some(COMMIT), Some("Dockerfile"), Some("7")],
        ),
        (
            json!({}),
            "https://h/none",
            [Some("https://h/tool"), Some("refs/tags/v1"), Some(&"f".repeat(40)), None, Some("7")],
        ),
    ] {
        let build = of(V1, &v1(&parameters, &git(dependency)));
        assert_eq!(told(&build), expected, "{parameters}");
        assert_eq!((build.materials.len(), build.parameters), (2, parameters));
    }
}

#[test]
fn a_named_source_without_its_dependency_has_no_commit() {
    let parameters =
        json!({"workflow": {"repository": "https://h/shop", "ref": "refs/heads/main"}});
    let build = of(V1, &v1(&parameters, &git("git+https://h/other")));
    assert_eq!(told(&build)[..3], [Some("https://h/shop"), Some("refs/heads/main"), None]);
    assert_eq!(told(&of(V1, &v1(&json!(null), &json!(null))))[0], None);
}

#[test]
fn a_delegated_build_takes_its_source_from_the_run() {
    let mut predicate =
        v1(&json!({"inputs": {}}), &git("git+https://github.com/o/shop@refs/tags/v2"));
    predicate["buildDefinition"]["internalParameters"] = json!({
        "GITHUB_REPOSITORY": "o/shop", "GITHUB_REF": "refs/tags/v2", "GITHUB_RUN_ID": 7,
        "GITHUB_WORKFLOW_REF": "o/shop/.github/workflows/r.yml@refs/tags/v2",
    });
    let expected = [
        Some("https://github.com/o/shop"),
        Some("refs/tags/v2"),
        Some(COMMIT),
        Some(".github/workflows/r.yml"),
    ];
    assert_eq!(told(&of(V1, &predicate))[..4], expected);
}

#[test]
fn gitlab_writes_its_commit_under_sha256_and_a_hash_of_files_is_no_commit() {
    let dependencies =
        |digest: &str| json!([{"uri": "https://gitlab.com/o/shop", "digest": {"sha256": digest}}]);
    let parameters = json!({"source": "https://gitlab.com/o/shop", "entryPoint": "build"});
    let commit =
        |digest: &str| told(&of(V1, &v1(&parameters, &dependencies(digest))))[2].map(str::to_owned);
    assert_eq!(commit(COMMIT).as_deref(), Some(COMMIT));
    assert_eq!(commit(&"a".repeat(64)), None);
    assert_eq!(commit("abc123"), None);
}

#[test]
fn tekton_builds_the_input_and_not_the_repository_of_its_tasks() {
    let dependencies = json!([
        {"name": "task", "uri": "git+https://h/tasks", "digest": {"sha1": "f".repeat(40)}},
        {"name": "inputs/result", "uri": "git+https://h/shop.git", "digest": {"sha1": COMMIT}},
    ]);
    let build = of(V1, &v1(&json!({"runSpec": {}}), &dependencies));
    assert_eq!(told(&build)[..3], [Some("https://h/shop"), None, Some(COMMIT)]);
    let predicate = json!({
        "builder": {"id": "https://tekton.dev/chains/v2"}, "buildType": "tekton.dev/v1beta1/PipelineRun",
        "invocation": {"configSource": {"uri": "git+https://h/pipelines", "digest": {"sha1": "f".repeat(40)}, "entryPoint": "p.yaml"}, "parameters": {"a": "b"}},
        "materials": [{"uri": "oci://h/image", "digest": {"sha256": "0".repeat(64)}}, {"uri": "git+https://h/shop.git", "digest": {"sha1": COMMIT}}],
    });
    let build = of(V02, &predicate);
    assert_eq!(told(&build)[..4], [Some("https://h/shop"), None, Some(COMMIT), Some("p.yaml")]);
    assert_eq!(build.parameters, json!({"a": "b"}));
}

#[test]
fn version_two_of_zero_is_read_with_both_spellings_of_the_invocation() {
    for (name, id) in [("buildInvocationId", json!("7-1")), ("buildInvocationID", json!("7-1"))] {
        let predicate = json!({
            "builder": {"id": "https://builder"}, "buildType": "https://b",
            "invocation": {"configSource": {"uri": "git+https://h/shop@refs/tags/v1", "digest": {"sha1": COMMIT}, "entryPoint": "r.yml"}},
            "metadata": {name: id, "buildStartedOn": "2026-01-01T00:00:00Z", "buildFinishedOn": ""},
            "materials": null,
        });
        let build = of(V02, &predicate);
        assert_eq!(
            told(&build),
            [
                Some("https://h/shop"),
                Some("refs/tags/v1"),
                Some(COMMIT),
                Some("r.yml"),
                Some("7-1")
            ]
        );
        assert_eq!((build.started_at.is_some(), build.finished_at), (true, None));
    }
}

#[test]
fn buildkit_names_no_builder_and_a_local_folders_revision() {
    let build = |revision: &str| {
        of(
            V02,
            &json!({
                "builder": {"id": ""}, "buildType": "https://mobyproject.org/buildkit@v1",
                "invocation": {"configSource": {"entryPoint": "Dockerfile"}, "parameters": {"frontend": "dockerfile.v0"}},
                "metadata": {"buildInvocationID": "x", "https://mobyproject.org/buildkit@v1#metadata": {"vcs": {"source": "git@h:o/shop.git", "revision": revision}}},
                "materials": [{"uri": "pkg:docker/alpine@3", "digest": {"sha256": "0".repeat(64)}}],
            }),
        )
    };
    assert_eq!(
        told(&build(COMMIT)),
        [Some("https://h/o/shop"), None, Some(COMMIT), Some("Dockerfile"), Some("x")]
    );
    // With changes on top it was not the commit that was built.
    assert_eq!(told(&build(&format!("{COMMIT}-dirty")))[2], None);
    assert_eq!(build(COMMIT).builder, "");
}

#[test]
fn version_one_of_zero_is_read_as_cloud_build_writes_it() {
    let predicate = json!({
        "builder": {"id": "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3"},
        "recipe": {"type": "https://t", "definedInMaterial": "-1", "entryPoint": "cloudbuild.yaml", "arguments": {"id": "x"}},
        "metadata": {"buildInvocationId": "x"},
        "materials": [
            {"uri": "gs://b/a.tgz#1", "digest": {"sha256": "0".repeat(64)}},
            {"uri": "https://h/o/shop/commit/".to_owned() + COMMIT, "digest": {"sha1": COMMIT}},
        ],
    });
    let build = of(V01, &predicate);
    assert_eq!(
        told(&build),
        [Some("https://h/o/shop"), None, Some(COMMIT), Some("cloudbuild.yaml"), Some("x")]
    );
    assert_eq!(build.build_type, "https://t");
}

#[test]
fn a_witness_collection_is_put_together_from_its_attestors() {
    let part = |name: &str, body: Value| json!({"type": format!("https://witness.dev/attestations/{name}/v0.1"), "attestation": body, "starttime": "2026-01-01T00:00:00+02:00", "endtime": "2026-01-01T00:00:01Z"});
    let predicate = json!({"name": "build", "attestations": [
        part("git", json!({"commithash": COMMIT, "refs": ["refs/heads/main", "refs/remotes/origin/main"], "remotes": ["https://h/o/shop.git"]})),
        part("material", json!({"a.go": {"sha256": "0".repeat(64)}})),
        part("jenkins", json!({"jenkinsurl": "https://ci.example/", "pipelineurl": "https://ci.example/job/1", "jobname": "shop"})),
        part("environment", json!({"variables": {}})),
    ]});
    let build = of(WITNESS, &predicate);
    assert_eq!(
        told(&build),
        [
            Some("https://h/o/shop"),
            Some("refs/heads/main"),
            Some(COMMIT),
            Some("shop"),
            Some("https://ci.example/job/1")
        ]
    );
    assert_eq!((build.builder.as_str(), build.materials.len()), ("https://ci.example/", 1));
    assert!(build.started_at < build.finished_at);
    let bare = of(WITNESS, &json!({"name": "package", "attestations": []}));
    assert_eq!((bare.builder.as_str(), told(&bare)[3]), ("", Some("package")));
}

#[test]
fn what_is_no_provenance_is_refused() {
    let mut without = v1(&json!({}), &json!([]));
    without["runDetails"]["builder"] = json!({});
    let mut untyped = v1(&json!({}), &json!([]));
    untyped["buildDefinition"]["buildType"] = json!("");
    let mut untimed = v1(&json!({}), &json!([]));
    untimed["runDetails"]["metadata"]["startedOn"] = json!("yesterday");
    for (predicate_type, predicate) in [
        (V1, without),
        (V1, untyped),
        (V1, untimed.clone()),
        (V02, json!({"builder": {"id": "b"}})),
        (V01, json!({})),
        (WITNESS, json!({"name": "n"})),
    ] {
        assert!(try_read(predicate_type, &predicate).is_err(), "{predicate}");
    }
    let failure = try_read(V1, &untimed).unwrap_err();
    assert_eq!(failure.places[0].place, "/predicate/runDetails/metadata/startedOn");
}

#[test]
fn numbers_are_read_as_the_record_gives_them_back() {
    let value = json!({"a": 1.0, "b": u64::MAX});
    let recorded = as_recorded(&value).unwrap();
    assert_eq!(as_recorded(&recorded).unwrap(), recorded);
    assert_eq!(recorded["a"], json!(1));
}
