"""Protocol Buffers messages from a table of field numbers: nothing generated, no .proto file."""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: Final = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "bool": _Field.TYPE_BOOL,
    "int32": _Field.TYPE_INT32,
    "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64,
    "fixed32": _Field.TYPE_FIXED32,
    "sfixed32": _Field.TYPE_SFIXED32,
    "float": _Field.TYPE_FLOAT,
    "double": _Field.TYPE_DOUBLE,
}


def message_types(package: str, table: Mapping[str, Mapping[str, tuple[int, str]]]) -> dict[str, Any]:
    """Return message classes by name.

    Args:
        package: A name of one's own, so that two tables never meet.
        table: By message, by field: its number and its type, a scalar's word or the name of a message. A word with a
            question mark, "int32?", is a field that knows whether it was written.
    """
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, fields in table.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            added = message.field.add(name=field, number=number, label=_Field.LABEL_OPTIONAL)
            word = kind.removesuffix("?")
            if word in _SCALARS:
                added.type = _SCALARS[word]
            else:
                added.type = _Field.TYPE_MESSAGE
                added.type_name = f".{package}.{word}"
            if kind.endswith("?"):
                added.proto3_optional = True
                added.oneof_index = len(message.oneof_decl)
                message.oneof_decl.add(name=f"_{field}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in table
    }
