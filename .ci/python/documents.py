"""From what Schemathesis generates to what is sent: most values become known ones, selections widen, arguments become
variables. It refuses to make a document invalid; one that is meant to be invalid passes as it is."""

from graphql import (
    ArgumentNode, BooleanValueNode, DocumentNode, EnumValueNode, FieldNode, GraphQLSchema,
    InlineFragmentNode, IntValueNode, ListValueNode, NamedTypeNode, NameNode, NullValueNode, ObjectFieldNode,
    ObjectValueNode, OperationDefinitionNode, SelectionSetNode, StringValueNode, VariableDefinitionNode, VariableNode,
    get_named_type, is_abstract_type, is_enum_type, is_input_object_type, is_leaf_type, is_list_type, is_non_null_type,
    is_required_argument, is_required_input_field, parse_type, print_ast, value_from_ast_untyped,
)

from values import Known

DEEPEST = 14
DEEPEST_INPUT = 6
LONGEST_LIST = 4
# Optional by the SDL, and needed by most rules.
EXPLAINING = {"reason", "rationale", "trigger", "tradeOff", "why"}
# Exactly one of these is wanted, which the SDL does not say.
ONE_OF = {
    "MeetingInputDisposeInput": ["backlog", "noted", "renegotiationDraft", "roadmap"],
    "IdeaPromoteInput": ["horizon", "roadmapItem"],
}


class Writer:
    """Rewrites one generated document after the other."""

    def __init__(self, schema: GraphQLSchema, known: Known) -> None:
        self.schema, self.known = schema, known
        self.tame, self.budget = 1.0, 0

    def rewrite(self, document: DocumentNode) -> tuple:
        """The text to send and its variables."""
        known = self.known
        # How many values become known ones: with all of them mutations succeed, with few of them parsers are tried.
        self.tame = known.random.choice([1.0, 1.0, 1.0, 0.97, 0.9, 0.2])
        self.budget = known.random.choice([0, 6, 12, 25, 50])
        (operation,) = document.definitions
        root = self.schema.get_root_type(operation.operation)
        (field,) = operation.selection_set.selections
        written = self.field(root, field, ())
        variables, definitions = {}, ()
        if known.chance(0.5):
            written, variables, definitions = self.hoisted(root, written)
        selection = SelectionSetNode(selections=(written,))
        node = OperationDefinitionNode(
            operation=operation.operation, selection_set=selection, variable_definitions=definitions, directives=()
        )
        return print_ast(DocumentNode(definitions=(node,))), variables

    def hoisted(self, root, field: FieldNode) -> tuple:
        """The root field's arguments as variables, which a server coerces in a place of its own."""
        variables, definitions, arguments = {}, [], []
        for argument in field.arguments or ():
            name = f"v_{argument.name.value}"
            type_ = root.fields[field.name.value].args[argument.name.value].type
            variables[name] = value_from_ast_untyped(argument.value)
            variable = VariableNode(name=NameNode(value=name))
            definitions.append(VariableDefinitionNode(variable=variable, type=parse_type(str(type_)), directives=()))
            arguments.append(ArgumentNode(name=argument.name, value=variable))
        return replaced(field, arguments=tuple(arguments)), variables, tuple(definitions)

    # Selections

    def field(self, parent, field: FieldNode, path: tuple) -> FieldNode:
        definition = getattr(parent, "fields", {}).get(field.name.value)
        if definition is None:
            return field
        path = (*path, field.name.value)
        arguments = self.arguments(definition, {a.name.value: a.value for a in field.arguments or ()}, path)
        target = get_named_type(definition.type)
        selection = field.selection_set and self.selection(target, field.selection_set.selections, path)
        return replaced(field, arguments=arguments, selection_set=selection)

    def arguments(self, definition, given: dict, path: tuple) -> tuple:
        written = []
        for name, argument in definition.args.items():
            value = given.get(name)
            if isinstance(value, NullValueNode) and self.known.chance(self.tame):
                value = None
            # Pages: both ends at once are refused, and a cursor is bound to its list.
            rare = name in ("after", "before", "last") and self.known.chance(self.tame)
            # What asks for no page of its own gets 50, which costs too much below another.
            absent = value is None and self.known.chance(0.0 if name == "first" and len(path) > 1 else 0.6)
            if not is_required_argument(argument) and (rare or absent):
                continue
            value = self.value(argument.type, value, "", (*path, name))
            written.append(ArgumentNode(name=NameNode(value=name), value=value))
        return tuple(written)

    def selection(self, type_, selections: tuple, path: tuple) -> SelectionSetNode:
        written, taken = [], {"__typename"}
        for each in selections:
            if isinstance(each, FieldNode):
                taken.add(key(each))
                written.append(self.field(type_, each, path))
            else:
                on = self.schema.type_map[each.type_condition.name.value]
                inner = tuple(self.field(on, one, path) for one in each.selection_set.selections)
                taken.update(key(one) for one in inner)
                written.append(replaced(each, selection_set=SelectionSetNode(selections=inner)))
        if is_abstract_type(type_) or self.known.chance(0.2):
            written.insert(self.known.random.randint(0, len(written)), named("__typename"))
        for name in sorted({"id", "key"} & set(getattr(type_, "fields", {})) - taken):
            taken.add(name)
            written.append(named(name))
        self.widen(type_, written, taken, path)
        return SelectionSetNode(selections=tuple(written))

    def widen(self, type_, written: list, taken: set, path: tuple) -> None:
        """Further fields, those first that no answer has shown yet."""
        if type_.name.endswith("Payload") and "userErrors" not in taken:
            taken.add("userErrors")
            inner = SelectionSetNode(selections=tuple(map(named, ("code", "field", "message", "remedy"))))
            written.append(replaced(named("userErrors"), selection_set=inner))
        owners = self.schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
        offered = [(owner, name) for owner in owners for name in owner.fields if name not in taken]
        self.known.random.shuffle(offered)
        offered.sort(key=lambda one: self.familiar(*one))
        share = self.known.random.randint(1, 8) if len(path) > 1 else 50
        for owner, name in offered[:share]:
            target = get_named_type(owner.fields[name].type)
            if self.budget <= 0 or name in taken or (not is_leaf_type(target) and len(path) >= DEEPEST):
                continue
            self.budget -= 1
            taken.add(name)
            field = self.field(owner, replaced(named(name), selection_set=None if is_leaf_type(target) else LEAST), path)
            if owner is not type_:
                condition = NamedTypeNode(name=NameNode(value=owner.name))
                inner = SelectionSetNode(selections=(field,))
                field = InlineFragmentNode(type_condition=condition, directives=(), selection_set=inner)
            written.append(field)

    def familiar(self, owner, name: str, levels: int = 2) -> int:
        """How often a field was seen, or the least of those below it."""
        seen = min(self.known.seen[owner.name, name], 12)
        target = get_named_type(owner.fields[name].type)
        if not seen or not levels or is_leaf_type(target):
            return seen
        below = self.schema.get_possible_types(target) if is_abstract_type(target) else [target]
        return min(seen, *(self.familiar(type_, inner, levels - 1) for type_ in below for inner in type_.fields))

    # Values

    def value(self, type_, node, owner: str, path: tuple):
        """The value to send for a generated one, or for none."""
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif isinstance(node, NullValueNode):
            return node
        if is_list_type(type_):
            given = list((node.values or ())[:LONGEST_LIST]) if isinstance(node, ListValueNode) else []
            given += [None] * (1 if not given and self.known.chance(0.7) else 0)
            return ListValueNode(values=tuple(self.value(type_.of_type, one, owner, path) for one in given))
        if is_input_object_type(type_):
            return self.object(type_, node, path)
        if node is None or self.known.chance(self.tame):
            return self.good(type_, node, owner, path)
        return node

    def object(self, type_, node, path: tuple) -> ObjectValueNode:
        given = {one.name.value: one.value for one in node.fields or ()} if isinstance(node, ObjectValueNode) else {}
        if type_.is_one_of:
            real = [name for name, value in given.items() if not isinstance(value, NullValueNode)]
            name = self.known.random.choice(real or list(type_.fields))
            value = self.value(type_.fields[name].type, given.get(name), type_.name, (*path, name))
            return ObjectValueNode(fields=(member(name, value),))
        written = {}
        choices = ONE_OF.get(type_.name, [""])
        choice = self.known.random.choice(choices)
        for name, field in type_.fields.items():
            value = given.get(name)
            if name in choices and name != choice and self.known.chance(self.tame):
                continue
            dropped = isinstance(value, NullValueNode) and self.known.chance(self.tame * 0.8)
            added = len(path) < DEEPEST_INPUT and not type_.name.endswith("Filter")
            added = added and self.known.chance(0.9 if name in EXPLAINING else 0.3)
            if name == choice or is_required_input_field(field) or (name in given and not dropped) or (value is None and added):
                value = None if dropped else value
                written[name] = self.value(field.type, value, type_.name, (*path, name))
        if len(path) == 2:
            self.pair(written, path[0])
        self.agree(written, path)
        return ObjectValueNode(fields=tuple(member(name, value) for name, value in written.items()))

    def pair(self, written: dict, operation: str) -> None:
        """Ids that belong together, for an operation that wants them so."""
        pairs = self.known.pairs[operation]
        if pairs and self.known.chance(self.tame * 0.6):
            written.update({name: literal(value) for name, value in self.known.one(pairs).items()})

    def agree(self, written: dict, path: tuple) -> None:
        """The digest and the version of the very thing that is named beside them."""
        subject = next((value for name, value in written.items() if path[0].startswith(name)), None)
        id_ = getattr(subject, "value", None)
        for name, known in (("digest", self.known.digests), ("expectedVersion", self.known.versions)):
            if name in written and id_ in known and self.known.chance(self.tame):
                written[name] = literal(known[id_])
        if self.known.chance(self.tame * 0.5):
            written.pop("expectedVersion", None)

    def good(self, type_, node, owner: str, path: tuple):
        known = self.known
        if is_enum_type(type_):
            return node or EnumValueNode(value=known.random.choice(list(type_.values)))
        if type_.name == "Boolean":
            return node or BooleanValueNode(value=known.chance(0.5))
        if type_.name == "Int":
            return IntValueNode(value=str(known.whole(path)))
        made = {
            "ID": lambda: known.identity(owner, path), "Decimal": known.amount, "Date": known.day,
            "DateTime": lambda: known.instant(path), "CurrencyCode": lambda: known.random.choice(["USD", "EUR"]),
            "String": lambda: known.text(owner, path),
        }
        return StringValueNode(value=made.get(type_.name, lambda: "{}")())


def named(name: str) -> FieldNode:
    return FieldNode(name=NameNode(value=name), arguments=(), directives=())


def member(name: str, value) -> ObjectFieldNode:
    return ObjectFieldNode(name=NameNode(value=name), value=value)


def literal(value):
    """A value as a node; what is in an input object is written as it is."""
    if isinstance(value, dict):
        return ObjectValueNode(fields=tuple(member(name, literal(inner)) for name, inner in value.items()))
    return IntValueNode(value=str(value)) if isinstance(value, int) else StringValueNode(value=value)


def key(field: FieldNode) -> str:
    return (field.alias or field.name).value


def replaced(node, **parts):
    """The node with other parts; nodes themselves never change, because Hypothesis keeps them."""
    kept = {name: getattr(node, name, None) for name in node.keys if name != "loc"}
    return type(node)(**(kept | parts))


# What every composite type has.
LEAST = SelectionSetNode(selections=(named("__typename"),))
