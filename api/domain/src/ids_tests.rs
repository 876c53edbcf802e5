//! Ids against the vectors of the `TypeID` specification.

use super::*;

/// The valid vectors of the `TypeID` specification (`spec/valid.yml`).
#[test]
fn the_suffix_agrees_with_the_specification() {
    let vectors = [
        ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
        ("00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
        ("0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
        ("0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
        ("00000000000000000000000010", "00000000-0000-0000-0000-000000000020"),
        ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
        ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ];
    for (suffix, uuid) in vectors {
        let uuid = Uuid::parse_str(uuid).unwrap();
        assert_eq!(encode(uuid), suffix);
        assert_eq!(decode(suffix), Some(uuid));
    }
}

#[test]
fn what_is_no_id_is_refused() {
    for text in [
        "",
        "plan",
        "plan_",
        "plan_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "plan_01h455vb4pex5vsknk084sn02",
        "plan_01h455vb4pex5vsknk084sn0Lq",
    ] {
        assert_eq!(PlanId::parse(text), Err(IdError::Malformed), "{text}");
    }
    assert_eq!(PlanId::parse("kr_01h455vb4pex5vsknk084sn02q"), Err(IdError::WrongKind("kr".into())));
}
