"""A client that knows Oversight only by what its servers say of themselves: nothing of this project is compiled in.
It learns services and messages through gRPC server reflection (v1alpha) and builds the messages as it goes."""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

_REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
_ERROR_TYPES = [f"google.rpc.{name}" for name in ("Status", "ErrorInfo", "BadRequest", "RetryInfo")]
_FIELD = descriptor_pb2.FieldDescriptorProto


def _reflection_types():
    """The messages of the reflection protocol, as far as they are needed here."""
    file = descriptor_pb2.FileDescriptorProto(name="reflection.proto", package="r", syntax="proto3")

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for number, field, kind, repeated in fields:
            of_message = isinstance(kind, str)
            made.field.add(name=field, number=number, type=_FIELD.TYPE_MESSAGE if of_message else kind,
                           type_name=f".r.{kind}" if of_message else None,
                           label=_FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL)

    text, raw, whole = _FIELD.TYPE_STRING, _FIELD.TYPE_BYTES, _FIELD.TYPE_INT32
    message("Request", (3, "file_by_filename", text, False), (4, "file_containing_symbol", text, False),
            (7, "list_services", text, False))
    message("Files", (1, "file_descriptor_proto", raw, True))
    message("Service", (1, "name", text, False))
    message("Services", (1, "service", "Service", True))
    message("Error", (1, "error_code", whole, False), (2, "error_message", text, False))
    message("Response", (4, "file_descriptor_response", "Files", False),
            (6, "list_services_response", "Services", False), (7, "error_response", "Error", False))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return [factory.GetPrototype(pool.FindMessageTypeByName(f"r.{name}")) for name in ("Request", "Response")]


_Request, _Response = _reflection_types()


class CallFailed(Exception):
    """A call's error with its ErrorInfo and the paths of bad fields, decoded from `grpc-status-details-bin`."""

    def __init__(self, code, message, info, fields):
        super().__init__(f"{code.name}: {message} {info}")
        self.code, self.message, self.info, self.fields = code, message, info, fields

    @property
    def reason(self):
        return self.info.get("reason", "")


class IndependentClient:
    def __init__(self, address, metadata=(("oversight-demo-user", "independent"),), credentials=None):
        self._channel = (grpc.insecure_channel(address) if credentials is None
                         else grpc.secure_channel(address, credentials))
        self._metadata = list(metadata)
        self._pool = descriptor_pool.DescriptorPool()
        self._factory = message_factory.MessageFactory(self._pool)
        self._known_files = set()
        self.trailers = {}

    def close(self):
        self._channel.close()

    def _reflect(self, **question):
        stream = self._channel.stream_stream(_REFLECTION, request_serializer=_Request.SerializeToString,
                                             response_deserializer=_Response.FromString)
        answer = next(stream(iter([_Request(**question)]), metadata=self._metadata, timeout=60))
        if answer.HasField("error_response"):
            raise LookupError(f"{question}: {answer.error_response.error_message}")
        return answer

    def services(self):
        return sorted(s.name for s in self._reflect(list_services="*").list_services_response.service)

    def _learn(self, **question):
        """Takes in the files of an answer, those that they import first."""
        for raw in self._reflect(**question).file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(raw)
            if file.name in self._known_files:
                continue
            self._known_files.add(file.name)
            for imported in file.dependency:
                if imported not in self._known_files:
                    self._learn(file_by_filename=imported)
            self._pool.Add(file)

    def method(self, full_name):
        """The descriptor of `package.Service/Method`."""
        service, method = full_name.rsplit("/", 1)
        try:
            found = self._pool.FindServiceByName(service)
        except KeyError:
            self._learn(file_containing_symbol=service)
            for detail in _ERROR_TYPES:  # while the server is there to be asked
                self.message_type(detail)
            found = self._pool.FindServiceByName(service)
        return found.methods_by_name[method]

    def message_type(self, full_name):
        try:
            descriptor = self._pool.FindMessageTypeByName(full_name)
        except KeyError:
            self._learn(file_containing_symbol=full_name)
            descriptor = self._pool.FindMessageTypeByName(full_name)
        return self._factory.GetPrototype(descriptor)

    def call(self, full_name, request, timeout=60):
        """Calls a unary method; request and response are dictionaries in the names of the protos."""
        method = self.method(full_name)
        request_type = self._factory.GetPrototype(method.input_type)
        response_type = self._factory.GetPrototype(method.output_type)
        stub = self._channel.unary_unary("/" + full_name, request_serializer=request_type.SerializeToString,
                                         response_deserializer=response_type.FromString)
        try:
            response, call = stub.with_call(json_format.ParseDict(request, request_type()),
                                            metadata=self._metadata, timeout=timeout)
        except grpc.RpcError as error:
            raise self._failure(error) from error
        self.trailers = dict(call.trailing_metadata())
        return json_format.MessageToDict(response, preserving_proto_field_name=True, descriptor_pool=self._pool)

    def stream(self, full_name, request):
        """The messages of a server's stream, as long as it lasts."""
        method = self.method(full_name)
        request_type = self._factory.GetPrototype(method.input_type)
        stub = self._channel.unary_stream(
            "/" + full_name, request_serializer=request_type.SerializeToString,
            response_deserializer=self._factory.GetPrototype(method.output_type).FromString)
        try:
            yield from stub(json_format.ParseDict(request, request_type()), metadata=self._metadata)
        except grpc.RpcError as error:
            raise self._failure(error) from error

    def _failure(self, error):
        info, fields = {}, []
        for key, value in error.trailing_metadata() or ():
            if key != "grpc-status-details-bin":
                continue
            status = self.message_type("google.rpc.Status").FromString(value)
            for detail in status.details:
                name = detail.type_url.rsplit("/", 1)[1]
                unpacked = json_format.MessageToDict(self.message_type(name).FromString(detail.value))
                if name == "google.rpc.ErrorInfo":
                    info = unpacked
                elif name == "google.rpc.BadRequest":
                    fields = [violation["field"] for violation in unpacked["fieldViolations"]]
        return CallFailed(error.code(), error.details(), info, fields)
