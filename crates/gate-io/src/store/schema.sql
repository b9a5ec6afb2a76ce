-- Bytes by their SHA-256: decisions, attestations, facts, evidence, policies, roots.
CREATE TABLE blobs (
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    bytes BLOB NOT NULL
) STRICT;

-- Signed tree heads, one for each commit that appended leaves.
CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY CHECK (size > 0),
    note TEXT NOT NULL
) STRICT;

-- The ledger's leaves in order, and the checkpoint that their receipt was given with.
CREATE TABLE leaves (
    position INTEGER PRIMARY KEY CHECK (position >= 0),
    bytes BLOB NOT NULL,
    checkpoint INTEGER NOT NULL REFERENCES checkpoints (size)
) STRICT;

-- Complete nodes of the tree over the leaves: level 0 holds leaf hashes.
CREATE TABLE nodes (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

-- Where to find a leaf: copied from its decision, and checked against it by `gate ledger verify`.
CREATE TABLE decisions (
    leaf INTEGER PRIMARY KEY REFERENCES leaves (position),
    id BLOB NOT NULL REFERENCES blobs (digest),
    subject BLOB NOT NULL,
    environment TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    would_deny INTEGER NOT NULL,
    requester TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_id ON decisions (id);
CREATE INDEX decisions_by_subject ON decisions (subject, environment);

-- Which request a leaf answered, so that the same request gets the same receipt.
CREATE TABLE idempotency (
    requester TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    leaf INTEGER NOT NULL REFERENCES leaves (position),
    PRIMARY KEY (requester, key)
) STRICT, WITHOUT ROWID;

-- Decisions that are kept outside the ledger, many in a row: the leaf that each would have had, itself,
-- and its facts, compressed.
CREATE TABLE packs (
    pack INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- Where to find a kept decision: its row, and its place in it from nought.
CREATE TABLE kept (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    pack INTEGER NOT NULL REFERENCES packs (pack),
    place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Evidence that was uploaded for a subject.
CREATE TABLE uploads (
    subject BLOB NOT NULL,
    digest BLOB NOT NULL REFERENCES blobs (digest),
    size INTEGER NOT NULL,
    uploader TEXT NOT NULL,
    PRIMARY KEY (subject, digest)
) STRICT, WITHOUT ROWID;
