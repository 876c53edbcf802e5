//! The tables of plans and their drafts: which of their columns are compared.
//! What an entry makes of them stands in `plan`.

use super::{cell::Kind, head::Head, table::Table};

pub(super) static QUARTER: Table =
    Table { name: "quarter", from: "quarter t", seq: "t.audit_seq", key: 0, columns: &[("label", Kind::Text)] };

pub(super) static PLAN: Table = Table {
    name: "plan",
    from: "plan t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("id", Kind::Id("plan")),
        ("team_id", Kind::Id("team")),
        ("quarter", Kind::Text),
        ("imported", Kind::Bool),
    ],
};

pub(super) static OBJECTIVE: Table = Table {
    name: "objective",
    from: "objective t",
    seq: "t.audit_seq",
    key: 1,
    columns: &[("id", Kind::Id("obj")), ("plan_id", Kind::Id("plan"))],
};

pub(super) static KEY_RESULT: Table = Table {
    name: "key_result",
    from: "key_result t",
    seq: "t.audit_seq",
    key: 1,
    columns: &[("id", Kind::Id("kr")), ("objective_id", Kind::Id("obj")), ("plan_id", Kind::Id("plan"))],
};

pub(super) static CHECK_IN: Table = Table {
    name: "check_in",
    from: "check_in t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("id", Kind::Id("checkin")),
        ("key_result_id", Kind::Id("kr")),
        ("plan_id", Kind::Id("plan")),
        ("kind", Kind::Text),
        ("value", Kind::Text),
        ("confidence", Kind::Text),
        ("note", Kind::Text),
        ("reason", Kind::Text),
        ("by_person", Kind::Id("person")),
        ("at", Kind::Long),
    ],
};

pub(super) static PLAN_DRAFT: Head = Head {
    name: "plan_draft",
    key: 1,
    columns: &[
        ("plan_id", Kind::Id("plan")),
        ("capacity", Kind::Text),
        ("capacity_unit", Kind::Text),
        ("version", Kind::Int),
        ("audit_seq", Kind::Long),
    ],
};

pub(super) static OBJECTIVE_DRAFT: Head = Head {
    name: "objective_draft",
    key: 1,
    columns: &[
        ("objective_id", Kind::Id("obj")),
        ("plan_id", Kind::Id("plan")),
        ("position", Kind::Int),
        ("title", Kind::Text),
        ("rationale", Kind::Text),
        ("owner_id", Kind::Id("person")),
        ("load", Kind::Text),
        ("contributes_to", Kind::Id("obj")),
        ("audit_seq", Kind::Long),
    ],
};

pub(super) static KEY_RESULT_DRAFT: Head = Head {
    name: "key_result_draft",
    key: 1,
    columns: &[
        ("key_result_id", Kind::Id("kr")),
        ("plan_id", Kind::Id("plan")),
        ("objective_id", Kind::Id("obj")),
        ("position", Kind::Int),
        ("title", Kind::Text),
        ("owner_id", Kind::Id("person")),
        ("unit", Kind::Text),
        ("baseline", Kind::Text),
        ("target", Kind::Text),
        ("audit_seq", Kind::Long),
    ],
};
