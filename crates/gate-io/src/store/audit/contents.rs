//! What leaves name: decisions and their look-up columns, attestations, facts, evidence, policies.

use std::collections::BTreeMap;

use gate_core::Digest;
use gate_core::decision::Decision;
use gate_core::record::Leaf;
use sqlx::Row as _;

use super::{Audit, AuditError, Fault, fault, same};
use crate::store::rows::{Columns, integer};

impl Audit<'_> {
    /// Checks what the leaves of a segment name. Their bytes are known to be those recorded.
    pub(super) async fn contents(&mut self, first: u64, end: u64) -> Result<(), AuditError> {
        for position in first..end {
            let bytes: Vec<u8> = sqlx::query_scalar("SELECT bytes FROM leaves WHERE position = ?")
                .bind(integer(position))
                .fetch_one(&mut *self.connection)
                .await?;
            let place = format!("leaf {position}");
            let leaf: Leaf = serde_json::from_slice(&bytes)
                .map_err(|error| fault("leaves.bytes", place.as_str(), "a leaf", error))?;
            let decision = self.documents(&leaf, &place).await?;
            self.columns(position, &leaf, &decision).await?;
        }
        Ok(())
    }

    /// Every document that a leaf names, and that they belong together.
    pub(super) async fn documents(
        &mut self,
        leaf: &Leaf,
        place: &str,
    ) -> Result<Decision, AuditError> {
        let bytes = self.bytes(leaf.decision, "decision", place).await?;
        self.blob(leaf.facts, "facts", place).await?;
        self.belongs(leaf, &bytes, place).await
    }

    /// Everything that a leaf names beside decision and facts, and that all belongs together.
    pub(super) async fn belongs(
        &mut self,
        leaf: &Leaf,
        decision: &[u8],
        place: &str,
    ) -> Result<Decision, AuditError> {
        self.blobs_of(leaf, place).await?;
        let decision: Decision = serde_json::from_slice(decision).map_err(|error| {
            fault("blobs.bytes", format!("the decision of {place}"), "a decision", error)
        })?;
        same("leaves.bytes", &format!("the facts of {place}"), decision.facts, leaf.facts)?;
        same("leaves.bytes", &format!("the policy of {place}"), decision.policy, leaf.policy)?;
        let manifest = self.bytes(leaf.policy, "policy", place).await?;
        let manifest: BTreeMap<String, Digest> =
            serde_json::from_slice(&manifest).map_err(|error| {
                fault("blobs.bytes", format!("the policy of {place}"), "a policy", error)
            })?;
        let named =
            BTreeMap::from([("data".to_owned(), leaf.data), ("modules".to_owned(), leaf.modules)]);
        if manifest == named {
            Ok(decision)
        } else {
            let place = format!("the policy of {place}");
            Err(fault("leaves.bytes", place, format!("{named:?}"), format!("{manifest:?}")).into())
        }
    }

    /// The look-up columns say what the document says: an edited column would hide a decision.
    async fn columns(
        &mut self,
        position: u64,
        leaf: &Leaf,
        decision: &Decision,
    ) -> Result<(), AuditError> {
        let place = format!("decision {} at leaf {position}", leaf.decision);
        let row = sqlx::query("SELECT * FROM decisions WHERE leaf = ?")
            .bind(integer(position))
            .fetch_optional(&mut *self.connection)
            .await?
            .ok_or_else(|| fault("decisions.leaf", place.as_str(), position, "no such row"))?;
        let expected = Columns::of(decision);
        let bytes = |column: &str| row.try_get::<Vec<u8>, _>(column).map(hex::encode);
        let text = |column: &str| row.try_get::<String, _>(column);
        same("decisions.id", &place, leaf.decision.to_hex(), bytes("id")?)?;
        same("decisions.subject", &place, hex::encode(&expected.subject), bytes("subject")?)?;
        same("decisions.environment", &place, &expected.environment, text("environment")?)?;
        same("decisions.decided_at", &place, &expected.decided_at, text("decided_at")?)?;
        same("decisions.verdict", &place, &expected.verdict, text("verdict")?)?;
        let would_deny: i64 = row.try_get("would_deny")?;
        same("decisions.would_deny", &place, expected.would_deny, would_deny)?;
        let same_requester: Result<(), Fault> =
            same("decisions.requester", &place, &leaf.asker.requester, text("requester")?);
        Ok(same_requester?)
    }
}
