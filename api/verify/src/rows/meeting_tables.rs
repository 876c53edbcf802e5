//! The tables of meetings: which of their columns are compared.
//! What an entry makes of them stands in `meeting`.

use super::{cell::Kind, table::Table};

pub(super) static MEETING: Table = Table {
    name: "meeting",
    from: "meeting t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("id", Kind::Id("meeting")),
        ("team_id", Kind::Id("team")),
        ("quarter", Kind::Text),
        ("imported", Kind::Bool),
    ],
};

pub(super) static EVENT: Table = Table {
    name: "meeting_event",
    from: "meeting_event t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("meeting_id", Kind::Id("meeting")),
        ("version", Kind::Int),
        ("status", Kind::Text),
        ("kind", Kind::Text),
        ("format", Kind::Text),
        ("title", Kind::Text),
        ("scheduled_for", Kind::Long),
        ("duration_minutes", Kind::Int),
        ("information_only", Kind::Bool),
        ("content_version", Kind::Int),
        ("reason", Kind::Text),
        ("at", Kind::Long),
    ],
};

pub(super) static ATTENDEE: Table = Table {
    name: "meeting_attendee",
    from: "meeting_attendee t LEFT JOIN meeting_event e ON e.meeting_id = t.meeting_id AND e.version = t.version",
    seq: "e.audit_seq",
    key: 3,
    columns: &[
        ("meeting_id", Kind::Id("meeting")),
        ("version", Kind::Int),
        ("person_id", Kind::Id("person")),
        ("place", Kind::Int),
        ("ask", Kind::Text),
    ],
};

pub(super) static DECIDED: Table = Table {
    name: "meeting_decided",
    from: "meeting_decided t LEFT JOIN meeting_event e ON e.meeting_id = t.meeting_id AND e.version = t.version",
    seq: "e.audit_seq",
    key: 3,
    columns: &[
        ("meeting_id", Kind::Id("meeting")),
        ("version", Kind::Int),
        ("place", Kind::Int),
        ("objective_id", Kind::Id("obj")),
        ("key_result_id", Kind::Id("kr")),
        ("roadmap_item_id", Kind::Id("item")),
        ("text", Kind::Text),
        ("why", Kind::Text),
    ],
};

pub(super) static QUESTION: Table = Table {
    name: "meeting_question",
    from: "meeting_question t LEFT JOIN meeting_event e ON e.meeting_id = t.meeting_id AND e.version = t.version",
    seq: "e.audit_seq",
    key: 3,
    columns: &[
        ("meeting_id", Kind::Id("meeting")),
        ("version", Kind::Int),
        ("place", Kind::Int),
        ("objective_id", Kind::Id("obj")),
        ("key_result_id", Kind::Id("kr")),
        ("roadmap_item_id", Kind::Id("item")),
        ("text", Kind::Text),
        ("id", Kind::Id("question")),
        ("question", Kind::Text),
        ("wanted", Kind::Text),
    ],
};

pub(super) static OUT_OF_SCOPE: Table = Table {
    name: "meeting_out_of_scope",
    from: "meeting_out_of_scope t LEFT JOIN meeting_event e ON e.meeting_id = t.meeting_id AND e.version = t.version",
    seq: "e.audit_seq",
    key: 3,
    columns: &[("meeting_id", Kind::Id("meeting")), ("version", Kind::Int), ("place", Kind::Int), ("text", Kind::Text)],
};

pub(super) static AGENDA: Table = Table {
    name: "meeting_agenda",
    from: "meeting_agenda t LEFT JOIN meeting_event e ON e.meeting_id = t.meeting_id AND e.version = t.version",
    seq: "e.audit_seq",
    key: 3,
    columns: &[
        ("meeting_id", Kind::Id("meeting")),
        ("version", Kind::Int),
        ("place", Kind::Int),
        ("renegotiation_id", Kind::Id("reneg")),
    ],
};

pub(super) static ACKNOWLEDGEMENT: Table = Table {
    name: "acknowledgement",
    from: "acknowledgement t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("meeting_id", Kind::Id("meeting")),
        ("plan_id", Kind::Id("plan")),
        ("revision", Kind::Int),
        ("person_id", Kind::Id("person")),
        ("dissent", Kind::Text),
        ("at", Kind::Long),
    ],
};

pub(super) static INPUT: Table = Table {
    name: "meeting_input",
    from: "meeting_input t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("id", Kind::Id("input")),
        ("meeting_id", Kind::Id("meeting")),
        ("by_person", Kind::Id("person")),
        ("text", Kind::Text),
        ("question_id", Kind::Id("question")),
        ("at", Kind::Long),
    ],
};

pub(super) static DISPOSITION: Table = Table {
    name: "meeting_input_disposition",
    from: "meeting_input_disposition t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("input_id", Kind::Id("input")),
        ("disposition", Kind::Text),
        ("idea_id", Kind::Id("idea")),
        ("renegotiation_id", Kind::Id("reneg")),
        ("roadmap_item_id", Kind::Id("item")),
        ("at", Kind::Long),
    ],
};
