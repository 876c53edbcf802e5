//! Checkpoints and proofs in the API: what lets an auditor check the log without trusting this server.
//! Holds the three queries; a proof about an entry that the token does not see is null, as about one that is not there.

use async_graphql::{Context, Object, SimpleObject};
use holdline_domain::{
    permission::action::ReadAudit,
    refusal::{Code, Refusal},
};

use super::{audit_receipt::hexadecimal, fault::Fault, scalars::DateTime, session::session};
use crate::{
    failure::Failure,
    record::{SignedHead, consistency, inclusion},
};

/// What the log was, signed: so many entries, with this root. Whoever keeps it can prove later that the log was
/// changed.
#[derive(SimpleObject)]
pub(super) struct AuditCheckpoint {
    /// How many entries it covers.
    size: u64,
    /// The root of their Merkle tree (RFC 6962), 64 hexadecimal digits.
    root_hash: String,
    /// The signed note (c2sp.org/tlog-checkpoint): origin, size and root in base64, with its Ed25519 signatures.
    note: String,
    /// When it was signed.
    signed_at: DateTime,
}

impl From<SignedHead> for AuditCheckpoint {
    fn from(head: SignedHead) -> Self {
        Self { size: head.size, root_hash: head.root.to_string(), note: head.note, signed_at: DateTime(head.signed_at) }
    }
}

/// The proof that an entry is in the log (RFC 6962, 2.1.1).
#[derive(SimpleObject)]
pub(super) struct AuditInclusionProof {
    /// The entry's position.
    seq: i64,
    /// The hash of its leaf, 64 hexadecimal digits.
    leaf_hash: String,
    /// How many entries the tree has.
    tree_size: u64,
    /// The tree's root, 64 hexadecimal digits.
    root_hash: String,
    /// The entry itself: the canonical JSON whose leaf hash this is. People appear as ids.
    body: String,
    /// The hashes from the leaf to the root, 64 hexadecimal digits each.
    hashes: Vec<String>,
}

/// The proof that a later log begins with an earlier one (RFC 6962, 2.1.2).
#[derive(SimpleObject)]
pub(super) struct AuditConsistencyProof {
    /// How many entries the earlier log had.
    from: u64,
    /// How many the later one has.
    to: u64,
    /// The later tree's root, 64 hexadecimal digits.
    root_hash: String,
    /// The proof's hashes, 64 hexadecimal digits each.
    hashes: Vec<String>,
}

/// Queries that check the audit log.
#[derive(Default)]
pub(super) struct AuditProofQuery;

#[Object]
impl AuditProofQuery {
    /// The newest checkpoint, or the first one that covers so many entries; null where there is none. What was committed is
    /// signed within a second, and sooner once the newest is asked for. Needs the scope audit:read; the newest one's note is
    /// open to all at /.well-known/holdline-checkpoint.
    async fn audit_checkpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries it covers at least, from 1; the newest where left out.")] covering: Option<
            i32,
        >,
    ) -> Result<Option<AuditCheckpoint>, Fault> {
        let session = session(ctx);
        session.require::<ReadAudit>()?;
        let Some(covering) = covering else {
            session.app().ask_signed();
            return Ok(session.reader().checkpoint().await?.map(Into::into));
        };
        let before = u64::try_from(covering).ok().and_then(|covering| covering.checked_sub(1));
        let before = before.ok_or_else(|| invalid("covering", "A checkpoint covers at least 1 entry."))?;
        Ok(session.reader().checkpoints_after(before, 1).await?.pop().map(Into::into))
    }

    /// The proof that an entry is in the log; null where there is no such entry among those that the token sees. Needs
    /// the scope audit:read.
    async fn audit_inclusion_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entry's position, from 0.")] seq: i32,
        #[graphql(desc = "Of the tree over so many entries; the newest checkpoint's where left out.")]
        tree_size: Option<i32>,
    ) -> Result<Option<AuditInclusionProof>, Fault> {
        let session = session(ctx);
        session.require::<ReadAudit>()?;
        let seq = u64::try_from(seq).map_err(|_| invalid("seq", "The first entry is at 0."))?;
        let reader = session.reader();
        let Some(entry) = reader.entries(&[seq.cast_signed()]).await?.pop() else { return Ok(None) };
        let size = match tree_size {
            Some(size) => size_within(session.reader().log_size().await?, size, "treeSize")?,
            None => reader.checkpoint().await?.map_or(0, |head| head.size),
        };
        let Some(proof) = inclusion(seq, size) else {
            if tree_size.is_none() {
                session.app().ask_signed();
                let message = format!("No checkpoint covers the entry at {seq} yet: it was committed just now.");
                let remedy = "Ask again in a moment; what is committed is signed within a second.";
                return Err(Refusal::new(Code::Conflict, message).remedy(remedy).into());
            }
            let message = format!("The tree over {size} entries does not hold the entry at {seq}; it needs one more.");
            return Err(Refusal::invalid(&["treeSize"], message).into());
        };
        let (hashes, root) = reader.prove(&proof).await?;
        Ok(Some(AuditInclusionProof {
            seq: entry.seq,
            leaf_hash: entry.leaf_hash.to_string(),
            tree_size: size,
            root_hash: root.to_string(),
            body: String::from_utf8(entry.body).map_err(Failure::internal)?,
            hashes: hexadecimal(&hashes),
        }))
    }

    /// The proof that the log of `to` entries begins with that of `from` entries. Needs the scope audit:read.
    async fn audit_consistency_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries the earlier log had, from 1.")] from: i32,
        #[graphql(desc = "How many the later one has.")] to: i32,
    ) -> Result<AuditConsistencyProof, Fault> {
        let session = session(ctx);
        session.require::<ReadAudit>()?;
        let reader = session.reader();
        let there = reader.log_size().await?;
        let (earlier, later) = (size_within(there, from, "from")?, size_within(there, to, "to")?);
        let Some(proof) = consistency(earlier, later) else {
            return Err(invalid("from", "The earlier log has no more entries than the later one, and at least one."));
        };
        let (hashes, root) = reader.prove(&proof).await?;
        Ok(AuditConsistencyProof {
            from: earlier,
            to: later,
            root_hash: root.to_string(),
            hashes: hexadecimal(&hashes),
        })
    }
}

fn size_within(there: u64, size: i32, field: &str) -> Result<u64, Fault> {
    let fits = u64::try_from(size).ok().filter(|size| (1..=there).contains(size));
    fits.ok_or_else(|| invalid(field, &format!("The log has {there} entries: give a number from 1 to {there}.")))
}

fn invalid(field: &str, message: &str) -> Fault {
    Refusal::invalid(&[field], message).into()
}
