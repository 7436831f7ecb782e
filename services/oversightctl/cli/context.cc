#include "services/oversightctl/cli/context.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"

namespace oversight::ctl {
namespace {

// Says in errors of the connection which service could not be reached.
class NamedClient final : public rpc::Client {
 public:
  NamedClient(std::unique_ptr<rpc::Client> client, std::string name)
      : client_(std::move(client)), name_(std::move(name)) {}

  absl::Status Unary(absl::string_view method, const google::protobuf::Message& request,
                     google::protobuf::Message* response, const rpc::CallOptions& options,
                     std::vector<std::pair<std::string, std::string>>* trailers) override {
    return Named(client_->Unary(method, request, response, options, trailers));
  }
  std::unique_ptr<rpc::StreamReader> Stream(absl::string_view method,
                                            const google::protobuf::Message& request,
                                            const rpc::CallOptions& options) override {
    return std::make_unique<Reader>(client_->Stream(method, request, options), *this);
  }

 private:
  class Reader final : public rpc::StreamReader {
   public:
    Reader(std::unique_ptr<rpc::StreamReader> reader, const NamedClient& client)
        : reader_(std::move(reader)), client_(client) {}
    bool Read(google::protobuf::Message* message) override { return reader_->Read(message); }
    absl::Status Finish() override { return client_.Named(reader_->Finish()); }
    void Cancel() override { reader_->Cancel(); }

   private:
    std::unique_ptr<rpc::StreamReader> reader_;
    const NamedClient& client_;
  };

  absl::Status Named(const absl::Status& status) const {
    if (status.code() != absl::StatusCode::kUnavailable &&
        status.code() != absl::StatusCode::kDeadlineExceeded) {
      return status;
    }
    absl::Status named(status.code(), absl::StrCat(name_, ": ", status.message()));
    status.ForEachPayload(
        [&](absl::string_view url, const absl::Cord& value) { named.SetPayload(url, value); });
    return named;
  }

  std::unique_ptr<rpc::Client> client_;
  std::string name_;
};

class RpcServices final : public Services {
 public:
  explicit RpcServices(const GlobalOptions& options) : options_(options) {}

  absl::StatusOr<rpc::Client*> Get(ServiceId service) override {
    absl::MutexLock lock(&mutex_);
    auto& client = clients_[static_cast<size_t>(service)];
    if (client == nullptr) {
      rpc::ClientOptions options;
      options.target = options_.targets[static_cast<size_t>(service)];
      options.tls_ca_file = options_.tls_ca_file;
      options.tls_certificate_file = options_.tls_certificate_file;
      options.tls_key_file = options_.tls_key_file;
      options.tls_server_name = options_.tls_server_name;
      options.token_file = options_.token_file;
      options.demo_user = options_.demo_user;
      auto created = rpc::Client::Create(options);
      if (!created.ok()) return created.status();
      client = std::make_unique<NamedClient>(*std::move(created),
                                             absl::StrCat(InfoOf(service).name, " at ", options.target));
    }
    return client.get();
  }

 private:
  const GlobalOptions options_;
  absl::Mutex mutex_;
  std::array<std::unique_ptr<rpc::Client>, 4> clients_;
};

}  // namespace

std::string Context::Authority() const {
  if (options.authority.empty()) throw CLI::RequiredError("--authority");
  return absl::StartsWith(options.authority, "authorities/")
             ? options.authority
             : absl::StrCat("authorities/", options.authority);
}

std::string Context::NameOf(const std::string& text) const {
  return absl::StartsWith(text, "authorities/") ? text : absl::StrCat(Authority(), "/", text);
}

std::string Context::NameIn(const std::string& collection, const std::string& text) const {
  if (text.empty()) return text;
  return NameOf(absl::StrContains(text, '/') ? text : absl::StrCat(collection, "/", text));
}

void AddGlobalOptions(CLI::App& app, Context& context) {
  GlobalOptions& options = context.options;
  for (const ServiceId service : kAllServices) {
    const ServiceInfo& info = InfoOf(service);
    std::string& target = options.targets[static_cast<size_t>(service)];
    target = info.default_target;
    app.add_option("--" + info.name, target, "Address of the " + info.name + " service, HOST:PORT")
        ->envname(info.target_variable)
        ->capture_default_str()
        ->group("Services");
  }
  app.add_option("-a,--authority", options.authority, "Id of the authority, for example knowsley")
      ->envname("OVERSIGHT_AUTHORITY");
  app.add_flag("--json", context.console.json, "Machine output: the API's JSON");
  AddDuration(app, "--timeout", options.timeout, "How long a call may take, for example 30s");
  const auto text = [&](const char* name, std::string& value, const char* variable, const char* help) {
    app.add_option(name, value, help)->envname(variable)->group("Identity and encryption");
  };
  text("--token-file", options.token_file, "OVERSIGHT_TOKEN_FILE",
       "File with a bearer token, read for each call");
  text("--tls-ca-file", options.tls_ca_file, "OVERSIGHT_TLS_CA_FILE",
       "PEM file of the servers' certificate authority");
  text("--tls-certificate-file", options.tls_certificate_file, "OVERSIGHT_TLS_CERTIFICATE_FILE",
       "PEM file of the own certificate");
  text("--tls-key-file", options.tls_key_file, "OVERSIGHT_TLS_KEY_FILE", "PEM file of its key");
  text("--tls-server-name", options.tls_server_name, "OVERSIGHT_TLS_SERVER_NAME",
       "Name in the servers' certificates when it is not the host's");
  text("--demo-user", options.demo_user, "OVERSIGHT_DEMO_USER", "Who calls, for servers in demo mode");
}

std::unique_ptr<Services> MakeServices(const GlobalOptions& options) {
  return std::make_unique<RpcServices>(options);
}

void AddDuration(CLI::App& app, const std::string& name, absl::Duration& value, const std::string& help) {
  app.add_option_function<std::string>(
         name,
         [&value, name](const std::string& text) {
           if (!absl::ParseDuration(text, &value) || value <= absl::ZeroDuration()) {
             throw CLI::ValidationError(
                 name, "\"" + text + "\" is no duration (expected for example 90s, 2m or 1h)");
           }
         },
         help)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

CLI::Option* AddDay(CLI::App& app, const std::string& name, google::type::Date& value,
                    const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [&value, name](const std::string& text) {
            const auto day = CivilDay::Parse(text);
            if (!day.ok())
              throw CLI::ValidationError(name, "\"" + text + "\" is no day (expected YYYY-MM-DD)");
            value.set_year(static_cast<int>(day->civil().year()));
            value.set_month(day->civil().month());
            value.set_day(day->civil().day());
          },
          help)
      ->type_name("YYYY-MM-DD");
}

std::string ToJson(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = indented;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok())
    return absl::StrCat("{\"error\": \"", message.GetTypeName(), " cannot be shown as JSON\"}");
  return json;
}

std::string ToText(const google::type::Date& date) {
  if (date.year() == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

}  // namespace oversight::ctl
