//! Ids as the log writes them: `plan_01k…`, a prefix and a UUID in 26 characters of Crockford's base 32 (TypeID 0.3).
//! The database keeps the bare UUID.

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The UUID of an id with a prefix.
pub(crate) fn read(text: &str, prefix: &str) -> Option<Uuid> {
    let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?;
    // 26 characters carry 130 bits: the first may only hold the top three.
    if suffix.len() != 26 || suffix.as_bytes().first()? > &b'7' {
        return None;
    }
    suffix
        .bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|known| *known == byte)?;
            Some(bits << 5 | digit as u128)
        })
        .map(Uuid::from_u128)
}

/// The UUID of an id with whatever prefix.
pub(crate) fn read_any(text: &str) -> Option<Uuid> {
    read(text, text.rsplit_once('_')?.0)
}

/// An id as the log writes it.
pub(crate) fn show(prefix: &str, uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    let digit = |place: u32| usize::try_from((bits >> (place * 5)) & 31).ok().and_then(|digit| ALPHABET.get(digit));
    let suffix = (0..26).rev().filter_map(digit).map(|digit| char::from(*digit));
    format!("{prefix}_{}", suffix.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_shown() {
        let id = "plan_01h455vb4pex5vsknk084sn02q";
        let uuid = read(id, "plan").unwrap();
        assert_eq!(uuid.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert_eq!(show("plan", uuid), id);
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in ["", "plan", "plan_", "team_01h455vb4pex5vsknk084sn02q", "plan_81h455vb4pex5vsknk084sn02q"] {
            assert_eq!(read(text, "plan"), None, "{text}");
        }
        assert_eq!(read(&format!("plan_{}", "é".repeat(13)), "plan"), None);
    }
}
